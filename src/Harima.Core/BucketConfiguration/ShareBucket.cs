using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Sequences;
using Harima.Workspaces;

namespace Harima.BucketConfiguration;

/// <summary>What an access control list says, in the portal's terms: the owner, and who else holds which right.</summary>
/// <param name="Shares">By user id; the owner is not among them.</param>
/// <param name="Everyone">What everyone may, logged in or not.</param>
public sealed record BucketAccess(string Owner, IReadOnlyDictionary<string, Right> Shares, Right Everyone)
{
    /// <summary>What everyone with an account here may.</summary>
    public Right Accounts { get; init; }
}

/// <summary>
/// Shares a workspace through the access control list of its bucket. The list has no life of its own: it is read from and
/// written to the one table of grants.
/// </summary>
public sealed class ShareBucket(
    ConfigureBucket configuration,
    FilePlaces places,
    ShareWorkspace share,
    CatalogueWriter writer,
    Grants grants,
    Users users,
    Audit audit
)
{
    /// <exception cref="FaultException">NotFound; Forbidden for who does not manage it.</exception>
    public async Task<BucketAccess> GetAsync(string bucket, Principal principal, CancellationToken cancellationToken)
    {
        var view = await configuration.RequireAsync(bucket, principal, cancellationToken);
        if (view.Workspace is not { } workspace)
            return new BucketAccess(view.Owner, new Dictionary<string, Right>(), Right.None);
        var held = await grants.OnAsync(workspace.Chain, cancellationToken);
        var shares = new Dictionary<string, Right>(StringComparer.Ordinal);
        var (everyone, accounts) = (Right.None, Right.None);
        // What the policy gives is said by the policy.
        foreach (var grant in held.Where(grant => grant.Role != Roles.Policy))
        {
            if (grant.Subject == Principal.EveryoneSubject)
                everyone = grant.Access;
            else if (grant.Subject == Principal.AccountsSubject)
                accounts = grant.Access;
            else if (Principal.UserOf(grant.Subject) is { } user && user != workspace.Owner)
                shares[user] = shares.TryGetValue(user, out var other) && other > grant.Access ? other : grant.Access;
        }
        return new BucketAccess(workspace.Owner, shares, everyone) { Accounts = accounts };
    }

    /// <summary>Opens the bucket to everyone, and to everyone with an account, that far. Shares with people stay.</summary>
    /// <exception cref="FaultException">NotFound; Forbidden; Invalid (reason <c>acl-not-offered</c>).</exception>
    public async Task SetEveryoneAsync(
        string bucket,
        Right everyone,
        Right accounts,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        if (await IsSoAsync(bucket, everyone, accounts, principal, cancellationToken))
            return;
        var open = everyone > accounts ? everyone : accounts;
        var view = await RequireAsync(bucket, open, principal, cancellationToken);
        await share.ShareWithEveryoneAsync(view.Workspace!.Id, everyone, accounts, principal, cancellationToken);
    }

    /// <summary>Replaces all that was given by sharing.</summary>
    /// <exception cref="FaultException">NotFound; Forbidden; Invalid (reasons <c>acl-not-offered</c>, <c>no-such-user</c>).</exception>
    public async Task SetAsync(
        string bucket,
        IReadOnlyDictionary<string, Right> shares,
        Right everyone,
        Right accounts,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var open = everyone > accounts ? everyone : accounts;
        share.RequireOffered(open);
        var view = await RequireAsync(bucket, open, principal, cancellationToken);
        var workspace = view.Workspace!;
        var wanted = new Dictionary<string, Right>(StringComparer.Ordinal);
        if (everyone > Right.None)
            wanted[Principal.EveryoneSubject] = everyone;
        if (accounts > Right.None)
            wanted[Principal.AccountsSubject] = accounts;
        foreach (var (user, right) in shares)
        {
            if (user == workspace.Owner)
                continue;
            if (await users.FindAsync(user, cancellationToken) is not { } found)
                throw Fault.Invalid("no-such-user", $"Nobody has the user id '{user}'.", ("id", user));
            wanted[Principal.SubjectOf(found.Id)] = right;
        }
        var before = (await grants.OnAsync(workspace.Chain, cancellationToken)).Where(grant =>
            grant.Role == Roles.Shared
        );
        await writer.WriteAsync(
            transaction =>
            {
                foreach (var grant in before.Where(grant => !wanted.ContainsKey(grant.Subject)))
                    grants.Put(transaction, workspace.Ref, grant.Subject, Roles.Shared, Right.None, principal.Actor);
                foreach (var (subject, right) in wanted)
                    grants.Put(transaction, workspace.Ref, subject, Roles.Shared, right, principal.Actor);
                audit.Add(
                    transaction,
                    principal,
                    "access.replaced",
                    workspace.Ref,
                    wanted.ToDictionary(each => each.Key, each => each.Value.ToString())
                );
            },
            cancellationToken
        );
    }

    /// <summary>Whether everyone, logged in or not, may read this object. For who has been found to read it.</summary>
    public Task<bool> IsPublicObjectAsync(string bucket, string key, CancellationToken cancellationToken) =>
        places.IsOpenToEveryoneAsync(bucket, key, cancellationToken);

    /// <summary>Who an object belongs to, which was stored by <paramref name="writer"/>. For who has been found to read it.</summary>
    public async Task<string> OwnerOfAsync(
        string bucket,
        string key,
        string writer,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var place = await places.ForAnyAsync(principal, bucket, key, cancellationToken);
        return place.Bucket.OwnerEnforced ? place.View.Owner : writer;
    }

    /// <summary>
    /// Whether an object may be stored with an access control list. With one that says <c>public-read</c> only where everyone may read
    /// it anyway, since rights are held on the whole bucket or sequence.
    /// </summary>
    /// <param name="isPublic">Whether the list names everyone.</param>
    /// <exception cref="FaultException">NotFound; Forbidden; Invalid (reason <c>acl-not-offered</c>).</exception>
    public async Task RequireObjectAclAsync(
        string bucket,
        string key,
        bool isPublic,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        // Whoever may not write here is told that first.
        var view = (await places.ForWritingAsync(principal, bucket, key, cancellationToken)).View;
        if (view.Bucket.OwnerEnforced)
            throw NoAcls();
        if (!isPublic)
            return;
        if (await configuration.BlockAsync(view, cancellationToken) is { BlockPublicAcls: true })
            throw PublicAclsBlocked();
        if (!await places.IsOpenToEveryoneAsync(bucket, key, cancellationToken))
            throw Fault.Invalid(
                "acl-not-offered",
                "Objects have no access control lists of their own: share the sequence or the workspace instead."
            );
    }

    /// <summary>
    /// Whom the policy lets set the list, and no more, may say what is so already, as tools do. Changing who may is for those who
    /// manage the bucket.
    /// </summary>
    async Task<bool> IsSoAsync(
        string bucket,
        Right everyone,
        Right accounts,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await places.GetBucketAsync(principal, bucket, cancellationToken);
        if (
            view.Workspace is not { } workspace
            || view.Bucket.OwnerEnforced
            || view.MyRight >= Right.Manage
            || !BucketRules.Gives(principal, view, null, "s3:PutBucketAcl", [])
        )
            return false;
        var shared = (await grants.OnAsync(workspace.Chain, cancellationToken))
            .Where(grant => grant.Role == Roles.Shared)
            .ToDictionary(grant => grant.Subject, grant => grant.Access, StringComparer.Ordinal);
        return shared.GetValueOrDefault(Principal.EveryoneSubject) == everyone
            && shared.GetValueOrDefault(Principal.AccountsSubject) == accounts;
    }

    async Task<BucketView> RequireAsync(
        string bucket,
        Right everyone,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        // Without lists there is nothing to set, for whomever the bucket exists.
        if ((await places.GetBucketAsync(principal, bucket, cancellationToken)).Bucket.OwnerEnforced)
            throw NoAcls();
        var view = await configuration.RequireAsync(bucket, principal, cancellationToken);
        if (view.Workspace is null)
            throw Fault.Forbidden(
                "proposal-bucket",
                "The bucket of a proposal is shared and managed in the portal: share its sequences there."
            );
        if (everyone == Right.None)
            return view;
        if (await configuration.BlockAsync(view, cancellationToken) is { BlockPublicAcls: true })
            throw PublicAclsBlocked();
        return view;
    }

    static FaultException NoAcls() => Fault.Invalid("acl-not-offered", "The bucket does not allow ACLs");

    static FaultException PublicAclsBlocked() =>
        Fault.Forbidden("public-acl", "Public ACLs are blocked by the public-access block of the bucket.");
}
