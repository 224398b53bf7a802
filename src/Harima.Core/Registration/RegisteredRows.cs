using System.Data.Common;
using Dapper;
using Harima.Catalogue;
using Harima.Storage;

namespace Harima.Registration;

/// <summary>
/// Writes many rows of registered files at once, each only if nobody has changed the key since it was looked at. On PostgreSQL a
/// thousand rows are one statement; on SQLite, where a statement costs no way there and back, one each.
/// </summary>
sealed class RegisteredRows(
    DbTransaction transaction,
    Dialect dialect,
    RegisteredFolder folder,
    long sequenceRow,
    Versioning versioning,
    string owner,
    DateTimeOffset now
)
{
    const string Columns =
        "(bucket_id, key, version, sequence_row, size_bytes, etag, crc32, crc64_nvme, owner, modified_at, blob, location)";

    const string IsNotReplaced =
        "NOT EXISTS (SELECT 1 FROM registered_replaced r WHERE r.bucket_id = @BucketId AND r.key = ";

    DbConnection Connection => transaction.Connection!;

    /// <returns>How many were added, and their bytes: a key that is taken, or whose file somebody removed in Harima, is left alone.</returns>
    public (long Files, long Bytes) Add(IReadOnlyList<FoundOnDisk> found)
    {
        if (found.Count == 0)
            return (0, 0);
        var rows = found.Select(RowOf).ToList();
        if (dialect == Dialect.Postgres)
            return Connection.QuerySingle<(long, long)>(
                $"""
                WITH added AS (
                    INSERT INTO data_file {Columns}
                    SELECT @BucketId, f.key, f.version, @sequenceRow, f.size, f.etag, '', '', @owner, f.modified, f.blob, 'registered'
                    FROM unnest(@keys, @versions, @sizes, @etags, @times, @blobs) AS f (key, version, size, etag, modified, blob)
                    WHERE {IsNotReplaced}f.key)
                    ON CONFLICT (bucket_id, key) DO NOTHING RETURNING size_bytes)
                SELECT COUNT(*), CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM added
                """,
                Arrays(rows),
                transaction
            );
        var (files, bytes) = (0L, 0L);
        foreach (var row in rows)
        {
            var done = Connection.Execute(
                $"""
                INSERT INTO data_file {Columns}
                SELECT @BucketId, @Key, @Version, @sequenceRow, @SizeBytes, @ETag, '', '', @owner, @ModifiedAt, @Blob, 'registered'
                WHERE {IsNotReplaced}@Key)
                ON CONFLICT (bucket_id, key) DO NOTHING
                """,
                new
                {
                    folder.BucketId,
                    row.Key,
                    row.Version,
                    sequenceRow,
                    row.SizeBytes,
                    row.ETag,
                    owner,
                    row.ModifiedAt,
                    row.Blob,
                },
                transaction
            );
            files += done;
            bytes += done * row.SizeBytes;
        }
        return (files, bytes);
    }

    /// <summary>Lets rows mean what lies there now. Tags and headers stay; the checksums are to be found again.</summary>
    /// <returns>How many, and by how many bytes more.</returns>
    public (long Files, long Bytes) Change(IReadOnlyList<(CataloguedFile Row, FoundOnDisk Now)> changed)
    {
        const string Set = """
            crc32 = '', crc64_nvme = '', checksum_algorithm = NULL, checksum_value = NULL, checksum_type = NULL
            """;
        if (changed.Count == 0)
            return (0, 0);
        if (dialect == Dialect.Postgres)
        {
            var sizes = changed.ToDictionary(one => one.Row.Id, one => one.Row.SizeBytes);
            var done = Connection
                .Query<(long Id, long SizeBytes)>(
                    $"""
                    UPDATE data_file SET version = f.version, size_bytes = f.size, etag = f.etag, modified_at = f.modified, blob = f.blob, {Set}
                    FROM unnest(@ids, @olds, @versions, @sizes, @etags, @times, @blobs)
                        AS f (id, old, version, size, etag, modified, blob)
                    WHERE data_file.id = f.id AND data_file.blob = f.old RETURNING data_file.id, data_file.size_bytes
                    """,
                    Arrays(
                        [.. changed.Select(one => RowOf(one.Now))],
                        [.. changed.Select(one => one.Row.Id)],
                        [.. changed.Select(one => one.Row.Blob)]
                    ),
                    transaction
                )
                .AsList();
            return (done.Count, done.Sum(one => one.SizeBytes - sizes[one.Id]));
        }
        var (files, bytes) = (0L, 0L);
        foreach (var (before, found) in changed)
        {
            var row = RowOf(found);
            var done = Connection.Execute(
                $"""
                UPDATE data_file SET version = @Version, size_bytes = @SizeBytes, etag = @ETag, modified_at = @ModifiedAt, blob = @Blob, {Set}
                WHERE id = @Id AND blob = @old
                """,
                new
                {
                    row.Version,
                    row.SizeBytes,
                    row.ETag,
                    row.ModifiedAt,
                    row.Blob,
                    before.Id,
                    old = before.Blob,
                },
                transaction
            );
            files += done;
            bytes += done * (row.SizeBytes - before.SizeBytes);
        }
        return (files, bytes);
    }

    /// <summary>
    /// Takes out rows of files that have gone. Their bytes are nowhere, so there is no older version to keep; where the key has versions
    /// of Harima's own, a delete marker says that it is gone.
    /// </summary>
    public (long Files, long Bytes) Remove(IReadOnlyList<CataloguedFile> gone)
    {
        var (files, bytes) = (0L, 0L);
        foreach (var row in gone)
        {
            var done = Connection.Execute(
                "DELETE FROM data_file WHERE id = @Id AND blob = @Blob",
                new { row.Id, row.Blob },
                transaction
            );
            files += done;
            bytes += done * row.SizeBytes;
            if (done == 1 && versioning != Versioning.None)
                AddMarker(row.Key);
        }
        return (files, bytes);
    }

    void AddMarker(string key)
    {
        if (FileVersions.Newest(transaction, folder.BucketId, key) is not { IsMarker: false })
            return;
        var version = versioning == Versioning.Enabled ? FileVersions.NewId(now) : DataFile.NullVersion;
        if (FileVersions.Find(transaction, folder.BucketId, key, version) is not null)
            return;
        FileVersions.AddMarker(
            transaction,
            new DataFile
            {
                BucketId = folder.BucketId,
                Key = key,
                Version = version,
                IsMarker = true,
                SequenceRow = sequenceRow,
                ETag = "",
                Crc32 = "",
                Crc64Nvme = "",
                Owner = owner,
                ModifiedAt = now,
            }
        );
    }

    DynamicParameters Arrays(List<NewRow> rows, long[]? ids = null, string[]? olds = null)
    {
        var parameters = new DynamicParameters(
            new
            {
                folder.BucketId,
                sequenceRow,
                owner,
                keys = rows.Select(row => row.Key).ToArray(),
                versions = rows.Select(row => row.Version).ToArray(),
                sizes = rows.Select(row => row.SizeBytes).ToArray(),
                etags = rows.Select(row => row.ETag).ToArray(),
                times = rows.Select(row => row.ModifiedAt.ToMicroseconds()).ToArray(),
                blobs = rows.Select(row => row.Blob).ToArray(),
            }
        );
        if (ids is not null)
            parameters.AddDynamicParams(new { ids, olds });
        return parameters;
    }

    NewRow RowOf(FoundOnDisk found)
    {
        var key = folder.Prefix + found.Path;
        var facts = found.Facts;
        var blob = new RegisteredName(folder.Id, facts.ModifiedNanoseconds, facts.Inode).ToBlob(key);
        return new NewRow(
            key,
            versioning == Versioning.Enabled ? FileVersions.NewId(now) : DataFile.NullVersion,
            facts.SizeBytes,
            RegisteredName.ETagOf(blob, facts.SizeBytes),
            Instant.FromMicroseconds((long)Math.Floor(facts.ModifiedNanoseconds / 1000m)),
            blob
        );
    }

    sealed record NewRow(
        string Key,
        string Version,
        long SizeBytes,
        string ETag,
        DateTimeOffset ModifiedAt,
        string Blob
    );
}
