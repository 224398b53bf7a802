using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Data.Common;
using System.Text;
using Dapper;
using Harima.Catalogue;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Harima.Storage;

/// <summary>The rows of stored files: one per key.</summary>
public sealed class DataFiles(Database database)
{
    internal const string Columns =
        "id, bucket_id, key, version, sequence_row, size_bytes, etag, crc32, crc64_nvme AS Crc64Nvme, checksum_algorithm, checksum_value, "
        + "checksum_type, content_type, headers, part_sizes, part_checksums, upload_id, tags, owner, modified_at, blob, location";

    readonly PreparedQuery<DataFile> _byKey = new(
        database,
        $"SELECT {Columns} FROM data_file WHERE bucket_id = @bucketId AND key = @key",
        "@bucketId",
        "@key"
    );

    readonly KeptRows? _kept = database.Watch("data_file") is { } changed ? new KeptRows(changed) : null;

    internal ValueTask<DataFile?> FindAsync(long bucketId, string key, CancellationToken cancellationToken) =>
        _kept is null ? _byKey.FindAsync(bucketId, key, cancellationToken)
        : _kept.Find(bucketId, key) is { } row ? ValueTask.FromResult<DataFile?>(row)
        : LookUpAsync(_kept, bucketId, key, cancellationToken);

    async ValueTask<DataFile?> LookUpAsync(
        KeptRows kept,
        long bucketId,
        string key,
        CancellationToken cancellationToken
    )
    {
        var now = kept.Now;
        var row = await _byKey.FindAsync(bucketId, key, cancellationToken);
        if (row is not null)
            kept.Add(row, now);
        return row;
    }

    internal static DataFile? Find(DbTransaction transaction, long bucketId, string key) =>
        transaction.Connection!.QuerySingleOrDefault<DataFile>(
            $"SELECT {Columns} FROM data_file WHERE bucket_id = @bucketId AND key = @key",
            new { bucketId, key },
            transaction
        );

    /// <summary>Writes the row, and its mark where the bytes are yet to be moved.</summary>
    /// <param name="before">The row it replaces, as it was looked at in this transaction; null where there was none.</param>
    /// <param name="body">The bytes themselves, where they are not durable yet; null otherwise.</param>
    /// <returns>Earlier changes of the key that may still be under way to the disk.</returns>
    internal static IReadOnlyList<string> Put(
        DbTransaction transaction,
        DataFile file,
        DataFile? before,
        byte[]? body = null
    )
    {
        const string Upsert = """
            INSERT INTO data_file (bucket_id, key, version, sequence_row, size_bytes, etag, crc32, crc64_nvme, checksum_algorithm,
                checksum_value, checksum_type, content_type, headers, part_sizes, part_checksums, upload_id, tags, owner, modified_at, blob,
                location)
            VALUES (@BucketId, @Key, @Version, @SequenceRow, @SizeBytes, @ETag, @Crc32, @Crc64Nvme, @ChecksumAlgorithm,
                @ChecksumValue, @ChecksumType, @ContentType, @Headers, @PartSizes, @PartChecksums, @UploadId, @Tags, @Owner, @ModifiedAt, @Blob,
                @location)
            ON CONFLICT (bucket_id, key) DO UPDATE SET
                version = excluded.version, sequence_row = excluded.sequence_row, size_bytes = excluded.size_bytes, etag = excluded.etag,
                crc32 = excluded.crc32, crc64_nvme = excluded.crc64_nvme, checksum_algorithm = excluded.checksum_algorithm,
                checksum_value = excluded.checksum_value, checksum_type = excluded.checksum_type,
                content_type = excluded.content_type, headers = excluded.headers, part_sizes = excluded.part_sizes,
                part_checksums = excluded.part_checksums, upload_id = excluded.upload_id, tags = excluded.tags,
                owner = excluded.owner, modified_at = excluded.modified_at, blob = excluded.blob, location = excluded.location
            """;
        var parameters = ParametersOf(file);
        if (!transaction.MayOvertake())
            transaction.Connection!.Execute(Upsert, parameters, transaction);
        // Uploads of one key wait for one another. A scan, which writes a thousand keys at once, waits for nobody, and may have
        // put, renewed or taken out this very row since it was looked at.
        else
        {
            var guarded = new DynamicParameters(parameters);
            guarded.Add("before", before?.Blob);
            var id = transaction.Connection!.ExecuteScalar<long?>(
                $"{Upsert} WHERE data_file.blob = @before RETURNING id",
                guarded,
                transaction
            );
            if (id is null || (before is not null && id != before.Id))
                throw new OvertakenException();
        }
        return file.Location is Location.Elsewhere or Location.ElsewhereOdd or Location.Registered
            ? []
            : MarkUnplaced(transaction, file.BucketId, file.Key, file.Blob, body);
    }

