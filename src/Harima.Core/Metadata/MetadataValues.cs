using System.Globalization;
using System.Text;
using System.Text.Json;
using Harima.Metadata.Units;

namespace Harima.Metadata;

/// <summary>One leaf of a metadata document, as it is indexed. The document itself is never rewritten.</summary>
/// <param name="Path">Dotted, array places dropped: <c>measurement.method.sub_category</c>, <c>sample.chemical_formula</c>.</param>
/// <param name="Text">What was written as text, or true or false; null for a number.</param>
/// <param name="Unit">As it was written, whether it is known or not.</param>
/// <param name="SiNumber">The number in <paramref name="SiUnit"/>, where the unit is known.</param>
public sealed record MetadataValue(
    string Path,
    string? Text,
    double? Number,
    string? Unit,
    double? SiNumber,
    string? SiUnit
);

/// <summary>Takes metadata documents apart into values with their units.</summary>
public static class MetadataValues
{
    const string SamplePrefix = "sample";

    // The spellings of NeXus and HDF5 (@units), the NIMS metadata.json (value, unit) and the 2022 drafts (v, u).
    static readonly string[] NumberKeys = ["value", "v", "@value"];
    static readonly string[] UnitKeys = ["unit", "u", "units", "@units", "@unit"];
    static readonly string[] UnitSuffixes = ["_unit", "_units", "@units"];

    /// <returns>The values in the order of the document; none where the text is not a JSON object.</returns>
    public static IReadOnlyList<MetadataValue> Of(MetadataKind kind, string json) => Of(kind, json, unitOf: null);

    /// <param name="unitOf">
    /// The unit a schema gives for the path within the document (no <c>sample.</c> put before it). It counts where the document itself
    /// names none; and only where it answers is a text such as <c>11.5 keV</c> taken for a number.
    /// </param>
    public static IReadOnlyList<MetadataValue> Of(MetadataKind kind, string json, Func<string, string?>? unitOf)
    {
        var values = new List<MetadataValue>();
        try
        {
            using var document = JsonDocument.Parse(WithWholeCharacters(json));
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return values;
            new Walk(values, kind, unitOf).Object(document.RootElement, "", "");
        }
        catch (JsonException)
        {
            return [];
        }
        return values;
    }

    /// <summary>
    /// Half a character in an escape (<c>\ud83d</c> alone) is JSON, but nothing that can be read as text. It is refused where metadata is
    /// put; whatever came here all the same must not keep the index from everything else.
    /// </summary>
    static string WithWholeCharacters(string json)
    {
        if (!json.Contains("\\ud", StringComparison.OrdinalIgnoreCase))
            return json;
        var text = new StringBuilder(json);
        for (var at = json.IndexOf('\\', StringComparison.Ordinal); at >= 0 && at + 1 < json.Length; )
        {
            var here = EscapedAt(json, at);
            var isPair = char.IsHighSurrogate(here) && char.IsLowSurrogate(EscapedAt(json, at + 6));
            if (!isPair && char.IsSurrogate(here))
                text.Remove(at + 2, 4).Insert(at + 2, "fffd");
            var behind = at + (isPair ? 12 : 2);
            at = behind >= json.Length ? -1 : json.IndexOf('\\', behind);
        }
        return text.ToString();
    }

    /// <summary>What <c>\uXXXX</c> stands for; 0 where there is none.</summary>
    static char EscapedAt(string json, int at) =>
        at + 6 <= json.Length
        && json[at] == '\\'
        && json[at + 1] == 'u'
        && ushort.TryParse(
            json.AsSpan(at + 2, 4),
            NumberStyles.AllowHexSpecifier,
            CultureInfo.InvariantCulture,
            out var code
        )
            ? (char)code
            : '\0';

    sealed class Walk(List<MetadataValue> values, MetadataKind kind, Func<string, string?>? unitOf)
    {
        public void Object(JsonElement element, string path, string key)
        {
            if (path.Length > 0 && MeasuredValue(element) is { } measured)
            {
                Element(measured.Value.Value, path, key, measured.Unit.Value.GetString());
                foreach (var property in element.EnumerateObject())
                    if (property.Name != measured.Value.Name && property.Name != measured.Unit.Name)
                        Element(property.Value, Below(path, property.Name), property.Name, null);
                return;
            }
            var hasUnits = HasUnitsBeside(element);
            foreach (var property in element.EnumerateObject())
            {
                if (hasUnits && IsUnitOfSibling(element, property))
                    continue;
                Element(
                    property.Value,
                    Below(path, property.Name),
                    property.Name,
                    hasUnits ? UnitBeside(element, property.Name) : null
                );
            }
        }

