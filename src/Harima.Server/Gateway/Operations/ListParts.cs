using Harima.BucketConfiguration;
using Harima.S3.Checksums;
using Harima.S3.Xml;
using Harima.Sequences;

namespace Harima.Gateway.Operations;

sealed class ListParts(MultipartUploads uploads, ShareBucket share) : IS3Operation
{
    const int MaxParts = 1000;

    public S3Action Action => S3Action.ListParts;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var uploadId = request.Query("uploadId")!;
        var encoded = request.WantsUrlEncoding();
        var limit = request.QueryNumber("max-parts", MaxParts, MaxParts);
        var after = request.QueryNumber("part-number-marker", 0, int.MaxValue);
        var upload = await uploads.GetAsync(
            request.Principal,
            request.Bucket,
            request.Key,
            uploadId,
            cancellationToken
        );
        // One more than asked for says whether there is a next page.
        var parts = await uploads.PartsAsync(
            request.Principal,
            request.Bucket,
            request.Key,
            uploadId,
            after,
            limit + 1,
            cancellationToken
        );
        ChecksumAlgorithm? algorithm = ChecksumAlgorithms.TryParse(upload.ChecksumAlgorithm, out var chosen)
            ? chosen
            : null;
        var owner = await share.OwnerOfAsync(
            request.Bucket,
            request.Key,
            upload.Owner,
            request.Principal,
            cancellationToken
        );
        var page = parts.Take(limit).ToArray();
        var truncated = limit > 0 && parts.Count > limit;
        var result = new ListPartsResult(request.Bucket, request.Key, uploadId)
        {
            Owner = new Owner(owner, owner),
            UrlEncoded = encoded,
            PartNumberMarker = after,
            NextPartNumberMarker = page.Length > 0 ? page[^1].Number : null,
            MaxParts = limit,
            IsTruncated = truncated,
            ChecksumAlgorithm = algorithm,
            ChecksumType = Enum.TryParse<ChecksumType>(upload.ChecksumType, out var type) ? type : null,
            Parts =
            [
                .. page.Select(part => new PartEntry(part.Number, part.ModifiedAt, part.ETag, part.SizeBytes)
                {
                    Checksums =
                        algorithm is { } of && part.ChecksumValue is { } value
                            ? [new Checksum(of, value)]
                            : [new Checksum(ChecksumAlgorithm.Crc64Nvme, part.Crc64Nvme)],
                }),
            ],
        };
        await request.Response.WriteListingAsync(result, cancellationToken);
    }
}
