using Harima.BucketConfiguration;

namespace Harima.Gateway.Operations;

sealed class DeleteBucketPolicy(ConfigureBucket configuration) : IS3Operation
{
    public S3Action Action => S3Action.DeleteBucketPolicy;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        await configuration.PutPolicyAsync(request.Bucket, null, null, request.Principal, cancellationToken);
        request.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
