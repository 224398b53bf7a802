using System.Globalization;
using Harima.BucketConfiguration;
using Harima.S3.Errors;
using Harima.S3.Signing;
using Harima.S3.Xml;
using Microsoft.AspNetCore.Http.Features;

namespace Harima.Gateway;

/// <summary>
/// Browsers may use the gateway from any origin, unless who manages a bucket has said which. That gives nothing away: no cookie is
/// read here, so a page can do only what the signature it holds allows.
/// </summary>
sealed class Cors(BucketCors buckets)
{
    const string Exposed =
        "ETag, Content-Length, Content-Range, Content-Disposition, Accept-Ranges, Last-Modified, x-amz-request-id, "
        + "x-amz-version-id, x-amz-checksum-crc32, x-amz-checksum-crc32c, x-amz-checksum-crc64nvme, x-amz-checksum-sha1, "
        + "x-amz-checksum-sha256, x-amz-checksum-type, x-amz-mp-parts-count";

    static readonly S3Error Forbidden = new(
        "AccessForbidden",
        403,
        "CORSResponse: This CORS request is not allowed. This is usually because the evaluation of Origin, request method / "
            + "Access-Control-Request-Method or Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."
    );

    /// <summary>What holds where no bucket says otherwise.</summary>
    public static void ApplyDefault(HttpContext http)
    {
        if (http.Request.Headers.Origin.Count == 0)
            return;
        http.Response.Headers.AccessControlAllowOrigin = "*";
        http.Response.Headers.AccessControlExposeHeaders = Exposed;
    }

    public async Task ApplyAsync(HttpContext http, string? hostBucket, CancellationToken cancellationToken)
    {
        if (http.Request.Headers.Origin is not [{ Length: > 0 } origin])
            return;
        if (await FindAsync(http, hostBucket, cancellationToken) is not { } configuration)
        {
            ApplyDefault(http);
            return;
        }
        var method = http.Request.Headers.AccessControlRequestMethod is [{ Length: > 0 } asked]
            ? asked
            : http.Request.Method;
        if (configuration.Find(origin, method, []) is { } rule)
            Answer(http.Response, rule, origin);
    }

    /// <exception cref="S3Exception">BadRequest, AccessForbidden.</exception>
    public async Task AnswerPreflightAsync(HttpContext http, string? hostBucket, CancellationToken cancellationToken)
    {
        if (
            http.Request.Headers.Origin is not [{ Length: > 0 } origin]
            || http.Request.Headers.AccessControlRequestMethod is not [{ Length: > 0 } method]
        )
        {
            throw new S3Error(
                "BadRequest",
                400,
                "Insufficient information. Origin and Access-Control-Request-Method request headers needed."
            ).Exception();
        }
        var headers = http.Response.Headers;
        var wanted = http.Request.Headers.AccessControlRequestHeaders;
        if (await FindAsync(http, hostBucket, cancellationToken) is { } configuration)
        {
            var names = wanted
                .ToString()
                .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            var rule = configuration.Find(origin, method, names) ?? throw Forbidden.Exception();
            Answer(http.Response, rule, origin);
            if (names.Length > 0)
                headers.AccessControlAllowHeaders = string.Join(", ", names);
            if (rule.MaxAgeSeconds is { } seconds)
                headers.AccessControlMaxAge = seconds.ToString(CultureInfo.InvariantCulture);
            return;
        }
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlAllowMethods = "GET, HEAD, PUT, POST, DELETE";
        // "*" would not cover Authorization.
        if (wanted.Count > 0)
            headers.AccessControlAllowHeaders = wanted;
        if (http.Request.Headers["Access-Control-Request-Private-Network"] == "true")
            headers["Access-Control-Allow-Private-Network"] = "true";
        headers.AccessControlMaxAge = "7200";
        headers.Vary = "Origin, Access-Control-Request-Headers";
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    static void Answer(HttpResponse response, CorsRule rule, string origin)
    {
        var headers = response.Headers;
        headers.AccessControlAllowOrigin = rule.AllowsAnyOrigin ? "*" : origin;
        headers.AccessControlAllowMethods = string.Join(", ", rule.AllowedMethods);
        if (!rule.AllowsAnyOrigin)
            headers.AccessControlAllowCredentials = "true";
        if (rule.ExposeHeaders.Count > 0)
            headers.AccessControlExposeHeaders = string.Join(", ", rule.ExposeHeaders);
        headers.Vary = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";
    }

    Task<CorsConfiguration?> FindAsync(HttpContext http, string? hostBucket, CancellationToken cancellationToken)
    {
        if (hostBucket is not null)
            return buckets.FindAsync(hostBucket, cancellationToken);
        var target = RequestTarget.Parse(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        var (bucket, _) = S3Router.Split(target.DecodePath());
        return bucket.Length == 0
            ? Task.FromResult<CorsConfiguration?>(null)
            : buckets.FindAsync(bucket, cancellationToken);
    }
}
