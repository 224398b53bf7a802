namespace Harima.Gateway;

/// <summary>
/// Browsers may use the gateway from any origin. That gives nothing away: no cookie is read here, so a page can do only
/// what the signature it holds allows.
/// </summary>
static class Cors
{
    const string Exposed =
        "ETag, Content-Length, Content-Range, Content-Disposition, Accept-Ranges, Last-Modified, x-amz-request-id, "
        + "x-amz-version-id, x-amz-checksum-crc32, x-amz-checksum-crc32c, x-amz-checksum-crc64nvme, x-amz-checksum-sha1, "
        + "x-amz-checksum-sha256, x-amz-checksum-type, x-amz-mp-parts-count";

    public static void Apply(HttpContext http)
    {
        if (http.Request.Headers.Origin.Count == 0)
            return;
        http.Response.Headers.AccessControlAllowOrigin = "*";
        http.Response.Headers.AccessControlExposeHeaders = Exposed;
    }

    public static void AnswerPreflight(HttpContext http)
    {
        var headers = http.Response.Headers;
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlAllowMethods = "GET, HEAD, PUT, POST, DELETE";
        // "*" would not cover Authorization.
        if (http.Request.Headers.AccessControlRequestHeaders is { Count: > 0 } wanted)
            headers.AccessControlAllowHeaders = wanted;
        if (http.Request.Headers["Access-Control-Request-Private-Network"] == "true")
            headers["Access-Control-Allow-Private-Network"] = "true";
        headers.AccessControlMaxAge = "7200";
        headers.Vary = "Origin, Access-Control-Request-Headers";
        http.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
