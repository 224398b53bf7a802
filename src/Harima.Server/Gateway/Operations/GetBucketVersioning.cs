using Harima.S3.Xml;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Gateway.Operations;

sealed class GetBucketVersioning(FilePlaces places) : IS3Operation
{
    public S3Action Action => S3Action.GetBucketVersioning;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var view = await places.GetBucketAsync(request.Principal, request.Bucket, cancellationToken);
        // Where it was never asked for, S3 leaves the status out.
        var status = view.Bucket.Versioning == Versioning.None ? null : view.Bucket.Versioning.ToString();
        await request.Response.WriteAsync(new VersioningConfiguration(status), cancellationToken);
    }
}