    internal static object ParametersOf(DataFile file) =>
        new
        {
            file.BucketId,
            file.Key,
            file.Version,
            file.IsMarker,
            file.SequenceRow,
            file.SizeBytes,
            file.ETag,
            file.Crc32,
            file.Crc64Nvme,
            file.ChecksumAlgorithm,
            file.ChecksumValue,
            file.ChecksumType,
            file.ContentType,
            file.Headers,
            file.PartSizes,
            file.PartChecksums,
            file.UploadId,
            file.Tags,
            file.Owner,
            file.ModifiedAt,
            file.Blob,
            location = TextOf(file.Location),
        };

    /// <summary>How many files there are in a range of keys, and their bytes. Reads every row of it.</summary>
    internal static async Task<FileTotals> TotalsAsync(
        DbConnection connection,
        long bucketId,
        string start,
        string? end
    ) =>
        await connection.QuerySingleAsync<FileTotals>(
            $"""
            SELECT COUNT(*) AS files, CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) AS size_bytes FROM data_file
            WHERE bucket_id = @bucketId AND key >= @start {(end is null ? "" : "AND key < @end")}
            """,
            new
            {
                bucketId,
                start,
                end,
            }
        );

    /// <summary>Rows in order of key.</summary>
    /// <param name="start">From this key on.</param>
    /// <param name="end">Up to before this key; null for no end.</param>
    internal static async Task<List<DataFile>> ListAsync(
        DbConnection connection,
        long bucketId,
        string start,
        string? end,
        int take
    )
    {
        var rows = await connection.QueryAsync<DataFile>(
            $"""
            SELECT {Columns} FROM data_file
            WHERE bucket_id = @bucketId AND key >= @start {(end is null ? "" : "AND key < @end")}
            ORDER BY key LIMIT @take
            """,
            new
            {
                bucketId,
                start,
                end,
                take,
            }
        );
        return rows.AsList();
    }

    /// <summary>As <see cref="ListAsync"/>, with only what a listing of S3 says: a fraction of the time of reading whole rows.</summary>
    internal static async Task<List<BriefEntry>> ListBriefAsync(
        DbConnection connection,
        long bucketId,
        string start,
        string? end,
        int take
    )
    {
        // On SQLite each value of each row is two calls into the library, with locks: one text for the row takes half as long.
        var columns =
            connection is SqliteConnection
                ? "size_bytes || ' ' || modified_at || ' ' || etag || ' ' || length(CAST(owner AS BLOB)) || ' ' || owner || key"
                : "key, size_bytes, etag, owner, modified_at";
        await using var command = connection.CreateCommand();
        command.CommandText = $"""
            SELECT {columns} FROM data_file
            WHERE bucket_id = @bucketId AND key >= @start {(end is null ? "" : "AND key < @end")}
            ORDER BY data_file.key LIMIT @take
            """;
        Add("@bucketId", bucketId);
        Add("@start", start);
        if (end is not null)
            Add("@end", end);
        Add("@take", take);
        var rows = new List<BriefEntry>(Math.Min(take, 1001));
        await using var reader = await command.ExecuteReaderAsync();
        // A page is some hundred rows that have already arrived: a wait for each would cost more than the row.
        if (reader is SqliteDataReader packed)
            while (reader.Read())
                rows.Add(Unpack(raw.sqlite3_column_blob(packed.Handle!, 0), rows.Count > 0 ? rows[^1].Owner : ""));
        else
            while (reader.Read())
                rows.Add(
                    new BriefEntry(
                        reader.GetString(0),
                        reader.GetInt64(1),
                        reader.GetString(2),
                        reader.GetString(3),
                        Instant.FromMicroseconds(reader.GetInt64(4))
                    )
                );
        return rows;

        void Add(string name, object value)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
    }

    /// <param name="row">The library's own bytes (UTF-8), there until the next row is read.</param>
    /// <param name="likely">The owner of the row before, whose text can be shared.</param>
    static BriefEntry Unpack(ReadOnlySpan<byte> row, string likely)
    {
        var size = Number(ref row);
        var modified = Number(ref row);
        var etag = Encoding.UTF8.GetString(row[..row.IndexOf((byte)' ')]);
        row = row[(etag.Length + 1)..];
        var ownerBytes = (int)Number(ref row);
        var owner = row[..ownerBytes];
        return new BriefEntry(
            Encoding.UTF8.GetString(row[ownerBytes..]),
            size,
            etag,
            Ascii.Equals(owner, likely) ? likely : Encoding.UTF8.GetString(owner),
            Instant.FromMicroseconds(modified)
        );

        static long Number(ref ReadOnlySpan<byte> row)
        {
            _ = Utf8Parser.TryParse(row, out long value, out var length);
            row = row[(length + 1)..];
            return value;
        }
    }

