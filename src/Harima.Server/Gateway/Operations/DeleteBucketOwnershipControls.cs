using Harima.BucketConfiguration;

namespace Harima.Gateway.Operations;

sealed class DeleteBucketOwnershipControls(ConfigureBucket configuration) : IS3Operation
{
    public S3Action Action => S3Action.DeleteBucketOwnershipControls;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        await configuration.PutOwnershipAsync(request.Bucket, null, request.Principal, cancellationToken);
        request.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
