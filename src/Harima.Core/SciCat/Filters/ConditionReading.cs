using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Harima.SciCat.Filters;

/// <summary>Reads a <c>where</c>, with limits on everything a client could make large.</summary>
static class ConditionReading
{
    const int MaxDepth = 24;
    const int MaxConditions = 1_000;
    const int MaxPattern = 500;

    public static Condition Read(JsonNode? where)
    {
        var budget = MaxConditions;
        return where is null ? Condition.Always : Object(where, 0, ref budget);
    }

    static Condition Object(JsonNode? node, int depth, ref int budget)
    {
        if (node is not JsonObject parts)
            throw SciCatFault.Filter("A condition of 'where' is a JSON object.");
        Spend(depth, ref budget);
        var all = new List<Condition>();
        foreach (var (key, value) in parts)
            all.Add(
                key switch
                {
                    "$and" or "and" => new AllConditions(List(key, value, depth, ref budget)),
                    "$or" or "or" => new AnyCondition(List(key, value, depth, ref budget)),
                    "$nor" => new NotCondition(new AnyCondition(List(key, value, depth, ref budget))),
                    "$text" => Text(value),
                    "$expr" or "$where" or "$jsonSchema" or "$comment" => throw Unknown(key),
                    _ when key.StartsWith('$') => throw Unknown(key),
                    _ => Field(key, value, depth + 1, ref budget),
                }
            );
        return all.Count == 1 ? all[0] : new AllConditions(all);
    }

    static List<Condition> List(string key, JsonNode? value, int depth, ref int budget)
    {
        if (value is not JsonArray { Count: > 0 } list)
            throw SciCatFault.Filter($"'{key}' takes a list of conditions with at least one.");
        var parts = new List<Condition>();
        foreach (var part in list)
            parts.Add(Object(part, depth + 1, ref budget));
        return parts;
    }

    static TextCondition Text(JsonNode? value)
    {
        var text = value is JsonObject search ? search["$search"] : value;
        return text?.GetValueKind() == JsonValueKind.String && text.GetValue<string>().Trim() is { Length: > 0 } words
            ? new TextCondition(words)
            : throw SciCatFault.Filter("'$text' takes {\"$search\": \"words\"}.");
    }

    static Condition Field(string path, JsonNode? value, int depth, ref int budget)
    {
        Spend(depth, ref budget);
        if (path.Length is 0 or > 500)
            throw SciCatFault.Filter("The name of a field has 1 to 500 characters.");
        if (value is not JsonObject tests || !IsTests(tests))
            return new CompareCondition(path, Comparison.Equal, value);
        var all = new List<Condition>();
        foreach (var (key, operand) in tests)
            if (key is not ("$options" or "options"))
                all.Add(Test(path, key, operand, tests, depth, ref budget));
        return all.Count == 1 ? all[0] : new AllConditions(all);
    }

    // LoopBack's spelling, which pyscicat's examples still use, is taken where it cannot be a document.
    static readonly Dictionary<string, string> Spellings = new(StringComparer.Ordinal)
    {
        ["inq"] = "$in",
        ["nin"] = "$nin",
        ["neq"] = "$ne",
        ["gt"] = "$gt",
        ["gte"] = "$gte",
        ["lt"] = "$lt",
        ["lte"] = "$lte",
        ["like"] = "$regex",
        ["regexp"] = "$regex",
    };

    static bool IsTests(JsonObject value)
    {
        if (value.Count == 0)
            return false;
        if (value.Any(pair => pair.Key.StartsWith('$')))
            return true;
        return value.All(pair => Spellings.ContainsKey(pair.Key) || pair.Key == "options");
    }

