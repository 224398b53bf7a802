using Harima.Faults;
using Harima.Identity;
using Harima.Storage;

namespace Harima.Sequences;

/// <summary>Removes every file in a folder of an open sequence or a workspace, and in the folders below it.</summary>
public sealed class RemoveFolder(FileQueries files, RemoveFile remove)
{
    const int PageFiles = 1000;

    // Changes that are under way together share a commit.
    const int AtOnce = 16;

    /// <param name="prefix">The folder's key, which ends with a slash.</param>
    /// <returns>How many files were removed. After a refusal those before it are gone: one may ask again.</returns>
    /// <exception cref="FaultException">As for <see cref="RemoveFile"/>; NotFound where nothing lies in the folder.</exception>
    public async Task<int> HandleAsync(
        string bucket,
        string prefix,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        if (!prefix.EndsWith('/'))
            throw Fault.Invalid("folder", $"'{prefix}' names no folder: its key ends with a slash.", ("key", prefix));
        var removed = 0;
        string? after = null;
        do
        {
            var listing = await files.ListAsync(
                principal,
                bucket,
                new ListRequest(prefix, null, after, PageFiles),
                cancellationToken
            );
            await Parallel.ForEachAsync(
                listing.Entries,
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
                async (entry, cancellation) =>
                    await remove.HandleAsync(bucket, entry.Name, null, principal, cancellation)
            );
            removed += listing.Entries.Count;
            after = listing.Next;
        } while (after is not null);
        return removed > 0 ? removed : throw Fault.NotFound("Folder", prefix);
    }
}
