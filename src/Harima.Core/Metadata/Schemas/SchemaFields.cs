using System.Text.Json;

namespace Harima.Metadata.Schemas;

/// <summary>A leaf that a schema describes.</summary>
/// <param name="Path">Dotted, without places in lists, as in <see cref="MetadataValue"/> but without <c>sample.</c> before it.</param>
/// <param name="Unit">Where the schema fixes it (NIMS: <c>options.unit</c>).</param>
public sealed record SchemaField(string Path, string Type, SchemaLabel Label, string? Unit, bool Required);

/// <summary>Lists what a schema describes: for column heads, units and the list of what is missing.</summary>
public static class SchemaFields
{
    const int Most = 2000;

    public static IReadOnlyList<SchemaField> Of(JsonSchema schema)
    {
        var fields = new List<SchemaField>();
        Walk(
            schema,
            new SchemaPlace(schema.Root, schema.BaseOf(schema.Root, "harima:schema")),
            "",
            "",
            false,
            fields,
            0
        );
        return fields;
    }

    static void Walk(
        JsonSchema schema,
        SchemaPlace place,
        string path,
        string name,
        bool required,
        List<SchemaField> fields,
        int depth
    )
    {
        if (depth > 24 || fields.Count >= Most || place.Schema.Kind != JsonValueKind.Object)
            return;
        var chain = SchemaLabel.Chain(schema, place).ToList();
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
                    fields,
                    depth + 1
                );
            }
            if (node.Find("items") is { Kind: JsonValueKind.Object } items)
            {
                branch = true;
                Walk(schema, new(items, schema.BaseOf(items, place.Base)), path, name, required, fields, depth + 1);
            }
            foreach (var part in node.Find("allOf")?.Items ?? [])
                Walk(schema, new(part, schema.BaseOf(part, place.Base)), path, name, required, fields, depth + 1);
        }
        if (branch || path.Length == 0)
            return;
        var type = chain.Select(TypeOf).FirstOrDefault(found => found is not null) ?? "";
        var unit = chain.Select(UnitOf).FirstOrDefault(found => found is not null);
        if (type.Length > 0 || unit is not null)
            fields.Add(new SchemaField(path, type, SchemaLabel.Of(schema, place, name), unit, required));
    }

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
