using Harima.BucketConfiguration;
using Harima.S3.Xml;
using Harima.Storage;

namespace Harima.Gateway.Operations;

sealed class DeletePublicAccessBlock(ConfigureBucket configuration) : IS3Operation
{
    public S3Action Action => S3Action.DeletePublicAccessBlock;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        await configuration.PutAsync<PublicAccessBlockConfiguration>(
            request.Bucket,
            BucketSetting.PublicAccess,
            null,
            request.Principal,
            cancellationToken
        );
        request.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
