using Harima.S3.Errors;
using Harima.S3.Signing;

namespace Harima.Gateway.Operations;

/// <summary>The header <c>x-amz-copy-source</c>: <c>[/]bucket/key[?versionId=…]</c>, percent-encoded.</summary>
static class CopySource
{
    public const string Prefix = "x-amz-copy-source-";

    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public static (string Bucket, string Key, string? Version) Read(S3Request request)
    {
        var header = request.Header("x-amz-copy-source") ?? "";
        var mark = header.IndexOf("?versionId=", StringComparison.Ordinal);
        string? version = null;
        if (mark >= 0)
        {
            version = header[(mark + "?versionId=".Length)..];
            header = header[..mark];
        }
        var path = RequestTarget.Decode(header, plusIsBlank: false);
        var (bucket, key) = S3Router.Split(path.StartsWith('/') ? path : "/" + path);
        if (bucket.Length == 0 || key.Length == 0)
            throw S3Errors.InvalidArgument.With(
                "Copy Source must mention the source bucket and key: sourcebucket/sourcekey"
            );
        return (bucket, key, string.IsNullOrEmpty(version) ? null : version);
    }
}
