using Harima.Hosting;
using Harima.S3.Xml;
using Harima.Sequences;
using Microsoft.Extensions.Options;

namespace Harima.Gateway.Operations;

sealed class GetBucketLocation(FilePlaces places, IOptions<ServerOptions> options) : IS3Operation
{
    public S3Action Action => S3Action.GetBucketLocation;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        await places.GetBucketAsync(request.Principal, request.Bucket, cancellationToken);
        // S3's oldest region has no name here.
        var region = options.Value.Region == "us-east-1" ? null : options.Value.Region;
        await request.Response.WriteAsync(new LocationConstraint(region), cancellationToken);
    }
}
