using System.Text.Json;
using System.Text.Json.Nodes;

namespace Harima.Search.Query;

/// <summary>The question as JSON, for the builder and for programs: one object a condition or group.</summary>
/// <remarks>
/// <c>{"all": […]}</c>, <c>{"any": […]}</c>, <c>{"not": {…}}</c>, <c>{"text": "water"}</c>, <c>{"path": "energy", "from": "11.5", "to":
/// "12.1keV"}</c>, <c>{"path": "size", "above": "1GB"}</c>, <c>{"path": "date", "below": "2026-04"}</c>, <c>{"path": "technique", "is":
/// "XAFS"}</c>, <c>{"path": "sample.name", "exists": true}</c>. <c>"exact": true</c> beside <c>text</c> or <c>is</c> means quotation marks.
/// The empty question is <c>{"all": []}</c>.
/// </remarks>
public static class QueryJson
{
    public static JsonObject Write(SearchQuery query) =>
        query switch
        {
            AllOf all => new JsonObject { ["all"] = Write(all.Parts) },
            AnyOf any => new JsonObject { ["any"] = Write(any.Parts) },
            Not not => new JsonObject { ["not"] = Write(not.Part) },
            TextIs text => WithExact(new JsonObject { ["text"] = text.Value.Text }, text.Value.IsExact),
            FieldIs field => WithExact(
                new JsonObject { ["path"] = field.Path, ["is"] = field.Value.Text },
                field.Value.IsExact
            ),
            FieldWithin within => Write(within),
            FieldAbove above => new JsonObject { ["path"] = above.Path, ["above"] = above.Value },
            FieldBelow below => new JsonObject { ["path"] = below.Path, ["below"] = below.Value },
            FieldExists exists => new JsonObject { ["path"] = exists.Path, ["exists"] = true },
            _ => throw new InvalidOperationException($"no JSON for {query.GetType().Name}"),
        };

    /// <exception cref="Faults.FaultException">Invalid, naming the place as a JSON path.</exception>
    public static SearchQuery Read(JsonElement json) => Read(json, "$", 0);

    static JsonArray Write(IReadOnlyList<SearchQuery> parts) => [.. parts.Select(part => (JsonNode)Write(part))];

    static JsonObject Write(FieldWithin within)
    {
        var json = new JsonObject { ["path"] = within.Path };
        if (within.From is not null)
            json["from"] = within.From;
        if (within.To is not null)
            json["to"] = within.To;
        return json;
    }

    static JsonObject WithExact(JsonObject json, bool isExact)
    {
        if (isExact)
            json["exact"] = true;
        return json;
    }

    static SearchQuery Read(JsonElement json, string at, int depth)
    {
        if (depth > QueryText.MaxDepth)
            throw Wrong(at, "There are too many groups inside each other.");
        if (json.ValueKind != JsonValueKind.Object)
            throw Wrong(at, "A condition is a JSON object.");
        if (json.TryGetProperty("all", out var all))
            return SearchQuery.Of(ReadParts(all, at + ".all", depth), all: true);
        if (json.TryGetProperty("any", out var any))
            return SearchQuery.Of(ReadParts(any, at + ".any", depth), all: false);
        if (json.TryGetProperty("not", out var not))
            return SearchQuery.Without(Read(not, at + ".not", depth + 1));
        if (TextOf(json, "text", at) is { } text)
            return new TextIs(ReadValue(json, text, at));
        if (TextOf(json, "path", at) is { Length: > 0 } path)
            return ReadField(json, path, at);
        throw Wrong(at, "A condition has one of all, any, not, text or path.");
    }

    static IEnumerable<SearchQuery> ReadParts(JsonElement json, string at, int depth)
    {
        if (json.ValueKind != JsonValueKind.Array)
            throw Wrong(at, "A group is a JSON array.");
        return json.EnumerateArray().Select((part, n) => Read(part, $"{at}[{n}]", depth + 1));
    }

    static SearchQuery ReadField(JsonElement json, string path, string at)
    {
        if (TextOf(json, "is", at) is { } value)
            return QueryText.Make(path, ReadValue(json, value, at));
        if (TextOf(json, "above", at) is { } above)
            return new FieldAbove(path, above);
        if (TextOf(json, "below", at) is { } below)
            return new FieldBelow(path, below);
        var (from, to) = (TextOf(json, "from", at), TextOf(json, "to", at));
        if (from is not null || to is not null)
            return new FieldWithin(path, from, to);
        if (
            json.TryGetProperty("exists", out var exists)
            && exists.ValueKind is JsonValueKind.True or JsonValueKind.False
        )
            return exists.GetBoolean() ? new FieldExists(path) : new Not(new FieldExists(path));
        throw Wrong(at, $"The condition on '{path}' has one of is, from, to, above, below or exists.");
    }

    static QueryValue ReadValue(JsonElement json, string text, string at)
    {
        var isExact = json.TryGetProperty("exact", out var exact) && exact.ValueKind == JsonValueKind.True;
        return !isExact && text.Length == 0
            ? throw Wrong(at, "A value is empty. Fill it in, or remove the condition.")
            : new QueryValue(text, isExact);
    }

    static string? TextOf(JsonElement json, string name, string at) =>
        !json.TryGetProperty(name, out var value)
            ? null
            : value.ValueKind switch
            {
                JsonValueKind.String => value.GetString(),
                JsonValueKind.Number => value.GetRawText(),
                JsonValueKind.Null => null,
                _ => throw Wrong($"{at}.{name}", "A value is a JSON string."),
            };

    static Faults.FaultException Wrong(string at, string message) =>
        QueryFault.At("json", null, $"{message} (at {at})", ("at", at), ("problem", message));
}
