using Harima.BucketConfiguration;
using Harima.S3.Xml;
using Harima.Storage;

namespace Harima.Gateway.Operations;

sealed class PutBucketCors(ConfigureBucket configuration) : IS3Operation
{
    public S3Action Action => S3Action.PutBucketCors;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var document = await S3Body.ReadDocumentAsync(
            request,
            CorsConfiguration.ReadAsync,
            checksumIsOfBody: true,
            cancellationToken
        );
        await configuration.PutAsync(
            request.Bucket,
            BucketSetting.Cors,
            document,
            request.Principal,
            cancellationToken
        );
    }
}
