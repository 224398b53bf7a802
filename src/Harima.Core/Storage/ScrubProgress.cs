using System.Data.Common;
using Dapper;
using Harima.Catalogue;

namespace Harima.Storage;

/// <summary>What the scrubber is doing.</summary>
public enum ScrubState
{
    /// <summary>Between two passes.</summary>
    Idle,
    Running,

    /// <summary>An administrator wants it to rest.</summary>
    Paused,

    /// <summary>It stopped itself, since something larger than single files is wrong.</summary>
    Stopped,
}

/// <summary>How far the scrubber is.</summary>
public sealed record ScrubProgress
{
    public ScrubState State { get; init; }

    /// <summary>Why it stopped itself.</summary>
    public string? Reason { get; init; }

    /// <summary>Counts from 1; 0 before the first.</summary>
    public long Pass { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>As they were when the pass began.</summary>
    public long FilesTotal { get; init; }
    public long BytesTotal { get; init; }
    public long FilesChecked { get; init; }
    public long BytesChecked { get; init; }
    internal long Position { get; init; }
    internal string? Blob { get; init; }
    internal long OffsetBytes { get; init; }
    internal string? Crc64Nvme { get; init; }

    /// <summary>Where to go on inside of <paramref name="file"/>.</summary>
    internal CheckPoint StartOf(DataFile file) =>
        Blob == file.Blob && Crc64Nvme is not null ? new CheckPoint(OffsetBytes, Crc64Nvme) : CheckPoint.Start;
}

/// <summary>The row in which the scrubber keeps its place, so that a restart or another replica goes on from there.</summary>
public sealed class ScrubPlace(Database database, CatalogueWriter writer, TimeProvider time)
{
    const string Columns =
        // Files that came since the pass began are read too.
        "state, reason, pass, started_at, ended_at, CASE WHEN files_checked > files_total THEN files_checked ELSE files_total END AS FilesTotal, "
        + "CASE WHEN bytes_checked > bytes_total THEN bytes_checked ELSE bytes_total END AS BytesTotal, files_checked, bytes_checked, position, blob, offset_bytes, crc64_nvme AS Crc64Nvme";

    /// <summary>A replica that has said nothing for this long is taken for dead.</summary>
    static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    readonly string _me = Guid.CreateVersion7(time.GetUtcNow()).ToString("N");

    internal async Task<ScrubProgress> GetAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleAsync<ScrubProgress>($"SELECT {Columns} FROM scrub WHERE id = 1");
    }

    /// <summary>Files that come after the place, in order of their rows.</summary>
    internal async Task<IReadOnlyList<DataFile>> NextAsync(long position, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var files = await connection.QueryAsync<DataFile>(
            $"SELECT {DataFiles.Columns} FROM data_file WHERE id > @position ORDER BY id LIMIT 100",
            new { position }
        );
        return files.AsList();
    }

    /// <summary>Begins a pass from the first file; does nothing while one is running.</summary>
    internal async Task BeginAsync(CancellationToken cancellationToken)
    {
        (long Files, long Bytes) total;
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            total = await connection.QuerySingleAsync<(long, long)>(
                "SELECT COUNT(*), CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM data_file"
            );
        }
        await writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    """
                    UPDATE scrub SET state = 'running', reason = NULL, pass = pass + 1, started_at = @now, ended_at = NULL,
                        files_total = @Files, bytes_total = @Bytes, files_checked = 0, bytes_checked = 0, position = 0,
                        blob = NULL, offset_bytes = 0, crc64_nvme = NULL, holder = NULL, held_until = 0
                    WHERE id = 1 AND state <> 'running'
                    """,
                    new
                    {
                        now = time.Now(),
                        total.Files,
                        total.Bytes,
                    },
                    transaction
                ),
            cancellationToken
        );
    }

    /// <summary>Takes the work, if it is running and no other replica has it.</summary>
    internal Task<bool> TakeAsync(CancellationToken cancellationToken) =>
        writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    """
                    UPDATE scrub SET holder = @me, held_until = @until
                    WHERE id = 1 AND state = 'running' AND (holder IS NULL OR holder = @me OR held_until < @now)
                    """,
                    new
                    {
                        me = _me,
                        now = time.Now(),
                        until = time.Now() + Lease,
                    },
                    transaction
                ) == 1,
            cancellationToken
        );

    /// <summary>Keeps the place.</summary>
    /// <returns>False where the work was taken away meanwhile: paused, or given to another replica.</returns>
    internal Task<bool> KeepAsync(ScrubProgress progress, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    """
                    UPDATE scrub SET files_checked = @FilesChecked, bytes_checked = @BytesChecked, position = @Position,
                        blob = @Blob, offset_bytes = @OffsetBytes, crc64_nvme = @Crc64Nvme, held_until = @until
                    WHERE id = 1 AND state = 'running' AND holder = @me AND pass = @Pass
                    """,
                    new
                    {
                        progress.FilesChecked,
                        progress.BytesChecked,
                        progress.Position,
                        progress.Blob,
                        progress.OffsetBytes,
                        progress.Crc64Nvme,
                        progress.Pass,
                        me = _me,
                        until = time.Now() + Lease,
                    },
                    transaction
                ) == 1,
            cancellationToken
        );

    /// <summary>Inside a transaction: from one state into another.</summary>
    /// <returns>Whether it was in that state.</returns>
    internal bool Change(DbTransaction transaction, ScrubState from, ScrubState to, string? reason = null) =>
        transaction.Connection!.Execute(
            """
            UPDATE scrub SET state = @to, reason = @reason, holder = NULL, held_until = 0,
                ended_at = CASE WHEN @to = 'idle' THEN @now ELSE ended_at END
            WHERE id = 1 AND state = @from
            """,
            new
            {
                from = from.ToString().ToLowerInvariant(),
                to = to.ToString().ToLowerInvariant(),
                reason,
                now = time.Now(),
            },
            transaction
        ) == 1;
}
