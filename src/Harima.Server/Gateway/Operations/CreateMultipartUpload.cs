using Harima.BucketConfiguration;
using Harima.S3.Checksums;
using Harima.S3.Errors;
using Harima.S3.Xml;
using Harima.Sequences;

namespace Harima.Gateway.Operations;

sealed class CreateMultipartUpload(MultipartUploads uploads, ShareBucket share) : IS3Operation
{
    public S3Action Action => S3Action.CreateMultipartUpload;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var headers = ObjectHeaders.Read(request);
        await CannedAcl.RequireForObjectAsync(request, share, cancellationToken);
        var (algorithm, type) = ReadChecksum(request);
        var upload = await uploads.BeginAsync(
            new BeginUploadRequest(
                request.Bucket,
                request.Key,
                headers.ContentType,
                headers.Others,
                algorithm,
                type,
                ObjectTags.Read(request),
                CannedAcl.IsForBucketOwner(request.Header)
            ),
            request.Principal,
            cancellationToken
        );
        if (algorithm is not null)
        {
            request.Response.Headers["x-amz-checksum-algorithm"] = algorithm.Value.Name();
            request.Response.Headers["x-amz-checksum-type"] = type!.Value.Name();
        }
        await request.Response.WriteAsync(
            new InitiateMultipartUploadResult(request.Bucket, request.Key, upload.Id),
            cancellationToken
        );
    }

    static (ChecksumAlgorithm? Algorithm, ChecksumType? Type) ReadChecksum(S3Request request)
    {
        var name = request.Header("x-amz-checksum-algorithm");
        var typeName = request.Header("x-amz-checksum-type");
        if (name is null)
        {
            return typeName is null
                ? (null, null)
                : throw S3Errors.InvalidRequest.With(
                    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
                );
        }
        if (!ChecksumAlgorithms.TryParse(name, out var algorithm))
            throw S3Errors.InvalidRequest.With("Checksum algorithm provided is unsupported.");
        ChecksumType type = typeName switch
        {
            null => algorithm == ChecksumAlgorithm.Crc64Nvme ? ChecksumType.FullObject : ChecksumType.Composite,
            "FULL_OBJECT" => ChecksumType.FullObject,
            "COMPOSITE" => ChecksumType.Composite,
            _ => throw S3Errors.InvalidRequest.With("Value for x-amz-checksum-type header is invalid."),
        };
        // SHA cannot be combined, and S3 offers CRC64NVME for the whole object only.
        var offered =
            type == ChecksumType.FullObject ? algorithm.IsCombinable() : algorithm != ChecksumAlgorithm.Crc64Nvme;
        return offered
            ? (algorithm, type)
            : throw S3Errors.InvalidRequest.With(
                $"The {type.Name()} checksum type cannot be used with the {algorithm.Name()} checksum algorithm."
            );
    }
}
