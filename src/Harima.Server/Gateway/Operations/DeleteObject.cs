using Harima.Sequences;

namespace Harima.Gateway.Operations;

sealed class DeleteObject(RemoveFile removeFile) : IS3Operation
{
    public S3Action Action => S3Action.DeleteObject;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        await removeFile.HandleAsync(
            request.Bucket,
            request.Key,
            WriteCondition.Read(request),
            request.Principal,
            cancellationToken
        );
        request.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
