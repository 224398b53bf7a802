using Harima.S3.Errors;
using Harima.S3.Signing;

namespace Harima.Gateway;

/// <summary>The headers of a write that are kept with the object and given back with it.</summary>
/// <param name="ContentType">Its media type, or null.</param>
/// <param name="Others">The others by lower-case name.</param>
sealed record ObjectHeaders(string? ContentType, IReadOnlyDictionary<string, string> Others)
{
    // S3's limit for user metadata: names and values together.
    const int MaxMetadataBytes = 2048;

    static readonly string[] Kept = ["cache-control", "content-disposition", "content-language", "expires"];

    /// <exception cref="S3Exception">MetadataTooLarge, NotImplemented.</exception>
    public static ObjectHeaders Read(S3Request request) =>
        Read(
            request.Header,
            request.Http.Request.Headers.Select(header => KeyValuePair.Create(header.Key, header.Value.ToString()))
        );

    /// <summary>Reads them from wherever they stand: the headers of a request, or the fields of a form.</summary>
    /// <param name="header">Finds one by its lower-case name.</param>
    /// <param name="all">All of them, of which metadata are kept.</param>
    public static ObjectHeaders Read(HeaderLookup header, IEnumerable<KeyValuePair<string, string>> all)
    {
        RequireOffered(header);
        var others = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in Kept)
        {
            if (header(name) is { Length: > 0 } value)
                others[name] = value;
        }
        if (ContentEncoding(header("content-encoding")) is { } encoding)
            others["content-encoding"] = encoding;

        var metadataBytes = 0;
        foreach (var (name, value) in all)
        {
            if (!name.StartsWith("x-amz-meta-", StringComparison.OrdinalIgnoreCase))
                continue;
            metadataBytes += name.Length - "x-amz-meta-".Length + value.Length;
            others[name.ToLowerInvariant()] = value;
        }
        if (metadataBytes > MaxMetadataBytes)
            throw S3Errors.MetadataTooLarge.Exception();
        var type = header("content-type");
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
    static void RequireOffered(HeaderLookup header)
    {
        foreach (
            var name in (ReadOnlySpan<string>)
                [
                    "x-amz-server-side-encryption-customer-algorithm",
                    "x-amz-object-lock-mode",
                    "x-amz-website-redirect-location",
                ]
        )
        {
            if (header(name) is { Length: > 0 })
                throw S3Errors.NotImplemented.With($"The header {name} is not offered here.");
        }
    }
}
