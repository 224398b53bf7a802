using System.Data.Common;
using System.Globalization;
using Dapper;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Sequences;

namespace Harima.Metadata;

/// <summary>The rows of metadata documents, as the use cases change them inside their transactions.</summary>
static class MetadataRows
{
    public static string? Find(
        DbConnection connection,
        DbTransaction? transaction,
        Sequence sequence,
        MetadataKind kind
    ) =>
        connection.QuerySingleOrDefault<string>(
            "SELECT json FROM metadata WHERE sequence_row = @Row AND kind = @kind",
            new { sequence.Row, kind = TextOf(kind) },
            transaction
        );

    /// <summary>Nobody else changes the documents of this sequence until the transaction ends, on any replica.</summary>
    public static void Lock(DbTransaction transaction, Dialect dialect, Sequence sequence)
    {
        // SQLite has one writer. A document that is not there yet has no row to lock, so the sequence's row stands for it.
        if (dialect == Dialect.Postgres)
            transaction.Connection!.Execute(
                "SELECT row FROM sequence WHERE row = @Row FOR UPDATE",
                new { sequence.Row },
                transaction
            );
    }

    /// <summary>The refusal of whoever worked from a text that is no longer there.</summary>
    public static FaultException ChangedSince(
        DbTransaction transaction,
        Sequence sequence,
        MetadataKind kind,
        string? now
    )
    {
        var last = transaction.Connection!.QuerySingleOrDefault<MetadataChange>(
            "SELECT id, kind, at, actor FROM metadata_change WHERE sequence_row = @Row AND kind = @kind ORDER BY id DESC LIMIT 1",
            new { sequence.Row, kind = TextOf(kind) },
            transaction
        );
        var by = last is null ? "somebody" : $"'{last.Actor}'";
        return new FaultException(
            FaultCode.PreconditionFailed,
            "metadata-changed",
            $"The {TextOf(kind)} metadata was changed by {by} after you read it, so nothing was written. "
                + "Read it again, put your change into the new text, and send it with the version of that text.",
            new Dictionary<string, string>
            {
                ["kind"] = TextOf(kind),
                ["by"] = last?.Actor ?? "",
                ["at"] = last?.At.ToString("O", CultureInfo.InvariantCulture) ?? "",
                ["version"] = MetadataVersion.Of(now),
            }
        );
    }

    /// <summary>As it is now; a sequence that is gone meanwhile cannot be changed either.</summary>
    public static bool IsClosed(DbTransaction transaction, Sequence sequence) =>
        transaction.Connection!.ExecuteScalar<string>(
            "SELECT state FROM sequence WHERE row = @Row",
            new { sequence.Row },
            transaction
        ) != "open";

    /// <summary>Which of these sequences are open, and their documents.</summary>
    public static async Task<(
        HashSet<long> Open,
        Dictionary<(long Row, MetadataKind Kind), string> Texts
    )> FindManyAsync(DbConnection connection, Dialect dialect, IReadOnlyList<long> rows)
    {
        var (isOne, value) = dialect.OneOf(rows, "rows");
        var open = await connection.QueryAsync<long>(
            $"SELECT row FROM sequence WHERE row {isOne} AND state = 'open'",
            new { rows = value }
        );
        var texts = await connection.QueryAsync<(long Row, string Kind, string Json)>(
            $"SELECT sequence_row, kind, json FROM metadata WHERE sequence_row {isOne}",
            new { rows = value }
        );
        return (
            [.. open],
            texts.ToDictionary(one => (one.Row, Enum.Parse<MetadataKind>(one.Kind, ignoreCase: true)), one => one.Json)
        );
    }

    /// <summary>Writes the text and remembers the change.</summary>
    /// <param name="after">Null removes the document.</param>
    public static void Put(
        DbTransaction transaction,
        Sequence sequence,
        MetadataKind kind,
        string? before,
        string? after,
        Principal principal,
        DateTimeOffset at,
        string? bulkId
    )
    {
        var row = new
        {
            sequence.Row,
            kind = TextOf(kind),
            before,
            after,
            at,
            actor = principal.Actor,
            bulkId,
        };
        transaction.Connection!.Execute(
            after is null
                ? "DELETE FROM metadata WHERE sequence_row = @Row AND kind = @kind"
                : """
                INSERT INTO metadata (sequence_row, kind, json, changed_at, changed_by) VALUES (@Row, @kind, @after, @at, @actor)
                ON CONFLICT (sequence_row, kind) DO UPDATE
                SET json = excluded.json, changed_at = excluded.changed_at, changed_by = excluded.changed_by
                """,
            row,
            transaction
        );
        transaction.Connection!.Execute(
            """
            INSERT INTO metadata_change (sequence_row, kind, before, after, at, actor, bulk_id)
            VALUES (@Row, @kind, @before, @after, @at, @actor, @bulkId)
            """,
            row,
            transaction
        );
        if (kind == MetadataKind.Measurement)
            SequenceTitle.Follow(transaction, sequence.Row, before, after);
    }

    public static string TextOf(MetadataKind kind) => kind.ToString().ToLowerInvariant();
}
