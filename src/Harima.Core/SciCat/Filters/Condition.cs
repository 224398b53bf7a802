using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Harima.SciCat.Filters;

/// <summary>
/// A <c>where</c> of SciCat, which is MongoDB's query language: https://www.mongodb.com/docs/manual/reference/operator/query/.
/// It is evaluated on the document as a client sees it.
/// </summary>
abstract record Condition
{
    public static Condition Always { get; } = new AllConditions([]);

    public abstract bool Holds(JsonObject document);

    /// <summary>The texts a field must be one of wherever this holds; null where it does not say.</summary>
    public IReadOnlyList<string>? TextsNamed(params string[] fields) =>
        this switch
        {
            CompareCondition { Comparison: Comparison.Equal } one when fields.Contains(one.Path) => Texts([one.Value]),
            InCondition many when fields.Contains(many.Path) => Texts(many.Values),
            AllConditions all => all
                .Parts.Select(part => part.TextsNamed(fields))
                .FirstOrDefault(found => found is not null),
            _ => null,
        };

    static List<string>? Texts(IReadOnlyList<JsonNode?> values) =>
        values.All(value => value?.GetValueKind() == JsonValueKind.String)
            ? [.. values.Select(value => value!.GetValue<string>()).Distinct(StringComparer.Ordinal)]
            : null;

    public Condition And(Condition other) =>
        other is AllConditions { Parts.Count: 0 } ? this
        : this is AllConditions { Parts.Count: 0 } ? other
        : new AllConditions([this, other]);
}

sealed record AllConditions(IReadOnlyList<Condition> Parts) : Condition
{
    public override bool Holds(JsonObject document) => Parts.All(part => part.Holds(document));
}

sealed record AnyCondition(IReadOnlyList<Condition> Parts) : Condition
{
    public override bool Holds(JsonObject document) => Parts.Any(part => part.Holds(document));
}

sealed record NotCondition(Condition Part) : Condition
{
    public override bool Holds(JsonObject document) => !Part.Holds(document);
}

/// <summary>Words anywhere in the dataset. Found by the search index; here only for what the index has not taken up yet.</summary>
sealed record TextCondition(string Text) : Condition
{
    public override bool Holds(JsonObject document)
    {
        var all = document.ToJsonString(MongoValues.Plain).Normalize(System.Text.NormalizationForm.FormKC);
        return Text.Normalize(System.Text.NormalizationForm.FormKC)
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .All(word => all.Contains(word.Trim('"'), StringComparison.OrdinalIgnoreCase));
    }
}

enum Comparison
{
    Equal,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// <summary>A field, or any member of it where it is a list, fulfils a test.</summary>
/// <param name="Path">Dotted, as it was written.</param>
abstract record FieldCondition(string Path) : Condition
{
    public override bool Holds(JsonObject document) =>
        MongoValues.At(document, Path) is var found && (found.Count == 0 ? HoldsMissing : found.Any(Fits));

    /// <summary>Whether what is not there fulfils it.</summary>
    protected virtual bool HoldsMissing => false;

    protected abstract bool Fits(JsonNode? value);
}

sealed record CompareCondition(string Path, Comparison Comparison, JsonNode? Value) : FieldCondition(Path)
{
    protected override bool HoldsMissing => Value is null && Comparison is Comparison.Equal;

    protected override bool Fits(JsonNode? value)
    {
        if (Comparison == Comparison.Equal)
            return MongoValues.Same(value, Value, Path);
        // MongoDB compares only what is of one kind: a number is neither less nor greater than a text.
        return MongoValues.Compare(value, Value, Path) is { } order
            && Comparison switch
            {
                Comparison.Greater => order > 0,
                Comparison.GreaterOrEqual => order >= 0,
                Comparison.Less => order < 0,
                _ => order <= 0,
            };
    }
}

sealed record InCondition(string Path, IReadOnlyList<JsonNode?> Values) : FieldCondition(Path)
{
    protected override bool HoldsMissing => Values.Any(value => value is null);