    static Condition Test(string path, string key, JsonNode? operand, JsonObject tests, int depth, ref int budget)
    {
        Spend(depth, ref budget);
        switch (Spellings.GetValueOrDefault(key, key))
        {
            case "$eq":
                return new CompareCondition(path, Comparison.Equal, operand);
            case "$ne":
                return new NotCondition(new CompareCondition(path, Comparison.Equal, operand));
            case "$gt":
                return new CompareCondition(path, Comparison.Greater, operand);
            case "$gte":
                return new CompareCondition(path, Comparison.GreaterOrEqual, operand);
            case "$lt":
                return new CompareCondition(path, Comparison.Less, operand);
            case "$lte":
                return new CompareCondition(path, Comparison.LessOrEqual, operand);
            case "$in":
                return new InCondition(path, Values(key, operand, ref budget));
            case "$nin":
                return new NotCondition(new InCondition(path, Values(key, operand, ref budget)));
            case "$all":
                return new EveryCondition(path, Values(key, operand, ref budget));
            case "$exists":
                return new ExistsCondition(path, Bool(operand));
            case "$size" when operand?.GetValueKind() == JsonValueKind.Number:
                return new SizeCondition(path, (int)Math.Clamp(MongoValues.Number(operand), -1, int.MaxValue));
            case "$not":
                return new NotCondition(Not(path, operand, depth, ref budget));
            case "$elemMatch":
                return new ElementCondition(path, Object(operand, depth + 1, ref budget));
            case "$regex":
                return new RegexCondition(path, Pattern(operand, tests["$options"] ?? tests["options"]));
            default:
                throw Unknown(key);
        }
    }

    static Condition Not(string path, JsonNode? operand, int depth, ref int budget) =>
        operand is JsonObject { Count: > 0 } tests && tests.All(pair => pair.Key.StartsWith('$'))
            ? Field(path, tests, depth + 1, ref budget)
            : throw SciCatFault.Filter($"'$not' of '{path}' takes an object of operators.");

    static List<JsonNode?> Values(string key, JsonNode? operand, ref int budget)
    {
        if (operand is not JsonArray list)
            throw SciCatFault.Filter($"'{key}' takes a list of values.");
        budget -= list.Count / 10;
        Spend(0, ref budget);
        return [.. list];
    }

    static bool Bool(JsonNode? operand) =>
        operand?.GetValueKind() switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number => MongoValues.Number(operand) != 0,
            _ => throw SciCatFault.Filter("'$exists' takes true or false."),
        };

    static Regex Pattern(JsonNode? operand, JsonNode? options)
    {
        if (operand?.GetValueKind() != JsonValueKind.String)
            throw SciCatFault.Filter("'$regex' takes a text.");
        var pattern = operand.GetValue<string>();
        if (pattern.Length > MaxPattern)
            throw SciCatFault.Filter($"A regular expression has at most {MaxPattern} characters.");
        var flags = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
        foreach (var letter in options?.GetValueKind() == JsonValueKind.String ? options.GetValue<string>() : "")
            flags |= letter switch
            {
                'i' => RegexOptions.IgnoreCase,
                'm' => RegexOptions.Multiline,
                's' => RegexOptions.Singleline,
                'x' => RegexOptions.IgnorePatternWhitespace,
                'u' or 'g' => RegexOptions.None,
                _ => throw SciCatFault.Filter($"'$options' has no '{letter}'. Known are i, m, s and x."),
            };
        try
        {
            return new Regex(pattern, flags, TimeSpan.FromMilliseconds(250));
        }
        catch (NotSupportedException)
        {
            throw SciCatFault.Filter(
                "This regular expression is too large, or looks back or around; those are not evaluated here."
            );
        }
        catch (ArgumentException fault)
        {
            throw SciCatFault.Filter($"This is no regular expression: {fault.Message}");
        }
    }

    static void Spend(int depth, ref int budget)
    {
        if (depth > MaxDepth || --budget < 0)
            throw SciCatFault.Filter(
                $"The filter is too large: at most {MaxDepth} conditions inside each other and {MaxConditions} in all."
            );
    }

    static Faults.FaultException Unknown(string key) =>
        SciCatFault.Filter($"'{key}' is not an operator that is understood here.");
}
