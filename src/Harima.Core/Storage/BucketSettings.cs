using System.Data.Common;
using Dapper;
using Harima.Catalogue;

namespace Harima.Storage;

/// <summary>What can be set for a bucket.</summary>
public enum BucketSetting
{
    /// <summary>Which pages of other origins may use it.</summary>
    Cors,

    /// <summary>The bucket policy, as its author wrote it.</summary>
    Policy,

    /// <summary>What everyone may not, whatever else is set.</summary>
    PublicAccess,
    Tags,
    Ownership,
}

/// <summary>Keeps the settings of buckets. Who may see and change them is decided by the use cases that call this.</summary>
public sealed class BucketSettings(Database database)
{
    internal async Task<string?> FindAsync(long bucketId, BucketSetting setting, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<string>(
            "SELECT document FROM bucket_setting WHERE bucket_id = @bucketId AND kind = @kind",
            new { bucketId, kind = KindOf(setting) }
        );
    }

    internal async Task<string?> FindAsync(string bucket, BucketSetting setting, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<string>(
            """
            SELECT s.document FROM bucket b JOIN bucket_setting s ON s.bucket_id = b.id
            WHERE b.name = @name AND s.kind = @kind
            """,
            new { name = bucket.ToLowerInvariant(), kind = KindOf(setting) }
        );
    }

    /// <summary>Sets it, or with null takes it away.</summary>
    internal static void Put(DbTransaction transaction, long bucketId, BucketSetting setting, string? document) =>
        transaction.Connection!.Execute(
            document is null
                ? "DELETE FROM bucket_setting WHERE bucket_id = @bucketId AND kind = @kind"
                : """
                INSERT INTO bucket_setting (bucket_id, kind, document) VALUES (@bucketId, @kind, @document)
                ON CONFLICT (bucket_id, kind) DO UPDATE SET document = excluded.document
                """,
            new
            {
                bucketId,
                kind = KindOf(setting),
                document,
            },
            transaction
        );

    internal static void RemoveAll(DbTransaction transaction, long bucketId) =>
        transaction.Connection!.Execute(
            "DELETE FROM bucket_setting WHERE bucket_id = @bucketId",
            new { bucketId },
            transaction
        );

    internal static string KindOf(BucketSetting setting) => setting.ToString().ToLowerInvariant();
}
