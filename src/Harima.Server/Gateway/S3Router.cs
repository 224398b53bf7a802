using System.Collections.Frozen;
using Harima.S3.Errors;
using Harima.S3.Signing;

namespace Harima.Gateway;

/// <summary>(method, path, query, headers, bucket of the host) to the S3 action by a table: the first rule that applies wins.</summary>
static class S3Router
{
    static readonly Rule[] Rules =
    [
        new("GET", Level.Service, S3Action.ListBuckets),
        new("GET", Level.Service, S3Action.GetUsage) { Query = "usage" },
        new("HEAD", Level.Bucket, S3Action.HeadBucket),
        new("GET", Level.Bucket, S3Action.GetBucketLocation) { Query = "location" },
        new("GET", Level.Bucket, S3Action.GetBucketVersioning) { Query = "versioning" },
        new("PUT", Level.Bucket, S3Action.PutBucketVersioning) { Query = "versioning" },
        new("GET", Level.Bucket, S3Action.ListMultipartUploads) { Query = "uploads" },
        new("GET", Level.Bucket, S3Action.ListObjectsV2) { Query = "list-type", QueryValue = "2" },
        new("GET", Level.Bucket, S3Action.ListObjectVersions) { Query = "versions" },
        new("GET", Level.Bucket, S3Action.ListObjects),
        new("GET", Level.Bucket, S3Action.GetBucketAcl) { Query = "acl" },
        new("PUT", Level.Bucket, S3Action.PutBucketAcl) { Query = "acl" },
        new("GET", Level.Bucket, S3Action.GetBucketCors) { Query = "cors" },
        new("PUT", Level.Bucket, S3Action.PutBucketCors) { Query = "cors" },
        new("DELETE", Level.Bucket, S3Action.DeleteBucketCors) { Query = "cors" },
        new("GET", Level.Bucket, S3Action.GetBucketTagging) { Query = "tagging" },
        new("PUT", Level.Bucket, S3Action.PutBucketTagging) { Query = "tagging" },
        new("DELETE", Level.Bucket, S3Action.DeleteBucketTagging) { Query = "tagging" },
        new("GET", Level.Bucket, S3Action.GetBucketOwnershipControls) { Query = "ownershipControls" },
        new("PUT", Level.Bucket, S3Action.PutBucketOwnershipControls) { Query = "ownershipControls" },
        new("DELETE", Level.Bucket, S3Action.DeleteBucketOwnershipControls) { Query = "ownershipControls" },
        new("GET", Level.Bucket, S3Action.GetPublicAccessBlock) { Query = "publicAccessBlock" },
        new("PUT", Level.Bucket, S3Action.PutPublicAccessBlock) { Query = "publicAccessBlock" },
        new("DELETE", Level.Bucket, S3Action.DeletePublicAccessBlock) { Query = "publicAccessBlock" },
        new("GET", Level.Bucket, S3Action.GetBucketPolicy) { Query = "policy" },
        new("PUT", Level.Bucket, S3Action.PutBucketPolicy) { Query = "policy" },
        new("DELETE", Level.Bucket, S3Action.DeleteBucketPolicy) { Query = "policy" },
        new("GET", Level.Bucket, S3Action.GetBucketPolicyStatus) { Query = "policyStatus" },
        new("PUT", Level.Bucket, S3Action.CreateBucket),
        new("DELETE", Level.Bucket, S3Action.DeleteBucket),
        new("GET", Level.Object, S3Action.GetObjectAcl) { Query = "acl" },
        new("PUT", Level.Object, S3Action.PutObjectAcl) { Query = "acl" },
        new("POST", Level.Bucket, S3Action.DeleteObjects) { Query = "delete" },
        new("POST", Level.Bucket, S3Action.PostObject),
        new("GET", Level.Object, S3Action.ListParts) { Query = "uploadId" },
        new("GET", Level.Object, S3Action.GetObjectTagging) { Query = "tagging" },
        new("PUT", Level.Object, S3Action.PutObjectTagging) { Query = "tagging" },
        new("DELETE", Level.Object, S3Action.DeleteObjectTagging) { Query = "tagging" },
        new("GET", Level.Object, S3Action.GetObjectAttributes) { Query = "attributes" },
        new("GET", Level.Object, S3Action.GetObject),
        new("HEAD", Level.Object, S3Action.HeadObject),
        new("PUT", Level.Object, S3Action.UploadPartCopy) { Query = "uploadId", Header = "x-amz-copy-source" },
        new("PUT", Level.Object, S3Action.UploadPart) { Query = "uploadId" },
        new("PUT", Level.Object, S3Action.CopyObject) { Header = "x-amz-copy-source" },
        new("PUT", Level.Object, S3Action.PutObject),
        new("POST", Level.Object, S3Action.CreateMultipartUpload) { Query = "uploads" },
        new("POST", Level.Object, S3Action.CompleteMultipartUpload) { Query = "uploadId" },
        new("DELETE", Level.Object, S3Action.AbortMultipartUpload) { Query = "uploadId" },
        new("DELETE", Level.Object, S3Action.DeleteObject),
    ];

