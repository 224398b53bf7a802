using Harima.S3.Xml;
using Harima.Sequences;

namespace Harima.Gateway.Operations;

sealed class GetObjectTagging(FileQueries files) : IS3Operation
{
    public S3Action Action => S3Action.GetObjectTagging;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var file = await files.GetAsync(
            request.Principal,
            request.Bucket,
            request.Key,
            request.VersionId,
            cancellationToken
        );
        request.Response.SetVersion(file);
        var tags = file.ReadTags()
            .OrderBy(tag => tag.Key, StringComparer.Ordinal)
            .Select(tag => KeyValuePair.Create(tag.Key, tag.Value));
        await request.Response.WriteAsync(new Tagging([.. tags]), cancellationToken);
    }
}
