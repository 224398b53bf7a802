using Harima.BucketConfiguration;
using Harima.S3.Xml;
using Harima.Storage;

namespace Harima.Gateway.Operations;

sealed class PutBucketTagging(ConfigureBucket configuration) : IS3Operation
{
    public S3Action Action => S3Action.PutBucketTagging;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var document = await S3Body.ReadDocumentAsync(
            request,
            BucketTags.ReadAsync,
            checksumIsOfBody: true,
            cancellationToken
        );
        await configuration.PutAsync(
            request.Bucket,
            BucketSetting.Tags,
            document,
            request.Principal,
            cancellationToken
        );
        request.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
