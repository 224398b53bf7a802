using Harima.S3.Errors;

namespace Harima.Gateway;

/// <summary>The headers of a write that are kept with the object and given back with it.</summary>
/// <param name="ContentType">Its media type, or null.</param>
/// <param name="Others">The others by lower-case name.</param>
sealed record ObjectHeaders(string? ContentType, IReadOnlyDictionary<string, string> Others)
{
    // S3's limit for user metadata: names and values together.
    const int MaxMetadataBytes = 2048;

    static readonly string[] Kept = ["cache-control", "content-disposition", "content-language", "expires"];

    /// <exception cref="S3Exception">MetadataTooLarge, AccessControlListNotSupported, NotImplemented.</exception>
    public static ObjectHeaders Read(S3Request request)
    {
        RequireOffered(request);
        var others = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in Kept)
        {
            if (request.Header(name) is { Length: > 0 } value)
                others[name] = value;
        }
        if (ContentEncoding(request.Header("content-encoding")) is { } encoding)
            others["content-encoding"] = encoding;

        var metadataBytes = 0;
        foreach (var (name, values) in request.Http.Request.Headers)
        {
            if (!name.StartsWith("x-amz-meta-", StringComparison.OrdinalIgnoreCase))
                continue;
            var value = values.ToString();
            metadataBytes += name.Length - "x-amz-meta-".Length + value.Length;
            others[name.ToLowerInvariant()] = value;
        }
        if (metadataBytes > MaxMetadataBytes)
            throw S3Errors.MetadataTooLarge.Exception();
        var type = request.Header("content-type");
        return new ObjectHeaders(string.IsNullOrEmpty(type) ? null : type, others);
    }

    // "aws-chunked" describes the transfer, not the object.
    static string? ContentEncoding(string? header)
    {
        if (header is null)
            return null;
        var encodings = header
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(encoding => !encoding.Equals("aws-chunked", StringComparison.OrdinalIgnoreCase));
        var kept = string.Join(", ", encodings);
        return kept.Length == 0 ? null : kept;
    }

    // What would silently not happen is refused; what changes nothing here (storage class, AES256 at rest) is not.
    static void RequireOffered(S3Request request)
    {
        if (request.Header("x-amz-acl") is { } acl && acl is not ("private" or "bucket-owner-full-control" or ""))
        {
            throw new S3Error(
                "AccessControlListNotSupported",
                400,
                "Access control lists are not offered: share the sequence in the portal instead."
            ).Exception();
        }
        foreach (
            var name in (ReadOnlySpan<string>)
                [
                    "x-amz-server-side-encryption-customer-algorithm",
                    "x-amz-object-lock-mode",
                    "x-amz-website-redirect-location",
                    "x-amz-tagging",
                ]
        )
        {
            if (request.Header(name) is { Length: > 0 })
                throw S3Errors.NotImplemented.With($"The header {name} is not offered here.");
        }
    }
}
