using System.Data.Common;
using Dapper;
using Harima.Catalogue;
using Harima.Faults;
using Harima.S3.Checksums;

namespace Harima.Storage;

/// <summary>
/// Multipart uploads. Parts of the usual equal size are written where they belong in one sparse file, so completing copies
/// nothing; a part of another size, or one sent again, gets a file of its own and is copied in at the end.
/// </summary>
public sealed partial class Uploads(Database database, CatalogueWriter writer, ByteStore store, TimeProvider time)
{
    // One of them is there: parts lie in files of the tree, or in a store that has uploads itself.
    readonly PosixStore? _tree = store as PosixStore;
    readonly IKeepsParts? _parts = store as IKeepsParts;

    /// <summary>S3's limits.</summary>
    public const int MaxParts = 10_000;
    public const long MinPartBytes = 5L << 20;

    const string Columns =
        "id, bucket_id, key, owner, created_at, content_type, headers, checksum_algorithm, checksum_type, tags, blob, part_size_bytes, store_object, store_upload, completing";
    const string PartColumns =
        "upload_id, number, size_bytes, etag, crc32, crc64_nvme AS Crc64Nvme, checksum_value, modified_at, blob, store_etag AS StoreETag";

    internal async Task<Upload> BeginAsync(Bucket bucket, Upload upload, CancellationToken cancellationToken)
    {
        var begun = upload with
        {
            Id = Guid.CreateVersion7(time.GetUtcNow()).ToString("N"),
            CreatedAt = time.Now(),
            Blob = store.NewStaged().Blob,
        };
        if (_parts is not null)
            begun = await _parts.BeginAsync(bucket, begun, cancellationToken);
        await writer.WriteAsync(
            transaction =>
            {
                _parts?.Begun(transaction, begun);
                transaction.Connection!.Execute(
                    """
                    INSERT INTO upload (id, bucket_id, key, owner, created_at, content_type, headers, checksum_algorithm, checksum_type, tags, blob,
                        store_object, store_upload)
                    VALUES (@Id, @BucketId, @Key, @Owner, @CreatedAt, @ContentType, @Headers, @ChecksumAlgorithm, @ChecksumType, @Tags, @Blob,
                        @StoreObject, @StoreUpload)
                    """,
                    new
                    {
                        begun.Id,
                        begun.BucketId,
                        begun.Key,
                        begun.Owner,
                        begun.CreatedAt,
                        begun.ContentType,
                        begun.Headers,
                        begun.ChecksumAlgorithm,
                        begun.ChecksumType,
                        begun.Tags,
                        begun.Blob,
                        begun.StoreObject,
                        begun.StoreUpload,
                    },
                    transaction
                );
            },
            cancellationToken
        );
        return begun;
    }

    internal async Task<Upload?> FindAsync(long bucketId, string key, string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<Upload>(
            $"SELECT {Columns} FROM upload WHERE id = @id AND bucket_id = @bucketId AND key = @key",
            new
            {
                id,
                bucketId,
                key,
            }
        );
    }

    /// <summary>Unfinished uploads of a bucket in order of key and id.</summary>
    internal async Task<IReadOnlyList<Upload>> ListAsync(
        long bucketId,
        string prefix,
        string? afterKey,
        string? afterId,
        int limit,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var end = KeyOrder.AfterPrefix(prefix);
        var uploads = await connection.QueryAsync<Upload>(
            $"""
            SELECT {Columns} FROM upload WHERE bucket_id = @bucketId AND key >= @prefix {(
                end is null ? "" : "AND key < @end"
            )}
            {(
                afterKey is null ? ""
                : afterId is null ? "AND key > @afterKey"
                : "AND (key > @afterKey OR (key = @afterKey AND id > @afterId))"
            )}
            ORDER BY key, id LIMIT @limit
            """,
            new
            {
                bucketId,
                prefix,
                end,
                afterKey,
                afterId,
                limit,
            }
        );
        return uploads.AsList();
    }

    internal async Task<IReadOnlyList<UploadPart>> PartsAsync(
        string uploadId,
        int after,
        int limit,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var parts = await connection.QueryAsync<UploadPart>(
            $"SELECT {PartColumns} FROM upload_part WHERE upload_id = @uploadId AND number > @after AND state = 'stored' ORDER BY number LIMIT @limit",
            new
            {
                uploadId,
                after,
                limit,
            }
        );
        return parts.AsList();
    }

