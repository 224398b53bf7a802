using System.Data.Common;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.S3.Policies;
using Harima.S3.Xml;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.BucketConfiguration;

/// <summary>
/// Reads and changes the settings of a bucket, for those who manage it. A proposal's bucket has none but tags: who uses it is
/// decided in the portal, by its people.
/// </summary>
public sealed class ConfigureBucket(
    FilePlaces places,
    BucketSettings settings,
    CatalogueWriter writer,
    Grants grants,
    PolicyShares shares,
    Audit audit
)
{
    /// <returns>Null where nothing is set.</returns>
    /// <exception cref="FaultException">NotFound; Forbidden for who does not manage it.</exception>
    public async Task<T?> FindAsync<T>(
        string bucket,
        BucketSetting setting,
        Principal principal,
        CancellationToken cancellationToken
    )
        where T : class
    {
        var view = await RequireAsync(bucket, principal, cancellationToken);
        return await settings.FindAsync(view.Bucket.Id, setting, cancellationToken) is { } document
            ? Documents.Read<T>(document)
            : null;
    }

    /// <summary>Sets it, or with null takes it away.</summary>
    /// <exception cref="FaultException">NotFound; Forbidden.</exception>
    public async Task PutAsync<T>(
        string bucket,
        BucketSetting setting,
        T? value,
        Principal principal,
        CancellationToken cancellationToken
    )
        where T : class
    {
        var view = await RequireAsync(bucket, principal, cancellationToken);
        await WriteAsync(
            view,
            setting,
            value is null ? null : Documents.Write(value),
            null,
            principal,
            cancellationToken
        );
    }

    /// <summary>Says that what is stored belongs to the owner of the bucket, which rules out access for everyone.</summary>
    /// <exception cref="FaultException">Invalid (reason <c>acl-ownership</c>); as for the other settings.</exception>
    public async Task PutOwnershipAsync(
        string bucket,
        OwnershipControls? ownership,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await RequireAsync(bucket, principal, cancellationToken);
        if (ownership?.ObjectOwnership == "BucketOwnerEnforced" && await IsPublicByAclAsync(view, cancellationToken))
            throw Fault.Invalid(
                "acl-ownership",
                "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
            );
        var document = ownership is null ? null : Documents.Write(ownership);
        await WriteAsync(view, BucketSetting.Ownership, document, null, principal, cancellationToken);
    }

    /// <returns>The policy as its author wrote it; null where there is none.</returns>
    /// <exception cref="FaultException">NotFound; Forbidden for who does not manage it.</exception>
    public async Task<string?> FindPolicyAsync(
        string bucket,
        Principal principal,
        CancellationToken cancellationToken
    ) => (await RequireAsync(bucket, principal, cancellationToken)).Bucket.Policy;

    /// <summary>
    /// Sets the policy. Its Deny narrows; what it allows gives nobody a right, unless the facility lets policies share (ADR 16).
    /// </summary>
    /// <param name="document">The policy as its author wrote it.</param>
    /// <param name="policy">The same, read; null to take the policy away.</param>
    /// <exception cref="FaultException">
    /// NotFound; Forbidden, also where public policies are blocked, or would give everyone more than the facility offers.
    /// </exception>
    public async Task<PolicyEffect> PutPolicyAsync(
        string bucket,
        string? document,
        BucketPolicy? policy,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await RequireAsync(bucket, principal, cancellationToken);
        if (
            policy is { AllowsEveryone: true }
            && await BlockAsync(view, cancellationToken) is { BlockPublicPolicy: true }
        )
            throw Fault.Forbidden(
                "public-policy",
                "Public policies are blocked by the public-access block of the bucket."
            );
        if (view.Workspace is not { } workspace)
            throw NoSettings();
        var (rights, effect) = await shares.OfAsync(workspace, policy, cancellationToken);
        await WriteAsync(
            view,
            BucketSetting.Policy,
            document,
            transaction => shares.Put(transaction, workspace, rights, principal),
            principal,
            cancellationToken
        );
        return effect;
    }

    /// <summary>Whether everyone, or everyone with an account, may use the bucket.</summary>
    /// <exception cref="FaultException">NotFound; Forbidden for who does not manage it.</exception>
    public async Task<bool> IsPublicAsync(string bucket, Principal principal, CancellationToken cancellationToken)
    {
        var view = await RequireAsync(bucket, principal, cancellationToken);
        if (view.Workspace is not { } workspace || !view.Bucket.CountsEveryone)
            return false;
        var open = (await grants.OnAsync(workspace.Chain, cancellationToken)).Where(IsPublic).ToList();
        // A policy that lets everyone in under a condition on who they are is not public, as in S3.
        return open.Any(grant => grant.Role != Roles.Policy)
            || (open.Count > 0 && view.Bucket.ReadPolicy() is { AllowsEveryone: true });
    }

    internal async Task<BucketView> RequireAsync(
        string bucket,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await places.GetBucketAsync(principal, bucket, cancellationToken);
        return view.MyRight >= Right.Manage
            ? view
            : throw Fault.Forbidden("bucket-manage", $"The settings of bucket '{bucket}' are for those who manage it.");
    }

    internal async Task<PublicAccessBlockConfiguration?> BlockAsync(
        BucketView view,
        CancellationToken cancellationToken
    ) =>
        await settings.FindAsync(view.Bucket.Id, BucketSetting.PublicAccess, cancellationToken) is { } document
            ? Documents.Read<PublicAccessBlockConfiguration>(document)
            : null;

    static bool IsPublic(Grant grant) => grant.Subject is Principal.EveryoneSubject or Principal.AccountsSubject;

    async Task<bool> IsPublicByAclAsync(BucketView view, CancellationToken cancellationToken) =>
        view.Workspace is { } workspace
        && (await grants.OnAsync(workspace.Chain, cancellationToken)).Any(grant =>
            grant.Role != Roles.Policy && IsPublic(grant)
        );

    async Task WriteAsync(
        BucketView view,
        BucketSetting setting,
        string? document,
        Action<DbTransaction>? also,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        if (view.Workspace is null && setting != BucketSetting.Tags)
            throw NoSettings();
        await writer.WriteAsync(
            transaction =>
            {
                BucketSettings.Put(transaction, view.Bucket.Id, setting, document);
                also?.Invoke(transaction);
                audit.Add(
                    transaction,
                    principal,
                    document is null ? "bucket.setting-removed" : "bucket.setting-changed",
                    view.Workspace?.Ref ?? view.Proposal!.Ref,
                    new { setting = BucketSettings.KindOf(setting) }
                );
            },
            cancellationToken
        );
    }

    static FaultException NoSettings() =>
        Fault.Forbidden(
            "proposal-bucket",
            "The bucket of a proposal is shared and managed in the portal; only workspaces have bucket settings."
        );
}
