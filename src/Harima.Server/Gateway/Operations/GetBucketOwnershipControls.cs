using Harima.BucketConfiguration;
using Harima.S3.Errors;
using Harima.S3.Xml;
using Harima.Storage;

namespace Harima.Gateway.Operations;

sealed class GetBucketOwnershipControls(ConfigureBucket configuration) : IS3Operation
{
    public S3Action Action => S3Action.GetBucketOwnershipControls;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var found = await configuration.FindAsync<OwnershipControls>(
            request.Bucket,
            BucketSetting.Ownership,
            request.Principal,
            cancellationToken
        );
        await request.Response.WriteAsync(
            found
                ?? throw new S3Error(
                    "OwnershipControlsNotFoundError",
                    404,
                    "The bucket ownership controls were not found"
                ).Exception(),
            cancellationToken
        );
    }
}
