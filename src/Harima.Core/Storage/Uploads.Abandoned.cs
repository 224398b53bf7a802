using Dapper;
using Harima.Catalogue;

namespace Harima.Storage;

/// <summary>An upload that has neither been completed nor aborted, as those see it who keep the storage.</summary>
public sealed record UnfinishedUpload
{
    public required string Id { get; init; }
    public required string BucketName { get; init; }
    public BucketKind BucketKind { get; init; }

    /// <summary>Id of the proposal or the workspace.</summary>
    public required string OwnerRef { get; init; }
    public required string Key { get; init; }
    public required string Owner { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the last part arrived, or when it began.</summary>
    public DateTimeOffset LastPartAt { get; init; }

    /// <summary>Of the parts that have been received.</summary>
    public long SizeBytes { get; init; }
    public long Parts { get; init; }
}

public sealed partial class Uploads
{
    const string PartsOf = "upload_part p WHERE p.upload_id = u.id AND p.state = 'stored'";

    // An upload is as old as its last part: one that goes on for weeks is not abandoned.
    const string LastPartAt = $"COALESCE((SELECT MAX(p.modified_at) FROM {PartsOf}), u.created_at)";

    /// <summary>All unfinished uploads, oldest first.</summary>
    internal async Task<Page<UnfinishedUpload>> UnfinishedAsync(
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        // Ids begin with the time, so their order is the order of beginning.
        var after = cursor is null ? "" : Cursor.Decode(cursor, 1)[0].GetString();
        await using var connection = await database.OpenAsync(cancellationToken);
        var found = (
            await connection.QueryAsync<UnfinishedUpload>(
                $"""
                SELECT u.id, b.name AS BucketName, b.kind AS BucketKind, b.owner_ref, u.key, u.owner, u.created_at,
                    {LastPartAt} AS LastPartAt,
                    CAST(COALESCE((SELECT SUM(p.size_bytes) FROM {PartsOf}), 0) AS BIGINT) AS SizeBytes,
                    (SELECT COUNT(*) FROM {PartsOf}) AS Parts
                FROM upload u JOIN bucket b ON b.id = u.bucket_id
                WHERE u.id > @after ORDER BY u.id LIMIT @limit
                """,
                new { after, limit = limit + 1 }
            )
        ).AsList();
        return Page.Of(found, limit, last => [last.Id]);
    }

    internal async Task<Upload?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<Upload>(
            $"SELECT {Columns} FROM upload WHERE id = @id",
            new { id }
        );
    }

    /// <summary>At most 1000 uploads that have received nothing since <paramref name="before"/>.</summary>
    internal async Task<IReadOnlyList<Upload>> AbandonedSinceAsync(
        DateTimeOffset before,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return (
            await connection.QueryAsync<Upload>(
                $"SELECT {Columns} FROM upload u WHERE created_at < @before AND {LastPartAt} < @before LIMIT 1000",
                new { before }
            )
        ).AsList();
    }
}
