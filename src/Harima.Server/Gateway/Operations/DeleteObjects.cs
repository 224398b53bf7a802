using Harima.Faults;
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
        var failures = new DeleteFailure?[delete.Objects.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, delete.Objects.Count),
            new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
            async (i, cancellation) => failures[i] = await TryDeleteAsync(request, delete.Objects[i], cancellation)
        );
        var result = new DeleteResult(
            delete.Quiet ? [] : [.. delete.Objects.Where((_, i) => failures[i] is null)],
            [.. failures.OfType<DeleteFailure>()]
        );
        await request.Response.WriteListingAsync(result, cancellationToken);
    }

    async Task<DeleteFailure?> TryDeleteAsync(
        S3Request request,
        ObjectIdentifier target,
        CancellationToken cancellationToken
    )
    {
        try
        {
            if (target.VersionId is not (null or "null"))
                throw new S3Error("NoSuchVersion", 404, "The specified version does not exist.").Exception();
            await removeFile.HandleAsync(
                request.Bucket,
                target.Key,
                target.ETag is { } etag ? new FileCondition(etag.Trim('"')) : null,
                request.Principal,
                cancellationToken
            );
            return null;
        }
        catch (FaultException fault)
        {
            return Failure(target, FaultToS3Error.Translate(fault, request.Route with { Key = target.Key }));
        }
        catch (S3Exception refusal)
        {
            return Failure(target, refusal);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            // One key that cannot be deleted must not keep the answer for the others back.
            LogNotDeleted(logger, failure, request.Bucket, target.Key);
            return Failure(target, S3Errors.InternalError.Exception());
        }
    }

    static DeleteFailure Failure(ObjectIdentifier target, S3Exception refusal) =>
        new(target.Key, refusal.Code, refusal.Message, target.VersionId);

    [LoggerMessage(3002, LogLevel.Error, "{Bucket}/{Key} could not be deleted")]
    static partial void LogNotDeleted(ILogger logger, Exception exception, string bucket, string key);
}
