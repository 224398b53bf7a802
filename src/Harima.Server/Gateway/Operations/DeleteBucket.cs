using Harima.S3.Errors;
using Harima.Sequences;
using Harima.Workspaces;

namespace Harima.Gateway.Operations;

sealed class DeleteBucket(FilePlaces places, DeleteWorkspace delete) : IS3Operation
{
    public S3Action Action => S3Action.DeleteBucket;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var view = await places.GetBucketAsync(request.Principal, request.Bucket, cancellationToken);
        if (view.Workspace is not { } workspace)
            throw S3Errors.AccessDenied.With(
                "A proposal's bucket stays as long as the proposal: only workspaces can be deleted over S3."
            );
        await delete.HandleAsync(workspace.Id, giveUpUploads: true, request.Principal, cancellationToken);
        request.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
