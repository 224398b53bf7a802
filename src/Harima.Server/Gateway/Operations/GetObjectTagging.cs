using Harima.S3.Xml;
using Harima.Sequences;

namespace Harima.Gateway.Operations;

/// <summary>Objects carry no tags. aws asks for them before it copies a large object, so "none" must be an answer.</summary>
sealed class GetObjectTagging(FileQueries files) : IS3Operation
{
    public S3Action Action => S3Action.GetObjectTagging;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        await files.GetAsync(request.Principal, request.Bucket, request.Key, cancellationToken);
        await request.Response.WriteAsync(new Tagging([]), cancellationToken);
    }
}
