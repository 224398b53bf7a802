using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harima.Faults;
using Harima.Metadata;
using Harima.Metadata.Units;

namespace Harima.Extraction;

/// <summary>Reads and sets single values of a metadata document by their dotted path.</summary>
static class MetadataEdit
{
    /// <summary>Indented, with Japanese to be read and not decoded.</summary>
    public static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>What stands at a path, as JSON with its unit; null for nothing, and for what is empty.</summary>
    public static string? Find(JsonNode? document, ExtractedValue value, out bool isSame)
    {
        isSame = false;
        var (parent, key) = Place(document, value, create: false);
        if (parent?[key] is not { } found || (found is JsonValue text && text.ToString().Length == 0))
            return null;
        var unit = parent[key + "_unit"]?.ToString();
        if (found is JsonObject measured && (measured["value"] ?? measured["v"]) is { } inner)
            (found, unit) = (inner, (measured["unit"] ?? measured["u"])?.ToString());
        isSame = unit == value.Unit ? SameValue(found, value.Value) : SameQuantity(found, unit, value);
        return found.ToJsonString(Readable) + (unit is null ? "" : " " + unit);
    }

    static bool SameValue(JsonNode found, string value)
    {
        using var document = JsonDocument.Parse(value);
        if (document.RootElement.ValueKind == JsonValueKind.Array)
            return JsonNode.DeepEquals(found, JsonNode.Parse(value));
        return document.RootElement.ValueKind == JsonValueKind.Number
            ? found is JsonValue number
                && number.TryGetValue<double>(out var typed)
                && typed.Equals(document.RootElement.GetDouble())
            : found is JsonValue text
                && (
                    text.ToString() == document.RootElement.GetString()
                    || HeaderPaths.IsSameTime(text.ToString(), document.RootElement.GetString() ?? "")
                );
    }

    /// <summary>0.000172 m beside a typed 172 µm is no difference.</summary>
    static bool SameQuantity(JsonNode found, string? unit, ExtractedValue value)
    {
        using var document = JsonDocument.Parse(value.Value);
        if (
            document.RootElement.ValueKind != JsonValueKind.Number
            || found is not JsonValue number
            || !number.TryGetValue<double>(out var typed)
            || !UnitOfMeasure.TryParse(unit, out var typedUnit)
            || !UnitOfMeasure.TryParse(value.Unit, out var readUnit)
            || !typedUnit.IsComparableWith(readUnit)
        )
            return false;
        var (a, b) = (typedUnit.ToSi(typed), readUnit.ToSi(document.RootElement.GetDouble()));
        // Headers round; what agrees to a part in a million was meant to be the same.
        return Math.Abs(a - b) <= 1e-6 * Math.Max(Math.Abs(a), Math.Abs(b));
    }

    /// <summary>The document with the values set; everything else keeps its order and its numbers their digits.</summary>
    public static string Set(string? json, IEnumerable<ExtractedValue> values)
    {
        var document = json is null ? new JsonObject() : JsonNode.Parse(json)!;
        foreach (var value in values)
        {
            var (parent, key) = Place(document, value, create: true);
            if (value.IsMeasured)
            {
                var measured = new JsonObject { ["value"] = JsonNode.Parse(value.Value) };
                if (value.Unit is not null)
                    measured["unit"] = value.Unit;
                parent![key] = measured;
                parent.Remove(key + "_unit");
                continue;
            }
            parent![key] = JsonNode.Parse(value.Value);
            if (value.Unit is not null)
                parent[key + "_unit"] = value.Unit;
            else
                parent.Remove(key + "_unit");
        }

        return document.ToJsonString(Readable);
    }

    static (JsonObject? Parent, string Key) Place(JsonNode? document, ExtractedValue value, bool create)
    {
        var keys = value.Path.Split('.');
        var at = document as JsonObject;
        var first = 0;
        // The sample document may itself be the sample, without a "sample" around it.
        if (
            value.Kind == MetadataKind.Sample
            && at is not null
            && !at.ContainsKey("sample")
            && (at.Count > 0 || value.IsBare)
        )
            first = 1;
        for (var i = first; i < keys.Length - 1 && at is not null; i++)
        {
            var below = at[keys[i]];
            if (below is JsonArray { Count: > 0 } list)
                below = list[0];
            if (below is null && create)
            {
                below = new JsonObject();
                // SPring-8's metadata lists samples, even a single one.
                at[keys[i]] = keys[i] == "sample" && value.Kind == MetadataKind.Sample ? new JsonArray(below) : below;
            }

            if (below is not JsonObject && create)
                throw Fault.Conflict(
                    "metadata-path-taken",
                    $"'{value.Path}' cannot be set: '{string.Join('.', keys[..(i + 1)])}' holds a value already. Change it in the text.",
                    ("path", value.Path)
                );
            at = below as JsonObject;
        }

        return (at, keys[^1]);
    }
}
