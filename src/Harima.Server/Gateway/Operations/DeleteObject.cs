using Harima.Sequences;

namespace Harima.Gateway.Operations;

sealed class DeleteObject(RemoveFile removeFile) : IS3Operation
{
    public S3Action Action => S3Action.DeleteObject;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var removal = await removeFile.HandleAsync(
            new RemoveFileRequest(
                request.Bucket,
                request.Key,
                request.VersionId,
                WriteCondition.ReadForRemoval(request)
            ),
            request.Principal,
            cancellationToken
        );
        if (removal.IsMarker)
            request.Response.Headers["x-amz-delete-marker"] = "true";
        if ((removal.Added ? removal.Version : request.VersionId) is { } version)
            request.Response.Headers["x-amz-version-id"] = version;
        request.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
