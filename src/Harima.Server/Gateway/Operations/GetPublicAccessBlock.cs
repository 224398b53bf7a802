using Harima.BucketConfiguration;
using Harima.S3.Errors;
using Harima.S3.Xml;
using Harima.Storage;

namespace Harima.Gateway.Operations;

sealed class GetPublicAccessBlock(ConfigureBucket configuration) : IS3Operation
{
    public S3Action Action => S3Action.GetPublicAccessBlock;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var found = await configuration.FindAsync<PublicAccessBlockConfiguration>(
            request.Bucket,
            BucketSetting.PublicAccess,
            request.Principal,
            cancellationToken
        );
        await request.Response.WriteAsync(
            found
                ?? throw new S3Error(
                    "NoSuchPublicAccessBlockConfiguration",
                    404,
                    "The public access block configuration was not found"
                ).Exception(),
            cancellationToken
        );
    }
}
