using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Harima.Exchange;

/// <param name="Path">With places in lists: <c>instrument.slit[0].vertical_size</c>; dots and brackets of a key stand behind a backslash.</param>
/// <param name="Value">A scalar, an empty object or an empty list; null for JSON's null.</param>
/// <param name="Unit">What stood in the sibling <c>…_unit</c> of a number.</param>
sealed record FlatValue(string Path, JsonNode? Value, string? Unit);

/// <summary>Takes a document apart into single values with their places, and puts it together again without loss.</summary>
static class FlatValues
{
    const int MaxDepth = 64;
    const int MaxPlace = 10_000;

    public static List<FlatValue> Of(JsonObject document)
    {
        var values = new List<FlatValue>();
        Walk(document, "", values);
        return values;
    }

    static void Walk(JsonNode? node, string path, List<FlatValue> values)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } inner:
                foreach (var (key, value) in inner)
                {
                    var below = path.Length == 0 ? Escape(key) : path + "." + Escape(key);
                    // The unit travels with its number.
                    if (key.EndsWith("_unit", StringComparison.Ordinal) && IsMeasured(inner, key[..^5]))
                        continue;
                    if (IsMeasured(inner, key))
                        values.Add(new FlatValue(below, value, inner[key + "_unit"]!.GetValue<string>()));
                    else
                        Walk(value, below, values);
                }
                break;
            case JsonArray { Count: > 0 } list:
                for (var i = 0; i < list.Count; i++)
                    Walk(list[i], FormattableString.Invariant($"{path}[{i}]"), values);
                break;
            default:
                values.Add(new FlatValue(path, node, null));
                break;
        }
    }

    internal static bool IsMeasured(JsonObject parent, string key) =>
        parent[key]?.GetValueKind() == JsonValueKind.Number
        && parent[key + "_unit"]?.GetValueKind() == JsonValueKind.String;

    /// <returns>Paths that could not be set: they name what another value stands in the way of.</returns>
    public static List<LeftOut> Set(JsonObject document, IEnumerable<FlatValue> values)
    {
        var refused = new List<LeftOut>();
        foreach (var value in values)
            if (!Set(document, Steps(value.Path), value))
                refused.Add(LeftOut.Of(value.Path));
        return refused;
    }

    static bool Set(JsonObject document, List<object> steps, FlatValue value)
    {
        if (steps is not [string, ..] || steps.Count > MaxDepth)
            return false;
        JsonNode at = document;
        for (var i = 0; i < steps.Count; i++)
        {
            var isLast = i == steps.Count - 1;
            JsonNode? made =
                isLast ? value.Value?.DeepClone()
                : steps[i + 1] is int ? new JsonArray()
                : new JsonObject();
            switch (at, steps[i])
            {
                case (JsonObject inner, string key):
                    if (isLast)
                    {
                        inner[key] = made;
                        if (value.Unit is not null)
                            inner[key + "_unit"] = value.Unit;
                        return true;
                    }
                    at = inner[key] ??= made!;
                    break;
                case (JsonArray list, int place) when place <= MaxPlace:
                    while (list.Count <= place)
                        list.Add((JsonNode?)null);
                    if (isLast)
                    {
                        list[place] = made;
                        return true;
                    }
                    at = list[place] ??= made!;
                    break;
                default:
                    return false;
            }
        }
        return false;
    }

    static string Escape(string key)
    {
        if (key.AsSpan().IndexOfAny(".[]\\") < 0)
            return key;
        var text = new StringBuilder();
        foreach (var c in key)
            text.Append(c is '.' or '[' or ']' or '\\' ? "\\" : "").Append(c);
        return text.ToString();
    }

    static List<object> Steps(string path)
    {
        var steps = new List<object>();
        var key = new StringBuilder();
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] == '\\' && i + 1 < path.Length)
                key.Append(path[++i]);
            else if (path[i] == '.')
                End();
            else if (
                path[i] == '['
                && path.IndexOf(']', i) is var close and > 0
                && int.TryParse(
                    path.AsSpan(i + 1, close - i - 1),
                    System.Globalization.NumberStyles.None,
                    null,
                    out var place
                )
            )
            {
                End();
                steps.Add(place);
                i = close;
            }
            else
                key.Append(path[i]);
        }
        End();
        return steps;

        void End()
        {
            if (key.Length > 0)
                steps.Add(key.ToString());
            key.Clear();
        }
    }
}
