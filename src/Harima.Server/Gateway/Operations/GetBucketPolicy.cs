using System.Text;
using Harima.BucketConfiguration;
using Harima.S3.Errors;

namespace Harima.Gateway.Operations;

sealed class GetBucketPolicy(ConfigureBucket configuration) : IS3Operation
{
    public S3Action Action => S3Action.GetBucketPolicy;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var policy = await configuration.FindPolicyAsync(request.Bucket, request.Principal, cancellationToken);
        if (policy is null)
            throw new S3Error("NoSuchBucketPolicy", 404, "The bucket policy does not exist").Exception();
        var bytes = Encoding.UTF8.GetBytes(policy);
        request.Response.ContentType = "application/json";
        request.Response.ContentLength = bytes.Length;
        await request.Response.Body.WriteAsync(bytes, cancellationToken);
    }
}
