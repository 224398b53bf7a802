using System.Collections.Concurrent;
using System.Data.Common;

namespace Harima.Storage;

/// <summary>What a removal did.</summary>
/// <param name="Version">The version removed, or the delete marker added; null where nothing was done.</param>
/// <param name="IsMarker">Whether that is a delete marker.</param>
/// <param name="Added">Whether a delete marker was added rather than a version removed.</param>
/// <param name="Before">The current version before; null where there was none.</param>
/// <param name="After">The current version now; null where there is none.</param>
public sealed record Removal(string? Version, bool IsMarker, bool Added, DataFile? Before, DataFile? After)
{
    internal static Removal None(DataFile? before) => new(null, false, false, before, before);

    /// <summary>Whether anything has changed.</summary>
    public bool Happened => Version is not null;
}

/// <summary>A version whose bytes were moved or removed, though that may not be durable yet.</summary>
sealed record Settled(string Blob, string State);

public sealed partial class FileStore
{
    // As for placements: losing it loses nothing.
    readonly ConcurrentQueue<Settled> _settled = new();

    /// <summary>Removes a key, or one version of it. In a bucket with versions, removing a key only adds a delete marker.</summary>
    /// <param name="version">Null for the key.</param>
    /// <param name="allow">
    /// Runs first inside the transaction and may refuse by throwing, or leave all as it is by false: gets the version that is
    /// meant (for a key the current one or the newest delete marker), or null where there is none.
    /// </param>
    /// <param name="record">Runs last inside the transaction, where something was done: writes what belongs to the same change.</param>
    /// <param name="owner">Who owns a delete marker.</param>
    internal async Task<Removal> RemoveAsync(
        Bucket bucket,
        string key,
        string? version,
        Func<DbTransaction, DataFile?, bool> allow,
        Action<DbTransaction, Removal> record,
        string owner,
        CancellationToken cancellationToken
    )
    {
        using var entered = await _locks.EnterAsync(bucket.Id, key, cancellationToken);
        var foreseen = version is null ? Location.Tree : _tree?.Foresee(bucket.Folder, key);
        var markedAt = store.NextModifiedAt();
        using var token = _tree?.BeginRemoval();
        var (removal, displaced, earlier) = await writer.WriteAsync(
            bucket.Id,
            key,
            transaction =>
            {
                var change = version is null
                    ? RemoveKey(transaction, bucket, key, token?.Name, markedAt, owner, allow)
                    : RemoveVersion(transaction, bucket, key, version, token?.Name, foreseen, allow);
                if (change.Removal.Happened)
                    record(transaction, change.Removal);
                store.Release(transaction, bucket, key, change.Displaced.Gone);
                var last = change.Removal.After is { Location: not Location.Registered } after
                    ? after.Blob
                    : token?.Name;
                var earlier = last is null ? [] : DataFiles.Earlier(transaction, bucket.Id, key, last);
                return (change.Removal, change.Displaced, earlier);
            },
            cancellationToken
        );
        var settled = Settle(bucket, displaced);
        if (_tree is null || !settled || ReferenceEquals(removal.Before, removal.After))
            return removal;
        Overtake(bucket.Id, key, earlier);
        // A registered file that is the current one again is where it always was; what lay over it in the tree goes.
        if (removal.After is { Location: not Location.Registered } current)
            await PlaceAsync(bucket, key, current.Blob, current.Location, isOlder: true);
        else
        {
            _tree.Remove(bucket.Folder, key, token!);
            _placements.Add(new Placement(bucket.Id, key, token!.Name));
        }
        return removal;
    }

