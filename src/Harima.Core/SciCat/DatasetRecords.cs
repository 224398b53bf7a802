using System.Data.Common;
using System.Text.Json.Nodes;
using Dapper;
using Harima.Catalogue;
using Harima.Metadata;
using Harima.SciCat.Filters;

namespace Harima.SciCat;

/// <summary>What a client said of a dataset, as it is kept.</summary>
sealed class DatasetRecord
{
    public long SequenceRow { get; init; }
    public required string Json { get; init; }
    public DateTimeOffset ChangedAt { get; init; }
    public required string ChangedBy { get; init; }

    public JsonObject Read() => (JsonObject)JsonNode.Parse(Json)!;
}

/// <summary>The rows of <c>scicat_dataset</c> and <c>scicat_file</c>, as the use cases change them inside their transactions.</summary>
static class DatasetRecords
{
    /// <summary>Announced files that are not in the sequence, of the row <c>a</c>; <c>s</c> and <c>p</c> are sequence and proposal.</summary>
    public const string IsAbsent =
        "NOT EXISTS (SELECT 1 FROM data_file f WHERE f.bucket_id = p.bucket_id AND f.key = s.id || '/' || a.path)";

    public static JsonObject? Find(DbTransaction transaction, long sequenceRow) =>
        transaction.Connection!.QuerySingleOrDefault<string>(
            "SELECT json FROM scicat_dataset WHERE sequence_row = @sequenceRow",
            new { sequenceRow },
            transaction
        )
            is { } json
            ? (JsonObject)JsonNode.Parse(json)!
            : null;

    public static void Put(
        DbTransaction transaction,
        long sequenceRow,
        JsonObject given,
        DateTimeOffset otherwiseCreatedAt,
        string otherwiseFolder,
        DateTimeOffset at,
        string actor
    )
    {
        transaction.Connection!.Execute(
            """
            INSERT INTO scicat_dataset (sequence_row, type, source_folder, creation_time, creation_location, json, changed_at, changed_by)
            VALUES (@sequenceRow, @type, @folder, @created, @location, @json, @at, @actor)
            ON CONFLICT (sequence_row) DO UPDATE SET type = excluded.type, source_folder = excluded.source_folder,
                creation_time = excluded.creation_time, creation_location = excluded.creation_location, json = excluded.json,
                changed_at = excluded.changed_at, changed_by = excluded.changed_by
            """,
            new
            {
                sequenceRow,
                type = DatasetFields.TextOf(given, "type") ?? "raw",
                folder = DatasetFields.TextOf(given, "sourceFolder") ?? otherwiseFolder,
                created = DatasetFields.TextOf(given, "creationTime") is { } text
                && MongoValues.TryTime(text, out var created)
                    ? created
                    : otherwiseCreatedAt,
                location = DatasetFields.TextOf(given, "creationLocation"),
                json = given.ToJsonString(MongoValues.Plain),
                at,
                actor,
            },
            transaction
        );
        Name(transaction, sequenceRow, NameOf(given));
    }

    /// <summary>The name that is kept because the metadata has another in its place; null for none.</summary>
    public static string? NameOf(JsonObject given) =>
        SequenceTitle.AsColumn(given["datasetName"] is { } name ? name.ToString() : null);

    static void Name(DbTransaction transaction, long sequenceRow, string? name) =>
        transaction.Connection!.Execute(
            """
            UPDATE sequence SET given_title = @name
            WHERE row = @sequenceRow AND COALESCE(given_title, '') <> COALESCE(@name, '')
            """,
            new { sequenceRow, name },
            transaction
        );

    public static void Remove(DbTransaction transaction, long sequenceRow)
    {
        Name(transaction, sequenceRow, null);
        transaction.Connection!.Execute(
            "DELETE FROM scicat_file WHERE sequence_row = @sequenceRow",
            new { sequenceRow },
            transaction
        );
        transaction.Connection!.Execute(
            "DELETE FROM scicat_dataset WHERE sequence_row = @sequenceRow",
            new { sequenceRow },
            transaction
        );
    }

    /// <summary>Rows as one parameter, however many: SQLite takes some thousand parameters and no arrays.</summary>
    public static string IsOneOf(
        Dialect dialect,
        string column,
        string parameter,
        IReadOnlyList<long> rows,
        DynamicParameters parameters
    )
    {
        if (dialect == Dialect.Postgres)
        {
            parameters.Add(parameter, rows.ToArray());
            return $"{column} = ANY(@{parameter})";
        }
        parameters.Add(parameter, "[" + string.Join(',', rows) + "]");
        return $"{column} IN (SELECT value FROM json_each(@{parameter}))";
    }
}
