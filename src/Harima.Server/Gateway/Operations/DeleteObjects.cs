using Harima.Faults;
using Harima.Identity;
using Harima.S3.Errors;
using Harima.S3.Xml;
using Harima.Sequences;

namespace Harima.Gateway.Operations;

sealed partial class DeleteObjects(FilePlaces places, RemoveFile removeFile, ILogger<DeleteObjects> logger)
    : IS3Operation
{
    // Changes that are under way together share a commit.
    const int AtOnce = 16;

    public S3Action Action => S3Action.DeleteObjects;

    public async Task HandleAsync(S3Request request, CancellationToken cancellationToken)
    {
        await places.GetBucketAsync(request.Principal, request.Bucket, cancellationToken);
        var delete = await S3Body.ReadDocumentAsync(
            request,
            Delete.ReadAsync,
            checksumIsOfBody: true,
            cancellationToken
        );
        var outcomes = new (DeletedObject? Deleted, DeleteFailure? Failure)[delete.Objects.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, delete.Objects.Count),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (i, cancellation) => outcomes[i] = await TryDeleteAsync(request, delete.Objects[i], cancellation)
        );
        var result = new DeleteResult(
            delete.Quiet ? [] : [.. outcomes.Select(outcome => outcome.Deleted).OfType<DeletedObject>()],
            [.. outcomes.Select(outcome => outcome.Failure).OfType<DeleteFailure>()]
        );
        await request.Response.WriteListingAsync(result, cancellationToken);
    }

    async Task<(DeletedObject?, DeleteFailure?)> TryDeleteAsync(
        S3Request request,
        ObjectIdentifier target,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var removal = await removeFile.HandleAsync(
                new RemoveFileRequest(
                    request.Bucket,
                    target.Key,
                    target.VersionId,
                    WriteCondition.ForRemoval(target.ETag, target.LastModifiedTime, target.Size)
                ),
                Deleting(request.Principal, target.VersionId),
                cancellationToken
            );
            var deleted = new DeletedObject(target.Key, target.VersionId)
            {
                DeleteMarkerVersionId = removal.IsMarker ? removal.Version : null,
            };
            return (deleted, null);
        }
        catch (FaultException fault)
        {
            return (
                null,
                Failure(
                    target,
                    FaultToS3Error.Translate(fault, request.Route with { Key = target.Key }, request.Principal)
                )
            );
        }
        catch (S3Exception refusal)
        {
            return (null, Failure(target, refusal));
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // One key that cannot be deleted must not keep the answer for the others back.
            LogNotDeleted(logger, failure, request.Bucket, target.Key);
            return (null, Failure(target, S3Errors.InternalError.Exception()));
        }
    }

    // A policy is asked about each version as if it were deleted by itself.
    static Principal Deleting(Principal principal, string? version) =>
        version is null || principal.Request is not { } request
            ? principal
            : principal with
            {
                Request = request with
                {
                    Actions = ["s3:DeleteObjectVersion"],
                    AlsoDenied = ["s3:DeleteObject"],
                    Values = key => key == "s3:versionid" ? [version] : request.Values(key),
                },
            };

    static DeleteFailure Failure(ObjectIdentifier target, S3Exception refusal) =>
        new(target.Key, refusal.Code, refusal.Message, target.VersionId);

    [LoggerMessage(3002, LogLevel.Error, "{Bucket}/{Key} could not be deleted")]
    static partial void LogNotDeleted(ILogger logger, Exception exception, string bucket, string key);
}
