using Harima.BucketConfiguration;
using Harima.S3.Errors;
using Harima.S3.Xml;
using Harima.Storage;

namespace Harima.Gateway.Operations;

sealed class GetBucketTagging(ConfigureBucket configuration) : IS3Operation
{
    public S3Action Action => S3Action.GetBucketTagging;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var found = await configuration.FindAsync<Tagging>(
            request.Bucket,
            BucketSetting.Tags,
            request.Principal,
            cancellationToken
        );
        await request.Response.WriteAsync(
            found ?? throw new S3Error("NoSuchTagSet", 404, "The TagSet does not exist").Exception(),
            cancellationToken
        );
    }
}
