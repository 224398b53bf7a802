using Harima.Gateway.Operations;
using Harima.Sequences;

namespace Harima.Gateway;

/// <summary>
/// Answers a GET with 307 and a presigned URL of the store the bytes lie in: Harima decides, the store sends. Only where the client
/// follows that, and nothing but the ETag would be another.
/// </summary>
sealed class StoreRedirect(FileQueries files)
{
    // A small body is sent sooner than a second request could be made.
    const long FewestBytes = 1 << 20;

    // Harima has judged them; the store, which has ETags of its own, would judge otherwise.
    static readonly string[] Judged =
    [
        "if-match",
        "if-none-match",
        "if-modified-since",
        "if-unmodified-since",
        "if-range",
    ];

    static readonly string[] Told =
    [
        "Content-Type",
        "Content-Disposition",
        "Content-Encoding",
        "Content-Language",
        "Cache-Control",
        "Expires",
    ];

    /// <summary>Sends the client to the store.</summary>
    /// <param name="range">The bytes wanted; headers and status of the answer have been set.</param>
    /// <returns>False where the caller must send the body.</returns>
    public bool TryRedirect(S3Request request, OpenedFile opened, ByteRange range)
    {
        // A client that signs in a header would send it along, and the store refuses two signatures.
        if (range.LengthBytes < FewestBytes || request.Header("authorization") is not null)
            return false;
        // Then the bytes are verified while they are sent.
        if (request.WantsChecksums() || request.Query("partNumber") is not null)
            return false;
        var response = request.Response;
        if (
            Judged.Any(name => request.Header(name) is not null)
            || response.Headers.Keys.Any(name => name.StartsWith("x-amz-meta-", StringComparison.OrdinalIgnoreCase))
        )
            return false;
        var answer = Told.Select(name => ($"response-{name.ToLowerInvariant()}", (string?)response.Headers[name]))
            .Where(told => !string.IsNullOrEmpty(told.Item2))
            .ToList();
        if (files.AddressFor(opened, request.Header("user-agent") ?? "", answer) is not { } address)
            return false;
        foreach (var name in (string[])[.. Told, "Content-Length", "Content-Range", "Last-Modified", "ETag"])
            response.Headers.Remove(name);
        response.StatusCode = StatusCodes.Status307TemporaryRedirect;
        response.Headers.Location = address.OriginalString;
        // The address is good for a while; who gets it is decided each time.
        response.Headers.CacheControl = "no-store";
        return true;
    }
}
