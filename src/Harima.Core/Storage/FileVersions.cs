using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using Dapper;
using Harima.Catalogue;
using Harima.Faults;

namespace Harima.Storage;

/// <summary>What a change did to the versions of a key, for the disk to follow.</summary>
/// <param name="Kept">Their bytes must be in the hidden place before anything else happens to the key's file.</param>
/// <param name="Dropped">Blobs whose bytes are of no use any more.</param>
sealed record Displaced(IReadOnlyList<DataFile> Kept, IReadOnlyList<string> Dropped)
{
    public static readonly Displaced Nothing = new([], []);

    /// <summary>Blobs that no row names any more: the dropped ones, and what is replaced under its name.</summary>
    public IReadOnlyList<string> Gone { get; private init; } = Dropped;

    /// <summary>Where a bucket keeps no versions, whatever was there is gone.</summary>
    public Displaced Replacing(DataFile? before) =>
        before is null or { Location: Location.Registered } ? this : this with { Gone = [before.Blob] };
}

/// <summary>
/// The rows of versions that are not the current one, and of delete markers. In a key a greater id is newer, and the row in
/// <c>data_file</c>, if there is one, is newer than all of them.
/// </summary>
public sealed class FileVersions(Database database)
{
    /// <summary>State of a mark: the bytes must go to the hidden place, or altogether.</summary>
    internal const string KeptState = "kept";
    internal const string DroppedState = "dropped";

    const string Columns = DataFiles.Columns + ", is_marker";

    // The bytes may lie in the hidden place, or still where they were when this version was the current one.
    static DataFile? Noncurrent(DataFile? row) => row is null ? null : row with { IsNoncurrent = true };

