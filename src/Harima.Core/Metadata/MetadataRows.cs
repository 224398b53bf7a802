using System.Data.Common;
using Dapper;
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

    public static bool IsClosed(DbTransaction transaction, Sequence sequence) =>
        IsClosed(transaction.Connection!, transaction, sequence);

    /// <summary>As it is now; a sequence that is gone meanwhile cannot be changed either.</summary>
    public static bool IsClosed(DbConnection connection, DbTransaction? transaction, Sequence sequence) =>
        connection.ExecuteScalar<string>(
            "SELECT state FROM sequence WHERE row = @Row",
            new { sequence.Row },
            transaction
        ) != "open";

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
    }

    public static string TextOf(MetadataKind kind) => kind.ToString().ToLowerInvariant();
}
