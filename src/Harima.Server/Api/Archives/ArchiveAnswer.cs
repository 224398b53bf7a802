using Harima.Archives;
using Harima.Identity;
using Microsoft.Net.Http.Headers;

namespace Harima.Api.Archives;

/// <summary>An archive over HTTP: conditions and one range as in RFC 9110, chapters 13 and 14.</summary>
static class ArchiveAnswer
{
    public static async Task SendAsync(
        HttpContext context,
        ArchivePlan plan,
        Principal principal,
        SendArchive sending,
        CancellationToken cancellationToken
    )
    {
        var response = context.Response;
        var etag = new EntityTagHeaderValue($"\"{plan.ETag}\"");
        var headers = response.GetTypedHeaders();
        headers.ETag = etag;
        response.Headers.AcceptRanges = "bytes";
        response.Headers.CacheControl = "private, no-cache";
        if (StatusByConditions(context.Request, etag) is { } status)
        {
            response.StatusCode = status;
            if (status == StatusCodes.Status412PreconditionFailed)
                throw new Faults.FaultException(
                    Faults.FaultCode.PreconditionFailed,
                    "archive-changed",
                    "The archive is not the one you began to fetch. Fetch it again from the start."
                );
            return;
        }
        var (from, to) = (0L, plan.SizeBytes);
        if (RangeOf(context.Request, etag) is { } range)
        {
            if (Satisfy(range, plan.SizeBytes) is not { } part)
            {
                response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
                headers.ContentRange = new ContentRangeHeaderValue(plan.SizeBytes);
                response.ContentLength = 0;
                return;
            }
            (from, to) = part;
            response.StatusCode = StatusCodes.Status206PartialContent;
            headers.ContentRange = new ContentRangeHeaderValue(from, to - 1, plan.SizeBytes);
        }
        response.ContentLength = to - from;
        response.ContentType = plan.Format == ArchiveFormat.Zip ? "application/zip" : "application/x-tar";
        var disposition = new ContentDispositionHeaderValue("attachment");
        // Folders may have Japanese names: RFC 6266's filename* beside a plain one.
        disposition.SetHttpFileName(plan.FileName);
        headers.ContentDisposition = disposition;
        if (HttpMethods.IsHead(context.Request.Method))
            return;
        await response.StartAsync(cancellationToken);
        await sending.HandleAsync(plan, principal, from, to, response.BodyWriter, cancellationToken);
    }

    static int? StatusByConditions(HttpRequest request, EntityTagHeaderValue etag)
    {
        var headers = request.GetTypedHeaders();
        if (headers.IfMatch is { Count: > 0 } match && !match.Any(tag => IsSame(tag, etag)))
            return StatusCodes.Status412PreconditionFailed;
        var unchanged = headers.IfNoneMatch is { Count: > 0 } none && none.Any(tag => IsSame(tag, etag));
        return unchanged && !HttpMethods.IsPost(request.Method) ? StatusCodes.Status304NotModified : null;
    }

    /// <summary>Null where everything is wanted: no range, several, one in another unit, or of an archive that is no more.</summary>
    static RangeItemHeaderValue? RangeOf(HttpRequest request, EntityTagHeaderValue etag)
    {
        var headers = request.GetTypedHeaders();
        if (
            headers.Range is not { Ranges.Count: 1 } range
            || !range.Unit.Equals("bytes", StringComparison.OrdinalIgnoreCase)
        )
            return null;
        // An archive has no modification time, so a date never matches.
        var asked = headers.IfRange;
        return asked is null || (asked.EntityTag is { } tag && tag.Compare(etag, useStrongComparison: true))
            ? range.Ranges.Single()
            : null;
    }

    static (long From, long To)? Satisfy(RangeItemHeaderValue range, long size)
    {
        // "-500": the last 500 bytes.
        if (range.From is not { } from)
            return range.To is > 0 and var last ? (Math.Max(0, size - last), size) : null;
        return from >= size ? null : (from, Math.Min(size, (range.To ?? size - 1) + 1));
    }

    static bool IsSame(EntityTagHeaderValue tag, EntityTagHeaderValue etag) =>
        tag.Equals(EntityTagHeaderValue.Any) || tag.Compare(etag, useStrongComparison: false);
}
