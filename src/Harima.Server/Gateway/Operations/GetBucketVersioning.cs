using Harima.S3.Xml;
using Harima.Sequences;

namespace Harima.Gateway.Operations;

/// <summary>Buckets are not versioned; S3 says that by leaving the status out.</summary>
sealed class GetBucketVersioning(FilePlaces places) : IS3Operation
{
    public S3Action Action => S3Action.GetBucketVersioning;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        await places.GetBucketAsync(request.Principal, request.Bucket, cancellationToken);
        await request.Response.WriteAsync(new VersioningConfiguration(null), cancellationToken);
    }
}
