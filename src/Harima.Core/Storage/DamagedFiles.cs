using System.Collections.Concurrent;
using System.Data.Common;
using System.Threading.Channels;
using Dapper;
using Harima.Catalogue;
using Harima.Faults;

namespace Harima.Storage;

/// <summary>A stored version whose bytes are not what was stored.</summary>
public sealed record DamagedFile
{
    /// <summary>Names the version; opaque.</summary>
    public required string Blob { get; init; }
    public long BucketId { get; init; }
    public required string BucketName { get; init; }
    public BucketKind BucketKind { get; init; }

    /// <summary>Id of the proposal or the workspace.</summary>
    public required string OwnerRef { get; init; }
    public required string Folder { get; init; }
    public required string Key { get; init; }
    public long SizeBytes { get; init; }
    public Damage Damage { get; init; }

    /// <summary>CRC-64/NVME that was stored, base64.</summary>
    public required string Expected { get; init; }

    /// <summary>CRC-64/NVME of what is there, where it could be read whole.</summary>
    public string? Found { get; init; }
    public DateTimeOffset FoundAt { get; init; }
    public DateTimeOffset CheckedAt { get; init; }
}

/// <summary>
/// The list of damaged files. It is in the catalogue; each process keeps in memory which versions must not be served although
/// their size and time look right, so that reading a sound file costs nothing more.
/// </summary>
public sealed class DamagedFiles(Database database, TimeProvider time)
{
    const string Columns = """
        d.blob, d.bucket_id, b.name AS BucketName, b.kind AS BucketKind, b.owner_ref, b.folder, d.key, d.size_bytes, d.damage,
        d.expected, d.found, d.found_at, d.checked_at
        """;

    // Bytes that were replaced or deleted take their damage with them; an older version keeps its own.
    const string IsStored = """
        (EXISTS (SELECT 1 FROM data_file f WHERE f.bucket_id = d.bucket_id AND f.key = d.key AND f.blob = d.blob)
        OR EXISTS (SELECT 1 FROM file_version v WHERE v.blob = d.blob AND v.bucket_id = d.bucket_id AND v.key = d.key))
        """;

    const string Standing = $"damaged_file d JOIN bucket b ON b.id = d.bucket_id AND {IsStored}";

    // Written by readers that met wrong bytes, read by the scrubber, which looks itself. When full, another reader will come.
    readonly Channel<Suspicion> _suspicions = Channel.CreateBounded<Suspicion>(
        new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true }
    );

    ConcurrentDictionary<string, bool> _withheld = new(StringComparer.Ordinal);

    internal sealed record Suspicion(long BucketId, string Key, string Blob);

    /// <summary>Whether these bytes are known to be wrong although they look right.</summary>
    internal bool IsWithheld(string blob) => !_withheld.IsEmpty && _withheld.ContainsKey(blob);

    /// <summary>Says that a version was met damaged, so that it is looked at soon.</summary>
    internal void Suspect(DataFile file) =>
        _suspicions.Writer.TryWrite(new Suspicion(file.BucketId, file.Key, file.Blob));

    internal bool TryTakeSuspicion(out Suspicion? suspicion) => _suspicions.Reader.TryRead(out suspicion);

    internal static FaultException Refusal(string key) =>
        new(
            FaultCode.Damaged,
            "file-damaged",
            $"The stored bytes of '{key}' are missing or no longer match their checksum, so they are not served. "
                + "Tell the facility's staff; a copy may exist elsewhere."
        );

    /// <summary>What other replicas have found.</summary>
    internal async Task ReloadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var blobs = await connection.QueryAsync<string>(
            "SELECT blob FROM damaged_file WHERE damage IN ('corrupt', 'unreadable')"
        );
        _withheld = new ConcurrentDictionary<string, bool>(
            blobs.Select(blob => KeyValuePair.Create(blob, true)),
            StringComparer.Ordinal
        );
    }

    internal async Task<DamagedFile?> FindAsync(string blob, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<DamagedFile>(
            $"SELECT {Columns} FROM {Standing} WHERE d.blob = @blob",
            new { blob }
        );
    }

    internal async Task<bool> IsKnownAsync(string blob, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long>(
                "SELECT COUNT(*) FROM damaged_file WHERE blob = @blob",
                new { blob }
            ) > 0;
    }

    internal async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long>($"SELECT COUNT(*) FROM {Standing}");
    }

    /// <summary>In the order they were found.</summary>
    internal async Task<Page<DamagedFile>> ListAsync(string? cursor, int limit, CancellationToken cancellationToken)
    {
        var after = cursor is null ? null : Cursor.Decode(cursor, 2);
        await using var connection = await database.OpenAsync(cancellationToken);
        var found = (
            await connection.QueryAsync<DamagedFile>(
                $"""
                SELECT {Columns} FROM {Standing}
                WHERE d.found_at > @at OR (d.found_at = @at AND d.blob > @blob)
                ORDER BY d.found_at, d.blob LIMIT @limit
                """,
                new
                {
                    at = after is null ? -1 : after[0].GetInt64(),
                    blob = after is null ? "" : after[1].GetString(),
                    limit = limit + 1,
                }
            )
        ).AsList();
        return Page.Of(found, limit, last => [last.FoundAt.ToMicroseconds(), last.Blob]);
    }

    /// <summary>Writes down what a check found, if it is still about the version that is stored.</summary>
    /// <returns>Whether that is news: damage where none was known, or none where some was.</returns>
    internal bool Record(DbTransaction transaction, DataFile file, CheckResult result)
    {
        var connection = transaction.Connection!;
        if (DataFiles.Find(transaction, file.BucketId, file.Key)?.Blob != file.Blob)
            return false;
        var known = connection.ExecuteScalar<long>(
            "SELECT COUNT(*) FROM damaged_file WHERE blob = @Blob",
            new { file.Blob },
            transaction
        );
        if (result.Damage is not { } damage)
        {
            connection.Execute("DELETE FROM damaged_file WHERE blob = @Blob", new { file.Blob }, transaction);
            return known > 0;
        }
        connection.Execute(
            """
            INSERT INTO damaged_file (blob, bucket_id, key, size_bytes, damage, expected, found, found_at, checked_at)
            VALUES (@Blob, @BucketId, @Key, @SizeBytes, @damage, @Crc64Nvme, @Found, @at, @at)
            ON CONFLICT (blob) DO UPDATE SET damage = excluded.damage, found = excluded.found, checked_at = excluded.checked_at
            """,
            new
            {
                file.Blob,
                file.BucketId,
                file.Key,
                file.SizeBytes,
                damage = damage.ToString().ToLowerInvariant(),
                file.Crc64Nvme,
                result.Found,
                at = time.Now(),
            },
            transaction
        );
        return known == 0;
    }

    /// <summary>After <see cref="Record"/> is durable: serve or withhold accordingly, in this process at once.</summary>
    internal void Apply(DataFile file, CheckResult result)
    {
        if (result.Damage is Damage.Corrupt or Damage.Unreadable)
            _withheld[file.Blob] = true;
        else
            _withheld.TryRemove(file.Blob, out _);
    }

    /// <summary>Forgets the damage of versions that are no longer stored.</summary>
    internal static void RemoveStale(DbTransaction transaction) =>
        transaction.Connection!.Execute(
            $"DELETE FROM damaged_file WHERE blob IN (SELECT d.blob FROM damaged_file d WHERE NOT {IsStored})",
            transaction: transaction
        );
}
