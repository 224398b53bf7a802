using Harima.Sequences;

namespace Harima.Gateway.Operations;

sealed class DeleteObjectTagging(TagFile tagFile) : IS3Operation
{
    public S3Action Action => S3Action.DeleteObjectTagging;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var file = await tagFile.HandleAsync(
            request.Bucket,
            request.Key,
            request.VersionId,
            [],
            request.Principal,
            cancellationToken
        );
        request.Response.SetVersion(file);
        request.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
