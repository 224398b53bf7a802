using System.Data.Common;
using Harima.Catalogue;
using Harima.Faults;
using Microsoft.Extensions.Logging;

namespace Harima.Storage;

/// <summary>
/// Keeps disk and catalogue together. A change of a key goes: bytes durable in staging; commit (row and <c>unplaced</c> mark);
/// rename or unlink; later, once the folder entries are durable too, the mark goes. Killed anywhere, the marks say what to redo.
/// </summary>
public sealed partial class FileStore(
    ByteStore store,
    DataFiles files,
    FileVersions versions,
    RegisteredFolders registered,
    CatalogueWriter writer,
    DamagedFiles damaged,
    ILogger<FileStore> logger
)
{
    // Where bytes get the name of their key: they are moved after the commit. Elsewhere they stay where they are, and it is all.
    readonly PosixStore? _tree = store as PosixStore;
    readonly KeyLocks _locks = new();
    readonly Placements _placements = new();
    volatile bool _notPlaced;

    /// <summary>Whether a rename has failed, as on a full disk, and is to be tried again.</summary>
    internal bool HasUnplaced => _notPlaced;

    /// <summary>Whether to open this file is a question to another machine, and takes its time however small it is.</summary>
    internal bool IsFar(DataFile file) => store.IsFar && file.Location != Location.Registered;

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
        var foreseen = _tree?.Foresee(bucket.Folder, key);
        var (file, displaced, earlier) = await CommitAsync(
            bucket,
            key,
            staged,
            transaction =>
            {
                var (before, versioning) = Look(transaction, bucket, key);
                RequireOwnMoment(before, staged);
                var row = prepare(transaction, before) with
                {
                    Blob = staged.Blob,
                    Location = foreseen ?? Elsewhere(transaction, bucket, key),
                    Version =
                        versioning == Versioning.Enabled ? FileVersions.NewId(staged.ModifiedAt) : DataFile.NullVersion,
                    IsVersioned = versioning != Versioning.None,
                };
                if (versioning == Versioning.None)
                    RegisteredFolders.Replaced(transaction, before);
                var displaced =
                    versioning == Versioning.None
                        ? Displaced.Nothing.Replacing(before)
                        : FileVersions.Displace(transaction, bucket.Id, key, before, row.Version);
                store.Adopt(transaction, staged);
                store.Release(transaction, bucket, key, displaced.Gone);
                return (row, displaced, DataFiles.Put(transaction, row, before, staged.Body));
            },
            cancellationToken
        );
        if (_tree is null)
            return file;
        // If the bytes of the older version are still in the way, the new ones stay staged and are served from there.
        if (!Settle(bucket, displaced))
            return file;
        Overtake(bucket.Id, key, earlier);
        var location = await PlaceAsync(bucket, key, staged.Blob, file.Location);
        if (staged.Body is not null && staged.FailedSyncs != _tree.FailedSyncs)
            Mistrust();
        _tree.TakesBodies = _placements.Count < MostUnconfirmed;
        return file with { Location = location };
    }

    static Location Elsewhere(DbTransaction transaction, Bucket bucket, string key) =>
        KeyPath.InTree("", bucket.Folder, key) is null || DataFiles.IsInTheWay(transaction, bucket.Id, key)
            ? Location.ElsewhereOdd
            : Location.Elsewhere;

    // Size and modification time tell versions apart, and the clocks of two replicas may meet in one microsecond.
    static void RequireOwnMoment(DataFile? before, StagedBlob staged)
    {
        if (
            before?.ModifiedAt == staged.ModifiedAt
            && before.SizeBytes == staged.SizeBytes
            && before.Blob != staged.Blob
        )
            throw Fault.Conflict(
                "stored-at-once",
                "Somebody else stored this file at the very same moment. Try again."
            );
    }

    /// <summary>Sees to it that no earlier change of a key, on whichever replica, reaches the disk after this one.</summary>
    void Overtake(long bucketId, string key, IReadOnlyList<string> earlier)
    {
        foreach (var blob in earlier)
        {
            _tree!.Overtake(blob);
            _placements.Add(new Placement(bucketId, key, blob));
        }
    }

    /// <summary>Changes a row without touching bytes.</summary>
    /// <param name="version">Null for the current one.</param>
    /// <param name="change">Runs inside the transaction; gets the row.</param>
    /// <exception cref="FaultException">NotFound where there is none.</exception>
    internal async Task<DataFile> ChangeAsync(
        Bucket bucket,
        string key,
        string? version,
        Action<DbTransaction, DataFile> change,
        CancellationToken cancellationToken
    )
    {
        using var entered = await _locks.EnterAsync(bucket.Id, key, cancellationToken);
        return await writer.WriteAsync(
            bucket.Id,
            key,
            transaction =>
            {
                var (current, versioning) = Look(transaction, bucket, key);
                var file =
                    version is null || current?.Version == version ? current
                    : versioning == Versioning.None ? null
                    : FileVersions.Find(transaction, bucket.Id, key, version);
                if (file is null && version is null && versioning != Versioning.None)
                    file = FileVersions.Newest(transaction, bucket.Id, key);
                file = Existing(bucket, file, key, version);
                change(transaction, file);
                return file;
            },
            cancellationToken
        );
    }

    /// <summary>The row of a key or of one version of it.</summary>
    /// <param name="version">Null for the current one.</param>
    /// <exception cref="FaultException">NotFound; Invalid (reason <c>delete-marker</c>) where a delete marker was named.</exception>
    internal async Task<DataFile> GetAsync(
        Bucket bucket,
        string key,
        string? version,
        CancellationToken cancellationToken
    )
    {
        var current = await files.FindAsync(bucket.Id, key, cancellationToken);
        if (bucket.Versioning == Versioning.None)
            return Existing(bucket, version is null || current?.Version == version ? current : null, key, version);
        var file = current;
        if (version is null)
            file ??= await versions.NewestAsync(bucket.Id, key, cancellationToken);
        else if (current?.Version != version)
        {
            file = await versions.FindAsync(bucket.Id, key, version, cancellationToken);
            // It may have become the current one between the two looks.
            if (file is null && await files.FindAsync(bucket.Id, key, cancellationToken) is { } now)
                file = now.Version == version ? now : null;
        }
        return Existing(bucket, file, key, version);
    }

    static DataFile Existing(Bucket bucket, DataFile? file, string key, string? version)
    {
        if (file is null)
            throw Fault.NotFound(version is null ? "File" : "Version", version ?? key);
        return file.IsMarker ? throw FileVersions.IsDeleted(file, named: version is not null)
            : bucket.Versioning == Versioning.None ? file
            : file with { IsVersioned = true };
    }

    /// <summary>Opens the bytes of a file as the catalogue describes them.</summary>
    /// <param name="version">The version that was asked for; null where the current one is meant.</param>
    /// <exception cref="FaultException">
    /// NotFound if it was deleted meanwhile; Damaged if the bytes are not those that were stored; Conflict (<c>changed-on-storage</c>,
    /// <c>gone-from-storage</c>, <c>unreadable-on-storage</c>) if somebody changed a registered file.
    /// </exception>
    internal async Task<(DataFile File, StoredBytes Bytes)> OpenAsync(
        Bucket bucket,
        DataFile file,
        string? version,
        CancellationToken cancellationToken
    )
    {
        const int Attempts = 20;
        for (var attempt = 0; ; attempt++)
        {
            if (damaged.IsWithheld(file.Blob))
                throw DamagedFiles.Refusal(file.Key);
            FaultException? refusal = null;
            if (file.Location == Location.Registered)
            {
                (var outside, refusal) = await registered.OpenAsync(file, cancellationToken);
                if (outside is not null)
                    return (file, outside);
            }
            else if (store.TryOpen(bucket.Folder, file) is { } bytes)
                return (file, bytes);
            if (attempt == Attempts)
                break;
            // An overwrite came between the row and the open: look again. The row it finds is newer, so this ends.
            var now = await GetAsync(bucket, file.Key, version, cancellationToken);
            if (refusal is not null && now.Blob == file.Blob)
                throw refusal;
            if (
                now.Blob == file.Blob
                && now.Location == file.Location
                && now.IsNoncurrent == file.IsNoncurrent
                && attempt > 2
            )
                break;
            file = now;
        }
        if (store.TryOpenByContent(bucket.Folder, file) is { } proven)
            return (file, proven);
        LogDamaged(logger, bucket.Name, file.Key);
        damaged.Suspect(file);
        throw DamagedFiles.Refusal(file.Key);
    }

    async Task<Location> PlaceAsync(Bucket bucket, string key, string blob, Location foreseen, bool isOlder = false)
    {
        try
        {
            var location = _tree!.Place(bucket.Folder, key, blob, foreseen, isOlder);
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
            _notPlaced = true;
            LogNotPlaced(logger, fault, bucket.Name, key);
            return foreseen;
        }
    }

    [LoggerMessage(2001, LogLevel.Error, "The stored bytes of {Bucket}/{Key} are missing or changed")]
    static partial void LogDamaged(ILogger logger, string bucket, string key);

    [LoggerMessage(2002, LogLevel.Warning, "{Bucket}/{Key} could not be put into place and is served from staging")]
    static partial void LogNotPlaced(ILogger logger, Exception fault, string bucket, string key);
}