        void Element(JsonElement element, string path, string key, string? unit)
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.Object:
                    Object(element, path, key);
                    break;
                case JsonValueKind.Array:
                    foreach (var item in element.EnumerateArray())
                        Element(item, path, key, unit);
                    break;
                case JsonValueKind.Number:
                    Add(path, key, null, element.GetDouble(), unit ?? unitOf?.Invoke(path));
                    break;
                case JsonValueKind.String when element.GetString() is { Length: > 0 } text:
                    Text(path, key, text, unit);
                    break;
                case JsonValueKind.True:
                case JsonValueKind.False:
                    Add(path, key, element.ValueKind == JsonValueKind.True ? "true" : "false", null, null);
                    break;
            }
        }

        void Text(string path, string key, string text, string? unit)
        {
            unit ??= unitOf?.Invoke(path);
            // Only where somebody said that this has a unit is "0042" a number and not a name.
            if (unit is null || !Quantity.TrySplit(text, out var number, out var written))
                Add(path, key, text, null, unit);
            else if (written.Length == 0)
                Add(path, key, text, number, unit);
            else
                Add(path, key, text, UnitOfMeasure.TryParse(written, key, out _) ? number : null, written);
        }

        void Add(string path, string key, string? text, double? number, string? unit)
        {
            if (string.IsNullOrWhiteSpace(unit))
                unit = null;
            double? si = null;
            string? siUnit = null;
            if (number is { } known && UnitOfMeasure.TryParse(unit, key, out var parsed))
            {
                si = parsed.ToSi(known);
                siUnit = parsed.SiSymbol;
                if (!double.IsFinite(si.Value))
                    (si, siUnit) = (null, null);
            }
            values.Add(new MetadataValue(Rooted(path), text, number, unit, si, siUnit));
        }

        string Rooted(string path) =>
            kind != MetadataKind.Sample
            || path == SamplePrefix
            || path.StartsWith(SamplePrefix + ".", StringComparison.Ordinal)
                ? path
                : SamplePrefix + "." + path;
    }

    static (JsonProperty Value, JsonProperty Unit)? MeasuredValue(JsonElement element)
    {
        JsonProperty? value = null;
        JsonProperty? unit = null;
        foreach (var property in element.EnumerateObject())
        {
            if (
                Array.IndexOf(NumberKeys, property.Name) >= 0
                && property.Value.ValueKind is JsonValueKind.Number or JsonValueKind.String or JsonValueKind.Array
            )
                value ??= property;
            else if (Array.IndexOf(UnitKeys, property.Name) >= 0 && property.Value.ValueKind == JsonValueKind.String)
                unit ??= property;
        }
        return value is { } v && unit is { } u ? (v, u) : null;
    }

    /// <summary>Whether any name in the object can be that of a unit of another: most objects have none, and need no further look.</summary>
    static bool HasUnitsBeside(JsonElement element)
    {
        foreach (var property in element.EnumerateObject())
        foreach (var suffix in UnitSuffixes)
            if (property.Name.EndsWith(suffix, StringComparison.Ordinal))
                return true;
        return false;
    }

    static string? UnitBeside(JsonElement element, string name)
    {
        foreach (var suffix in UnitSuffixes)
            if (element.TryGetProperty(name + suffix, out var unit) && unit.ValueKind == JsonValueKind.String)
                return unit.GetString();
        return null;
    }

    /// <summary>Such as energy_unit beside energy: it is told with the value and not a second time.</summary>
    static bool IsUnitOfSibling(JsonElement element, JsonProperty property)
    {
        if (property.Value.ValueKind != JsonValueKind.String)
            return false;
        foreach (var suffix in UnitSuffixes)
            if (
                property.Name.Length > suffix.Length
                && property.Name.EndsWith(suffix, StringComparison.Ordinal)
                && element.TryGetProperty(property.Name[..^suffix.Length], out var value)
                && value.ValueKind is JsonValueKind.Number or JsonValueKind.String or JsonValueKind.Array
            )
                return true;
        return false;
    }

    /// <summary>The flat names of BENTEN (<c>@data_info@identifier@pid</c>) are paths of their own.</summary>
    static string Below(string path, string name)
    {
        if (name.Length > 1 && name[0] == '@')
            name = name[1..].Replace('@', '.');
        return path.Length == 0 ? name : path + "." + name;
    }
}
