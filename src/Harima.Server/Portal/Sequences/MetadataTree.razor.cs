using System.Globalization;
using System.Text.Json;
using Harima.Metadata.Schemas;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Sequences;

partial class MetadataTree
{
    const string UnitSuffix = "_unit";

    [Parameter, EditorRequired]
    public JsonElement Value { get; set; }

    [Parameter]
    public int Depth { get; set; }

    /// <summary>What the schema calls its fields, by path; without one, keys are shown as they are.</summary>
    [Parameter]
    public IReadOnlyDictionary<string, SchemaLabel>? Labels { get; set; }

    /// <summary>Where in the document this stands, places in lists left out.</summary>
    [Parameter]
    public string Path { get; set; } = "";

    string BelowOf(string name) =>
        Value.ValueKind == JsonValueKind.Array ? Path
        : Path.Length == 0 ? name
        : Path + "." + name;

    string LabelOf(string name) =>
        Value.ValueKind == JsonValueKind.Object && Labels?.GetValueOrDefault(BelowOf(name)) is { } label
            ? Show.Pick(label.En, label.Ja)
            : name;

    /// <summary>To be asked for in a search; only where something else is shown.</summary>
    string? PathOf(string name) => LabelOf(name) == name ? null : BelowOf(name);

    IEnumerable<(string Name, JsonElement Value, string? Unit)> Children() =>
        Value.ValueKind == JsonValueKind.Array
            ? Value
                .EnumerateArray()
                .Select((item, n) => WithUnit((n + 1).ToString(CultureInfo.InvariantCulture), item, null))
            : ObjectChildren();

    IEnumerable<(string, JsonElement, string?)> ObjectChildren()
    {
        foreach (var property in Value.EnumerateObject())
        {
            // "energy_unit" is shown behind "energy", not as a value of its own.
            if (
                property.Name.EndsWith(UnitSuffix, StringComparison.Ordinal)
                && Value.TryGetProperty(property.Name[..^UnitSuffix.Length], out _)
            )
                continue;
            var unit =
                Value.TryGetProperty(property.Name + UnitSuffix, out var sibling)
                && sibling.ValueKind == JsonValueKind.String
                    ? sibling.GetString()
                    : null;
            yield return WithUnit(property.Name, property.Value, unit);
        }
    }

    /// <summary><c>{"value": 8.0, "unit": "GeV"}</c> is one value.</summary>
    static (string, JsonElement, string?) WithUnit(string name, JsonElement value, string? unit)
    {
        if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty("value", out var inner) || IsBranch(inner))
            return (name, value, unit);
        var others = value.EnumerateObject().Any(property => property.Name is not ("value" or "unit" or "units"));
        var own = value.TryGetProperty("unit", out var u) || value.TryGetProperty("units", out u) ? u.ToString() : null;
        return others ? (name, value, unit) : (name, inner, own ?? unit);
    }

    static bool IsBranch(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object
        || value.ValueKind == JsonValueKind.Array && value.EnumerateArray().Any(item => IsBranch(item));

    static string Text(JsonElement value) =>
        value.ValueKind switch
        {
            JsonValueKind.Null => "–",
            JsonValueKind.Array => string.Join(", ", value.EnumerateArray().Select(Text)),
            // As it was written: 8.00 keeps its zeros, they say how well it is known.
            _ => value.ToString(),
        };
}
