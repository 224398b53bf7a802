using Dapper;
using Harima.Catalogue;
using Harima.Identity;

namespace Harima.Metadata;

// Who made large changes is shown them, and told by the bell when one has ended.
public sealed partial class LargeEdits
{
    // Given up after several attempts, it waits for somebody: that is an end to be told of.
    const string HasEnded = "e.state <> 'running' OR (w.dead IS NOT NULL AND w.dead)";

    /// <summary>The caller's, newest first.</summary>
    public Task<Page<LargeEdit>> ListAsync(
        Principal principal,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    ) => ListAsync(principal, "", cursor, limit, cancellationToken);

    /// <summary>Those of the caller that are under way, newest first.</summary>
    public async Task<IReadOnlyList<LargeEdit>> RunningAsync(
        Principal principal,
        int most,
        CancellationToken cancellationToken
    ) => (await ListAsync(principal, $"AND NOT ({HasEnded})", null, most, cancellationToken)).Items;

    /// <summary>What the caller's bell tells: those that have ended, however they did, newest first.</summary>
    public Task<Page<LargeEdit>> EndedAsync(
        Principal principal,
        bool unseen,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    ) =>
        ListAsync(
            principal,
            $"AND ({HasEnded}) {(unseen ? "AND e.seen_at IS NULL" : "")}",
            cursor,
            limit,
            cancellationToken
        );

    /// <summary>How many that have ended the caller has not seen, counted up to <paramref name="most"/>.</summary>
    public async Task<long> UnseenAsync(Principal principal, int most, CancellationToken cancellationToken)
    {
        if (principal.UserId is null)
            return 0;
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long>(
            $"""
            SELECT COUNT(*) FROM (SELECT e.id FROM large_edit e LEFT JOIN work w ON w.queue = 'large-edit' AND w.subject = e.id
                WHERE e.actor = @Actor AND e.seen_at IS NULL AND ({HasEnded}) LIMIT @most) unseen
            """,
            new { principal.Actor, most }
        );
    }

    /// <summary>The caller has seen that it has ended.</summary>
    /// <param name="id">Null for all that have.</param>
    public async Task SeenAsync(Principal principal, string? id, CancellationToken cancellationToken)
    {
        if (principal.UserId is null)
            return;
        await writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    $"""
                    UPDATE large_edit SET seen_at = @at WHERE actor = @Actor AND seen_at IS NULL {(
                        id is null ? "" : "AND id = @id"
                    )}
                        AND (state <> 'running'
                            OR id IN (SELECT subject FROM work WHERE queue = 'large-edit' AND dead))
                    """,
                    new
                    {
                        at = time.Now(),
                        principal.Actor,
                        id,
                    },
                    transaction
                ),
            cancellationToken
        );
    }

    async Task<Page<LargeEdit>> ListAsync(
        Principal principal,
        string and,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        // Ids rise with time.
        var before = cursor is null ? null : Cursor.Decode(cursor, 1)[0].GetString();
        if (principal.UserId is null)
            return new Page<LargeEdit>([], null);
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = (
            await connection.QueryAsync<LargeEdit>(
                $"""
                {Columns} WHERE e.actor = @Actor {and} {(before is null ? "" : "AND e.id < @before")}
                ORDER BY e.id DESC LIMIT @limit
                """,
                new
                {
                    principal.Actor,
                    before,
                    limit = limit + 1,
                }
            )
        ).AsList();
        return Page.Of(rows, limit, last => [last.Id]);
    }
}
