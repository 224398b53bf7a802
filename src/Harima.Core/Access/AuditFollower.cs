using Dapper;
using Harima.Catalogue;
using Harima.Work;

namespace Harima.Access;

/// <summary>Which audited changes make which work necessary. What is asked for is about the thing that changed.</summary>
/// <param name="Actions">Such as <c>file.added</c>.</param>
/// <param name="Settling">How long to wait for more changes of the same thing before it is done.</param>
public sealed record AuditedWork(
    string Queue,
    ResourceKind Kind,
    IReadOnlyCollection<string> Actions,
    TimeSpan Settling
);

/// <summary>
/// Turns audited changes into work. The audit row is the outbox: it is written in the transaction of the change anyway, so
/// the change itself pays nothing, and nothing that was committed is missed (ADR 14).
/// </summary>
public sealed class AuditFollower(
    Database database,
    CatalogueWriter writer,
    IEnumerable<AuditedWork> followed,
    TimeProvider time
)
{
    internal const int Most = 5000;

    // On PostgreSQL: the newest row seen by an earlier look, and the first transaction that had not begun then.
    Seen? _seen;

    sealed record Seen(long Head, long Before);

    sealed record Look(long? Head, long Oldest, long Next);

    sealed record Change(long Id, string Action, string Kind, string Ref);

    /// <summary>Hands over what came since the last time, some thousand changes at most.</summary>
    /// <returns>How many changes were looked at.</returns>
    public async Task<int> FollowAsync(CancellationToken cancellationToken)
    {
        var head = await SettledHeadAsync(cancellationToken);
        var looked = 0;
        foreach (var work in followed)
            looked += await FollowAsync(work, head, cancellationToken);
        return looked;
    }

    async Task<int> FollowAsync(AuditedWork work, long head, CancellationToken cancellationToken)
    {
        long? position;
        List<Change> changes;
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            position = await connection.ExecuteScalarAsync<long?>(
                "SELECT position FROM audit_follower WHERE queue = @Queue",
                new { work.Queue }
            );
            if ((position ?? 0) >= head)
                return 0;
            changes = (
                await connection.QueryAsync<Change>(
                    """
                    SELECT id, action, kind, ref FROM audit_event
                    WHERE id > @position AND id <= @head ORDER BY id LIMIT @Most
                    """,
                    new
                    {
                        position = position ?? 0,
                        head,
                        Most,
                    }
                )
            ).AsList();
        }
        var reached = changes.Count < Most ? head : changes[^1].Id;
        var kind = work.Kind.ToString().ToLowerInvariant();
        var subjects = changes
            .Where(change => change.Kind == kind && work.Actions.Contains(change.Action))
            .Select(change => change.Ref)
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal)
            .ToList();
        var now = time.Now();
        await writer.WriteAsync(
            transaction =>
            {
                // Where a replica was faster it has asked for these already.
                var moved = transaction.Connection!.Execute(
                    position is null
                        ? "INSERT INTO audit_follower (queue, position) VALUES (@Queue, @reached) ON CONFLICT DO NOTHING"
                        : "UPDATE audit_follower SET position = @reached WHERE queue = @Queue AND position = @position",
                    new
                    {
                        work.Queue,
                        reached,
                        position,
                    },
                    transaction
                );
                if (moved == 0)
                    return;
                foreach (var subject in subjects)
                    WorkQueue.Ask(transaction, work.Queue, subject, now + work.Settling, now);
            },
            cancellationToken
        );
        return changes.Count;
    }

    /// <summary>The newest row before which no other can appear any more.</summary>
    /// <remarks>
    /// SQLite has one writer, so ids appear in order. On PostgreSQL a replica may still be about to commit a smaller id than
    /// one that is to be seen: what was the newest at one look is safe at a later one, once all transactions of that time
    /// have ended.
    /// </remarks>
    async Task<long> SettledHeadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        if (database.Dialect == Dialect.Sqlite)
            return await connection.ExecuteScalarAsync<long?>("SELECT MAX(id) FROM audit_event") ?? 0;
        var look = await connection.QuerySingleAsync<Look>(
            """
            SELECT MAX(id) AS head, pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest,
                pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS next
            FROM audit_event
            """
        );
        var seen = Interlocked.Exchange(ref _seen, new Seen(look.Head ?? 0, look.Next));
        if (seen is null)
            return 0;
        if (look.Oldest >= seen.Before)
            return seen.Head;
        // Somebody who was there then is not done yet: keep waiting for that look, not for a newer one.
        Interlocked.Exchange(ref _seen, seen);
        return 0;
    }
}
