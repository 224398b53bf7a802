using System.Data.Common;
using Harima.Catalogue;
using Harima.Faults;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Harima.Storage;

/// <summary>
/// Keeps disk and catalogue together. A change of a key goes: bytes durable in staging; commit (row and <c>unplaced</c> mark);
/// rename or unlink; later, once the folder entries are durable too, the mark goes. Killed anywhere, the marks say what to redo.
/// </summary>
public sealed partial class FileStore(
    PosixStore store,
    DataFiles files,
    CatalogueWriter writer,
    DamagedFiles damaged,
    ILogger<FileStore> logger
)
{
    readonly KeyLocks _locks = new();
    readonly Placements _placements = new();

    /// <summary>Commits staged bytes as a key of a bucket and puts them into place.</summary>
    /// <param name="prepare">
    /// Runs inside the transaction: gets the file it replaces (or null) and the new one, may refuse by throwing, writes what
    /// belongs to the same change (sequence, audit), and returns the row to store.
    /// </param>
    internal async Task<DataFile> PutAsync(
        Bucket bucket,
        string key,
        StagedBlob staged,
        Func<DbTransaction, DataFile?, DataFile> prepare,
        CancellationToken cancellationToken
    )
    {
        using var entered = await _locks.EnterAsync(bucket.Id, key, cancellationToken);
        var location = store.Foresee(bucket.Folder, key);
        var file = await writer.WriteAsync(
            transaction =>
            {
                var row = prepare(transaction, DataFiles.Find(transaction, bucket.Id, key)) with
                {
                    Blob = staged.Blob,
                    Location = location,
                };
                DataFiles.Put(transaction, row);
                return row;
            },
            cancellationToken
        );
        staged.Kept = true;
        return file with { Location = await PlaceAsync(bucket, key, staged.Blob, location) };
    }

    /// <summary>Deletes a key.</summary>
    /// <param name="prepare">As for <see cref="PutAsync"/>; gets the file, or null where there is none; false leaves it.</param>
    /// <returns>Whether there was such a file.</returns>
    internal async Task<bool> DeleteAsync(
        Bucket bucket,
        string key,
        Func<DbTransaction, DataFile?, bool> prepare,
        CancellationToken cancellationToken
    )
    {
        using var entered = await _locks.EnterAsync(bucket.Id, key, cancellationToken);
        var deleted = await writer.WriteAsync(
            transaction =>
            {
                var file = DataFiles.Find(transaction, bucket.Id, key);
                if (!prepare(transaction, file) || file is null)
                    return false;
                DataFiles.Delete(transaction, file);
                return true;
            },
            cancellationToken
        );
        if (deleted)
        {
            store.Remove(bucket.Folder, key);
            _placements.Add(new Placement(bucket.Id, key, ""));
        }
        return deleted;
    }

    /// <summary>Opens the bytes of a file as the catalogue describes them.</summary>
    /// <exception cref="FaultException">NotFound if it was deleted meanwhile; Damaged if the bytes are not those that were stored.</exception>
    internal async Task<(DataFile File, SafeFileHandle Handle)> OpenAsync(
        Bucket bucket,
        DataFile file,
        CancellationToken cancellationToken
    )
    {
        const int Attempts = 20;
        for (var attempt = 0; ; attempt++)
        {
            if (damaged.IsWithheld(file.Blob))
                throw DamagedFiles.Refusal(file.Key);
            if (store.TryOpen(bucket.Folder, file) is { } handle)
                return (file, handle);
            if (attempt == Attempts)
                break;
            // An overwrite came between the row and the open: look again. The row it finds is newer, so this ends.
            var now =
                await files.FindAsync(bucket.Id, file.Key, cancellationToken) ?? throw Fault.NotFound("File", file.Key);
            if (now.Blob == file.Blob && now.Location == file.Location && attempt > 2)
                break;
            file = now;
        }
        if (store.TryOpenByContent(bucket.Folder, file) is { } proven)
            return (file, proven);
        LogDamaged(logger, bucket.Name, file.Key);
        damaged.Suspect(file);
        throw DamagedFiles.Refusal(file.Key);
    }

    async Task<Location> PlaceAsync(Bucket bucket, string key, string blob, Location foreseen)
    {
        try
        {
            var location = store.Place(bucket.Folder, key, blob, foreseen);
            if (location != foreseen)
                await writer.WriteAsync(
                    transaction => DataFiles.SetLocation(transaction, bucket.Id, key, blob, location),
                    CancellationToken.None
                );
            _placements.Add(new Placement(bucket.Id, key, blob));
            return location;
        }
        catch (IOException fault)
        {
            // The change is committed and its bytes are durable in staging, from where they are served. The mark stays.
            LogNotPlaced(logger, fault, bucket.Name, key);
            return foreseen;
        }
    }

    [LoggerMessage(2001, LogLevel.Error, "The stored bytes of {Bucket}/{Key} are missing or changed")]
    static partial void LogDamaged(ILogger logger, string bucket, string key);

    [LoggerMessage(2002, LogLevel.Warning, "{Bucket}/{Key} could not be put into place and is served from staging")]
    static partial void LogNotPlaced(ILogger logger, Exception fault, string bucket, string key);
}
