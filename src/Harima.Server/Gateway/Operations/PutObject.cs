using Harima.BucketConfiguration;
using Harima.Sequences;

namespace Harima.Gateway.Operations;

sealed class PutObject(AddFile addFile, ShareBucket share) : IS3Operation
{
    public S3Action Action => S3Action.PutObject;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var headers = ObjectHeaders.Read(request);
        await CannedAcl.RequireForObjectAsync(request, share, cancellationToken);
        await using var body = S3Body.Open(request);
        var file = await addFile.HandleAsync(
            new AddFileRequest(
                request.Bucket,
                request.Key,
                headers.ContentType,
                headers.Others,
                body.Expectation,
                WriteCondition.Read(request),
                ObjectTags.Read(request),
                CannedAcl.IsForBucketOwner(request.Header)
            ),
            body.Stream,
            request.Principal,
            cancellationToken
        );
        request.Response.SetETag(file.ETag);
        request.Response.SetChecksums(file);
        request.Response.SetNewVersion(file);
    }
}
