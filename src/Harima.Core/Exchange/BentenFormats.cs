using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Harima.Faults;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Harima.Exchange;

/// <summary>SPring-8's BENTEN: a hierarchy in YAML, or flat JSON whose keys are the way there (<c>@data_info@title</c>).</summary>
static partial class BentenFormats
{
    const int MaxNodes = 200_000;
    const int MaxDepth = 64;

    public static MetadataFormat Yaml { get; } =
        new("benten-yaml", "application/yaml", "metadata.yml", WriteYaml, ReadYaml);

    public static MetadataFormat Flat { get; } =
        new("benten-json", "application/json", "metadata.json", WriteFlat, ReadFlat);

    static (string, IReadOnlyList<string>) WriteFlat(ExchangedSequence sequence)
    {
        var (whole, notCarried) = MetadataFormat.Join(sequence);
        var flat = new JsonObject();
        Flatten(whole, "", flat);
        return (flat.ToJsonString(MetadataFormat.Readable), notCarried);
    }

    static void Flatten(JsonObject from, string way, JsonObject flat)
    {
        foreach (var (key, value) in from)
            // Where a key could be mistaken for a way, the object is left whole, as lists are.
            if (
                value is JsonObject { Count: > 0 } inner
                && inner.All(child => child.Key.Length > 0 && !child.Key.Contains('@'))
            )
                Flatten(inner, way + "@" + key, flat);
            else
                flat[way + "@" + key] = value?.DeepClone();
    }

    static ImportedMetadata ReadFlat(string text)
    {
        var whole = new JsonObject();
        foreach (var (way, value) in MetadataFormat.ParseObject(text, "BENTEN's flat JSON"))
        {
            var keys = way.Split('@', StringSplitOptions.RemoveEmptyEntries);
            var at = whole;
            if (keys.Length == 0)
                throw Fault.Invalid(
                    "import-invalid",
                    $"'{way}' names no place. Keys look like @data_info@title.",
                    ("what", "key"),
                    ("path", way)
                );
            foreach (var key in keys[..^1])
                at =
                    (at[key] ??= new JsonObject()) as JsonObject
                    ?? throw Fault.Invalid(
                        "import-invalid",
                        $"'{way}' leads through '{key}', which has a value already.",
                        ("what", "crossed"),
                        ("path", way)
                    );
            at[keys[^1]] = value?.DeepClone();
        }
        return MetadataFormat.Split(whole, []);
    }

    static (string, IReadOnlyList<string>) WriteYaml(ExchangedSequence sequence)
    {
        var (whole, notCarried) = MetadataFormat.Join(sequence);
        using var writer = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        new YamlStream(new YamlDocument(ToYaml(whole))).Save(writer, assignAnchors: false);
        var text = writer.ToString();
        // The library ends a document by "...".
        return (text.EndsWith("...\n", StringComparison.Ordinal) ? text[..^4] : text, notCarried);
    }

    static YamlNode ToYaml(JsonNode? node) =>
        node switch
        {
            JsonObject inner => new YamlMappingNode(
                inner.Select(child => new KeyValuePair<YamlNode, YamlNode>(Text(child.Key), ToYaml(child.Value)))
            ),
            JsonArray list => new YamlSequenceNode(list.Select(ToYaml)),
            null => new YamlScalarNode("null") { Style = ScalarStyle.Plain },
            _ when node.GetValueKind() == JsonValueKind.String => Text(node.GetValue<string>()),
            _ when node.GetValueKind() == JsonValueKind.Number => new YamlScalarNode(NumberText(node.ToJsonString()))
            {
                Style = ScalarStyle.Plain,
            },
            _ => new YamlScalarNode(node.ToJsonString()) { Style = ScalarStyle.Plain },
        };

    static YamlScalarNode Text(string text) =>
        new(text)
        {
            Style =
                text.Any(char.IsControl) ? ScalarStyle.DoubleQuoted
                : LooksLikeOther().IsMatch(text) || text.Trim() != text ? ScalarStyle.SingleQuoted
                : ScalarStyle.Any,
        };

