using System.Data.Common;
using Dapper;
using Harima.Catalogue;

namespace Harima.Work;

/// <summary>
/// The one durable queue. Work is asked for in the transaction of the change that makes it necessary, taken under a lease, and
/// gone when it is done. Whoever is killed with an item in hand leaves it to the others when the lease ends.
/// </summary>
public sealed class WorkQueue(Database database, CatalogueWriter writer, TimeProvider time)
{
    static readonly TimeSpan LongestRetry = TimeSpan.FromHours(1);

    /// <summary>Asks for work as part of a change. Asking again for what waits already changes nothing but its payload.</summary>
    internal static void Ask(
        DbTransaction transaction,
        string queue,
        string subject,
        DateTimeOffset dueAt,
        DateTimeOffset now,
        string? payload = null
    ) =>
        transaction.Connection!.Execute(
            """
            INSERT INTO work (queue, subject, payload, asked, attempts, due_at, created_at)
            VALUES (@queue, @subject, @payload, 1, 0, @dueAt, @now)
            ON CONFLICT (queue, subject) DO UPDATE SET
                asked = work.asked + 1,
                payload = excluded.payload,
                -- Given up, it gets another chance: what it is about has changed. In somebody's hands, the lease stands.
                attempts = CASE WHEN work.dead THEN 0 ELSE work.attempts END,
                due_at = CASE WHEN work.claim IS NULL AND (work.dead OR work.due_at > excluded.due_at)
                    THEN excluded.due_at ELSE work.due_at END,
                dead = FALSE
            """,
            new
            {
                queue,
                subject,
                payload,
                dueAt,
                now,
            },
            transaction
        );

    public Task AskAsync(string queue, string subject, string? payload, CancellationToken cancellationToken)
    {
        var now = time.Now();
        return writer.WriteAsync(transaction => Ask(transaction, queue, subject, now, now, payload), cancellationToken);
    }

