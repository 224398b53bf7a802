using System.Text.Json;

namespace Harima.Metadata.Schemas;

/// <summary>What a field is called in both languages.</summary>
public sealed record SchemaLabel(string En, string Ja)
{
    /// <summary>
    /// NIMS: <c>label: {ja, en}</c>. SPring-8: <c>description: "日本語\nEnglish"</c>, its title being the key. Others: <c>title</c>.
    /// </summary>
    internal static SchemaLabel Of(JsonSchema schema, SchemaPlace place, string name)
    {
        foreach (var node in Chain(schema, place))
        {
            if (node.Find("label") is { Kind: JsonValueKind.Object } label)
            {
                var (en, ja) = (label.Find("en")?.Text, label.Find("ja")?.Text);
                if (!string.IsNullOrEmpty(en ?? ja))
                    return new SchemaLabel(en ?? ja!, ja ?? en!);
            }
            if (
                node.Find("description") is { Kind: JsonValueKind.String } description
                && Split(description.Text) is { } both
            )
                return both;
            if (node.Find("title") is { Kind: JsonValueKind.String, Text: { Length: > 0 } title } && title[0] != '@')
                return new SchemaLabel(title, title);
        }
        return new SchemaLabel(name, name);
    }

    static SchemaLabel? Split(string description)
    {
        var lines = description.Split('\n', 2);
        return lines.Length == 2 && lines[0].Any(c => c > '\u2E7F')
            ? new SchemaLabel(lines[1].Trim(), lines[0].Trim())
            : null;
    }

    /// <summary>The schema and what its $ref leads to, the nearest first.</summary>
    internal static IEnumerable<PlacedJson> Chain(JsonSchema schema, SchemaPlace place)
    {
        for (var (at, turns) = ((SchemaPlace?)place, 0); at is not null && turns < 20; turns++)
        {
            if (at.Schema.Kind != JsonValueKind.Object)
                yield break;
            yield return at.Schema;
            at = at.Schema.Find("$ref") is { Kind: JsonValueKind.String } reference
                ? schema.Follow(reference.Text, at.Base)
                : null;
        }
    }
}
