using Harima.BucketConfiguration;
using Harima.S3.Xml;

namespace Harima.Gateway.Operations;

sealed class PutBucketOwnershipControls(ConfigureBucket configuration) : IS3Operation
{
    public S3Action Action => S3Action.PutBucketOwnershipControls;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var ownership = await S3Body.ReadDocumentAsync(
            request,
            OwnershipControls.ReadAsync,
            checksumIsOfBody: true,
            cancellationToken
        );
        await configuration.PutOwnershipAsync(request.Bucket, ownership, request.Principal, cancellationToken);
    }
}
