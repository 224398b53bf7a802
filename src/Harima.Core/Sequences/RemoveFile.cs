using Harima.Faults;
using Harima.Identity;
using Harima.Storage;

namespace Harima.Sequences;

/// <summary>Removes a file of an open sequence or a workspace. Removing what is not there is no fault, as in S3.</summary>
public sealed class RemoveFile(FilePlaces places, FileStore files, FileChange change)
{
    /// <exception cref="FaultException">NotFound for the bucket; Forbidden; Closed; PreconditionFailed.</exception>
    public async Task<bool> HandleAsync(
        string bucket,
        string key,
        FileCondition? condition,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var place = await places.ForWritingAsync(principal, bucket, key, cancellationToken);
        return await files.DeleteAsync(
            place.Bucket,
            key,
            (transaction, file) =>
            {
                if (condition is not null && file is not null)
                    condition.Require(file, key);
                return change.Delete(transaction, place, file, principal);
            },
            cancellationToken
        );
    }
}
