using Harima.Access;
using Harima.BucketConfiguration;
using Harima.Sequences;

namespace Harima.Gateway.Operations;

sealed class GetObjectAcl(FileQueries files, ShareBucket share) : IS3Operation
{
    public S3Action Action => S3Action.GetObjectAcl;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var file = await files.GetAsync(
            request.Principal,
            request.Bucket,
            request.Key,
            request.VersionId,
            cancellationToken
        );
        var everyone = await share.IsPublicObjectAsync(request.Bucket, request.Key, cancellationToken);
        var owner = await share.OwnerOfAsync(
            request.Bucket,
            request.Key,
            file.Owner,
            request.Principal,
            cancellationToken
        );
        var access = new BucketAccess(owner, new Dictionary<string, Right>(), everyone ? Right.Read : Right.None);
        await request.Response.WriteAsync(CannedAcl.Describe(access), cancellationToken);
    }
}
