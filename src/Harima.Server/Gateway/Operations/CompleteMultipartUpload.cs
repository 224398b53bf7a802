using System.Globalization;
using Harima.S3.Checksums;
using Harima.S3.Errors;
using Harima.S3.Xml;
using Harima.Sequences;

namespace Harima.Gateway.Operations;

sealed class CompleteMultipartUpload(MultipartUploads uploads) : IS3Operation
{
    public S3Action Action => S3Action.CompleteMultipartUpload;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var uploadId = request.Query("uploadId")!;
        // Asked before the body is read: that read is when the server says "100 Continue".
        var chosen = await uploads.AlgorithmAsync(
            request.Principal,
            request.Bucket,
            request.Key,
            uploadId,
            cancellationToken
        );
        var document = await S3Body.ReadDocumentAsync(
            request,
            S3.Xml.CompleteMultipartUpload.ReadAsync,
            checksumIsOfBody: false,
            cancellationToken
        );
        var hasAlgorithm = ChecksumAlgorithms.TryParse(chosen, out var algorithm);
        var file = await uploads.CompleteAsync(
            new CompleteUploadRequest(
                request.Bucket,
                request.Key,
                uploadId,
                [
                    .. document.Parts.Select(part => new Storage.CompletedPart(
                        part.PartNumber,
                        part.ETag,
                        hasAlgorithm ? ValueOf(part, algorithm) : null
                    )),
                ],
                ObjectChecksum(request),
                WriteCondition.Read(request),
                ReadSize(request)
            ),
            request.Principal,
            cancellationToken
        );
        request.Response.SetNewVersion(file);
        var (checksum, type) = file.ReadChecksums()[0];
        var http = request.Http.Request;
        var result = new CompleteMultipartUploadResult(
            $"{http.Scheme}://{http.Host}{request.Target.RawPath}",
            request.Bucket,
            request.Key,
            file.ETag
        )
        {
            Checksums = [checksum],
            ChecksumType = type,
        };
        await request.Response.WriteAsync(result, cancellationToken);
    }

    static string? ValueOf(CompletedPart part, ChecksumAlgorithm algorithm)
    {
        foreach (var checksum in part.Checksums)
        {
            if (checksum.Algorithm == algorithm)
                return checksum.Value;
        }
        return null;
    }

    // Here the header speaks of the object that comes about, not of this request's body.
    static Checksum? ObjectChecksum(S3Request request)
    {
        foreach (var algorithm in ChecksumAlgorithms.All)
        {
            if (request.Header(algorithm.Header()) is { } value)
                return new Checksum(algorithm, value);
        }
        return null;
    }

    static long? ReadSize(S3Request request)
    {
        if (request.Header("x-amz-mp-object-size") is not { } text)
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            ? size
            : throw S3Errors.InvalidRequest.With("Value for x-amz-mp-object-size header is invalid.");
    }
}
