using System.Data.Common;
using System.Text.Json.Nodes;
using Dapper;
using Harima.Catalogue;
using Harima.Metadata;
using Harima.Work;

namespace Harima.SciCat;

/// <summary>
/// Writes the names of sequences that are older than the columns beside which they stand, once. Until it is done, lists are ordered by
/// name as they were before: by reading documents, a stated number at most.
/// </summary>
sealed class NameDatasets(Database database, CatalogueWriter writer)
{
    internal const string Queue = "dataset-names";
    const int AtOnce = 500;

    // Once true it stays true: what is written later writes its name along.
    volatile bool _areKnown;

    internal WorkKind Work => new(Queue, (_, cancellationToken) => HandleAsync(cancellationToken)) { MaxAttempts = 20 };

    /// <summary>Whether the names of all sequences stand beside them.</summary>
    public async ValueTask<bool> AreKnownAsync(CancellationToken cancellationToken)
    {
        if (_areKnown)
            return true;
        await using var connection = await database.OpenAsync(cancellationToken);
        return _areKnown =
            await connection.ExecuteScalarAsync<int?>("SELECT 1 FROM work WHERE queue = @Queue", new { Queue }) is null;
    }

    internal async Task HandleAsync(CancellationToken cancellationToken)
    {
        // It is dropped as soon as there is nothing left to come after it.
        for (long? position = 0; position is { } after; )
            position = await writer.WriteAsync(transaction => Name(transaction, after), cancellationToken);
    }

    /// <returns>The last of those that were named; null where there were none.</returns>
    long? Name(DbTransaction transaction, long after)
    {
        var connection = transaction.Connection!;
        // Whoever changes the documents of one waits, and what is read below is what they leave.
        var locked = database.Dialect == Dialect.Postgres ? "FOR UPDATE" : "";
        var rows = connection
            .Query<long>(
                $"SELECT row FROM sequence WHERE row > @after ORDER BY row LIMIT {AtOnce} {locked}",
                new { after },
                transaction
            )
            .AsList();
        if (rows.Count == 0)
            return null;
        var range = new { first = rows[0], last = rows[^1] };
        var titles = connection.Query<(long Row, string Json)>(
            """
            SELECT m.sequence_row, m.json FROM metadata m JOIN sequence s ON s.row = m.sequence_row
            WHERE m.sequence_row BETWEEN @first AND @last AND m.kind = 'measurement' AND s.title IS NULL
            """,
            range,
            transaction
        );
        foreach (var (row, json) in titles.AsList())
            if (SequenceTitle.AsColumn(SequenceTitle.Of(json)) is { } title)
                connection.Execute(
                    "UPDATE sequence SET title = @title WHERE row = @row",
                    new { row, title },
                    transaction
                );
        var given = connection.Query<(long Row, string Json)>(
            "SELECT sequence_row, json FROM scicat_dataset WHERE sequence_row BETWEEN @first AND @last",
            range,
            transaction
        );
        foreach (var (row, json) in given.AsList())
            if (DatasetRecords.NameOf((JsonObject)JsonNode.Parse(json)!) is { } name)
                connection.Execute(
                    "UPDATE sequence SET given_title = @name WHERE row = @row",
                    new { row, name },
                    transaction
                );
        return rows[^1];
    }
}
