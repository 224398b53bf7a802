using Harima.Access;
using Harima.BucketConfiguration;
using Harima.Faults;
using Harima.Hosting;
using Harima.S3.Errors;
using Harima.S3.Xml;
using Harima.Sequences;
using Harima.Workspaces;
using Microsoft.Extensions.Options;

namespace Harima.Gateway.Operations;

sealed class CreateBucket(
    CreateWorkspace create,
    ShareWorkspace share,
    ConfigureBucket configuration,
    FilePlaces places,
    IOptions<ServerOptions> options
) : IS3Operation
{
    public S3Action Action => S3Action.CreateBucket;

    const string OldestRegion = "us-east-1";

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        var wanted = await S3Body.ReadDocumentAsync(
            request,
            CreateBucketConfiguration.ReadAsync,
            checksumIsOfBody: true,
            cancellationToken
        );
        RequireOffered(request, wanted);
        var (everyone, accounts) = CannedAcl.ReadEveryone(request.Header) ?? (Right.None, Right.None);
        var open = everyone > accounts ? everyone : accounts;
        if (CannedAcl.ReadGrantHeaders(request.Header).Count > 0)
            throw CannedAcl.NotOffered();
        share.RequireOffered(open);
        var ownership = ReadOwnership(request, open);
        try
        {
            await create.HandleAsync(
                new CreateWorkspaceRequest(request.Bucket, ""),
                request.Principal,
                cancellationToken
            );
        }
        catch (FaultException fault) when (fault.Reason == "bucket-exists")
        {
            if (!await IsMineAsync(request, cancellationToken))
                throw;
            // In S3's oldest region making one's bucket again changes nothing; elsewhere it is refused.
            if (options.Value.Region != OldestRegion)
                throw S3Errors.BucketAlreadyOwnedByYou.Exception();
            request.Response.Headers.Location = "/" + request.Bucket;
            return;
        }
        if (ownership is not null)
            await configuration.PutOwnershipAsync(request.Bucket, ownership, request.Principal, cancellationToken);
        if (open > Right.None)
            await share.ShareWithEveryoneAsync(
                request.Bucket,
                everyone,
                accounts,
                request.Principal,
                cancellationToken
            );
        request.Response.Headers.Location = "/" + request.Bucket;
    }

    void RequireOffered(S3Request request, CreateBucketConfiguration wanted)
    {
        // Names are kept in lower case, and read in any; S3 makes none in upper case.
        if (request.Bucket.Any(char.IsAsciiLetterUpper))
            throw S3Errors.InvalidBucketName.Exception();
        if (
            string.Equals(
                request.Header("x-amz-bucket-object-lock-enabled"),
                "true",
                StringComparison.OrdinalIgnoreCase
            )
        )
            throw S3Errors.NotImplemented.With("Object lock is not offered here.");
        var region = wanted.LocationConstraint;
        if (string.IsNullOrEmpty(region) || region == options.Value.Region)
            return;
        throw new S3Error(
            "InvalidLocationConstraint",
            400,
            $"The specified location constraint is not valid: buckets are made in {options.Value.Region}."
        ).Exception();
    }

    static OwnershipControls? ReadOwnership(S3Request request, Right everyone)
    {
        if (request.Header("x-amz-object-ownership") is not { Length: > 0 } ownership)
            return null;
        if (!OwnershipControls.Known.Contains(ownership))
            throw S3Errors.InvalidArgument.With("Invalid x-amz-object-ownership header");
        if (ownership == "BucketOwnerEnforced" && everyone > Right.None)
            throw new S3Error(
                "InvalidBucketAclWithObjectOwnership",
                400,
                "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
            ).Exception();
        return new OwnershipControls(ownership);
    }

    async Task<bool> IsMineAsync(S3Request request, CancellationToken cancellationToken)
    {
        try
        {
            var view = await places.GetBucketAsync(request.Principal, request.Bucket, cancellationToken);
            return view.Workspace?.Owner == request.Principal.UserId;
        }
        catch (FaultException fault) when (fault.Code == FaultCode.NotFound)
        {
            return false;
        }
    }
}