    /// <summary>Takes up to <paramref name="most"/> items that are due. Never the same one twice before its lease ends.</summary>
    internal async Task<IReadOnlyList<WorkItem>> ClaimAsync(
        WorkKind kind,
        int most,
        CancellationToken cancellationToken
    )
    {
        var now = time.Now();
        // Looking costs no commit: an idle worker writes nothing.
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            var due = await connection.ExecuteScalarAsync<int?>(
                "SELECT 1 FROM work WHERE queue = @Queue AND NOT dead AND due_at <= @now LIMIT 1",
                new { kind.Queue, now }
            );
            if (due is null)
                return [];
        }
        var skip = database.Dialect == Dialect.Postgres ? "FOR UPDATE SKIP LOCKED" : "";
        return await writer.WriteAsync(
            transaction =>
            {
                // Begun and never ended that often: it takes its worker with it, and must not take the next one.
                transaction.Connection!.Execute(
                    """
                    UPDATE work SET dead = TRUE, claim = NULL,
                        last_error = COALESCE(last_error, 'The process ended while it was being done.')
                    WHERE queue = @Queue AND NOT dead AND due_at <= @now AND attempts >= @MaxAttempts
                    """,
                    new
                    {
                        kind.Queue,
                        now,
                        kind.MaxAttempts,
                    },
                    transaction
                );
                return transaction
                    .Connection!.Query<WorkItem>(
                        $"""
                        UPDATE work SET claim = @claim, due_at = @until, attempts = attempts + 1
                        WHERE id IN (
                            SELECT id FROM work WHERE queue = @Queue AND NOT dead AND due_at <= @now
                            ORDER BY due_at, id LIMIT @most {skip})
                        RETURNING id, queue, subject, payload, asked, attempts, claim
                        """,
                        new
                        {
                            kind.Queue,
                            now,
                            most,
                            until = now + kind.Lease,
                            claim = Convert.ToHexString(
                                System.Security.Cryptography.RandomNumberGenerator.GetBytes(12)
                            ),
                        },
                        transaction
                    )
                    .AsList();
            },
            cancellationToken
        );
    }

    /// <summary>Done. If it was asked for again meanwhile, it is due at once.</summary>
    /// <returns>False where the lease had ended and somebody else has it now.</returns>
    internal Task<bool> CompleteAsync(WorkItem item)
    {
        var now = time.Now();
        return WriteAsync(transaction =>
            transaction.Connection!.Execute(
                "DELETE FROM work WHERE id = @Id AND claim = @Claim AND asked = @Asked",
                new
                {
                    item.Id,
                    item.Claim,
                    item.Asked,
                },
                transaction
            ) > 0
            || transaction.Connection!.Execute(
                "UPDATE work SET claim = NULL, attempts = 0, last_error = NULL, due_at = @now WHERE id = @Id AND claim = @Claim",
                new
                {
                    item.Id,
                    item.Claim,
                    now,
                },
                transaction
            ) > 0
        );
    }

    /// <summary>Not done: tried again later, or given up after too many attempts.</summary>
    internal Task<bool> FailAsync(WorkKind kind, WorkItem item, string error)
    {
        var wait = kind.FirstRetry * Math.Pow(2, Math.Min(item.Attempts - 1, 30));
        var dueAt = time.Now() + (wait < LongestRetry ? wait : LongestRetry);
        return WriteAsync(transaction =>
            transaction.Connection!.Execute(
                """
                UPDATE work SET claim = NULL, due_at = @dueAt, last_error = @error, dead = @dead
                WHERE id = @Id AND claim = @Claim
                """,
                new
                {
                    item.Id,
                    item.Claim,
                    dueAt,
                    error,
                    dead = item.Attempts >= kind.MaxAttempts,
                },
                transaction
            ) > 0
        );
    }

    /// <summary>Put back untouched, as when the host stops: the attempt does not count.</summary>
    internal Task<bool> ReturnAsync(WorkItem item)
    {
        var now = time.Now();
        return WriteAsync(transaction =>
            transaction.Connection!.Execute(
                "UPDATE work SET claim = NULL, due_at = @now, attempts = attempts - 1 WHERE id = @Id AND claim = @Claim",
                new
                {
                    item.Id,
                    item.Claim,
                    now,
                },
                transaction
            ) > 0
        );
    }

    /// <summary>
    /// For a process that begins. On SQLite it is the only one (<see cref="Database"/> locks the file): whoever held an item was killed, and
    /// nobody need wait for its lease. On PostgreSQL it may be in living hands.
    /// </summary>
    internal async Task TakeBackAsync()
    {
        if (database.Dialect != Dialect.Sqlite)
            return;
        var now = time.Now();
        await WriteAsync(transaction =>
            transaction.Connection!.Execute(
                "UPDATE work SET claim = NULL, due_at = @now WHERE claim IS NOT NULL AND NOT dead",
                new { now },
                transaction
            ) > 0
        );
    }

    /// <summary>Keeps an item in hand for another lease.</summary>
    /// <returns>False where it was lost.</returns>
    internal Task<bool> RenewAsync(WorkKind kind, WorkItem item)
    {
        var until = time.Now() + kind.Lease;
        return WriteAsync(transaction =>
            transaction.Connection!.Execute(
                "UPDATE work SET due_at = @until WHERE id = @Id AND claim = @Claim",
                new
                {
                    item.Id,
                    item.Claim,
                    until,
                },
                transaction
            ) > 0
        );
    }

    /// <summary>Whether something about this waits or is being done.</summary>
    internal async Task<bool> IsPendingAsync(string queue, string subject, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<int?>(
            "SELECT 1 FROM work WHERE queue = @queue AND subject = @subject AND NOT dead",
            new { queue, subject }
        )
            is not null;
    }

    /// <summary>What was given up, newest first.</summary>
    internal async Task<Page<DeadWork>> DeadAsync(string? cursor, int limit, CancellationToken cancellationToken)
    {
        var before = Cursor.IdOf(cursor) ?? long.MaxValue;
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = (
            await connection.QueryAsync<DeadWork>(
                """
                SELECT id, queue, subject, attempts, last_error, created_at FROM work
                WHERE dead AND id < @before ORDER BY id DESC LIMIT @limit
                """,
                new { before, limit = limit + 1 }
            )
        ).AsList();
        return Page.Of(rows, limit, last => [last.Id]);
    }

    /// <summary>How much there is of each kind.</summary>
    internal async Task<IReadOnlyList<WorkSummary>> SummaryAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return (
            await connection.QueryAsync<WorkSummary>(
                """
                SELECT queue, CAST(SUM(CASE WHEN dead OR claim IS NOT NULL THEN 0 ELSE 1 END) AS BIGINT) AS waiting,
                    CAST(SUM(CASE WHEN NOT dead AND claim IS NOT NULL THEN 1 ELSE 0 END) AS BIGINT) AS in_hand,
                    CAST(SUM(CASE WHEN dead THEN 1 ELSE 0 END) AS BIGINT) AS given_up
                FROM work GROUP BY queue ORDER BY queue
                """
            )
        ).AsList();
    }

    /// <summary>Gives what was given up another chance; the error stays beside it until it succeeds.</summary>
    /// <returns>What it is; null where there is no such item.</returns>
    internal static DeadWork? Revive(DbTransaction transaction, long id, DateTimeOffset now) =>
        transaction.Connection!.QuerySingleOrDefault<DeadWork>(
            """
            UPDATE work SET dead = FALSE, attempts = 0, due_at = @now WHERE id = @id AND dead
            RETURNING id, queue, subject, attempts, last_error, created_at
            """,
            new { id, now },
            transaction
        );

    /// <summary>Forgets what was given up. If it is asked for again, it is new.</summary>
    /// <returns>What it was; null where there is no such item.</returns>
    internal static DeadWork? Drop(DbTransaction transaction, long id) =>
        transaction.Connection!.QuerySingleOrDefault<DeadWork>(
            "DELETE FROM work WHERE id = @id AND dead RETURNING id, queue, subject, attempts, last_error, created_at",
            new { id },
            transaction
        );

    // What was done is done, whatever the host wants meanwhile.
    Task<bool> WriteAsync(Func<DbTransaction, bool> change) => writer.WriteAsync(change, CancellationToken.None);
}
