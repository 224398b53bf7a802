using System.Data.Common;
using Harima.Access;
using Harima.Catalogue;
using Harima.Identity;
using Harima.S3.Policies;
using Harima.Workspaces;
using Microsoft.Extensions.Options;

namespace Harima.BucketConfiguration;

/// <summary>What of a policy gives, for whoever put it to be told.</summary>
/// <param name="Gives">Whether the facility lets a policy share at all.</param>
/// <param name="HasAllow">Whether it allows anything.</param>
/// <param name="Unknown">How many of the people it names are nobody here.</param>
public sealed record PolicyEffect(bool Gives, bool HasAllow, int Unknown);

/// <summary>
/// What the Allow statements of a workspace's policy come to as rows of grants, where the facility lets a policy share (ADR 16). A row
/// says that there is a right and shows it wherever rights are shown; how far it goes, the statement is asked at each use.
/// </summary>
public sealed class PolicyShares(
    CatalogueWriter writer,
    Grants grants,
    Users users,
    ShareWorkspace share,
    Audit audit,
    IOptions<WorkspaceOptions> options
)
{
    // Settings, sharing and deleting a workspace are for those who manage it: nothing that only a policy says makes a manager.
    static readonly HashSet<string> Reading = new(StringComparer.OrdinalIgnoreCase)
    {
        "s3:GetBucketLocation",
        "s3:GetBucketVersioning",
        "s3:GetObject",
        "s3:GetObjectAcl",
        "s3:GetObjectAttributes",
        "s3:GetObjectTagging",
        "s3:GetObjectVersion",
        "s3:GetObjectVersionAcl",
        "s3:GetObjectVersionAttributes",
        "s3:GetObjectVersionTagging",
        "s3:ListBucket",
        "s3:ListBucketMultipartUploads",
        "s3:ListBucketVersions",
    };
    static readonly HashSet<string> Writing = new(StringComparer.OrdinalIgnoreCase)
    {
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:DeleteObjectTagging",
        "s3:DeleteObjectVersion",
        "s3:DeleteObjectVersionTagging",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
        "s3:PutObjectAcl",
        "s3:PutObjectTagging",
        "s3:PutObjectVersionAcl",
        "s3:PutObjectVersionTagging",
    };

    /// <summary>Which subject gets which right, within what the portal could share too.</summary>
    /// <exception cref="Faults.FaultException">Forbidden where everyone is to get more than the facility offers.</exception>
    internal async Task<(IReadOnlyDictionary<string, Right> Rights, PolicyEffect Effect)> OfAsync(
        Workspace workspace,
        BucketPolicy? policy,
        CancellationToken cancellationToken
    )
    {
        var rights = new Dictionary<string, Right>(StringComparer.Ordinal);
        var effect = new PolicyEffect(options.Value.PolicyShares, policy is { HasAllow: true }, 0);
        if (policy is null || !effect.Gives)
            return (rights, effect);
        var unknown = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (user, actions) in policy.Allowed)
        {
            var right =
                actions.Any(Writing.Contains) ? Right.Write
                : actions.Any(Reading.Contains) ? Right.Read
                : Right.None;
            if (right == Right.None || user == workspace.Owner)
                continue;
            // Whoever gets that id later gets nothing by it: the policy was not written for them.
            if (user is not null && await users.FindAsync(user, cancellationToken) is null)
            {
                unknown.Add(user);
                continue;
            }
            var subject = user is null ? Principal.EveryoneSubject : Principal.SubjectOf(user);
            rights[subject] = rights.TryGetValue(subject, out var other) && other > right ? other : right;
        }
        share.RequireOffered(rights.GetValueOrDefault(Principal.EveryoneSubject));
        return (rights, effect with { Unknown = unknown.Count });
    }

    /// <summary>Puts the rows in the place of those of the policy before.</summary>
    internal void Put(
        DbTransaction transaction,
        Workspace workspace,
        IReadOnlyDictionary<string, Right> rights,
        Principal principal
    )
    {
        Grants.RemoveRole(transaction, workspace.Ref, Roles.Policy);
        foreach (var (subject, right) in rights)
            grants.Put(transaction, workspace.Ref, subject, Roles.Policy, right, principal.Actor);
        if (rights.Count > 0)
            audit.Add(
                transaction,
                principal,
                "access.by-policy",
                workspace.Ref,
                rights.ToDictionary(each => each.Key, each => each.Value.ToString())
            );
    }

    /// <summary>At the start: takes back what policies gave, where the facility no longer lets them.</summary>
    public async Task ForgetUnlessOfferedAsync(CancellationToken cancellationToken)
    {
        if (!options.Value.PolicyShares && await grants.AnyInRoleAsync(Roles.Policy, cancellationToken))
            await writer.WriteAsync(
                transaction =>
                {
                    Grants.RemoveRole(transaction, Roles.Policy);
                    audit.Add(transaction, Principal.System, "access.by-policy-ended", ResourceRef.Facility);
                },
                cancellationToken
            );
    }
}
