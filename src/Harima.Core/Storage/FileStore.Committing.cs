using System.Data.Common;
using Harima.Faults;

namespace Harima.Storage;

public sealed partial class FileStore
{
    /// <summary>
    /// Commits a change that refers to staged bytes. If the database fails in the middle of the commit nobody knows whether it
    /// happened; then the bytes stay, or a row could be without them. If it did not, they are removed as orphans later.
    /// </summary>
    async Task<T> CommitAsync<T>(
        Bucket bucket,
        string key,
        StagedBlob staged,
        Func<DbTransaction, T> change,
        CancellationToken cancellationToken
    )
    {
        var kept = staged.Kept;
        staged.Kept = true;
        try
        {
            return await writer.WriteAsync(bucket.Id, key, change, cancellationToken);
        }
        catch (Exception refusal)
            when (refusal is FaultException or OperationCanceledException or PartArrivingException)
        {
            staged.Kept = kept;
            throw;
        }
    }
}
