using Harima.BucketConfiguration;
using Harima.S3.Errors;
using Harima.S3.Xml;
using Harima.Storage;

namespace Harima.Gateway.Operations;

sealed class GetBucketCors(ConfigureBucket configuration) : IS3Operation
{
    public S3Action Action => S3Action.GetBucketCors;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var found = await configuration.FindAsync<CorsConfiguration>(
            request.Bucket,
            BucketSetting.Cors,
            request.Principal,
            cancellationToken
        );
        await request.Response.WriteAsync(
            found
                ?? throw new S3Error(
                    "NoSuchCORSConfiguration",
                    404,
                    "The CORS configuration does not exist"
                ).Exception(),
            cancellationToken
        );
    }
}
