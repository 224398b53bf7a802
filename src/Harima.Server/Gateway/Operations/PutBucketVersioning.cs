using Harima.S3.Errors;
using Harima.S3.Xml;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Gateway.Operations;

sealed class PutBucketVersioning(KeepVersions keepVersions) : IS3Operation
{
    public S3Action Action => S3Action.PutBucketVersioning;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        await keepVersions.RequireAsync(request.Principal, request.Bucket, cancellationToken);
        var wanted = await S3Body.ReadDocumentAsync(
            request,
            VersioningConfiguration.ReadAsync,
            checksumIsOfBody: true,
            cancellationToken
        );
        if (wanted.MfaDelete == "Enabled" || request.Header("x-amz-mfa") is not null)
            throw S3Errors.NotImplemented.With("MFA delete is not offered here.");
        var versioning = wanted.Status switch
        {
            "Enabled" => Versioning.Enabled,
            "Suspended" => Versioning.Suspended,
            _ => throw S3Errors.IllegalVersioningConfigurationException.Exception(),
        };
        await keepVersions.HandleAsync(request.Bucket, versioning, request.Principal, cancellationToken);
    }
}