    /// <summary>Whether a file is called like a folder of this key, or a folder like this key.</summary>
    internal static bool IsInTheWay(DbTransaction transaction, long bucketId, string key)
    {
        var parents = new List<string>();
        for (var slash = key.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = key.IndexOf('/', slash + 1))
            parents.Add(key[..slash]);
        return parents.Any(parent => Find(transaction, bucketId, parent) is not null)
            || transaction.Connection!.ExecuteScalar<long>(
                "SELECT COUNT(*) FROM (SELECT 1 FROM data_file WHERE bucket_id = @bucketId AND key >= @start AND key < @end LIMIT 1) f",
                new
                {
                    bucketId,
                    start = key + "/",
                    end = key + "0",
                },
                transaction
            ) > 0;
    }

    /// <summary>Sets the tags of one version, current or not.</summary>
    internal static void SetTags(DbTransaction transaction, DataFile file, string? tags) =>
        transaction.Connection!.Execute(
            $"UPDATE {(file.IsNoncurrent ? "file_version" : "data_file")} SET tags = @tags WHERE id = @Id",
            new { file.Id, tags },
            transaction
        );

    /// <param name="removal">Names this removal (<see cref="PosixStore.BeginRemoval"/>); null where nothing is to be moved.</param>
    /// <returns>As for <see cref="Put"/>.</returns>
    internal static IReadOnlyList<string> Delete(DbTransaction transaction, DataFile file, string? removal)
    {
        var deleted = transaction.Connection!.Execute(
            "DELETE FROM data_file WHERE id = @Id AND blob = @Blob",
            new { file.Id, file.Blob },
            transaction
        );
        if (deleted != 1)
            throw new OvertakenException();
        return removal is null ? [] : MarkUnplaced(transaction, file.BucketId, file.Key, removal);
    }

    internal static void SetLocation(
        DbTransaction transaction,
        long bucketId,
        string key,
        string blob,
        Location location
    ) =>
        transaction.Connection!.Execute(
            "UPDATE data_file SET location = @location WHERE bucket_id = @bucketId AND key = @key AND blob = @blob",
            new
            {
                bucketId,
                key,
                blob,
                location = TextOf(location),
            },
            transaction
        );

    /// <summary>Changes of a key that may still be under way to the disk, other than <paramref name="last"/>.</summary>
    internal static IReadOnlyList<string> Earlier(DbTransaction transaction, long bucketId, string key, string last) =>
        transaction
            .Connection!.Query<string>(
                "SELECT blob FROM unplaced WHERE bucket_id = @bucketId AND key = @key AND blob <> @last",
                new
                {
                    bucketId,
                    key,
                    last,
                },
                transaction
            )
            .AsList();

    internal static IReadOnlyList<string> MarkUnplaced(
        DbTransaction transaction,
        long bucketId,
        string key,
        string blob,
        byte[]? body = null
    ) =>
        transaction
            .Connection!.Query<string>(
                """
                INSERT INTO unplaced (bucket_id, key, blob, body) VALUES (@bucketId, @key, @blob, @body)
                    ON CONFLICT (bucket_id, key, blob) DO NOTHING;
                SELECT blob FROM unplaced WHERE bucket_id = @bucketId AND key = @key AND blob <> @blob
                """,
                new
                {
                    bucketId,
                    key,
                    blob,
                    body,
                },
                transaction
            )
            .AsList();

    static string TextOf(Location location) => location.ToString().ToLowerInvariant();

    /// <summary>Rows that were read and have not changed since: files that are read once are often read again.</summary>
    sealed class KeptRows(ChangedRows changed)
    {
        // About a kilobyte each; when full, all are forgotten.
        const int Most = 20_000;

        // The rows of uploads in thousands of parts are long.
        const int LongestChars = 4096;

        readonly ConcurrentDictionary<(long BucketId, string Key), (DataFile Row, long AsOf)> _rows = new();
        int _count;

        public long Now => changed.Now;

        public DataFile? Find(long bucketId, string key) =>
            _rows.TryGetValue((bucketId, key), out var kept) && changed.IsAsOf(kept.Row.Id, kept.AsOf)
                ? kept.Row
                : null;

        public void Add(DataFile row, long asOf)
        {
            if (
                (row.PartSizes?.Length ?? 0) + (row.PartChecksums?.Length ?? 0) + (row.Headers?.Length ?? 0)
                > LongestChars
            )
                return;
            if (_rows.TryAdd((row.BucketId, row.Key), (row, asOf)))
            {
                if (Interlocked.Increment(ref _count) > Most)
                {
                    _rows.Clear();
                    Volatile.Write(ref _count, 0);
                }
                return;
            }
            _rows[(row.BucketId, row.Key)] = (row, asOf);
        }
    }
}
