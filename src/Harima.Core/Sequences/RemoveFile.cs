using Harima.Faults;
using Harima.Identity;
using Harima.Storage;

namespace Harima.Sequences;

/// <param name="Version">Null for the key: in a bucket that keeps versions this only hides it behind a delete marker.</param>
public sealed record RemoveFileRequest(
    string Bucket,
    string Key,
    string? Version = null,
    FileCondition? Condition = null
);

/// <summary>Removes a file of an open sequence or a workspace. Removing what is not there is no fault, as in S3.</summary>
public sealed class RemoveFile(FilePlaces places, FileStore files, FileChange change)
{
    public Task<Removal> HandleAsync(
        string bucket,
        string key,
        FileCondition? condition,
        Principal principal,
        CancellationToken cancellationToken
    ) => HandleAsync(new RemoveFileRequest(bucket, key, null, condition), principal, cancellationToken);

    /// <exception cref="FaultException">NotFound for the bucket; Forbidden; Closed; PreconditionFailed.</exception>
    public async Task<Removal> HandleAsync(
        RemoveFileRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var place = await places.ForWritingAsync(
            principal,
            request.Bucket,
            request.Key,
            cancellationToken,
            request.Version is null ? "s3:DeleteObject" : "s3:DeleteObjectVersion",
            request.Version
        );
        return await files.RemoveAsync(
            place.Bucket,
            request.Key,
            request.Version,
            (transaction, target) =>
            {
                FileChange.RequireOpen(transaction, place);
                return request.Condition?.RequireForRemoval(target) ?? true;
            },
            (transaction, removal) => change.Removed(transaction, place, removal, principal),
            principal.Actor,
            cancellationToken
        );
    }
}
