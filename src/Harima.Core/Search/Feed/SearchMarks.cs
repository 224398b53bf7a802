using Dapper;
using Harima.Catalogue;

namespace Harima.Search.Feed;

/// <summary>One mark of a change: see <c>0130_search.sql</c>.</summary>
readonly record struct SearchMark(long Position, long SequenceRow);

/// <summary>The marks that the catalogue's triggers leave, and where the replicas are in them.</summary>
/// <remarks>
/// A position becomes final when no transaction can still write marks below it: on PostgreSQL the oldest transaction under way
/// (<c>pg_snapshot_xmin</c>), on SQLite, whose only writer this process is, the clock after it was moved on.
/// </remarks>
sealed class SearchMarks(Database database, CatalogueWriter writer, TimeProvider time)
{
    /// <summary>A replica that was not seen for so long rebuilds when it comes back.</summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(7);

    const int ForgottenAtOnce = 2_000;

    /// <summary>
    /// Whether a mark that is seen is done with. On SQLite many transactions write at one position until the clock moves on, and a
    /// second change of a sequence there leaves no second mark.
    /// </summary>
    public bool EachIsOneTransaction => database.Dialect == Dialect.Postgres;

    /// <summary>All marks below the answer are committed, and none will come.</summary>
    public async Task<long> HorizonAsync(CancellationToken cancellationToken)
    {
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            if (database.Dialect == Dialect.Postgres)
                return await connection.ExecuteScalarAsync<long>(
                    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
                );
            var (clock, marked) = await connection.QuerySingleAsync<(long, bool)>(
                "SELECT value, EXISTS (SELECT 1 FROM search_change c WHERE c.position >= k.value) FROM search_clock k"
            );
            if (!marked)
                return clock;
        }
        return await writer.WriteAsync(
            transaction =>
                transaction.Connection!.ExecuteScalar<long>(
                    "UPDATE search_clock SET value = value + 1 RETURNING value",
                    transaction: transaction
                ),
            cancellationToken
        );
    }

    /// <summary>Whether a position can belong to this database as it is: one that was restored elsewhere counts from the beginning.</summary>
    public async Task<bool> CanBeAsync(long position, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return position
            <= await connection.ExecuteScalarAsync<long>(
                database.Dialect == Dialect.Postgres
                    ? "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
                    : "SELECT value FROM search_clock"
            );
    }

    /// <summary>In order, those after a mark.</summary>
    public async Task<List<SearchMark>> AfterAsync(SearchMark after, int most, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return (
            await connection.QueryAsync<SearchMark>(
                """
                SELECT position, sequence_row FROM search_change
                WHERE (position, sequence_row) > (@Position, @SequenceRow) ORDER BY position, sequence_row LIMIT @most
                """,
                new
                {
                    after.Position,
                    after.SequenceRow,
                    most,
                }
            )
        ).AsList();
    }

    /// <summary>The name of the catalogue, which it gets when it is first asked for.</summary>
    public Task<string> CatalogueAsync(CancellationToken cancellationToken)
    {
        var name = Guid.CreateVersion7(time.GetUtcNow()).ToString("N");
        return writer.WriteAsync(
            transaction =>
            {
                transaction.Connection!.Execute(
                    "UPDATE search_clock SET catalogue = @name WHERE catalogue = ''",
                    new { name },
                    transaction
                );
                return transaction.Connection!.ExecuteScalar<string>(
                    "SELECT catalogue FROM search_clock",
                    transaction: transaction
                )!;
            },
            cancellationToken
        );
    }

    public async Task<bool> IsKnownAsync(string replica, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long>(
                "SELECT COUNT(*) FROM search_replica WHERE id = @replica AND seen_at > @after",
                new { replica, after = time.Now() - KeptFor }
            ) > 0;
    }

    /// <summary>Says where this replica is, and forgets marks that all replicas have used, a few at a time.</summary>
    public Task TellAsync(
        string replica,
        long position,
        long documents,
        string state,
        CancellationToken cancellationToken
    )
    {
        var at = time.Now();
        return writer.WriteAsync(
            transaction =>
            {
                transaction.Connection!.Execute(
                    """
                    INSERT INTO search_replica (id, position, documents, state, seen_at) VALUES (@replica, @position, @documents, @state, @at)
                    ON CONFLICT (id) DO UPDATE
                    SET position = excluded.position, documents = excluded.documents, state = excluded.state, seen_at = excluded.seen_at
                    """,
                    new
                    {
                        replica,
                        position,
                        documents,
                        state,
                        at,
                    },
                    transaction
                );
                transaction.Connection!.Execute(
                    "DELETE FROM search_replica WHERE seen_at < @before",
                    new { before = at - KeptFor },
                    transaction
                );
                transaction.Connection!.Execute(
                    """
                    DELETE FROM search_change WHERE (position, sequence_row) IN (
                        SELECT position, sequence_row FROM search_change
                        WHERE position < (SELECT MIN(position) FROM search_replica) ORDER BY position, sequence_row LIMIT @most)
                    """,
                    new { most = ForgottenAtOnce },
                    transaction
                );
            },
            cancellationToken
        );
    }

    /// <summary>The catalogue was restored into another database: the marks in it mean nothing there.</summary>
    public Task ForgetAllAsync(CancellationToken cancellationToken) =>
        writer.WriteAsync(
            transaction => transaction.Connection!.Execute("DELETE FROM search_change", transaction: transaction),
            cancellationToken
        );
}