    (Removal Removal, Displaced Displaced) RemoveKey(
        DbTransaction transaction,
        Bucket bucket,
        string key,
        string? token,
        DateTimeOffset markedAt,
        string owner,
        Func<DbTransaction, DataFile?, bool> allow
    )
    {
        var (before, versioning) = Look(transaction, bucket, key);
        var target =
            before ?? (versioning == Versioning.None ? null : FileVersions.Newest(transaction, bucket.Id, key));
        if (!allow(transaction, target))
            return (Removal.None(before), Displaced.Nothing);
        if (versioning == Versioning.None)
        {
            if (before is null)
                return (Removal.None(null), Displaced.Nothing);
            DataFiles.Delete(transaction, before, token);
            RegisteredFolders.Replaced(transaction, before);
            return (new Removal(before.Version, false, false, before, null), Displaced.Nothing.Replacing(before));
        }
        var version = versioning == Versioning.Enabled ? FileVersions.NewId(markedAt) : DataFile.NullVersion;
        var displaced = FileVersions.Displace(transaction, bucket.Id, key, before, version);
        if (before is not null)
            DataFiles.Delete(transaction, before, token);
        FileVersions.AddMarker(
            transaction,
            new DataFile
            {
                BucketId = bucket.Id,
                Key = key,
                Version = version,
                IsMarker = true,
                SequenceRow = before?.SequenceRow,
                ETag = "",
                Crc32 = "",
                Crc64Nvme = "",
                Owner = owner,
                ModifiedAt = markedAt,
            }
        );
        return (new Removal(version, true, true, before, null), displaced);
    }

    (Removal Removal, Displaced Displaced) RemoveVersion(
        DbTransaction transaction,
        Bucket bucket,
        string key,
        string version,
        string? token,
        Location? foreseen,
        Func<DbTransaction, DataFile?, bool> allow
    )
    {
        var (before, versioning) = Look(transaction, bucket, key);
        var target =
            before?.Version == version ? before
            : versioning == Versioning.None ? null
            : FileVersions.Find(transaction, bucket.Id, key, version);
        if (!allow(transaction, target) || target is null)
            return (Removal.None(before), Displaced.Nothing);
        if (versioning == Versioning.None)
        {
            DataFiles.Delete(transaction, target, token);
            RegisteredFolders.Replaced(transaction, target);
            return (new Removal(version, false, false, before, null), Displaced.Nothing.Replacing(target));
        }
        IReadOnlyList<string> dropped = target.Location == Location.Registered ? [] : [target.Blob];
        if (target.IsNoncurrent)
            dropped = FileVersions.Drop(transaction, target);
        else
        {
            DataFiles.Delete(transaction, target, token);
            RegisteredFolders.Replaced(transaction, target);
        }
        var after =
            target.IsNoncurrent && before is not null
                ? before
                : FileVersions.Promote(transaction, bucket.Id, key, foreseen ?? Elsewhere(transaction, bucket, key));
        return (
            new Removal(version, target.IsMarker, false, before, after),
            new Displaced(FileVersions.Unkept(transaction, bucket.Id, key), dropped)
        );
    }

    /// <summary>The current version, and whether the bucket keeps versions, as of this transaction.</summary>
    (DataFile? Current, Versioning Versioning) Look(DbTransaction transaction, Bucket bucket, string key)
    {
        if (bucket.Versioning != Versioning.None)
            versions.Lock(transaction, bucket.Id, key);
        var current = DataFiles.Find(transaction, bucket.Id, key);
        // The bucket may have been looked at a moment before somebody made it keep versions. A row with a version id shows it.
        return bucket.Versioning == Versioning.None && current is { Version: not DataFile.NullVersion }
            ? (current, Buckets.VersioningOf(transaction, bucket.Id))
            : (current, bucket.Versioning);
    }

    /// <summary>Moves bytes of older versions out of the way of the current one, and removes those nobody needs.</summary>
    /// <returns>False where that failed: then nothing may be put over them. Everything is still served, and the marks stay.</returns>
    bool Settle(Bucket bucket, Displaced displaced)
    {
        try
        {
            foreach (var file in displaced.Kept)
            {
                if (_tree?.Keep(bucket.Folder, file) == false)
                    LogDamaged(logger, bucket.Name, file.Key);
                _settled.Enqueue(new Settled(file.Blob, FileVersions.KeptState));
            }
            foreach (var blob in displaced.Dropped)
            {
                _tree?.Drop(blob);
                _settled.Enqueue(new Settled(blob, FileVersions.DroppedState));
            }
            return true;
        }
        catch (IOException fault)
        {
            LogNotPlaced(logger, fault, bucket.Name, displaced.Kept.Count > 0 ? displaced.Kept[0].Key : "");
            return false;
        }
    }
}
