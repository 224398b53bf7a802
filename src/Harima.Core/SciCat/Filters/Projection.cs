using System.Text.Json.Nodes;

namespace Harima.SciCat.Filters;

/// <summary>Only the fields that were asked for; <c>_id</c> always, as MongoDB does.</summary>
static class Projection
{
    /// <param name="always">Names that stay whatever was asked.</param>
    public static JsonObject Of(
        JsonObject document,
        IReadOnlyDictionary<string, bool> fields,
        IEnumerable<string> always
    )
    {
        if (fields.Count == 0)
            return document;
        if (!fields.Values.Contains(true))
        {
            foreach (var name in fields.Keys)
                Remove(document, name.Split('.'));
            return document;
        }
        var shown = new JsonObject();
        foreach (var name in fields.Keys.Concat(always).Append("_id").Distinct(StringComparer.Ordinal))
            Copy(document, shown, name.Split('.'));
        return shown;
    }

    static void Remove(JsonObject document, string[] path)
    {
        var at = document;
        foreach (var step in path[..^1])
        {
            if (at[step] is not JsonObject below)
                return;
            at = below;
        }
        at.Remove(path[^1]);
    }

    static void Copy(JsonObject from, JsonObject to, string[] path)
    {
        foreach (var step in path[..^1])
        {
            if (from[step] is not JsonObject below)
                return;
            if (to[step] is not JsonObject made)
                to[step] = made = [];
            (from, to) = (below, made);
        }
        if (from.TryGetPropertyValue(path[^1], out var value))
            to[path[^1]] = value?.DeepClone();
    }
}
