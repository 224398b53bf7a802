using Harima.BucketConfiguration;
using Harima.S3.Xml;

namespace Harima.Gateway.Operations;

sealed class GetBucketPolicyStatus(ConfigureBucket configuration) : IS3Operation
{
    public S3Action Action => S3Action.GetBucketPolicyStatus;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var isPublic = await configuration.IsPublicAsync(request.Bucket, request.Principal, cancellationToken);
        await request.Response.WriteAsync(new PolicyStatus(isPublic), cancellationToken);
    }
}
