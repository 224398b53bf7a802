using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harima.Catalogue;

namespace Harima.SciCat.Filters;

/// <summary>Which of the two versions of SciCat's interface is spoken.</summary>
public enum SciCatVersion
{
    V3,
    V4,
}

/// <param name="Scope">How the related things are narrowed; null for all of them.</param>
sealed record Include(string Relation, SciCatFilter? Scope);

/// <summary>The <c>filter</c> of a list: which, with what beside, which fields, how many, in which order.</summary>
public sealed class SciCatFilter
{
    /// <summary>A page has at most this many documents.</summary>
    public const int MaxLimit = 1_000;
    const int MaxLength = 64 * 1024;
    const int MaxSkip = 1_000_000;

    static readonly string[] Keys = ["where", "include", "fields", "limits"];
    static readonly string[] Relations =
    [
        "instruments",
        "proposals",
        "origdatablocks",
        "datablocks",
        "attachments",
        "samples",
    ];

    internal Condition Where { get; private init; } = Condition.Always;
    internal IReadOnlyList<Include> Includes { get; private init; } = [];

    /// <summary>True to give the field, false to leave it out; empty for all.</summary>
    internal IReadOnlyDictionary<string, bool> Fields { get; private init; } = new Dictionary<string, bool>();
    internal IReadOnlyList<(string Field, bool Descending)> Sort { get; private init; } = [];
    internal int Limit { get; private init; } = 10;
    internal int Skip { get; private init; }

    /// <summary>All of them, the first page.</summary>
    public static SciCatFilter None(SciCatVersion version) => new() { Limit = DefaultLimit(version) };

    /// <exception cref="Faults.FaultException">Invalid, saying what is wrong.</exception>
    public static SciCatFilter Parse(string? json, SciCatVersion version)
    {
        if (string.IsNullOrWhiteSpace(json))
            return None(version);
        if (ParseJson(json, "filter") is not JsonObject filter)
            throw SciCatFault.Filter("The filter is a JSON object.");
        return Read(filter, version, depth: 0);
    }

    /// <summary>The <c>fields</c> and <c>limits</c> of <c>fullquery</c> and <c>fullfacet</c>.</summary>
    public static SciCatFilter ParseFullQuery(string? fields, string? limits, SciCatVersion version)
    {
        var asked = string.IsNullOrWhiteSpace(fields) ? null : ParseJson(fields, "fields");
        return Page(string.IsNullOrWhiteSpace(limits) ? null : ParseJson(limits, "limits"), version)
            .With(FullQueryReading.Read(asked));
    }

    /// <summary>The part of a key that <c>metadataKeys</c> is asked for: <c>{"metadataKey": "energy"}</c>.</summary>
    public static string? MetadataKeyOf(string fields) =>
        ParseJson(fields, "fields") is JsonObject asked ? asked["metadataKey"]?.ToString() : null;

    public static IEnumerable<string> IncludesOf(string text) =>
        text.StartsWith('[') && ParseJson(text, "include") is JsonArray names
            ? names.Select(name => name?.ToString() ?? "")
            : [text];

    /// <summary>The change that adds values to a list of a dataset.</summary>
    /// <exception cref="Faults.FaultException">Invalid for a field that is no list.</exception>
    public static JsonObject Appended(JsonObject dataset, string? field, string? data)
    {
        if (
            field is null
            || dataset[field] is not JsonArray before
            || ParseJson(data ?? "", "data") is not JsonArray more
        )
            throw SciCatFault.Body("fieldName names a list of the dataset, and data is a list of values.");
        var all = before.Concat(more).Select(value => value?.DeepClone()).ToList();
        var distinct = new List<JsonNode?>();
        foreach (var value in all)
            if (!distinct.Exists(known => JsonNode.DeepEquals(known, value)))
                distinct.Add(value);
        return new JsonObject { [field] = new JsonArray([.. distinct]) };
    }

    /// <summary>The same for another condition as well.</summary>
    /// <summary>The same of those only whose field is that, or has it in its list.</summary>
    public SciCatFilter Having(string field, JsonNode value) =>
        With(new CompareCondition(field, Comparison.Equal, value.DeepClone()));

    internal SciCatFilter With(Condition condition) =>
        new()
        {
            Where = Where.And(condition),
            Includes = Includes,
            Fields = Fields,
            Sort = Sort,
            Limit = Limit,
            Skip = Skip,
        };

    internal SciCatFilter Including(IEnumerable<string> relations) =>
        new()
        {
            Where = Where,
            Includes = ReadIncludes(
                new JsonArray([.. relations.Select(name => JsonValue.Create(name))]),
                SciCatVersion.V4,
                0
            ),
            Fields = Fields,
            Sort = Sort,
            Limit = Limit,
            Skip = Skip,
        };

    internal SciCatFilter Unpaged() => new() { Where = Where, Limit = int.MaxValue };

    internal SciCatFilter First() =>
        new()
        {
            Where = Where,
            Includes = Includes,
            Fields = Fields,
            Sort = Sort,
            Limit = 1,
            Skip = Skip,
        };