    /// <summary>Stores one part durably; sending a number again replaces it.</summary>
    internal async Task<UploadPart> PutPartAsync(
        Upload upload,
        int number,
        Stream body,
        BodyExpectation expected,
        CancellationToken cancellationToken
    )
    {
        if (_parts is not null)
        {
            var (stored, storeETag) = await _parts.StagePartAsync(upload, number, body, expected, cancellationToken);
            var there = PartOf(upload, number, stored, "") with { StoreETag = storeETag };
            await RecordAsync(there, cancellationToken);
            return there;
        }
        var inPlace =
            expected.LengthBytes is { } length && await ClaimPlaceAsync(upload, number, length, cancellationToken);
        if (!inPlace)
        {
            using var staged = await _tree!.StageAsync(body, expected, inCommit: false, cancellationToken);
            var own = PartOf(upload, number, staged, staged.Blob);
            await RecordAsync(own, cancellationToken);
            staged.Kept = true;
            return own;
        }
        try
        {
            using var staged = await _tree!.StageAtAsync(
                upload.Blob,
                (number - 1) * await PartSizeAsync(upload, cancellationToken),
                body,
                expected,
                cancellationToken
            );
            var part = PartOf(upload, number, staged, "");
            await RecordAsync(part, cancellationToken);
            return part;
        }
        catch
        {
            await ReleaseClaimAsync(upload, number);
            throw;
        }
    }

    /// <summary>Forgets an upload and its bytes.</summary>
    internal async Task AbortAsync(Upload upload, CancellationToken cancellationToken)
    {
        var blobs = await writer.WriteAsync(transaction => GiveUp(transaction, upload.Id), cancellationToken);
        // Completed meanwhile, perhaps through another replica: then its bytes belong to a file.
        foreach (var blob in blobs?.Append(upload.Blob) ?? [])
            store.Discard(blob);
    }

    /// <summary>Until it is disposed, nobody else completes this upload, on any replica.</summary>
    internal async Task<IAsyncDisposable> AloneAsync(string uploadId, CancellationToken cancellationToken)
    {
        if (database.Dialect == Dialect.Sqlite)
            return new Alone(null, null);
        // Each holds a connection while it needs another: not so many that they take all there are.
        await Completing.WaitAsync(cancellationToken);
        DbConnection? connection = null;
        try
        {
            connection = await database.OpenAsync(cancellationToken);
            // Of the session: it goes with the connection, and so with a process that is killed.
            await connection.ExecuteAsync(
                new CommandDefinition(
                    "SELECT pg_advisory_lock(hashtextextended(@uploadId, 70))",
                    new { uploadId },
                    commandTimeout: 0,
                    cancellationToken: cancellationToken
                )
            );
            return new Alone(connection, Completing);
        }
        catch
        {
            if (connection is not null)
                await connection.DisposeAsync();
            Completing.Release();
            throw;
        }
    }

    static readonly SemaphoreSlim Completing = new(16);