    protected override bool Fits(JsonNode? value) => Values.Any(wanted => MongoValues.Same(value, wanted, Path));
}

/// <summary>Every one of the values is in the list.</summary>
sealed record EveryCondition(string Path, IReadOnlyList<JsonNode?> Values) : Condition
{
    public override bool Holds(JsonObject document)
    {
        var found = MongoValues.At(document, Path);
        return Values.Count > 0 && Values.All(wanted => found.Any(value => MongoValues.Same(value, wanted, Path)));
    }
}

sealed record ExistsCondition(string Path, bool Exists) : Condition
{
    public override bool Holds(JsonObject document) => MongoValues.At(document, Path).Count > 0 == Exists;
}

sealed record SizeCondition(string Path, int Size) : Condition
{
    public override bool Holds(JsonObject document) =>
        MongoValues.At(document, Path).Any(value => value is JsonArray list && list.Count == Size);
}

/// <summary>A member of a list, which is an object, fulfils all of it.</summary>
sealed record ElementCondition(string Path, Condition Of) : Condition
{
    public override bool Holds(JsonObject document) =>
        MongoValues
            .At(document, Path)
            .OfType<JsonArray>()
            .Any(list => list.OfType<JsonObject>().Any(member => Of.Holds(member)));
}

/// <remarks>The engine without backtracking: its time grows with the length of the text, whatever the pattern.</remarks>
sealed record RegexCondition(string Path, Regex Regex) : FieldCondition(Path)
{
    protected override bool Fits(JsonNode? value) =>
        value?.GetValueKind() == JsonValueKind.String && Regex.IsMatch(value.GetValue<string>());
}

/// <summary>How MongoDB finds and compares values.</summary>
static class MongoValues
{
    public static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 256,
    };

    /// <summary>Fields that are points in time: a text is taken for one when it is compared with them.</summary>
    static readonly HashSet<string> Times = new(StringComparer.Ordinal)
    {
        "creationTime",
        "createdAt",
        "updatedAt",
        "startTime",
        "endTime",
        "datasetlifecycle.publishedOn",
        "datasetlifecycle.archiveRetentionTime",
        "datasetlifecycle.dateOfDiskPurging",
        "datasetlifecycle.dateOfPublishing",
    };

    public static bool IsTime(string path) => Times.Contains(path);

    /// <summary>What is at a dotted path; of a list the list itself and each of its members.</summary>
    public static List<JsonNode?> At(JsonNode document, string path)
    {
        var found = new List<JsonNode?>();
        Walk(document, path.Split('.'), 0, found);
        return found;
    }

    static void Walk(JsonNode? node, string[] steps, int at, List<JsonNode?> found)
    {
        if (at == steps.Length)
        {
            found.Add(node);
            if (node is JsonArray members)
                found.AddRange(members);
            return;
        }
        if (node is JsonObject parent)
        {
            if (parent.TryGetPropertyValue(steps[at], out var below))
                Walk(below, steps, at + 1, found);
        }
        else if (node is JsonArray list)
        {
            if (int.TryParse(steps[at], NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n < list.Count)
                Walk(list[n], steps, at + 1, found);
            foreach (var member in list.OfType<JsonObject>())
                Walk(member, steps, at, found);
        }
    }

    public static bool Same(JsonNode? value, JsonNode? wanted, string path)
    {
        if (value is null || wanted is null)
            return value is null && wanted is null;
        return Compare(value, wanted, path) is { } order ? order == 0 : JsonNode.DeepEquals(value, wanted);
    }

    /// <returns>Null where they are of different kinds, or of one without an order.</returns>
    public static int? Compare(JsonNode? value, JsonNode? wanted, string path)
    {
        if (value is null || wanted is null)
            return null;
        var (kind, other) = (value.GetValueKind(), wanted.GetValueKind());
        if (kind == JsonValueKind.Number && other == JsonValueKind.Number)
            return Number(value).CompareTo(Number(wanted));
        if (kind != JsonValueKind.String || other != JsonValueKind.String)
            return kind == other && kind is JsonValueKind.True or JsonValueKind.False ? 0 : null;
        var (text, asked) = (value.GetValue<string>(), wanted.GetValue<string>());
        if (IsTime(path))
            return TryTime(text, out var mine) && TryTime(asked, out var theirs) ? mine.CompareTo(theirs) : null;
        return string.CompareOrdinal(text, asked);
    }

    public static double Number(JsonNode node) =>
        double.TryParse(node.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : double.NaN;

    /// <summary>ISO 8601; without an offset it is UTC.</summary>
    public static bool TryTime(string text, out DateTimeOffset at) =>
        DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out at
        );
}