    /// <exception cref="Faults.FaultException">Invalid.</exception>
    internal static JsonNode? ParseJson(string json, string name)
    {
        if (json.Length > MaxLength)
            throw SciCatFault.Filter($"The {name} is longer than {MaxLength / 1024} KiB.");
        try
        {
            if (!JsonCharacters.AreWhole(Encoding.UTF8.GetBytes(json)))
                throw SciCatFault.Filter($"Half a character is escaped in {name}: \\ud800 to \\udfff stand in pairs.");
            return JsonNode.Parse(
                json,
                documentOptions: new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false }
            );
        }
        catch (JsonException fault)
        {
            var end = fault.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            throw SciCatFault.Filter(
                $"Invalid JSON in {name}: {(end < 0 ? fault.Message : fault.Message[..end])} (line {(fault.LineNumber ?? 0) + 1} column {(fault.BytePositionInLine ?? 0) + 1})"
            );
        }
    }

    static int DefaultLimit(SciCatVersion version) => version == SciCatVersion.V3 ? 100 : 10;

    static SciCatFilter Read(JsonObject filter, SciCatVersion version, int depth)
    {
        foreach (var (key, _) in filter)
            if (!Keys.Contains(key))
                throw SciCatFault.Filter($"Property {key} should not exist in the filter object");
        var page = Page(filter["limits"], version);
        return new SciCatFilter
        {
            Where = ConditionReading.Read(filter["where"]),
            Includes = ReadIncludes(filter["include"], version, depth),
            Fields = ReadFields(filter["fields"]),
            Sort = page.Sort,
            Limit = page.Limit,
            Skip = page.Skip,
        };
    }

    static SciCatFilter Page(JsonNode? limits, SciCatVersion version)
    {
        if (limits is null)
            return None(version);
        if (limits is not JsonObject page)
            throw SciCatFault.Filter("'limits' is a JSON object.");
        return new SciCatFilter
        {
            Limit = Number(page["limit"], "limit", DefaultLimit(version), MaxLimit),
            Skip = Number(page["skip"], "skip", 0, MaxSkip),
            Sort = [.. ReadSort(page["sort"]), .. ReadOrder(page["order"])],
        };
    }

    static int Number(JsonNode? node, string name, int otherwise, int most)
    {
        if (node is null)
            return otherwise;
        // Some clients write numbers as texts.
        var text = node.GetValueKind() is JsonValueKind.String or JsonValueKind.Number ? node.ToString() : "";
        if (
            !long.TryParse(
                text,
                System.Globalization.NumberStyles.None,
                System.Globalization.CultureInfo.InvariantCulture,
                out var number
            )
        )
            throw SciCatFault.Filter($"'{name}' is a number from 0 on.");
        if (number > most)
            throw SciCatFault.Filter($"'{name}' is at most {most}. Ask for the rest with 'skip'.");
        return (int)number;
    }

    static IEnumerable<(string, bool)> ReadSort(JsonNode? sort)
    {
        if (sort is null)
            yield break;
        if (sort is not JsonObject fields || fields.Count > 5)
            throw SciCatFault.Filter("'sort' is an object of at most five fields, each \"asc\" or \"desc\".");
        foreach (var (field, direction) in fields)
            yield return (field, IsDescending(direction?.ToString() ?? ""));
    }

    static IEnumerable<(string, bool)> ReadOrder(JsonNode? order)
    {
        if (order is null)
            yield break;
        var texts = order is JsonArray list ? list.Select(item => item?.ToString() ?? "") : [order.ToString()];
        foreach (var text in texts.Where(text => text.Length > 0).Take(5))
        {
            var at = text.LastIndexOfAny([':', ' ']);
            yield return at < 0 ? (text, false) : (text[..at].Trim(), IsDescending(text[(at + 1)..].Trim()));
        }
    }

    static bool IsDescending(string direction) =>
        direction.ToLowerInvariant() switch
        {
            "asc" or "1" or "ascending" => false,
            "desc" or "-1" or "descending" => true,
            _ => throw SciCatFault.Filter($"The direction of an order is asc or desc, not '{direction}'."),
        };

    static Dictionary<string, bool> ReadFields(JsonNode? fields)
    {
        var read = new Dictionary<string, bool>(StringComparer.Ordinal);
        switch (fields)
        {
            case null:
                break;
            case JsonArray list when list.All(item => item?.GetValueKind() == JsonValueKind.String):
                foreach (var item in list)
                    read[item!.GetValue<string>()] = true;
                break;
            case JsonObject chosen:
                foreach (var (name, value) in chosen)
                    read[name] = value?.ToString() is not ("0" or "false" or "");
                break;
            default:
                throw SciCatFault.Filter("Fields must be an array or a valid projection object");
        }
        if (read.Count > 200)
            throw SciCatFault.Filter("'fields' names at most 200 fields.");
        // As MongoDB does not allow both, SciCat takes those that are wanted.
        if (read.ContainsValue(true))
            foreach (var name in read.Where(pair => !pair.Value).Select(pair => pair.Key).ToList())
                read.Remove(name);
        return read;
    }

    static List<Include> ReadIncludes(JsonNode? include, SciCatVersion version, int depth)
    {
        if (include is null)
            return [];
        var items = include is JsonArray list ? [.. list] : (IReadOnlyList<JsonNode?>)[include];
        if (items.Count > 20 || depth > 2)
            throw SciCatFault.Filter("'include' names too many relations.");
        var read = new List<Include>();
        foreach (var item in items)
        {
            var (name, scope) = item switch
            {
                JsonObject relation => (relation["relation"]?.ToString(), relation["scope"]),
                JsonValue value => (value.ToString(), null),
                _ => (null, null),
            };
            if (name == "all")
                read.AddRange(Relations.Select(relation => new Include(relation, null)));
            else if (name is not null && Relations.Contains(name))
                read.Add(new Include(name, scope is JsonObject narrowed ? Read(narrowed, version, depth + 1) : null));
            else
                throw SciCatFault.Filter(
                    $"Provided include field \"{name}\" is not part of the dataset relations. Known are {string.Join(", ", Relations)} and all."
                );
        }
        return read;
    }
}
