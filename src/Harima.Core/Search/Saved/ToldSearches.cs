using System.Data.Common;
using System.Net.Mail;
using System.Text.Json;
using Dapper;
using Harima.Catalogue;
using Harima.Faults;

namespace Harima.Search.Saved;

/// <summary>A message about a saved search: sent, or not yet.</summary>
public sealed record SearchDelivery
{
    public long Id { get; init; }
    public required string SearchId { get; init; }
    public bool IsTest { get; init; }
    public required SearchNotice Way { get; init; }

    /// <summary>Of the last attempt.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>How many sequences it tells of.</summary>
    public long Found { get; init; }
    public long Attempts { get; init; }

    /// <summary>
    /// Why the last attempt failed, null where none did: <c>http-500</c>, <c>no-connection</c>, <c>timeout</c>, <c>address</c>, <c>mail-server</c>,
    /// <c>no-mail-address</c> or <c>other</c>.
    /// </summary>
    public string? Problem { get; init; }
    public DateTimeOffset? SeenAt { get; init; }
}

/// <summary>The messages about saved searches, as they are written down. Of each search the last are kept.</summary>
sealed class ToldSearches(Database database, CatalogueWriter writer, TimeProvider time)
{
    public const int Kept = 50;
    public const int RowsKept = 20;
    const string Columns = "t.id, t.search_id, t.is_test, t.way, t.at, t.found, t.attempts, t.problem, t.seen_at";

    /// <summary>Writes an attempt down.</summary>
    public Task<SearchDelivery> NoteAsync(
        string searchId,
        string message,
        string way,
        bool isTest,
        IReadOnlyList<long> rows,
        long found,
        string? problem
    )
    {
        var at = time.Now();
        // What was sent was sent, whatever the host wants meanwhile.
        return writer.WriteAsync(
            transaction =>
            {
                var connection = transaction.Connection!;
                var row = connection.QuerySingle<Row>(
                    $"""
                    INSERT INTO saved_search_told (search_id, message, is_test, way, at, found, sequence_rows, attempts, problem)
                    VALUES (@searchId, @message, @isTest, @way, @at, @found, @rowsText, 1, @problem)
                    ON CONFLICT (search_id, message) DO UPDATE SET at = excluded.at, found = excluded.found, way = excluded.way,
                        sequence_rows = excluded.sequence_rows, problem = excluded.problem, attempts = saved_search_told.attempts + 1
                    RETURNING {Columns.Replace("t.", "", StringComparison.Ordinal)}, sequence_rows
                    """,
                    new
                    {
                        searchId,
                        message,
                        isTest,
                        way,
                        at,
                        found,
                        problem,
                        rowsText = JsonSerializer.Serialize(rows.TakeLast(RowsKept)),
                    },
                    transaction
                );
                connection.Execute(
                    """
                    DELETE FROM saved_search_told WHERE search_id = @searchId AND id NOT IN
                        (SELECT id FROM saved_search_told WHERE search_id = @searchId ORDER BY id DESC LIMIT @Kept)
                    """,
                    new { searchId, Kept },
                    transaction
                );
                return row.ToDelivery();
            },
            CancellationToken.None
        );
    }

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<SearchDelivery>> OfAsync(
        string searchId,
        int most,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>(
            $"SELECT {Columns}, t.sequence_rows FROM saved_search_told t WHERE t.search_id = @searchId ORDER BY t.id DESC LIMIT @most",
            new { searchId, most }
        );
        return [.. rows.Select(row => row.ToDelivery())];
    }

    /// <summary>What the bell of somebody told before one of them, newest first, with the search and the rows of the newest sequences.</summary>
    public async Task<IReadOnlyList<(SearchDelivery Delivery, string Title, long[] Rows)>> BellAsync(
        string owner,
        bool unseen,
        long before,
        int most,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>(
            $"""
            SELECT {Columns}, t.sequence_rows, s.title FROM saved_search_told t JOIN saved_search s ON s.id = t.search_id
            WHERE s.owner = @owner AND s.deleted_at IS NULL AND t.way = 'bell' {(unseen ? "AND t.seen_at IS NULL" : "")}
                AND t.id < @before
            ORDER BY t.id DESC LIMIT @most
            """,
            new
            {
                owner,
                before,
                most,
            }
        );
        return
        [
            .. rows.Select(row =>
                (row.ToDelivery(), row.Title ?? "", JsonSerializer.Deserialize<long[]>(row.SequenceRows) ?? [])
            ),
        ];
    }

    public async Task<long> UnseenAsync(string owner, int most, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long>(
            """
            SELECT COUNT(*) FROM (SELECT t.id FROM saved_search s JOIN saved_search_told t ON t.search_id = s.id
                WHERE s.owner = @owner AND s.deleted_at IS NULL AND t.way = 'bell' AND t.seen_at IS NULL LIMIT @most) unseen
            """,
            new { owner, most }
        );
    }

    /// <param name="id">Null for all.</param>
    public Task SeenAsync(string owner, long? id, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    $"""
                    UPDATE saved_search_told SET seen_at = @at WHERE seen_at IS NULL AND way = 'bell' {(
                        id is null ? "" : "AND id = @id"
                    )}
                        AND search_id IN (SELECT id FROM saved_search WHERE owner = @owner)
                    """,
                    new
                    {
                        at = time.Now(),
                        owner,
                        id,
                    },
                    transaction
                ),
            cancellationToken
        );

    public static void Forget(DbTransaction transaction, string owner, DateTimeOffset deletedBefore) =>
        transaction.Connection!.Execute(
            """
            DELETE FROM saved_search_told WHERE search_id IN
                (SELECT id FROM saved_search WHERE owner = @owner AND deleted_at < @deletedBefore)
            """,
            new { owner, deletedBefore },
            transaction
        );

    /// <summary>What may be told of a failure: never what a machine of the facility said.</summary>
    public static string ProblemOf(Exception fault) =>
        fault switch
        {
            HttpRequestException { StatusCode: { } status } => FormattableString.Invariant($"http-{(int)status}"),
            FaultException { Reason: "webhook-address" } => "address",
            HttpRequestException => "no-connection",
            TaskCanceledException or TimeoutException => "timeout",
            SmtpException => "mail-server",
            _ => "other",
        };

    sealed class Row
    {
        public long Id { get; init; }
        public required string SearchId { get; init; }
        public bool IsTest { get; init; }
        public required string Way { get; init; }
        public DateTimeOffset At { get; init; }
        public long Found { get; init; }
        public long Attempts { get; init; }
        public string? Problem { get; init; }
        public DateTimeOffset? SeenAt { get; init; }
        public required string SequenceRows { get; init; }
        public string? Title { get; init; }

        public SearchDelivery ToDelivery() =>
            new()
            {
                Id = Id,
                SearchId = SearchId,
                IsTest = IsTest,
                Way = Enum.Parse<SearchNotice>(Way, ignoreCase: true),
                At = At,
                Found = Found,
                Attempts = Attempts,
                Problem = Problem,
                SeenAt = SeenAt,
            };
    }
}