    sealed class Alone(DbConnection? connection, SemaphoreSlim? gate) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            if (connection is null)
                return;
            try
            {
                await connection.ExecuteAsync("SELECT pg_advisory_unlock_all()");
            }
            finally
            {
                await connection.DisposeAsync();
                gate!.Release();
            }
        }
    }

    /// <summary>Removes the rows of all uploads of a bucket.</summary>
    /// <returns>The files their bytes lie in.</returns>
    internal static IReadOnlyList<string> ForgetAll(DbTransaction transaction, long bucketId)
    {
        var uploads = transaction
            .Connection!.Query<(string Id, string Blob)>(
                "SELECT id, blob FROM upload WHERE bucket_id = @bucketId",
                new { bucketId },
                transaction
            )
            .AsList();
        return [.. uploads.SelectMany(upload => (GiveUp(transaction, upload.Id) ?? []).Append(upload.Blob))];
    }

    /// <summary>As <see cref="Forget"/>, where the upload does not become a file.</summary>
    static IReadOnlyList<string>? GiveUp(DbTransaction transaction, string uploadId)
    {
        transaction.Connection!.Execute(
            """
            INSERT INTO loose_object (name, state, is_upload, due)
            SELECT store_object, 'leaving', TRUE, 0 FROM upload WHERE id = @uploadId AND store_object IS NOT NULL
            """,
            new { uploadId },
            transaction
        );
        return Forget(transaction, uploadId);
    }

    /// <summary>Removes the rows of an upload.</summary>
    /// <returns>The files that parts had of their own; null where the upload had gone already.</returns>
    internal static IReadOnlyList<string>? Forget(DbTransaction transaction, string uploadId)
    {
        var blobs = transaction
            .Connection!.Query<string>(
                "SELECT blob FROM upload_part WHERE upload_id = @uploadId AND blob <> ''",
                new { uploadId },
                transaction
            )
            .AsList();
        transaction.Connection!.Execute(
            "DELETE FROM upload_part WHERE upload_id = @uploadId",
            new { uploadId },
            transaction
        );
        var removed = transaction.Connection!.Execute(
            "DELETE FROM upload WHERE id = @uploadId",
            new { uploadId },
            transaction
        );
        return removed == 0 ? null : blobs;
    }

    /// <summary>
    /// Whether this part may be written at its place in the upload's file: the first of its number, and not larger than the parts
    /// before it. The claim is a row, so a retry through another replica cannot write over bytes that were answered for.
    /// </summary>
    Task<bool> ClaimPlaceAsync(Upload upload, int number, long lengthBytes, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            transaction =>
            {
                transaction.Connection!.Execute(
                    "UPDATE upload SET part_size_bytes = @lengthBytes WHERE id = @Id AND part_size_bytes IS NULL AND @lengthBytes > 0",
                    new { upload.Id, lengthBytes },
                    transaction
                );
                var size = transaction.Connection!.ExecuteScalar<long?>(
                    "SELECT part_size_bytes FROM upload WHERE id = @Id",
                    new { upload.Id },
                    transaction
                );
                if (size is null || lengthBytes > size)
                    return false;
                return transaction.Connection!.Execute(
                        """
                        INSERT INTO upload_part (upload_id, number, state, size_bytes, etag, crc32, crc64_nvme, modified_at, blob)
                        VALUES (@Id, @number, 'claimed', 0, '', '', '', @at, '') ON CONFLICT (upload_id, number) DO NOTHING
                        """,
                        new
                        {
                            upload.Id,
                            number,
                            at = time.Now(),
                        },
                        transaction
                    ) == 1;
            },
            cancellationToken
        );

    async Task<long> PartSizeAsync(Upload upload, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long>(
            "SELECT part_size_bytes FROM upload WHERE id = @Id",
            new { upload.Id }
        );
    }

    Task ReleaseClaimAsync(Upload upload, int number) =>
        writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    "DELETE FROM upload_part WHERE upload_id = @Id AND number = @number AND state = 'claimed'",
                    new { upload.Id, number },
                    transaction
                ),
            CancellationToken.None
        );

    async Task RecordAsync(UploadPart part, CancellationToken cancellationToken)
    {
        var replaced = await writer.WriteAsync(
            transaction =>
            {
                if (
                    transaction.Connection!.ExecuteScalar<long>(
                        "SELECT COUNT(*) FROM upload WHERE id = @UploadId",
                        new { part.UploadId },
                        transaction
                    ) == 0
                )
                    throw NoSuchUpload(part.UploadId);
                var before = transaction.Connection!.QuerySingleOrDefault<string>(
                    "SELECT blob FROM upload_part WHERE upload_id = @UploadId AND number = @Number",
                    new { part.UploadId, part.Number },
                    transaction
                );
                transaction.Connection!.Execute(
                    """
                    INSERT INTO upload_part (upload_id, number, state, size_bytes, etag, crc32, crc64_nvme, checksum_value, modified_at, blob, store_etag)
                    VALUES (@UploadId, @Number, 'stored', @SizeBytes, @ETag, @Crc32, @Crc64Nvme, @ChecksumValue, @ModifiedAt, @Blob, @StoreETag)
                    ON CONFLICT (upload_id, number) DO UPDATE SET state = 'stored', size_bytes = excluded.size_bytes,
                        etag = excluded.etag, crc32 = excluded.crc32, crc64_nvme = excluded.crc64_nvme,
                        checksum_value = excluded.checksum_value, modified_at = excluded.modified_at, blob = excluded.blob,
                        store_etag = excluded.store_etag
                    """,
                    new
                    {
                        part.UploadId,
                        part.Number,
                        part.SizeBytes,
                        part.ETag,
                        part.Crc32,
                        part.Crc64Nvme,
                        part.ChecksumValue,
                        part.ModifiedAt,
                        part.Blob,
                        part.StoreETag,
                    },
                    transaction
                );
                return before;
            },
            cancellationToken
        );
        if (!string.IsNullOrEmpty(replaced))
            store.Discard(replaced);
    }

    static UploadPart PartOf(Upload upload, int number, StagedBlob staged, string blob) =>
        new()
        {
            UploadId = upload.Id,
            Number = number,
            SizeBytes = staged.SizeBytes,
            ETag = staged.ETag,
            Crc32 = staged.Crc32,
            Crc64Nvme = staged.Crc64Nvme,
            ChecksumValue = ValueOf(upload, staged),
            ModifiedAt = staged.ModifiedAt,
            Blob = blob,
        };

    static string? ValueOf(Upload upload, StagedBlob staged) =>
        !ChecksumAlgorithms.TryParse(upload.ChecksumAlgorithm, out var algorithm) ? null
        : algorithm == ChecksumAlgorithm.Crc32 ? staged.Crc32
        : algorithm == ChecksumAlgorithm.Crc64Nvme ? staged.Crc64Nvme
        : staged.Chosen?.Value;

    internal static FaultException NoSuchUpload(string id) =>
        new(
            FaultCode.NotFound,
            "no-such-upload",
            "This multipart upload does not exist: it was completed, aborted or given up. Begin a new one.",
            new Dictionary<string, string> { ["id"] = id }
        );
}
