using System.Globalization;
using Harima.S3.Checksums;
using Harima.S3.Errors;
using Harima.Storage;

namespace Harima.Gateway.Operations;

/// <summary>What HEAD and GET of an object have in common: conditions, range, headers.</summary>
static class ObjectRead
{
    static readonly (string Query, string Header)[] Overrides =
    [
        ("response-cache-control", "Cache-Control"),
        ("response-content-disposition", "Content-Disposition"),
        ("response-content-encoding", "Content-Encoding"),
        ("response-content-language", "Content-Language"),
        ("response-content-type", "Content-Type"),
        ("response-expires", "Expires"),
    ];

    /// <summary>Sets status and headers and says which bytes are the body.</summary>
    /// <exception cref="S3Exception">PreconditionFailed, NotModified, InvalidRange, InvalidArgument, InvalidPart.</exception>
    public static ByteRange Prepare(S3Request request, DataFile file)
    {
        var response = request.Response;
        response.SetVersion(file);
        response.SetETag(file.ETag);
        response.Headers.LastModified = file.ModifiedAt.ToString("r", CultureInfo.InvariantCulture);
        Conditions.Check(request.Header, file.ETag, file.ModifiedAt, earlier: file.EarlierETag);

        var whole = new ByteRange(0, file.SizeBytes);
        var range = FindPart(request, file) ?? FindRange(request, file);
        response.Describe(file);
        Override(request);
        // An HTML file somebody uploaded must not act in the name of the portal, whose host this may be.
        response.Headers.ContentSecurityPolicy = "sandbox";
        response.Headers.XContentTypeOptions = "nosniff";
        response.ContentLength = (range ?? whole).LengthBytes;
        if (range is { } part)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = string.Create(
                CultureInfo.InvariantCulture,
                $"bytes {part.Start}-{part.End}/{file.SizeBytes}"
            );
        }
        if (request.WantsChecksums())
            StateChecksums(request, file, isWhole: range is null);
        return range ?? whole;
    }

    public static bool WantsChecksums(this S3Request request) =>
        string.Equals(request.Header("x-amz-checksum-mode"), "ENABLED", StringComparison.OrdinalIgnoreCase);

    // A range has no checksum that is known; a part has its own, if the upload had chosen an algorithm.
    static void StateChecksums(S3Request request, DataFile file, bool isWhole)
    {
        if (isWhole)
        {
            request.Response.SetChecksums(file);
            return;
        }
        if (
            request.Query("partNumber") is null
            || file.ReadPartChecksums() is not { } checksums
            || !ChecksumAlgorithms.TryParse(file.ChecksumAlgorithm, out var algorithm)
        )
            return;
        request.Response.Headers[algorithm.Header()] = checksums[request.PartNumber() - 1];
        request.Response.Headers["x-amz-checksum-type"] = file.ReadChecksums()[0].Type.Name();
    }

    static ByteRange? FindRange(S3Request request, DataFile file)
    {
        if (!Conditions.RangeStillApplies(request.Header, file.ETag, file.ModifiedAt, file.EarlierETag))
            return null;
        var satisfiable = ByteRange.TryParse(request.Header("range"), file.SizeBytes, out var range);
        if (satisfiable == false)
        {
            request.Response.Headers.ContentRange = string.Create(
                CultureInfo.InvariantCulture,
                $"bytes */{file.SizeBytes}"
            );
            throw new S3Exception(S3Errors.InvalidRange)
            {
                Details = [new("ActualObjectSize", file.SizeBytes.ToString(CultureInfo.InvariantCulture))],
            };
        }
        return satisfiable is null ? null : range;
    }

    static ByteRange? FindPart(S3Request request, DataFile file)
    {
        if (request.Query("partNumber") is null)
            return null;
        if (request.Header("range") is not null)
            throw S3Errors.InvalidRequest.With("Cannot specify both Range header and partNumber query parameter");
        var number = request.PartNumber();
        var sizes = file.ReadPartSizes();
        if (number > (sizes?.Count ?? 1))
            throw S3Errors.InvalidPart.With($"The object has no part {number}.");
        if (sizes is null)
            return null;
        request.Response.Headers["x-amz-mp-parts-count"] = sizes.Count.ToString(CultureInfo.InvariantCulture);
        return new ByteRange(sizes.Take(number - 1).Sum(), sizes[number - 1]);
    }

    static void Override(S3Request request)
    {
        if (request.Target.Query.Count == 0)
            return;
        foreach (var (query, header) in Overrides)
        {
            if (request.Query(query) is not { } value)
                continue;
            if (request.Signature is null)
            {
                throw S3Errors.InvalidRequest.With(
                    "Request specific response headers cannot be used for anonymous GET requests."
                );
            }
            if (value.Any(char.IsControl))
                throw S3Errors.InvalidArgument.With($"{query} holds a control character.");
            request.Response.Headers[header] = S3Response.ToHeader(value);
        }
    }
}
