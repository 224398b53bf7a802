using Harima.S3.Xml;
using Harima.Sequences;

namespace Harima.Gateway.Operations;

sealed class PutObjectTagging(FileQueries files, TagFile tagFile) : IS3Operation
{
    public S3Action Action => S3Action.PutObjectTagging;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        // Asked before the body is read: that read is when the server says "100 Continue".
        await files.GetAsync(request.Principal, request.Bucket, request.Key, request.VersionId, cancellationToken);
        var tags = await S3Body.ReadDocumentAsync(
            request,
            Tagging.ReadAsync,
            checksumIsOfBody: true,
            cancellationToken
        );
        var file = await tagFile.HandleAsync(
            request.Bucket,
            request.Key,
            request.VersionId,
            ObjectTags.Of(tags),
            request.Principal,
            cancellationToken
        );
        request.Response.SetVersion(file);
    }
}
