using Harima.BucketConfiguration;
using Harima.S3.Xml;
using Harima.Storage;

namespace Harima.Gateway.Operations;

sealed class PutPublicAccessBlock(ConfigureBucket configuration) : IS3Operation
{
    public S3Action Action => S3Action.PutPublicAccessBlock;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var document = await S3Body.ReadDocumentAsync(
            request,
            PublicAccessBlockConfiguration.ReadAsync,
            checksumIsOfBody: true,
            cancellationToken
        );
        await configuration.PutAsync(
            request.Bucket,
            BucketSetting.PublicAccess,
            document,
            request.Principal,
            cancellationToken
        );
    }
}
