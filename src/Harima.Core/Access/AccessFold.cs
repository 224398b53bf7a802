using Dapper;
using Harima.Catalogue;
using Microsoft.Extensions.Options;

namespace Harima.Access;

/// <summary>
/// Who read what, out of the access log: one row for a day, a person and a file, however often and in however many ranges it
/// was read. The log is the truth; a crash leaves at most lines that are folded once more when the next process finds them.
/// </summary>
sealed class AccessFold(
    Database database,
    CatalogueWriter writer,
    IOptions<AccessLogOptions> options,
    TimeProvider time
)
{
    // Small transactions: uploads wait for the same writer.
    const int RowsAtOnce = 200;

    readonly Dictionary<Key, Counted> _rows = [];

    public int Count => _rows.Count;

    public void Add(IReadOnlyList<AccessLogEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.Read is not (var bucket, var path))
                continue;
            var key = new Key(
                AccessLogFiles.DayOf(entry.Time),
                bucket.ToLowerInvariant(),
                path,
                entry.Requester,
                entry.Operation == "DownloadArchive" ? "archive" : entry.Door
            );
            var bytes = entry.BytesSent ?? 0;
            _rows[key] = _rows.TryGetValue(key, out var row)
                ? new Counted(row.FirstAt, entry.Time, row.Requests + 1, row.Bytes + bytes)
                : new Counted(entry.Time, entry.Time, 1, bytes);
        }
    }

    /// <summary>Writes what was folded, then how far that goes in the log.</summary>
    public async Task FlushAsync(string file, long position, CancellationToken cancellationToken)
    {
        foreach (var rows in _rows.Chunk(RowsAtOnce))
        {
            await writer.WriteAsync(
                transaction =>
                    transaction.Connection!.Execute(
                        """
                        INSERT INTO access_read (day, bucket, path, actor, door, sequence_id, first_at, last_at, requests, size_bytes)
                        VALUES (@Day, @Bucket, @Path, @Actor, @Door, @SequenceId, @FirstAt, @LastAt, @Requests, @Bytes)
                        ON CONFLICT (day, bucket, path, actor, door) DO UPDATE
                        SET last_at = excluded.last_at, requests = access_read.requests + excluded.requests,
                            size_bytes = access_read.size_bytes + excluded.size_bytes
                        """,
                        rows.Select(row => new
                        {
                            row.Key.Day,
                            row.Key.Bucket,
                            row.Key.Path,
                            row.Key.Actor,
                            row.Key.Door,
                            SequenceId = row.Key.Path.Split('/')[0],
                            row.Value.FirstAt,
                            row.Value.LastAt,
                            row.Value.Requests,
                            row.Value.Bytes,
                        }),
                        transaction
                    ),
                cancellationToken
            );
            foreach (var row in rows)
                _rows.Remove(row.Key);
        }
        await writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    """
                    INSERT INTO access_log_file (name, position) VALUES (@file, @position)
                    ON CONFLICT (name) DO UPDATE SET position = excluded.position
                    """,
                    new { file, position },
                    transaction
                ),
            cancellationToken
        );
    }

    /// <summary>How far a file has been folded.</summary>
    public async Task<long> PositionAsync(string file, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<long?>(
                "SELECT position FROM access_log_file WHERE name = @file",
                new { file }
            ) ?? 0;
    }

    /// <summary>Forgets days that are no longer kept, and the files that told of them.</summary>
    public async Task ForgetAsync(IEnumerable<FileInfo> files, CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() - TimeSpan.FromDays(options.Value.KeepDays);
        foreach (var file in files.Where(file => file.LastWriteTimeUtc < before.UtcDateTime))
        {
            file.Delete();
            await writer.WriteAsync(
                transaction =>
                    transaction.Connection!.Execute(
                        "DELETE FROM access_log_file WHERE name = @Name",
                        new { file.Name },
                        transaction
                    ),
                cancellationToken
            );
        }
        await writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    "DELETE FROM access_read WHERE day < @day",
                    new { day = AccessLogFiles.DayOf(before) },
                    transaction
                ),
            cancellationToken
        );
    }

    readonly record struct Key(int Day, string Bucket, string Path, string Actor, string Door);

    readonly record struct Counted(DateTimeOffset FirstAt, DateTimeOffset LastAt, long Requests, long Bytes);
}
