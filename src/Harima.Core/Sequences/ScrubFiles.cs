using System.Collections.Concurrent;
using System.Data.Common;
using System.Diagnostics.Metrics;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Identity;
using Harima.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Harima.Sequences;

/// <summary>
/// Reads stored files again and compares them with their checksums: all of them in passes at a set rate, and at once those that a
/// reader met damaged. What it finds is listed, audited and logged.
/// </summary>
public sealed partial class ScrubFiles(
    ScrubPlace place,
    FileCheck check,
    DamagedFiles damaged,
    DataFiles files,
    Buckets buckets,
    ByteStore store,
    CatalogueWriter writer,
    Audit audit,
    TimeProvider time,
    IOptions<ScrubOptions> options,
    ILogger<ScrubFiles> logger
)
{
    const long SmallestChargeBytes = 64 << 10;
    const long LargestSliceBytes = 4 << 20;

    /// <summary>That many missing files in a row mean that the storage is missing, not the files.</summary>
    const int MissingInARow = 100;

    static readonly TimeSpan KeepPlaceEvery = TimeSpan.FromSeconds(10);
    static readonly Meter Meter = new("Harima.Storage");
    static readonly Counter<long> FilesRead = Meter.CreateCounter<long>("harima.scrub.files");
    static readonly Counter<long> BytesRead = Meter.CreateCounter<long>("harima.scrub.bytes", "By");
    static readonly Counter<long> DamageFound = Meter.CreateCounter<long>("harima.scrub.damaged");

    readonly ConcurrentDictionary<long, Bucket> _buckets = new();

    /// <summary>Begins the next pass if it is due, goes on with the one that is running, and returns when nothing is left to do for now.</summary>
    internal async Task ContinueAsync(CancellationToken cancellationToken)
    {
        if (options.Value.BytesPerSecond == 0)
            return;
        var progress = await place.GetAsync(cancellationToken);
        if (progress.State == ScrubState.Idle && IsDue(progress))
            await place.BeginAsync(cancellationToken);
        else if (progress.State != ScrubState.Running)
            return;
        if (!await place.TakeAsync(cancellationToken))
            return;
        await PassAsync(await place.GetAsync(cancellationToken), cancellationToken);
    }

    /// <summary>Looks at the files that readers met damaged.</summary>
    internal async Task CheckSuspectedAsync(CancellationToken cancellationToken)
    {
        while (damaged.TryTakeSuspicion(out var suspicion))
        {
            var file = await files.FindAsync(suspicion!.BucketId, suspicion.Key, cancellationToken);
            if (file is not null && file.Blob == suspicion.Blob)
                await CheckNowAsync(file, cancellationToken);
        }
    }

    /// <summary>Checks one file without regard to the rate.</summary>
    /// <returns>Null where it was deleted or replaced meanwhile.</returns>
    internal async Task<CheckResult?> CheckNowAsync(DataFile file, CancellationToken cancellationToken)
    {
        var bucket = await BucketAsync(file.BucketId, cancellationToken);
        var result = await check.CheckAsync(
            bucket.Folder,
            file,
            CheckPoint.Start,
            LargestSliceBytes,
            _ => cancellationToken.IsCancellationRequested ? Task.FromCanceled(cancellationToken) : Task.CompletedTask,
            cancellationToken
        );
        if (result is not null)
            await RecordAsync(bucket, file, result, cancellationToken);
        return result;
    }

    async Task PassAsync(ScrubProgress progress, CancellationToken cancellationToken)
    {
        var walk = new Walk(progress, time, options.Value.BytesPerSecond);
        while (await place.NextAsync(walk.Progress.Position, cancellationToken) is { Count: > 0 } batch)
        {
            foreach (var file in batch)
            {
                // Before each file: a mount point without its file system would look like the loss of everything.
                if (!await store.IsThereAsync(cancellationToken))
                {
                    await StopAsync("the storage root is not there; is its file system mounted?", cancellationToken);
                    return;
                }
                if (!await CheckNextAsync(walk, file, cancellationToken))
                    return;
                if (walk.MissingInARow >= MissingInARow)
                {
                    // From before the first of them, so that they are looked at again once the storage is back.
                    await place.KeepAsync(walk.BeforeMissing, cancellationToken);
                    await StopAsync(
                        "many files in a row are missing; is the right file system mounted?",
                        cancellationToken
                    );
                    return;
                }
            }
            if (!await place.KeepAsync(walk.Progress, cancellationToken))
                return;
        }
        await writer.WriteAsync(
            transaction =>
            {
                if (place.Change(transaction, ScrubState.Running, ScrubState.Idle))
                    DamagedFiles.RemoveStale(transaction);
            },
            cancellationToken
        );
        LogPass(logger, walk.Progress.Pass, walk.Progress.FilesChecked, walk.Progress.BytesChecked);
    }

    /// <returns>False where the work was taken away meanwhile.</returns>
    async Task<bool> CheckNextAsync(Walk walk, DataFile file, CancellationToken cancellationToken)
    {
        var bucket = await BucketAsync(file.BucketId, cancellationToken);
        var from = walk.Progress.StartOf(file);
        var (start, before) = (walk.Progress, walk.Progress.BytesChecked);
        walk.Progress = walk.Progress with { Blob = file.Blob, OffsetBytes = from.OffsetBytes, Crc64Nvme = from.Crc64 };
        CheckResult? result;
        try
        {
            result = await check.CheckAsync(
                bucket.Folder,
                file,
                from,
                walk.SliceBytes,
                async at =>
                {
                    var read = at.OffsetBytes - walk.Progress.OffsetBytes;
                    BytesRead.Add(read);
                    await walk.WaitAsync(read, cancellationToken);
                    walk.Progress = walk.Progress with
                    {
                        BytesChecked = before + at.OffsetBytes - from.OffsetBytes,
                        OffsetBytes = at.OffsetBytes,
                        Crc64Nvme = at.Crc64,
                    };
                    if (walk.IsTimeToKeep(KeepPlaceEvery) && !await place.KeepAsync(walk.Progress, cancellationToken))
                        throw new WorkTakenAwayException();
                },
                cancellationToken
            );
        }
        catch (WorkTakenAwayException)
        {
            return false;
        }
        await walk.WaitAsync(Math.Max(0, SmallestChargeBytes - file.SizeBytes), cancellationToken);
        if (result is not null)
            await RecordAsync(bucket, file, result, cancellationToken);
        walk.Count(result, start);
        walk.Progress = walk.Progress with
        {
            Position = file.Id,
            FilesChecked = walk.Progress.FilesChecked + 1,
            BytesChecked = before + file.SizeBytes - from.OffsetBytes,
            Blob = null,
            OffsetBytes = 0,
            Crc64Nvme = null,
        };
        FilesRead.Add(1);
        return !walk.IsTimeToKeep(KeepPlaceEvery) || await place.KeepAsync(walk.Progress, cancellationToken);
    }

    async Task RecordAsync(Bucket bucket, DataFile file, CheckResult result, CancellationToken cancellationToken)
    {
        // Nearly every file is sound and was; that takes no write.
        if (result.Damage is null && !await damaged.IsKnownAsync(file.Blob, cancellationToken))
            return;
        var isNews = await writer.WriteAsync(
            transaction =>
            {
                if (!damaged.Record(transaction, file, result))
                    return false;
                audit.Add(
                    transaction,
                    Principal.System,
                    result.Damage is null ? "file.mended" : "file.damaged",
                    RefOf(transaction, bucket, file),
                    new { key = file.Key, damage = result.Damage?.ToString().ToLowerInvariant() }
                );
                return true;
            },
            cancellationToken
        );
        damaged.Apply(file, result);
        if (result.Damage is not { } damage)
        {
            LogMended(logger, bucket.Name, file.Key);
            return;
        }
        if (isNews)
            DamageFound.Add(1);
        LogDamaged(logger, bucket.Name, file.Key, damage, file.Crc64Nvme, result.Found);
    }

    static ResourceRef RefOf(DbTransaction transaction, Bucket bucket, DataFile file) =>
        file.SequenceRow is { } row
            ? new ResourceRef(
                ResourceKind.Sequence,
                transaction.Connection!.ExecuteScalar<string>(
                    "SELECT ref FROM sequence WHERE row = @row",
                    new { row },
                    transaction
                )!
            )
            : new ResourceRef(ResourceKind.Workspace, bucket.OwnerRef);

    async Task StopAsync(string reason, CancellationToken cancellationToken)
    {
        await writer.WriteAsync(
            transaction => place.Change(transaction, ScrubState.Running, ScrubState.Stopped, reason),
            cancellationToken
        );
        LogStopped(logger, reason);
    }

    bool IsDue(ScrubProgress progress) =>
        progress.StartedAt is not { } started || time.GetUtcNow() >= started + options.Value.Interval;

    async ValueTask<Bucket> BucketAsync(long id, CancellationToken cancellationToken)
    {
        if (_buckets.TryGetValue(id, out var known))
            return known;
        var parameters = new DynamicParameters();
        parameters.Add("id", id);
        var found = (await buckets.ListAsync("b.id = @id", parameters, cancellationToken)).Single();
        return _buckets[id] = found;
    }

    [LoggerMessage(
        2101,
        LogLevel.Error,
        "The stored file {Bucket}/{Key} is damaged ({Damage}): CRC-64/NVME {Expected} was stored, {Found} is there"
    )]
    static partial void LogDamaged(
        ILogger logger,
        string bucket,
        string key,
        Damage damage,
        string expected,
        string? found
    );

    [LoggerMessage(2102, LogLevel.Warning, "The stored file {Bucket}/{Key} was damaged and is sound again")]
    static partial void LogMended(ILogger logger, string bucket, string key);

    [LoggerMessage(2103, LogLevel.Information, "Scrub pass {Pass} ended: {Files} files, {Bytes} bytes")]
    static partial void LogPass(ILogger logger, long pass, long files, long bytes);

    [LoggerMessage(2104, LogLevel.Error, "The scrubber stopped itself: {Reason}")]
    static partial void LogStopped(ILogger logger, string reason);

    sealed class WorkTakenAwayException : Exception;

    /// <summary>One run over the files, at its rate.</summary>
    sealed class Walk(ScrubProgress progress, TimeProvider time, long bytesPerSecond)
    {
        DateTimeOffset _free = time.GetUtcNow();
        DateTimeOffset _keptAt = time.GetUtcNow();

        public ScrubProgress Progress { get; set; } = progress;

        public int MissingInARow { get; private set; }

        public ScrubProgress BeforeMissing { get; private set; } = progress;

        /// <summary>A quarter of a second's worth.</summary>
        public long SliceBytes { get; } = Math.Clamp(bytesPerSecond / 4, SmallestChargeBytes, LargestSliceBytes);

        public void Count(CheckResult? result, ScrubProgress before)
        {
            if (result?.Damage != Damage.Missing)
                MissingInARow = 0;
            else if (MissingInARow++ == 0)
                BeforeMissing = before;
        }

        public async Task WaitAsync(long bytes, CancellationToken cancellationToken)
        {
            var now = time.GetUtcNow();
            // What was not used is lost: a rest must not be followed by a burst.
            _free = (_free > now ? _free : now) + TimeSpan.FromSeconds((double)bytes / bytesPerSecond);
            if (_free > now)
                await Task.Delay(_free - now, time, cancellationToken);
        }

        public bool IsTimeToKeep(TimeSpan every)
        {
            if (time.GetUtcNow() < _keptAt + every)
                return false;
            _keptAt = time.GetUtcNow();
            return true;
        }
    }
}
