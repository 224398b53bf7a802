using Harima.Access;
using Harima.Faults;
using Harima.Identity;
using Harima.S3.Policies;
using Harima.S3.Xml;
using Harima.Storage;

namespace Harima.Sequences;

/// <summary>
/// What the policy and the public-access block of a bucket take away from the rights of <see cref="Policy"/>. They only narrow:
/// nothing here gives a right, so an Allow has no effect.
/// </summary>
static class BucketRules
{
    // Who manages a bucket can always see and mend its policy: a Deny on everything would otherwise lock the bucket for good.
    static readonly string[] NeverDeniedToManagers =
    [
        "s3:GetBucketPolicy",
        "s3:PutBucketPolicy",
        "s3:DeleteBucketPolicy",
    ];

    static readonly string[] ListBucket = ["s3:ListBucket"];

    /// <summary>Whether what is given to everyone counts in this bucket.</summary>
    public static bool CountsEveryone(string? publicAccess) =>
        publicAccess is null
        || Documents.Read<PublicAccessBlockConfiguration>(publicAccess)
            is { IgnorePublicAcls: false, RestrictPublicBuckets: false };

    /// <param name="key">Null for the bucket itself.</param>
    /// <param name="otherwise">What is asked for where the request does not say it.</param>
    /// <exception cref="FaultException">Forbidden.</exception>
    public static void Require(Principal principal, BucketView view, string? key, string? otherwise)
    {
        RequireOwner(principal.Request?.ExpectedOwner, view);
        RequireAllowed(principal, view, key, ActionsOf(principal, key is not null, otherwise));
    }

    static void RequireAllowed(Principal principal, BucketView view, string? key, IReadOnlyList<string> actions)
    {
        if (view.Bucket.ReadPolicy() is not { } policy)
            return;
        var resource = $"arn:aws:s3:::{view.Bucket.Name}" + (key is null ? "" : "/" + key);
        foreach (var action in actions)
        {
            if (view.MyRight >= Right.Manage && NeverDeniedToManagers.Contains(action))
                continue;
            var request = new PolicyRequest(
                principal.UserId,
                action,
                resource,
                key =>
                    key is not ("aws:userid" or "aws:username") ? principal.Request?.Values(key) ?? []
                    : principal.UserId is { } user ? [user]
                    : []
            );
            if (policy.Denies(request))
                throw Fault.Forbidden(
                    "bucket-policy",
                    $"The policy of bucket '{view.Bucket.Name}' denies {action}. Ask who manages the bucket.",
                    ("bucket", view.Bucket.Name),
                    ("action", action)
                );
        }
    }

    static void RequireOwner(string? expected, BucketView view)
    {
        if (expected is not null && expected != view.Owner)
            throw Fault.Forbidden("bucket-owner", "The bucket does not belong to the owner the request expects.");
    }

    static IReadOnlyList<string> ActionsOf(Principal principal, bool ofObject, string? otherwise)
    {
        if (principal.Request?.Actions is { Count: > 0 } actions)
            return [.. actions.Where(action => IsOfObject(action) == ofObject)];
        return otherwise is null ? ListBucket : [otherwise];
    }

    static bool IsOfObject(string action) =>
        (
            action.Contains("Object", StringComparison.Ordinal)
            || action.EndsWith("MultipartUpload", StringComparison.Ordinal)
            || action == "s3:ListMultipartUploadParts"
        )
        && action != "s3:GetBucketObjectLockConfiguration";
}