    // Parameters that turn a request into another action. Answering a PUT of tags by overwriting the object would lose data.
    static readonly FrozenSet<string> NotOffered = FrozenSet.Create(
        "accelerate",
        "acl",
        "analytics",
        "append",
        "attributes",
        "cors",
        "encryption",
        "intelligent-tiering",
        "inventory",
        "legal-hold",
        "lifecycle",
        "logging",
        "metadataConfiguration",
        "metadataTable",
        "metrics",
        "notification",
        "object-lock",
        "ownershipControls",
        "policy",
        "policyStatus",
        "publicAccessBlock",
        "renameObject",
        "replication",
        "requestPayment",
        "restore",
        "retention",
        "select",
        "session",
        "tagging",
        "torrent",
        "versions",
        "website"
    );

    enum Level
    {
        Service,
        Bucket,
        Object,
    }

    /// <exception cref="S3Exception">NotImplemented, MethodNotAllowed, InvalidURI.</exception>
    public static S3Route Route(string method, RequestTarget target, HeaderLookup headers, string? hostBucket = null)
    {
        var path = target.DecodePath();
        var (bucket, key) = hostBucket is null ? Split(path) : (hostBucket, path[1..]);
        var level =
            bucket.Length == 0 ? Level.Service
            : key.Length == 0 ? Level.Bucket
            : Level.Object;
        if (level == Level.Service && key.Length > 0)
            throw S3Errors.InvalidBucketName.Exception();
        // Rules that name a parameter come before the refusal of the parameters nobody handles.
        if (Find(method, level, target, headers, byQuery: true) is { } special)
            return new S3Route(special, bucket, key);
        foreach (var parameter in target.Query)
        {
            if (NotOffered.Contains(parameter.Name))
                throw S3Errors.NotImplemented.With($"{method} with '?{parameter.Name}' is not offered here.");
        }
        if (Find(method, level, target, headers, byQuery: false) is { } plain)
            return new S3Route(plain, bucket, key);
        throw method is "GET" or "HEAD" or "PUT" or "POST" or "DELETE"
            ? S3Errors.NotImplemented.With($"{method} on {Name(level)} is not offered here.")
            : S3Errors.MethodNotAllowed.Exception();
    }

    static S3Action? Find(string method, Level level, RequestTarget target, HeaderLookup headers, bool byQuery)
    {
        foreach (var rule in Rules)
        {
            if (rule.Query is not null == byQuery && rule.Applies(method, level, target, headers))
                return rule.Action;
        }
        return null;
    }

    /// <summary>Splits <c>/bucket/key</c>; the key may itself begin with <c>/</c> or hold <c>//</c>.</summary>
    public static (string Bucket, string Key) Split(string path)
    {
        var slash = path.IndexOf('/', 1);
        return slash < 0 ? (path[1..], "") : (path[1..slash], path[(slash + 1)..]);
    }

    static string Name(Level level) =>
        level switch
        {
            Level.Service => "the service",
            Level.Bucket => "a bucket",
            _ => "an object",
        };

    sealed record Rule(string Method, Level Level, S3Action Action)
    {
        public string? Query { get; init; }
        public string? QueryValue { get; init; }
        public string? Header { get; init; }

        public bool Applies(string method, Level level, RequestTarget target, HeaderLookup headers) =>
            method == Method
            && level == Level
            && (Query is null || (target.Find(Query) is { } value && (QueryValue is null || QueryValue == value)))
            && (Header is null || headers(Header) is not null);
    }
}
