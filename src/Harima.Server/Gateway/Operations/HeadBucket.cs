using Harima.Hosting;
using Harima.Sequences;
using Microsoft.Extensions.Options;

namespace Harima.Gateway.Operations;

sealed class HeadBucket(FilePlaces places, IOptions<ServerOptions> options) : IS3Operation
{
    public S3Action Action => S3Action.HeadBucket;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        await places.GetBucketAsync(request.Principal, request.Bucket, cancellationToken);
        request.Response.Headers["x-amz-bucket-region"] = options.Value.Region;
        request.Response.ContentType = "application/xml";
    }
}
