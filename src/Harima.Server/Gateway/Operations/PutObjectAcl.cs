using Harima.Access;
using Harima.BucketConfiguration;
using Harima.S3.Xml;
using Harima.Sequences;

namespace Harima.Gateway.Operations;

sealed class PutObjectAcl(FileQueries files, ShareBucket share) : IS3Operation
{
    public S3Action Action => S3Action.PutObjectAcl;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        await files.RequireWriteAsync(
            request.Principal,
            request.Bucket,
            request.Key,
            request.VersionId,
            cancellationToken
        );
        if (CannedAcl.ReadEveryone(request.Header) is null && CannedAcl.ReadGrantHeaders(request.Header).Count == 0)
        {
            var list = await S3Body.ReadDocumentAsync(
                request,
                AccessControlPolicy.ReadAsync,
                checksumIsOfBody: true,
                cancellationToken
            );
            // A list that says what is so, as tools write it back, changes nothing.
            var (shares, everyone, accounts) = CannedAcl.ToRights(list.Grants, request.Principal.Actor);
            var isPublic = everyone > Right.None || accounts > Right.None;
            await share.RequireObjectAclAsync(
                request.Bucket,
                request.Key,
                isPublic,
                request.Principal,
                cancellationToken
            );
            if (shares.Count > 0)
                throw CannedAcl.NotOffered();
            return;
        }
        await CannedAcl.RequireForObjectAsync(request, share, cancellationToken);
    }
}
