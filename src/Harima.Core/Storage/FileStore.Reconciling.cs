using System.Collections.Concurrent;
using Dapper;
using Harima.Catalogue;
using Microsoft.Extensions.Logging;

namespace Harima.Storage;

/// <summary>A key whose rename or unlink has been done but may not be durable yet.</summary>
sealed record Placement(long BucketId, string Key, string Blob);

/// <summary>Written by requests, emptied by the worker. Losing it loses nothing: the marks are in the catalogue.</summary>
sealed class Placements
{
    readonly ConcurrentQueue<Placement> _done = new();
    int _count;

    public int Count => Volatile.Read(ref _count);

    public void Add(Placement placement)
    {
        _done.Enqueue(placement);
        Interlocked.Increment(ref _count);
    }

    public List<Placement> Take(int most)
    {
        var taken = new List<Placement>();
        while (taken.Count < most && _done.TryDequeue(out var placement))
            taken.Add(placement);
        Interlocked.Add(ref _count, -taken.Count);
        return taken;
    }
}

public sealed partial class FileStore
{
    /// <summary>Makes done renames durable with one sync, then takes their marks away.</summary>
    /// <returns>How many marks went.</returns>
    internal async Task<int> ConfirmPlacementsAsync(CancellationToken cancellationToken)
    {
        if (_mistrusted)
            return 0;
        var done = _placements.Take(2000);
        var settled = new List<Settled>();
        while (settled.Count < 2000 && _settled.TryDequeue(out var one))
            settled.Add(one);
        if (done.Count + settled.Count == 0)
            return 0;
        try
        {
            _tree?.SyncAll();
        }
        catch (IOException)
        {
            Mistrust();
            throw;
        }
        // In one order on every replica: two that take away the same marks must not wait for each other.
        done.Sort((one, other) => string.CompareOrdinal(one.Blob, other.Blob));
        settled.Sort((one, other) => string.CompareOrdinal(one.Blob, other.Blob));
        await writer.WriteAsync(
            transaction =>
            {
                // Only the mark of that very version: a later overwrite has set its own.
                transaction.Connection!.Execute(
                    "DELETE FROM unplaced WHERE bucket_id = @BucketId AND key = @Key AND blob = @Blob",
                    done,
                    transaction
                );
                transaction.Connection!.Execute(
                    "DELETE FROM unplaced_version WHERE blob = @Blob AND state = @State",
                    settled,
                    transaction
                );
            },
            cancellationToken
        );
        return done.Count + settled.Count;
    }

