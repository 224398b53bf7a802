using System.Collections.Concurrent;
using System.Data.Common;
using Dapper;
using Harima.Catalogue;
using Harima.Faults;
using Harima.S3.Errors;
using Microsoft.Extensions.Logging;

namespace Harima.Storage;

public sealed partial class S3Store
{
    const int MostAtOnce = 500;
    static readonly TimeSpan Resting = TimeSpan.FromSeconds(30);

    // Written by requests, emptied by the worker. Losing it loses nothing: they are due some time anyway.
    readonly ConcurrentQueue<string> _given = new();
    readonly ConcurrentDictionary<string, DateTimeOffset> _announced = new(StringComparer.Ordinal);

    /// <summary>Writes down an object that is about to come into being, so that it is found if nobody takes it.</summary>
    async Task<bool> AnnounceAsync(string name, bool isUpload)
    {
        if (isUpload)
            _announced[name] = Time.GetUtcNow();
        await _writer.WriteAsync(
            transaction => Add(transaction, name, "arriving", isUpload, Time.GetUtcNow()),
            CancellationToken.None
        );
        return true;
    }

    /// <summary>One that takes longer than an orphan may live is not one.</summary>
    async Task KeepAnnouncedAsync(string name)
    {
        var now = Time.GetUtcNow();
        if (_announced.TryGetValue(name, out var since) && now - since < _storage.OrphanAge / 4)
            return;
        _announced[name] = now;
        await _writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    "UPDATE loose_object SET due = @due WHERE name = @name AND state = 'arriving'",
                    new { name, due = now },
                    transaction
                ),
            CancellationToken.None
        );
    }

    internal override void Adopt(DbTransaction transaction, StagedBlob staged)
    {
        // The object of a multipart upload belongs to the upload's row until now.
        if (staged.StoreObject is null)
            return;
        var taken = transaction.Connection!.Execute(
            "DELETE FROM loose_object WHERE name = @StoreObject AND state = 'arriving'",
            new { staged.StoreObject },
            transaction
        );
        if (taken != 1)
            throw Fault.Conflict(
                "upload-too-slow",
                "The upload took so long that it was given up. Send the file again."
            );
    }

    internal override void Abandon(StagedBlob staged)
    {
        if (staged.StoreObject is { } name)
            _given.Enqueue(name);
    }

    // Names without rows are nothing here: objects are let go of by rows.
    internal override void Discard(string blob) { }

    internal override void Release(DbTransaction transaction, Bucket bucket, string key, IReadOnlyList<string> blobs)
    {
        foreach (var blob in blobs)
            if (blob.Length > 0)
                Add(
                    transaction,
                    NameOf(bucket.Folder, key, blob),
                    "leaving",
                    isUpload: false,
                    Time.GetUtcNow() + _options.KeepReleased
                );
    }

    static void Add(DbTransaction transaction, string name, string state, bool isUpload, DateTimeOffset due) =>
        transaction.Connection!.Execute(
            """
            INSERT INTO loose_object (name, state, is_upload, due) VALUES (@name, @state, @isUpload, @due)
            ON CONFLICT (name) DO UPDATE SET state = excluded.state, due = excluded.due
            """,
            new
            {
                name,
                state,
                isUpload,
                due,
            },
            transaction
        );

    /// <summary>Deletes objects that were let go of, and those that nobody has taken.</summary>
    internal override async Task<int> TidyAsync(CancellationToken cancellationToken)
    {
        var given = new List<string>();
        while (given.Count < MostAtOnce && _given.TryDequeue(out var name))
        {
            _announced.TryRemove(name, out _);
            given.Add(name);
        }
        var now = Time.GetUtcNow();
        foreach (var forgotten in _announced.Where(one => now - one.Value > _storage.OrphanAge).ToList())
            _announced.TryRemove(forgotten);
        var due = await DueAsync(given, now, cancellationToken);
        if (due.Count == 0)
            return 0;
        var gone = new ConcurrentBag<string>();
        var failed = 0;
        await Parallel.ForEachAsync(
            due,
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellationToken },
            async (one, cancellation) =>
            {
                if (Volatile.Read(ref failed) > 0)
                    return;
                try
                {
                    await RemoveAsync(one, cancellation);
                    gone.Add(one.Name);
                }
                catch (Exception fault) when (fault is FaultException or S3Exception)
                {
                    if (Interlocked.Exchange(ref failed, 1) == 0)
                        LogNotRemoved(_logger, fault, one.Name);
                }
            }
        );
        var later = now + Resting;
        await _writer.WriteAsync(
            transaction =>
            {
                // In one order on every replica.
                foreach (var one in due.OrderBy(one => one.Name, StringComparer.Ordinal))
                    transaction.Connection!.Execute(
                        gone.Contains(one.Name)
                            ? "DELETE FROM loose_object WHERE name = @Name AND state = 'leaving'"
                            : "UPDATE loose_object SET due = @later WHERE name = @Name AND state = 'leaving'",
                        new { one.Name, later },
                        transaction
                    );
            },
            cancellationToken
        );
        return gone.Count;
    }

    /// <summary>What is to be deleted now. From here on no commit takes it.</summary>
    async Task<List<LooseRow>> DueAsync(List<string> given, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var stale = now - _storage.OrphanAge;
        await using (var connection = await _database.OpenAsync(cancellationToken))
        {
            var any = await connection.ExecuteScalarAsync<long>(
                """
                SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM loose_object WHERE state = 'leaving' AND due <= @now LIMIT 1) l)
                    + (SELECT COUNT(*) FROM (SELECT 1 FROM loose_object WHERE state = 'arriving' AND due <= @stale LIMIT 1) a)
                """,
                new { now, stale }
            );
            if (any == 0 && given.Count == 0)
                return [];
        }
        given.Sort(StringComparer.Ordinal);
        return await _writer.WriteAsync(
            transaction =>
            {
                transaction.Connection!.Execute(
                    "UPDATE loose_object SET state = 'leaving', due = @now WHERE name = @name AND state = 'arriving'",
                    given.Select(name => new { name, now }),
                    transaction
                );
                transaction.Connection!.Execute(
                    "UPDATE loose_object SET state = 'leaving' WHERE state = 'arriving' AND due <= @stale",
                    new { stale },
                    transaction
                );
                return transaction
                    .Connection!.Query<LooseRow>(
                        "SELECT name, is_upload FROM loose_object WHERE due <= @now AND state = 'leaving' ORDER BY due LIMIT @MostAtOnce",
                        new { now, MostAtOnce },
                        transaction
                    )
                    .AsList();
            },
            cancellationToken
        );
    }

    async Task RemoveAsync(LooseRow row, CancellationToken cancellationToken)
    {
        if (row.IsUpload)
            await AbortUploadsAsync(row.Name, cancellationToken);
        await AskAsync(token => DeleteAsync(row.Name, token), cancellationToken);
    }

    async Task AbortUploadsAsync(string name, CancellationToken cancellationToken)
    {
        var found = await AskAsync(
            async token =>
            {
                var ids = new List<string>();
                await foreach (var upload in _client.ListMultipartUploadsAsync(BucketName, name, token))
                    if (upload.Key == name)
                        ids.Add(upload.UploadId);
                return ids;
            },
            cancellationToken
        );
        foreach (var id in found)
            await AskAsync(
                async token =>
                {
                    try
                    {
                        await _client.AbortMultipartUploadAsync(BucketName, name, id, token);
                    }
                    catch (S3Exception gone) when (gone.Code == "NoSuchUpload")
                    {
                        // Somebody else was quicker.
                    }
                    return true;
                },
                cancellationToken
            );
    }

    sealed class LooseRow
    {
        public required string Name { get; init; }
        public bool IsUpload { get; init; }
    }

    [LoggerMessage(2204, LogLevel.Warning, "{Name} could not be deleted from the store; it will be tried again")]
    static partial void LogNotRemoved(ILogger logger, Exception fault, string name);
}