    /// <summary>Opaque, and in the order of time: the version's moment and a random tail.</summary>
    internal static string NewId(DateTimeOffset at) =>
        at.ToMicroseconds().ToString("x16", CultureInfo.InvariantCulture)
        + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));

    /// <summary>The moment in a version id, or null if it is not one of ours.</summary>
    internal static DateTimeOffset? TimeOf(string version) =>
        version.Length == 32
        && long.TryParse(
            version.AsSpan(0, 16),
            NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture,
            out var microseconds
        )
        && microseconds >= 0
            ? Instant.FromMicroseconds(microseconds)
            : null;

    /// <summary>What is said of a key that was removed, or of a marker that was named itself.</summary>
    internal static FaultException IsDeleted(DataFile marker, bool named)
    {
        var fields = new Dictionary<string, string>
        {
            ["what"] = "File",
            ["id"] = marker.Key,
            ["marker"] = marker.Version,
        };
        if (!named)
            return new FaultException(
                FaultCode.NotFound,
                "deleted",
                $"File '{marker.Key}' was deleted. Older versions of it may still be there.",
                fields
            );
        fields["markedAt"] = marker.ModifiedAt.ToString("r", CultureInfo.InvariantCulture);
        return new FaultException(
            FaultCode.Invalid,
            "delete-marker",
            $"Version '{marker.Version}' of '{marker.Key}' is a delete marker: it has no content. It can only be removed.",
            fields
        );
    }

    /// <summary>
    /// Until the transaction ends, no other replica changes the versions of this key: two that put at once must each find
    /// the other's version.
    /// </summary>
    internal void Lock(DbTransaction transaction, long bucketId, string key)
    {
        // SQLite has one writer.
        if (database.Dialect == Dialect.Postgres)
            transaction.Connection!.Execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(@key, @bucketId))",
                new { key, bucketId },
                transaction
            );
    }

    internal async Task<DataFile?> FindAsync(
        long bucketId,
        string key,
        string version,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return Noncurrent(
            await connection.QuerySingleOrDefaultAsync<DataFile>(
                $"SELECT {Columns} FROM file_version WHERE bucket_id = @bucketId AND key = @key AND version = @version",
                new
                {
                    bucketId,
                    key,
                    version,
                }
            )
        );
    }

    internal async Task<DataFile?> NewestAsync(long bucketId, string key, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return Noncurrent(
            await connection.QuerySingleOrDefaultAsync<DataFile>(
                $"SELECT {Columns} FROM file_version WHERE bucket_id = @bucketId AND key = @key ORDER BY id DESC LIMIT 1",
                new { bucketId, key }
            )
        );
    }

    /// <summary>The oldest row of a key that is not older than a moment, or null.</summary>
    internal async Task<long?> FirstIdSinceAsync(
        long bucketId,
        string key,
        DateTimeOffset at,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long?>(
            "SELECT MIN(id) FROM file_version WHERE bucket_id = @bucketId AND key = @key AND modified_at >= @at",
            new
            {
                bucketId,
                key,
                at,
            }
        );
    }

    internal static DataFile? Find(DbTransaction transaction, long bucketId, string key, string version) =>
        Noncurrent(
            transaction.Connection!.QuerySingleOrDefault<DataFile>(
                $"SELECT {Columns} FROM file_version WHERE bucket_id = @bucketId AND key = @key AND version = @version",
                new
                {
                    bucketId,
                    key,
                    version,
                },
                transaction
            )
        );

    internal static DataFile? Newest(DbTransaction transaction, long bucketId, string key) =>
        Noncurrent(
            transaction.Connection!.QuerySingleOrDefault<DataFile>(
                $"SELECT {Columns} FROM file_version WHERE bucket_id = @bucketId AND key = @key ORDER BY id DESC LIMIT 1",
                new { bucketId, key },
                transaction
            )
        );

    /// <summary>Current and other versions in order of key, then newest first.</summary>
    /// <param name="first">Current ones from this key on.</param>
    /// <param name="start">The others from this key on.</param>
    /// <param name="below">Of that very key only rows older than this one; null for all.</param>
    /// <param name="end">Up to before this key; null for no end.</param>
    internal static async Task<List<DataFile>> ListAsync(
        DbConnection connection,
        long bucketId,
        string first,
        string start,
        long? below,
        string? end,
        int take
    )
    {
        // One statement sees one state: a version that is being overwritten is in one of the tables, not in both or none.
        var until = end is null ? "" : "AND key < @end";
        var rows = await connection.QueryAsync<DataFile>(
            $"""
            SELECT * FROM (
                SELECT {DataFiles.Columns}, FALSE AS is_marker, FALSE AS is_noncurrent FROM data_file
                WHERE bucket_id = @bucketId AND key >= @first {until}
                ORDER BY key LIMIT @take) c
            UNION ALL
            SELECT * FROM (
                SELECT {Columns}, TRUE AS is_noncurrent FROM file_version
                WHERE bucket_id = @bucketId AND key >= @start {until}
                {(below is null ? "" : "AND (key > @start OR id < @below)")}
                ORDER BY key, id DESC LIMIT @take) o
            ORDER BY key, is_noncurrent, id DESC LIMIT @take
            """,
            new
            {
                bucketId,
                first,
                start,
                below,
                end,
                take,
            }
        );
        return rows.AsList();
    }

    /// <summary>Makes room for a new current version or marker with the id <paramref name="version"/>.</summary>
    /// <param name="before">The current one, whose row the caller replaces or deletes.</param>
    internal static Displaced Displace(
        DbTransaction transaction,
        long bucketId,
        string key,
        DataFile? before,
        string version
    )
    {
        var dropped = new List<string>();
        // There is one null version of a key, wherever it is.
        if (version == DataFile.NullVersion && Find(transaction, bucketId, key, version) is { } replaced)
            dropped.AddRange(Drop(transaction, replaced));
        if (before is not null)
        {
            RegisteredFolders.Replaced(transaction, before);
            if (before.Version != version)
                dropped.AddRange(Keep(transaction, before));
            else if (before.Location != Location.Registered)
                dropped.Add(before.Blob);
        }
        return new Displaced(Unkept(transaction, bucketId, key), dropped);
    }

    /// <summary>Adds a delete marker, the newest of its key.</summary>
    internal static void AddMarker(DbTransaction transaction, DataFile marker) => Insert(transaction, marker);

    internal static bool IsKept(DbTransaction transaction, string blob) =>
        transaction.Connection!.ExecuteScalar<long>(
            "SELECT COUNT(*) FROM file_version WHERE blob = @blob",
            new { blob },
            transaction
        ) > 0;

    /// <summary>Removes a version or marker.</summary>
    /// <returns>The blob whose bytes go with it.</returns>
    internal static IReadOnlyList<string> Drop(DbTransaction transaction, DataFile row)
    {
        transaction.Connection!.Execute("DELETE FROM file_version WHERE id = @Id", new { row.Id }, transaction);
        if (row.IsMarker || row.Location == Location.Registered)
            return [];
        Mark(transaction, row, DroppedState);
        return [row.Blob];
    }

    /// <summary>Makes the newest version current again, where none is.</summary>
    /// <returns>The current version; null where the newest is a delete marker or there is none.</returns>
    internal static DataFile? Promote(DbTransaction transaction, long bucketId, string key, Location location)
    {
        if (Newest(transaction, bucketId, key) is not { IsMarker: false } newest)
            return null;
        transaction.Connection!.Execute("DELETE FROM file_version WHERE id = @Id", new { newest.Id }, transaction);
        transaction.Connection!.Execute(
            "DELETE FROM unplaced_version WHERE blob = @Blob",
            new { newest.Blob },
            transaction
        );
        var isRegistered = newest.Location == Location.Registered;
        var current = newest with { IsNoncurrent = false, Location = isRegistered ? newest.Location : location };
        DataFiles.Put(transaction, current, before: null);
        if (isRegistered)
            RegisteredFolders.TakenBack(transaction, current);
        return current;
    }

    /// <summary>The versions of a key whose bytes may not be in the hidden place yet.</summary>
    internal static List<DataFile> Unkept(DbTransaction transaction, long bucketId, string key) =>
        [
            .. transaction
                .Connection!.Query<DataFile>(
                    $"""
                    SELECT {Columns} FROM file_version WHERE blob IN
                        (SELECT blob FROM unplaced_version WHERE bucket_id = @bucketId AND key = @key AND state = '{KeptState}')
                    """,
                    new { bucketId, key },
                    transaction
                )
                .Select(row => row with { IsNoncurrent = true }),
        ];

    static IReadOnlyList<string> Keep(DbTransaction transaction, DataFile before)
    {
        // Only where a stale view of the bucket has let a second null version come about; the newer one counts.
        var dropped = Find(transaction, before.BucketId, before.Key, before.Version) is { } same
            ? Drop(transaction, same)
            : [];
        Insert(transaction, before);
        // A registered file stays where it is, and nothing is put over it.
        if (before.Location != Location.Registered)
            Mark(transaction, before, KeptState);
        return dropped;
    }

    static void Insert(DbTransaction transaction, DataFile file) =>
        transaction.Connection!.Execute(
            """
            INSERT INTO file_version (bucket_id, key, version, is_marker, sequence_row, size_bytes, etag, crc32, crc64_nvme,
                checksum_algorithm, checksum_value, checksum_type, content_type, headers, part_sizes, part_checksums, upload_id, tags, owner,
                modified_at, blob, location)
            VALUES (@BucketId, @Key, @Version, @IsMarker, @SequenceRow, @SizeBytes, @ETag, @Crc32, @Crc64Nvme,
                @ChecksumAlgorithm, @ChecksumValue, @ChecksumType, @ContentType, @Headers, @PartSizes, @PartChecksums, @UploadId, @Tags, @Owner,
                @ModifiedAt, @Blob, @location)
            """,
            DataFiles.ParametersOf(file),
            transaction
        );

    static void Mark(DbTransaction transaction, DataFile row, string state) =>
        transaction.Connection!.Execute(
            """
            INSERT INTO unplaced_version (blob, bucket_id, key, state) VALUES (@Blob, @BucketId, @Key, @state)
            ON CONFLICT (blob) DO UPDATE SET state = excluded.state
            """,
            new
            {
                row.Blob,
                row.BucketId,
                row.Key,
                state,
            },
            transaction
        );
}
