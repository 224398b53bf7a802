using Harima.BucketConfiguration;
using Harima.Identity;
using Harima.S3.Errors;
using Harima.S3.Xml;

namespace Harima.Gateway.Operations;

sealed class PutBucketAcl(ShareBucket share, Users users) : IS3Operation
{
    public S3Action Action => S3Action.PutBucketAcl;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        if (CannedAcl.ReadEveryone(request.Header) is var (everyone, accounts))
        {
            await share.SetEveryoneAsync(request.Bucket, everyone, accounts, request.Principal, cancellationToken);
            return;
        }
        var grants = CannedAcl.ReadGrantHeaders(request.Header);
        if (grants.Count == 0)
        {
            var list = await S3Body.ReadDocumentAsync(
                request,
                AccessControlPolicy.ReadAsync,
                checksumIsOfBody: true,
                cancellationToken
            );
            grants = list.Grants;
        }
        var owner = (await share.GetAsync(request.Bucket, request.Principal, cancellationToken)).Owner;
        var (shares, all, logged) = CannedAcl.ToRights(await FindByEmailAsync(grants, cancellationToken), owner);
        await share.SetAsync(request.Bucket, shares, all, logged, request.Principal, cancellationToken);
    }

    async Task<IReadOnlyList<AclGrant>> FindByEmailAsync(
        IReadOnlyList<AclGrant> grants,
        CancellationToken cancellationToken
    )
    {
        var found = new List<AclGrant>(grants.Count);
        foreach (var grant in grants)
        {
            if (grant.Email is not { } email)
            {
                found.Add(grant);
                continue;
            }
            var user =
                await users.FindByIdOrEmailAsync(email, cancellationToken)
                ?? throw new S3Error(
                    "UnresolvableGrantByEmailAddress",
                    400,
                    "The email address you provided does not match any account on record."
                ).Exception();
            found.Add(grant with { Grantee = user.Id, Email = null });
        }
        return found;
    }
}
