using Harima.Sequences;

namespace Harima.Gateway.Operations;

sealed class AbortMultipartUpload(MultipartUploads uploads) : IS3Operation
{
    public S3Action Action => S3Action.AbortMultipartUpload;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        await uploads.AbortAsync(
            request.Principal,
            request.Bucket,
            request.Key,
            request.Query("uploadId")!,
            cancellationToken
        );
        request.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
