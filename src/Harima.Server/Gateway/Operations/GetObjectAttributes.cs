using System.Globalization;
using Harima.S3.Checksums;
using Harima.S3.Errors;
using Harima.S3.Xml;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Gateway.Operations;

sealed class GetObjectAttributes(FileQueries files) : IS3Operation
{
    const int MaxParts = 1000;

    static readonly string[] Known = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];

    public S3Action Action => S3Action.GetObjectAttributes;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var file = await files.GetAsync(
            request.Principal,
            request.Bucket,
            request.Key,
            request.VersionId,
            cancellationToken
        );
        var wanted = ReadWanted(request);
        request.Response.SetVersion(file);
        request.Response.Headers.LastModified = file.ModifiedAt.ToString("r", CultureInfo.InvariantCulture);
        Conditions.Check(request.Header, file.ETag, file.ModifiedAt, earlier: file.EarlierETag);
        var checksums = file.ReadChecksums();
        var wantsChecksum = wanted.Contains("Checksum") && checksums.Count > 0;
        var result = new GetObjectAttributesResponse
        {
            ETag = wanted.Contains("ETag") ? file.ETag : null,
            Checksum = wantsChecksum ? checksums[0].Checksum : null,
            ChecksumType = wantsChecksum ? checksums[0].Type : null,
            ObjectParts = wanted.Contains("ObjectParts") ? Parts(request, file) : null,
            StorageClass = wanted.Contains("StorageClass") ? "STANDARD" : null,
            ObjectSizeBytes = wanted.Contains("ObjectSize") ? file.SizeBytes : null,
        };
        await request.Response.WriteAsync(result, cancellationToken);
    }

    static HashSet<string> ReadWanted(S3Request request)
    {
        var wanted = (request.Header("x-amz-object-attributes") ?? "")
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .ToHashSet(StringComparer.Ordinal);
        if (wanted.Count == 0)
            throw S3Errors.InvalidRequest.With(
                "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty"
            );
        return wanted.IsSubsetOf(Known)
            ? wanted
            : throw S3Errors.InvalidArgument.With("Invalid attribute name specified.");
    }

    static ObjectParts? Parts(S3Request request, DataFile file)
    {
        if (file.ReadPartSizes() is not { } sizes)
            return null;
        var checksums = file.ReadPartChecksums();
        var hasAlgorithm = ChecksumAlgorithms.TryParse(file.ChecksumAlgorithm, out var algorithm);
        var limit = HeaderNumber(request, "x-amz-max-parts", MaxParts, MaxParts);
        var after = HeaderNumber(request, "x-amz-part-number-marker", 0, int.MaxValue);
        var page = Enumerable
            .Range(1, sizes.Count)
            .Skip(after)
            .Take(limit)
            .Select(number => new ObjectPart(
                number,
                sizes[number - 1],
                hasAlgorithm && checksums is not null ? new Checksum(algorithm, checksums[number - 1]) : null
            ))
            .ToArray();
        var last = page.Length > 0 ? page[^1].PartNumber : after;
        return new ObjectParts(sizes.Count, page)
        {
            PartNumberMarker = after,
            NextPartNumberMarker = last,
            MaxParts = limit,
            IsTruncated = page.Length > 0 && last < sizes.Count,
        };
    }

    static int HeaderNumber(S3Request request, string name, int otherwise, int maximum)
    {
        if (request.Header(name) is not { Length: > 0 } text)
            return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? Math.Min(number, maximum)
            : throw S3Errors.InvalidArgument.With($"Provided {name} not an integer or within integer range.");
    }
}
