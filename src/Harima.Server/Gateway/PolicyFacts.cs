using System.Globalization;
using Harima.Identity;
using Harima.S3.Signing;
using Harima.Storage;

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
        var (actions, alsoDenied) = ActionsOf(route, target, Header("x-amz-tagging") is { Length: > 0 });
        return new RequestFacts(actions, Values)
        {
            AlsoDenied = alsoDenied,
            ExpectedOwner = Header("x-amz-expected-bucket-owner"),
            ExpectedSourceOwner = Header("x-amz-source-expected-bucket-owner"),
        };
    }

    /// <summary>The same for an upload form, whose fields stand for headers.</summary>
    public static RequestFacts OfForm(RequestFacts facts, PostForm form, IReadOnlyList<FileTag>? tags)
    {
        const string Header = "s3:x-amz-";
        IReadOnlyList<string> Values(string key)
        {
            if (key.StartsWith(RequestTag, StringComparison.Ordinal))
                return [.. (tags ?? []).Where(tag => tag.Key == key[RequestTag.Length..]).Select(tag => tag.Value)];
            if (!key.StartsWith(Header, StringComparison.Ordinal))
                return facts.Values(key);
            return form.Find(key == Header + "acl" ? "acl" : key["s3:".Length..]) is { } value ? [value] : [];
        }
        return facts with
        {
            Values = Values,
            Actions = tags is null ? facts.Actions : [.. facts.Actions, PutObjectTagging],
        };
    }

    const string RequestTag = "s3:requestobjecttag/";
    const string PutObjectTagging = "s3:PutObjectTagging";

    /// <summary>What the request needs, as a policy names it; empty where no policy can say anything about it.</summary>
    static (string[] Actions, string[] AlsoDenied) ActionsOf(S3Route route, RequestTarget target, bool withTags)
    {
        var action = route.Action switch
        {
            S3Action.ListBuckets or S3Action.CreateBucket or S3Action.GetUsage => null,
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
            return ([], []);
        // Whoever stores tags with an object needs both rights.
        if (withTags && route.Action is (S3Action.PutObject or S3Action.CopyObject or S3Action.CreateMultipartUpload))
            return (["s3:" + action, PutObjectTagging], []);
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
            ? (["s3:" + action.Replace("Object", "ObjectVersion", StringComparison.Ordinal)], ["s3:" + action])
            : (["s3:" + action], []);
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
            _ when key.StartsWith(RequestTag, StringComparison.Ordinal) => FindTag(
                Header("x-amz-tagging"),
                key[RequestTag.Length..]
            ),
            _ when key.StartsWith("s3:x-amz-", StringComparison.Ordinal) => Header(key["s3:".Length..]),
            _ => null,
        };
    }

    static string? FindTag(string? header, string name) =>
        header is null ? null : RequestTarget.Parse("/?" + header).Find(name);
}
