using System.Text.Json;

namespace Harima.Metadata.Schemas;

/// <summary>What the meta-schemas of both drafts ask of the keywords Harima reads, with line and column.</summary>
sealed class SchemaWellFormed
{
    static readonly string[] Drafts =
    [
        "http://json-schema.org/draft-07/schema",
        "http://json-schema.org/draft-06/schema",
        "https://json-schema.org/draft/2020-12/schema",
        "https://json-schema.org/draft/2019-09/schema",
    ];

    static readonly string[] Counts =
    [
        "maxLength",
        "minLength",
        "maxItems",
        "minItems",
        "maxProperties",
        "minProperties",
        "minContains",
        "maxContains",
    ];
    static readonly string[] Numbers = ["maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "multipleOf"];
    static readonly string[] Lists = ["allOf", "anyOf", "oneOf", "prefixItems"];
    static readonly string[] Maps = ["properties", "patternProperties", "definitions", "$defs", "dependentSchemas"];
    static readonly string[] Texts = ["$ref", "$dynamicRef", "$id", "$anchor", "pattern", "format"];

    readonly JsonSchema _schema;
    readonly List<MetadataProblem> _problems = [];

    public SchemaWellFormed(JsonSchema schema)
    {
        _schema = schema;
        var draft = schema.Root.Find("$schema");
        if (schema.Root.Kind != JsonValueKind.Object)
            Add(schema.Root, "$", "A schema is a JSON object.");
        else if (
            draft is not null
            && !Drafts.Contains(
                draft
                    .Text.TrimEnd('#')
                    .Replace(
                        "https://json-schema.org/draft-0",
                        "http://json-schema.org/draft-0",
                        StringComparison.Ordinal
                    )
            )
        )
            Add(draft, "$.$schema", $"Schemas here are of draft-07 or 2020-12, not of {draft.Text}.");
        Walk(schema.Root, "$", schema.BaseOf(schema.Root, "harima:schema"), 0);
    }

    public IReadOnlyList<MetadataProblem> Problems => _problems;

    void Walk(PlacedJson node, string path, string @base, int depth)
    {
        if (node.Kind is JsonValueKind.True or JsonValueKind.False || depth > 100)
            return;
        if (node.Kind != JsonValueKind.Object)
        {
            Add(node, path, "A schema is an object, true or false.");
            return;
        }
        var own = _schema.BaseOf(node, @base);
        foreach (var member in node.Members)
            Keyword(member, path + JsonPlaces.Segment(member.Name), own);
        foreach (var (inner, at) in Inner(node, path))
            Walk(inner, at, own, depth + 1);
    }

    void Keyword(PlacedMember member, string path, string @base)
    {
        var (name, value) = (member.Name, member.Value);
        var fault = name switch
        {
            "type" => TypeFault(value),
            "enum" when value.Kind != JsonValueKind.Array => "must be a list.",
            "required"
                when value.Kind != JsonValueKind.Array || value.Items.Any(item => item.Kind != JsonValueKind.String) =>
                "must be a list of names.",
            "uniqueItems" when value.Kind is not (JsonValueKind.True or JsonValueKind.False) =>
                "must be true or false.",
            _ when Counts.Contains(name) && (value.Kind != JsonValueKind.Number || value.Text.StartsWith('-')) =>
                "must be a whole number from 0.",
            _ when Numbers.Contains(name) && value.Kind != JsonValueKind.Number => "must be a number.",
            _ when Lists.Contains(name) && (value.Kind != JsonValueKind.Array || value.Items.Count == 0) =>
                "must be a list of at least one schema.",
            _ when Maps.Contains(name) && value.Kind != JsonValueKind.Object => "must be an object of schemas.",
            _ when Texts.Contains(name) && value.Kind != JsonValueKind.String => "must be text.",
            "pattern" when SchemaPattern.TryCompile(value.Text) is null => "is not a regular expression.",
            "patternProperties"
                when value.Members.FirstOrDefault(inner => SchemaPattern.TryCompile(inner.Name) is null) is { } bad =>
                $"has a name that is not a regular expression: {bad.Name}",
            "$ref" or "$dynamicRef" when _schema.Follow(value.Text, @base) is null =>
                $"leads to {value.Text}, which is not in this document. Schemas here stand by themselves: put it into $defs.",
            _ => null,
        };
        if (fault is not null)
            Add(value, path, $"\"{name}\" {fault}");
    }

    static string? TypeFault(PlacedJson value)
    {
        string[] known = ["object", "array", "string", "number", "integer", "boolean", "null"];
        IEnumerable<PlacedJson> named = value.Kind == JsonValueKind.Array ? value.Items : [value];
        return named.All(item => item.Kind == JsonValueKind.String && known.Contains(item.Text))
            ? null
            : $"must be one of {string.Join(", ", known)}, or a list of them.";
    }

    IEnumerable<(PlacedJson Schema, string Path)> Inner(PlacedJson node, string path)
    {
        var inner = _schema.SubschemasOf(node).ToHashSet();
        foreach (var member in node.Members)
        {
            var at = path + JsonPlaces.Segment(member.Name);
            if (inner.Contains(member.Value))
                yield return (member.Value, at);
            for (var n = 0; n < member.Value.Items.Count; n++)
                if (inner.Contains(member.Value.Items[n]))
                    yield return (member.Value.Items[n], FormattableString.Invariant($"{at}[{n}]"));
            foreach (var named in member.Value.Members)
                if (inner.Contains(named.Value))
                    yield return (named.Value, at + JsonPlaces.Segment(named.Name));
        }
    }

    void Add(PlacedJson value, string path, string message)
    {
        var (line, column) = value.Place;
        _problems.Add(new MetadataProblem(line, column, path, message));
    }
}
