using Harima.S3.Checksums;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Gateway.Operations;

sealed class UploadPart(MultipartUploads uploads) : IS3Operation
{
    public S3Action Action => S3Action.UploadPart;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var number = request.PartNumber();
        await using var body = S3Body.Open(request);
        var part = await uploads.AddPartAsync(
            request.Principal,
            request.Bucket,
            request.Key,
            request.Query("uploadId")!,
            number,
            body.Stream,
            body.Expectation,
            cancellationToken
        );
        request.Response.SetETag(part.ETag);
        if (body.Expectation.Algorithm is { } algorithm && ValueOf(part, algorithm, body.Expectation) is { } value)
            request.Response.Headers[algorithm.Header()] = value;
    }

    // What the client announced has been verified, so it is what was stored.
    static string? ValueOf(Storage.UploadPart part, ChecksumAlgorithm algorithm, BodyExpectation expected) =>
        algorithm switch
        {
            ChecksumAlgorithm.Crc32 => part.Crc32,
            ChecksumAlgorithm.Crc64Nvme => part.Crc64Nvme,
            _ => expected.Checksum?.Invoke()?.Value,
        };
}
