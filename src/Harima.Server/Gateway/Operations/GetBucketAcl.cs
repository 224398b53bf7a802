using Harima.BucketConfiguration;

namespace Harima.Gateway.Operations;

sealed class GetBucketAcl(ShareBucket share) : IS3Operation
{
    public S3Action Action => S3Action.GetBucketAcl;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var access = await share.GetAsync(request.Bucket, request.Principal, cancellationToken);
        await request.Response.WriteAsync(CannedAcl.Describe(access), cancellationToken);
    }
}
