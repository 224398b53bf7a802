using System.Buffers;
using Harima.Gateway.Operations;
using Harima.Hosting;
using Harima.Sequences;
using Microsoft.Extensions.Options;

namespace Harima.Gateway;

/// <summary>
/// Leaves the body of a GET to the nginx in front (<c>X-Accel-Redirect</c>): Harima decides and describes, nginx sends the file.
/// See docs/reference/deployment.md; the headers named here are those its configuration carries over.
/// </summary>
sealed class AccelRedirect(FileQueries files, IOptions<ServerOptions> options)
{
    // A small body is sent sooner than nginx could be told where it lies.
    const long FewestBytes = 256 << 10;

    /// <summary>What nginx keeps of an answer with X-Accel-Redirect.</summary>
    static readonly string[] Kept = ["Cache-Control", "Content-Disposition", "Content-Type", "Expires"];

    /// <summary>What nginx says itself, from the file.</summary>
    static readonly string[] Own = ["Accept-Ranges", "Content-Length", "Content-Range", "Last-Modified"];

    /// <summary>What the configuration of nginx must pass on by name.</summary>
    internal static readonly IReadOnlyList<string> Carried =
    [
        "Access-Control-Allow-Credentials",
        "Access-Control-Allow-Methods",
        "Access-Control-Allow-Origin",
        "Access-Control-Expose-Headers",
        "Access-Control-Max-Age",
        "Content-Encoding",
        "Content-Language",
        "Content-Security-Policy",
        "ETag",
        "Vary",
        "X-Content-Type-Options",
        "x-amz-id-2",
        "x-amz-meta-md5chksum",
        "x-amz-meta-mtime",
        "x-amz-meta-s3cmd-attrs",
        "x-amz-request-id",
        "x-amz-tagging-count",
        "x-amz-version-id",
    ];

    static readonly HashSet<string> Known = new([.. Kept, .. Own, .. Carried], StringComparer.OrdinalIgnoreCase);

    // Harima has judged them; nginx, which knows the file and not the object, would judge again.
    static readonly string[] Judged =
    [
        "if-match",
        "if-none-match",
        "if-modified-since",
        "if-unmodified-since",
        "if-range",
    ];

    static readonly SearchValues<char> RangeLetters = SearchValues.Create("0123456789-");

    readonly string? _prefix = options.Value.AccelRedirect?.TrimEnd('/');

    /// <summary>Hands the body over, where the request came through an nginx that takes it and nothing would be lost by it.</summary>
    /// <param name="range">The bytes wanted; headers and status of the answer have been set.</param>
    /// <returns>False where the caller must send the body.</returns>
    public bool TryHandOff(S3Request request, OpenedFile opened, ByteRange range)
    {
        if (_prefix is null || range.LengthBytes < FewestBytes || !IsFor(request))
            return false;
        // Then the bytes are verified while they are sent.
        if (request.WantsChecksums() && range.LengthBytes == opened.File.SizeBytes)
            return false;
        var headers = request.Response.Headers;
        // Metadata of the user may have any name; nginx passes on only those it was told of.
        if (headers.Keys.Any(name => !Known.Contains(name)) || files.HandOff(opened) is not { } name)
            return false;
        foreach (var header in Own)
            headers.Remove(header);
        request.Response.StatusCode = StatusCodes.Status200OK;
        headers["X-Accel-Redirect"] = $"{_prefix}/{name}";
        return true;
    }

    // Whoever comes past nginx, to Harima's own port, gets the body from Harima.
    static bool IsFor(S3Request request) =>
        request.Header("x-sendfile-type") == "X-Accel-Redirect"
        && request.Query("partNumber") is null
        && !Judged.Any(name => request.Header(name) is not null)
        && IsPlain(request.Header("range"));

    // nginx reads the header again: only where both can but agree.
    static bool IsPlain(string? range) =>
        range is null
        || (
            range.StartsWith("bytes=", StringComparison.Ordinal)
            && range.AsSpan(6).IndexOfAnyExcept(RangeLetters) < 0
            && range.AsSpan(6).Count('-') == 1
        );
}
