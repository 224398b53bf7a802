using System.Text.Json;

namespace Harima.Metadata.Schemas;

/// <summary>A leaf that a schema describes.</summary>
/// <param name="Path">Dotted, without places in lists, as in <see cref="MetadataValue"/> but without <c>sample.</c> before it.</param>
/// <param name="Unit">Where the schema fixes it (NIMS: <c>options.unit</c>).</param>
public sealed record SchemaField(string Path, string Type, SchemaLabel Label, string? Unit, bool Required)
{
    /// <summary>The texts it must be one of; empty where it may be any.</summary>
    public IReadOnlyList<string> Choices { get; init; } = [];

    /// <summary>Whether it stands in a list of such values.</summary>
    public bool IsList { get; init; }
}

/// <summary>Lists what a schema describes: for column heads, units and the list of what is missing.</summary>
public static class SchemaFields
{
    const int Most = 2000;

    public static IReadOnlyList<SchemaField> Of(JsonSchema schema) => WalkAll(schema).Fields;

    /// <summary>What everything it describes is called, branches as well as leaves, by the same paths.</summary>
    public static IReadOnlyDictionary<string, SchemaLabel> LabelsOf(JsonSchema schema) => WalkAll(schema).Labels;

    static Found WalkAll(JsonSchema schema)
    {
        var found = new Found([], new Dictionary<string, SchemaLabel>(StringComparer.Ordinal));
        Walk(
            schema,
            new SchemaPlace(schema.Root, schema.BaseOf(schema.Root, "harima:schema")),
            "",
            "",
            false,
            found,
            0
        );
        return found;
    }

    sealed record Found(List<SchemaField> Fields, Dictionary<string, SchemaLabel> Labels);

    static void Walk(
        JsonSchema schema,
        SchemaPlace place,
        string path,
        string name,
        bool required,
        Found found,
        int depth,
        bool inList = false
    )
    {
        if (depth > 24 || found.Fields.Count >= Most || place.Schema.Kind != JsonValueKind.Object)
            return;
        var chain = SchemaLabel.Chain(schema, place).ToList();
        if (path.Length > 0)
            found.Labels.TryAdd(path, SchemaLabel.Of(schema, place, name));
        var branch = false;
        foreach (var node in chain)
        {
            var needed = node.Find("required")?.Items.Select(item => item.Text).ToHashSet(StringComparer.Ordinal) ?? [];
            foreach (var member in node.Find("properties")?.Members ?? [])
            {
                branch = true;
                var below = path.Length == 0 ? member.Name : path + "." + member.Name;
                Walk(
                    schema,
                    new(member.Value, schema.BaseOf(member.Value, place.Base)),
                    below,
                    member.Name,
                    needed.Contains(member.Name),
                    found,
                    depth + 1
                );
            }
            if (node.Find("items") is { Kind: JsonValueKind.Object } items)
            {
                branch = true;
                Walk(
                    schema,
                    new(items, schema.BaseOf(items, place.Base)),
                    path,
                    name,
                    required,
                    found,
                    depth + 1,
                    inList: true
                );
            }
            foreach (var part in node.Find("allOf")?.Items ?? [])
                Walk(schema, new(part, schema.BaseOf(part, place.Base)), path, name, required, found, depth + 1);
        }
        if (branch || path.Length == 0)
            return;
        var type = chain.Select(TypeOf).FirstOrDefault(known => known is not null) ?? "";
        var unit = chain.Select(UnitOf).FirstOrDefault(known => known is not null);
        if (type.Length > 0 || unit is not null)
            found.Fields.Add(
                new SchemaField(path, type, SchemaLabel.Of(schema, place, name), unit, required)
                {
                    Choices = chain.Select(ChoicesOf).FirstOrDefault(known => known.Count > 0) ?? [],
                    IsList = inList,
                }
            );
    }

    static List<string> ChoicesOf(PlacedJson node) =>
        [
            .. (node.Find("enum")?.Items ?? [])
                .Where(item => item.Kind == JsonValueKind.String)
                .Select(item => item.Text!),
        ];

    static string? TypeOf(PlacedJson node) =>
        node.Find("type") switch
        {
            { Kind: JsonValueKind.String } one => one.Text,
            { Kind: JsonValueKind.Array } many => many
                .Items.Select(item => item.Text)
                .FirstOrDefault(type => type != "null"),
            _ => node.Find("oneOf")?.Items.Select(TypeOf).FirstOrDefault(type => type is not (null or "null"))
                ?? (node.Find("enum") is not null ? "string" : null),
        };

    static string? UnitOf(PlacedJson node) =>
        node.Find("options")?.Find("unit") is { Kind: JsonValueKind.String, Text.Length: > 0 } unit ? unit.Text
        : node.Find("unit") is { Kind: JsonValueKind.String, Text.Length: > 0 } own ? own.Text
        : null;
}