    /// <summary>After a start: makes the disk agree with the catalogue for every key that was in between. Can be run at any time.</summary>
    internal async Task<int> ReconcileAsync(Database database, CancellationToken cancellationToken)
    {
        var mistrusted = _mistrusted;
        _mistrusted = _notPlaced = false;
        if (_tree is not null)
            await RestoreAsync(database, mistrusted, cancellationToken);
        var versioned = await ReconcileVersionsAsync(database, cancellationToken);
        if (_tree is null)
            return versioned.Count;
        List<UnplacedRow> marks;
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            marks = (
                await connection.QueryAsync<UnplacedRow>(
                    "SELECT DISTINCT u.bucket_id, u.key, b.folder, b.name FROM unplaced u JOIN bucket b ON b.id = u.bucket_id"
                )
            ).AsList();
        }
        foreach (var mark in marks)
        {
            using var entered = await _locks.EnterAsync(mark.BucketId, mark.Key, cancellationToken);
            if (versioned.Stuck.Contains((mark.BucketId, mark.Key)))
                continue;
            await ReconcileAsync(mark, database.Dialect == Dialect.Sqlite, cancellationToken);
        }
        var count = marks.Count + versioned.Count;
        if (count > 0)
            LogReconciled(logger, count);
        while (await ConfirmPlacementsAsync(cancellationToken) > 0) { }
        return count;
    }

    /// <summary>
    /// Does once more what the last change of a key does to the disk. Another replica may be about to do the same: it finds it
    /// done. One that changes the key meanwhile overtakes this, as it would the other.
    /// </summary>
    /// <param name="alone">Whether no other replica can be about to move bytes of this key.</param>
    async Task ReconcileAsync(UnplacedRow mark, bool alone, CancellationToken cancellationToken)
    {
        using var removing = _tree!.BeginRemoval();
        var (file, earlier, kept) = await writer.WriteAsync(
            mark.BucketId,
            mark.Key,
            transaction =>
            {
                var now = DataFiles.Find(transaction, mark.BucketId, mark.Key);
                var earlier = now is null or { Location: Location.Registered }
                    ? DataFiles.MarkUnplaced(transaction, mark.BucketId, mark.Key, removing.Name)
                    : DataFiles.Earlier(transaction, mark.BucketId, mark.Key, now.Blob);
                // A version that is being kept at this moment is moved by whoever displaced it.
                var kept = earlier.Where(blob => FileVersions.IsKept(transaction, blob)).ToList();
                return (now, earlier.Except(kept).ToList(), kept);
            },
            cancellationToken
        );
        Overtake(mark.BucketId, mark.Key, earlier);
        if (alone)
            foreach (var blob in kept)
                _placements.Add(new Placement(mark.BucketId, mark.Key, blob));
        if (file is null or { Location: Location.Registered })
        {
            _tree.Remove(mark.Folder, mark.Key, removing);
            _placements.Add(new Placement(mark.BucketId, mark.Key, removing.Name));
            return;
        }
        var bucket = new Bucket
        {
            Id = mark.BucketId,
            Name = mark.Name,
            OwnerRef = "",
            Folder = mark.Folder,
        };
        await PlaceAsync(bucket, mark.Key, file.Blob, file.Location, isOlder: true);
    }

    /// <summary>Older versions first: something else may be waiting to be put over their bytes.</summary>
    /// <returns>How many marks there were, and the keys whose file must be left as it is.</returns>
    async Task<(int Count, HashSet<(long BucketId, string Key)> Stuck)> ReconcileVersionsAsync(
        Database database,
        CancellationToken cancellationToken
    )
    {
        List<UnplacedVersionRow> marks;
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            marks = (
                await connection.QueryAsync<UnplacedVersionRow>(
                    """
                    SELECT u.blob, u.state, u.bucket_id, u.key, b.folder, b.name, v.version
                    FROM unplaced_version u LEFT JOIN bucket b ON b.id = u.bucket_id LEFT JOIN file_version v ON v.blob = u.blob
                    """
                )
            ).AsList();
        }
        var stuck = new HashSet<(long, string)>();
        foreach (var mark in marks)
        {
            using var entered = await _locks.EnterAsync(mark.BucketId, mark.Key, cancellationToken);
            var version = mark.Version is null
                ? null
                : await versions.FindAsync(mark.BucketId, mark.Key, mark.Version, cancellationToken);
            var displaced =
                mark.State == FileVersions.DroppedState ? new Displaced([], [mark.Blob])
                : version is null ? Displaced.Nothing
                : new Displaced([version], []);
            var bucket = new Bucket
            {
                Id = mark.BucketId,
                Name = mark.Name ?? "",
                OwnerRef = "",
                Folder = mark.Folder ?? "",
            };
            if (!Settle(bucket, displaced))
                stuck.Add((mark.BucketId, mark.Key));
        }
        return (marks.Count, stuck);
    }

    /// <summary>Removes staged bytes that no row, no mark and no upload refers to, once they are old enough.</summary>
    internal async Task<int> RemoveOrphansAsync(
        Database database,
        DateTimeOffset before,
        CancellationToken cancellationToken
    )
    {
        var removed = 0;
        if (_tree is null)
            return removed;
        foreach (
            var some in _tree
                .Staged()
                .Where(staged => staged.ModifiedAt < before)
                .Select(staged => staged.Blob)
                .Chunk(500)
        )
        {
            await using var connection = await database.OpenAsync(cancellationToken);
            var used = (
                await connection.QueryAsync<string>(
                    """
                    SELECT blob FROM unplaced WHERE blob IN @some
                    UNION SELECT blob FROM unplaced_version WHERE blob IN @some
                    UNION SELECT blob FROM upload WHERE blob IN @some
                    UNION SELECT blob FROM upload_part WHERE blob IN @some
                    """.ForDapper(database.Dialect, "some"),
                    new { some }
                )
            ).ToHashSet(StringComparer.Ordinal);
            foreach (var orphan in some.Where(blob => !used.Contains(blob)))
            {
                _tree.Overtake(orphan);
                removed++;
            }
        }
        if (removed > 0)
            LogOrphans(logger, removed);
        return removed;
    }

    [LoggerMessage(2003, LogLevel.Information, "{Count} keys were reconciled with the disk after a stop")]
    static partial void LogReconciled(ILogger logger, int count);

    [LoggerMessage(2004, LogLevel.Information, "{Count} staged files that nothing refers to were removed")]
    static partial void LogOrphans(ILogger logger, int count);

    sealed class UnplacedVersionRow
    {
        public required string Blob { get; init; }
        public required string State { get; init; }
        public long BucketId { get; init; }
        public required string Key { get; init; }
        public string? Folder { get; init; }
        public string? Name { get; init; }
        public string? Version { get; init; }
    }

    sealed class UnplacedRow
    {
        public long BucketId { get; init; }
        public required string Key { get; init; }
        public required string Folder { get; init; }
        public required string Name { get; init; }
    }
}
