using System.Data.Common;
using System.Text.Json;
using Dapper;

namespace Harima.Metadata;

/// <summary>
/// The title a measurement document gives its sequence, in <c>data_info</c> as SPring-8 has it or at its root as Harima's own schemas have
/// it, in English before Japanese; as it stands beside the sequence for lists that are ordered by it.
/// </summary>
static class SequenceTitle
{
    /// <returns>Null where it gives none.</returns>
    public static string? Of(string? json)
    {
        if (json is null)
            return null;
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 256 });
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
                return null;
            var said =
                root.TryGetProperty("data_info", out var about) && about.ValueKind == JsonValueKind.Object
                    ? Text(about, "title") ?? Text(about, "title_ja")
                    : null;
            return said ?? Text(root, "title") ?? Text(root, "title_ja");
        }
        // Half a surrogate is written down as it came, and is no text.
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>As a column of text can hold it: PostgreSQL takes no zeros.</summary>
    public static string? AsColumn(string? title) => title?.Replace('\0', '\uFFFD');

    /// <summary>Brings the title up to date with the document, in the transaction that changes it.</summary>
    public static void Follow(DbTransaction transaction, long sequenceRow, string? before, string? after)
    {
        var title = Of(after);
        if (title == Of(before))
            return;
        transaction.Connection!.Execute(
            "UPDATE sequence SET title = @title WHERE row = @sequenceRow",
            new { sequenceRow, title = AsColumn(title) },
            transaction
        );
    }

    static string? Text(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
        && value.GetString() is { Length: > 0 } text
            ? text
            : null;
}
