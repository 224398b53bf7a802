using Harima.Sequences;

namespace Harima.Gateway.Operations;

sealed class HeadObject(FileQueries files) : IS3Operation
{
    public S3Action Action => S3Action.HeadObject;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var file = await files.GetAsync(
            request.Principal,
            request.Bucket,
            request.Key,
            request.VersionId,
            cancellationToken
        );
        ObjectRead.Prepare(request, file);
    }
}