    // Readers of YAML 1.1 take 1e5 for a text: it wants the point and the sign.
    static string NumberText(string json)
    {
        var exponent = json.AsSpan().IndexOfAny('e', 'E');
        if (exponent < 0)
            return json;
        var (mantissa, power) = (json[..exponent], json[(exponent + 1)..]);
        return (mantissa.Contains('.', StringComparison.Ordinal) ? mantissa : mantissa + ".0")
            + "e"
            + (power[0] is '+' or '-' ? power : "+" + power);
    }

    static ImportedMetadata ReadYaml(string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            var nodes = 0;
            if (
                stream.Documents is not [var document, ..]
                || FromYaml(document.RootNode, 0, ref nodes) is not JsonObject whole
            )
                throw Fault.Invalid("import-invalid", "The YAML is no mapping of keys to values.", ("what", "mapping"));
            return MetadataFormat.Split(
                whole,
                stream.Documents.Count > 1
                    ? [LeftOut.Of("", "further-documents", "Further documents of the YAML stream.")]
                    : []
            );
        }
        catch (YamlException fault)
        {
            throw Fault.Invalid(
                "import-invalid",
                $"This is not YAML: {fault.Message}",
                ("what", "yaml"),
                ("problem", fault.Message),
                ("line", Fault.Number(fault.Start.Line)),
                ("column", Fault.Number(fault.Start.Column))
            );
        }
    }

    /// <summary>Aliases are followed, so a small text may stand for endless ones: depth and number of nodes are limited.</summary>
    static JsonNode? FromYaml(YamlNode node, int depth, ref int nodes)
    {
        if (depth > MaxDepth || ++nodes > MaxNodes)
            throw Fault.Invalid(
                "import-invalid",
                $"The YAML is nested deeper than {MaxDepth}, or holds more than {MaxNodes} values.",
                ("what", "deep")
            );
        switch (node)
        {
            case YamlMappingNode mapping:
                var inner = new JsonObject();
                foreach (var (key, value) in mapping)
                    inner[key is YamlScalarNode { Value: { } name } ? name : key.ToString()] = FromYaml(
                        value,
                        depth + 1,
                        ref nodes
                    );
                return inner;
            case YamlSequenceNode list:
                var array = new JsonArray();
                foreach (var item in list)
                    array.Add(FromYaml(item, depth + 1, ref nodes));
                return array;
            case YamlScalarNode { Style: ScalarStyle.Plain } plain when !plain.Tag.IsLocal:
                return Plain(plain.Value ?? "");
            default:
                return JsonValue.Create(((YamlScalarNode)node).Value ?? "");
        }
    }

    static JsonNode? Plain(string text)
    {
        if (text is "" or "~" or "null" or "Null" or "NULL")
            return null;
        if (text is "true" or "True" or "TRUE")
            return JsonValue.Create(true);
        if (text is "false" or "False" or "FALSE")
            return JsonValue.Create(false);
        if (JsonNumber().IsMatch(text))
            return JsonNode.Parse(text);
        if (
            OtherNumber().IsMatch(text)
            && double.TryParse(text, CultureInfo.InvariantCulture, out var number)
            && double.IsFinite(number)
        )
            return JsonValue.Create(number);
        return JsonValue.Create(text);
    }

    // What a reader of YAML 1.1 or 1.2 would take for something else than a text: numbers, booleans, nulls, times.
    [GeneratedRegex(@"^$|^[-+.\d]|^(~|null|true|false|yes|no|on|off|y|n)$", RegexOptions.IgnoreCase)]
    private static partial Regex LooksLikeOther();

    [GeneratedRegex(@"^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$")]
    private static partial Regex JsonNumber();

    [GeneratedRegex(@"^[-+]?(\d+\.\d*|\.\d+|[1-9]\d*|0)([eE][-+]?\d+)?$")]
    private static partial Regex OtherNumber();
}
