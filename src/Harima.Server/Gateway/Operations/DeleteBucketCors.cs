using Harima.BucketConfiguration;
using Harima.S3.Xml;
using Harima.Storage;

namespace Harima.Gateway.Operations;

sealed class DeleteBucketCors(ConfigureBucket configuration) : IS3Operation
{
    public S3Action Action => S3Action.DeleteBucketCors;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        await configuration.PutAsync<CorsConfiguration>(
            request.Bucket,
            BucketSetting.Cors,
            null,
            request.Principal,
            cancellationToken
        );
        request.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
