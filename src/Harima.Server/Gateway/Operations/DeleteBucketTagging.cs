using Harima.BucketConfiguration;
using Harima.S3.Xml;
using Harima.Storage;

namespace Harima.Gateway.Operations;

sealed class DeleteBucketTagging(ConfigureBucket configuration) : IS3Operation
{
    public S3Action Action => S3Action.DeleteBucketTagging;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        await configuration.PutAsync<Tagging>(
            request.Bucket,
            BucketSetting.Tags,
            null,
            request.Principal,
            cancellationToken
        );
        request.Response.StatusCode = StatusCodes.Status204NoContent;
    }
}
