using System.Globalization;
using Harima.Identity;
using Harima.S3.Signing;

namespace Harima.Gateway;

/// <summary>What a bucket policy may ask about a request.</summary>
static class PolicyFacts
{
    public static RequestFacts Of(
        HttpContext http,
        RequestTarget target,
        S3Route route,
        SignedRequest? signature,
        DateTimeOffset now
    )
    {
        IReadOnlyList<string> Values(string key) => Find(http, target, signature, now, key) is { } value ? [value] : [];
        string? Header(string name) => S3Request.LookUp(http.Request.Headers, name);
        return new RequestFacts(ActionsOf(route, target), Values)
        {
            ExpectedOwner = Header("x-amz-expected-bucket-owner"),
            ExpectedSourceOwner = Header("x-amz-source-expected-bucket-owner"),
        };
    }

    /// <summary>What the request asks for, as a policy names it; empty where no policy can say anything about it.</summary>
    static string[] ActionsOf(S3Route route, RequestTarget target)
    {
        var action = route.Action switch
        {
            S3Action.ListBuckets or S3Action.CreateBucket => null,
            S3Action.HeadBucket or S3Action.ListObjects or S3Action.ListObjectsV2 => "ListBucket",
            S3Action.ListObjectVersions => "ListBucketVersions",
            S3Action.ListMultipartUploads => "ListBucketMultipartUploads",
            S3Action.ListParts => "ListMultipartUploadParts",
            S3Action.HeadObject => "GetObject",
            S3Action.DeleteObjects => "DeleteObject",
            S3Action.PutObject
            or S3Action.PostObject
            or S3Action.CopyObject
            or S3Action.CreateMultipartUpload
            or S3Action.UploadPart
            or S3Action.UploadPartCopy
            or S3Action.CompleteMultipartUpload => "PutObject",
            S3Action.GetBucketCors => "GetBucketCORS",
            S3Action.PutBucketCors or S3Action.DeleteBucketCors => "PutBucketCORS",
            S3Action.DeleteBucketTagging => "PutBucketTagging",
            S3Action.DeleteBucketOwnershipControls => "PutBucketOwnershipControls",
            S3Action.GetPublicAccessBlock => "GetBucketPublicAccessBlock",
            S3Action.PutPublicAccessBlock or S3Action.DeletePublicAccessBlock => "PutBucketPublicAccessBlock",
            var other => other.ToString(),
        };
        if (action is null)
            return [];
        // AWS asks for the right on the version alone. Here a Deny of the object holds for its versions too.
        return
            target.Has("versionId")
            && action
                is "GetObject"
                    or "DeleteObject"
                    or "GetObjectAcl"
                    or "PutObjectAcl"
                    or "GetObjectAttributes"
                    or "GetObjectTagging"
                    or "PutObjectTagging"
                    or "DeleteObjectTagging"
            ? ["s3:" + action, "s3:" + action.Replace("Object", "ObjectVersion", StringComparison.Ordinal)]
            : ["s3:" + action];
    }

    static string? Find(
        HttpContext http,
        RequestTarget target,
        SignedRequest? signature,
        DateTimeOffset now,
        string key
    )
    {
        string? Header(string name) => S3Request.LookUp(http.Request.Headers, name);
        return key switch
        {
            "aws:currenttime" => now.ToString("O", CultureInfo.InvariantCulture),
            "aws:epochtime" => now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            "aws:referer" => Header("referer"),
            "aws:useragent" => Header("user-agent"),
            "aws:securetransport" => http.Request.IsHttps ? "true" : "false",
            "aws:sourceip" => http.Connection.RemoteIpAddress?.ToString(),
            "s3:prefix" => target.Find("prefix"),
            "s3:delimiter" => target.Find("delimiter"),
            "s3:max-keys" => target.Find("max-keys"),
            "s3:versionid" => target.Find("versionId"),
            "s3:authtype" => signature is null ? null
            : signature.IsPresigned ? "REST-QUERY-STRING"
            : "REST-HEADER",
            "s3:signatureversion" => signature is null ? null : "AWS4-HMAC-SHA256",
            _ when key.StartsWith("s3:requestobjecttag/", StringComparison.Ordinal) => FindTag(
                Header("x-amz-tagging"),
                key["s3:requestobjecttag/".Length..]
            ),
            _ when key.StartsWith("s3:x-amz-", StringComparison.Ordinal) => Header(key["s3:".Length..]),
            _ => null,
        };
    }

    static string? FindTag(string? header, string name) =>
        header is null ? null : RequestTarget.Parse("/?" + header).Find(name);
}
