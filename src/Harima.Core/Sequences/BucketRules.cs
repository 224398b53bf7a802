using Harima.Access;
using Harima.Faults;
using Harima.Identity;
using Harima.S3.Policies;
using Harima.Storage;

namespace Harima.Sequences;

/// <summary>
/// What the policy of a bucket takes away from the rights of <see cref="Access.Policy"/>, and how far a right goes that the policy
/// itself has given (ADR 10, ADR 16).
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

    const string ListBucket = "s3:ListBucket";

    /// <summary>Whether the caller has some right here, but by the policy alone.</summary>
    public static bool HoldsByPolicyAlone(BucketView view) =>
        view.Workspace is not null && view.MyRight < Right.Read && view.ByPolicy >= Right.Read;

    /// <summary>Whether the policy has given the caller a right that goes as far as this.</summary>
    /// <param name="key">Null for the bucket itself.</param>
    /// <param name="otherwise">What is asked for where the request does not say it.</param>
    /// <param name="tags">Of the object that is there; empty where there is none.</param>
    public static bool Gives(
        Principal principal,
        BucketView view,
        string? key,
        string otherwise,
        IReadOnlyList<FileTag> tags
    ) =>
        view.ByPolicy >= Right.Read
        && view.Bucket.ReadPolicy() is { } policy
        && ActionsOf(principal, key is not null, otherwise)
            .All(action => policy.Allows(RequestOf(principal, view, key, action, tags)));

    /// <summary>Whether the policy lets the caller list the bucket as far as this key, and so know whether it is there.</summary>
    public static bool GivesListing(Principal principal, BucketView view, string key)
    {
        if (view.Bucket.ReadPolicy() is not { } policy)
            return false;
        var request = RequestOf(principal, view, null, ListBucket, []);
        request = request with { Values = name => name == "s3:prefix" ? [key] : Values(principal, name, []) };
        return policy.Allows(request) && !policy.Denies(request);
    }

    /// <exception cref="FaultException">Forbidden.</exception>
    public static void Require(
        Principal principal,
        BucketView view,
        string? key,
        string otherwise,
        IReadOnlyList<FileTag> tags
    )
    {
        if (principal.Request?.ExpectedOwner is { } expected && expected != view.Owner)
            throw Fault.Forbidden("bucket-owner", "The bucket does not belong to the owner the request expects.");
        if (FindDenied(principal, view, key, otherwise, tags) is { } action)
            throw Fault.Forbidden(
                "bucket-policy",
                $"The policy of bucket '{view.Bucket.Name}' denies {action}. Ask who manages the bucket.",
                ("bucket", view.Bucket.Name),
                ("action", action)
            );
    }

    /// <summary>For what the caller does to a bucket rather than to a key in it.</summary>
    /// <exception cref="FaultException">Forbidden.</exception>
    public static void RequireForBucket(Principal principal, BucketView view)
    {
        if (HoldsByPolicyAlone(view) && !Gives(principal, view, null, ListBucket, []))
            throw NotGiven(view);
        Require(principal, view, null, ListBucket, []);
    }

    /// <summary>Whether the caller, who may list the bucket, may also read this file of it.</summary>
    public static bool MayRead(Principal principal, BucketView view, DataFile file)
    {
        if (view.Bucket.ReadPolicy() is not { } policy)
            return true;
        const string Read = "s3:GetObject";
        // Whatever the request asks for, what it comes to is reading.
        var reader = principal.Request is { } request
            ? principal with
            {
                Request = request with { Actions = [Read], AlsoDenied = [] },
            }
            : principal;
        IReadOnlyList<FileTag> tags = policy.AsksForTags ? file.ReadTags() : [];
        return (!HoldsByPolicyAlone(view) || Gives(reader, view, file.Key, Read, tags))
            && FindDenied(reader, view, file.Key, Read, tags) is null;
    }

    public static FaultException NotGiven(BucketView view) =>
        Fault.Forbidden(
            "bucket-policy-gives",
            $"The policy of bucket '{view.Bucket.Name}' gives you some rights, but not this one. Ask who manages the bucket.",
            ("bucket", view.Bucket.Name)
        );

    static string? FindDenied(
        Principal principal,
        BucketView view,
        string? key,
        string otherwise,
        IReadOnlyList<FileTag> tags
    )
    {
        if (view.Bucket.ReadPolicy() is not { } policy)
            return null;
        return ActionsOf(principal, key is not null, otherwise)
            .Concat(principal.Request?.AlsoDenied.Where(action => IsOfObject(action) == key is not null) ?? [])
            .FirstOrDefault(action =>
                !(view.MyRight >= Right.Manage && NeverDeniedToManagers.Contains(action))
                && policy.Denies(RequestOf(principal, view, key, action, tags))
            );
    }

    static PolicyRequest RequestOf(
        Principal principal,
        BucketView view,
        string? key,
        string action,
        IReadOnlyList<FileTag> tags
    ) =>
        new(
            principal.UserId,
            action,
            $"arn:aws:s3:::{view.Bucket.Name}" + (key is null ? "" : "/" + key),
            name => Values(principal, name, tags)
        );

    static IReadOnlyList<string> Values(Principal principal, string name, IReadOnlyList<FileTag> tags)
    {
        const string ExistingTag = "s3:existingobjecttag/";
        if (name is "aws:userid" or "aws:username")
            return principal.UserId is { } user ? [user] : [];
        if (!name.StartsWith(ExistingTag, StringComparison.Ordinal))
            return principal.Request?.Values(name) ?? [];
        return [.. tags.Where(tag => tag.Key == name[ExistingTag.Length..]).Select(tag => tag.Value)];
    }

    static IReadOnlyList<string> ActionsOf(Principal principal, bool ofObject, string otherwise) =>
        principal.Request?.Actions is { Count: > 0 } actions
            ? [.. actions.Where(action => IsOfObject(action) == ofObject)]
            : [otherwise];

    static bool IsOfObject(string action) =>
        (
            action.Contains("Object", StringComparison.Ordinal)
            || action.EndsWith("MultipartUpload", StringComparison.Ordinal)
            || action == "s3:ListMultipartUploadParts"
        )
        && action != "s3:GetBucketObjectLockConfiguration";
}
