using System.Text.Json;
using System.Text.Json.Nodes;
using Harima.Metadata;
using Harima.Metadata.Units;

namespace Harima.SciCat.Filters;

/// <summary>
/// Reads the <c>fields</c> of <c>fullquery</c>: equal values by name, <c>text</c>, <c>mode</c> (a <c>where</c>), times as
/// <c>{begin, end}</c>, numbers as <c>{min, max}</c>, and <c>scientific</c> with units.
/// </summary>
static class FullQueryReading
{
    const int MaxScientific = 50;

    public static Condition Read(JsonNode? fields)
    {
        if (fields is null)
            return Condition.Always;
        if (fields is not JsonObject asked)
            throw SciCatFault.Filter("'fields' is a JSON object.");
        if (asked.Count > 100)
            throw SciCatFault.Filter("'fields' names at most 100 fields.");
        var all = Condition.Always;
        foreach (var (key, value) in asked)
            all = all.And(One(key, value));
        return all;
    }

    static Condition One(string key, JsonNode? value) =>
        key switch
        {
            "text" => value?.ToString().Trim() is { Length: > 0 } text ? new TextCondition(text) : Condition.Always,
            "mode" => ConditionReading.Read(value),
            "scientific" or "characteristics" => Scientific(value),
            "userGroups" => new AnyCondition([Field("ownerGroup", value), Field("accessGroups", value)]),
            // Who may see what is decided by the server, whatever a client puts in here.
            "isPublished" when value?.GetValueKind() is JsonValueKind.String => Field(
                key,
                JsonValue.Create(value.ToString() == "true")
            ),
            _ when key.StartsWith('$') => throw SciCatFault.Filter(
                $"'{key}' is not a field. Put operators into 'mode'."
            ),
            _ => Field(key, value),
        };

    static Condition Field(string key, JsonNode? value)
    {
        switch (value)
        {
            case JsonArray list:
                return list.Count == 0 ? Condition.Always : new InCondition(key, [.. list]);
            case JsonObject range when range.ContainsKey("begin") || range.ContainsKey("end"):
                return Between(key, range["begin"], range["end"]);
            case JsonObject range when range.ContainsKey("min") || range.ContainsKey("max"):
                return Between(key, range["min"], range["max"]);
            case JsonObject tests:
                return ConditionReading.Read(new JsonObject { [key] = tests.DeepClone() });
            default:
                return new CompareCondition(key, Comparison.Equal, value);
        }
    }

    static Condition Between(string key, JsonNode? from, JsonNode? to)
    {
        var all = Condition.Always;
        if (from is not null && from.ToString().Length > 0)
            all = all.And(new CompareCondition(key, Comparison.GreaterOrEqual, from));
        if (to is not null && to.ToString().Length > 0)
            all = all.And(new CompareCondition(key, Comparison.LessOrEqual, to));
        return all;
    }

    static AllConditions Scientific(JsonNode? value)
    {
        if (value is null)
            return new AllConditions([]);
        if (value is not JsonArray list || list.Count > MaxScientific)
            throw SciCatFault.Filter($"'scientific' is a list of at most {MaxScientific} conditions.");
        return new AllConditions([.. list.Select(OneScientific)]);
    }

    static ScientificCondition OneScientific(JsonNode? node)
    {
        if (node is not JsonObject asked || asked["lhs"]?.ToString() is not { Length: > 0 and <= 400 } path)
            throw SciCatFault.Filter("A scientific condition is {\"lhs\", \"relation\", \"rhs\", \"unit\"}.");
        var (relation, rhs) = (asked["relation"]?.ToString(), asked["rhs"]);
        var unit = asked["unit"]?.ToString() ?? "";
        switch (relation)
        {
            case "EQUAL_TO_STRING":
                return TextAt(path, value => value == rhs?.ToString(), rhs?.ToString());
            case "CONTAINS_STRING":
                var part = rhs?.ToString() ?? "";
                return TextAt(path, value => value.Contains(part, StringComparison.OrdinalIgnoreCase), null);
            case "EQUAL_TO_NUMERIC" or "EQUAL_TO":
                return Number(path, NumberOf(rhs), NumberOf(rhs), false, unit);
            case "GREATER_THAN":
                return Number(path, NumberOf(rhs), null, true, unit);
            case "GREATER_THAN_OR_EQUAL":
                return Number(path, NumberOf(rhs), null, false, unit);
            case "LESS_THAN":
                return Number(path, null, NumberOf(rhs), true, unit);
            case "LESS_THAN_OR_EQUAL":
                return Number(path, null, NumberOf(rhs), false, unit);
            case "RANGE" when rhs is JsonArray { Count: 2 } ends:
                return Number(path, NumberOf(ends[0]), NumberOf(ends[1]), true, unit);
            case "RANGE":
                throw SciCatFault.Filter("RANGE takes [min, max].");
            default:
                throw SciCatFault.Filter($"'{relation}' is no relation of a scientific condition.");
        }
    }

    static ScientificText TextAt(string path, Func<string, bool> fits, string? whole) => new(path, fits, whole);

    static ScientificNumber Number(string path, double? from, double? to, bool isOpen, string unit)
    {
        UnitOfMeasure? parsed = null;
        if (unit.Length > 0)
            parsed = UnitOfMeasure.TryParse(unit, out var known)
                ? known
                : throw SciCatFault.Filter($"'{unit}' is no unit that is known here.");
        return new ScientificNumber(path, from, to, isOpen, parsed);
    }

    static double NumberOf(JsonNode? node) =>
        node is not null
        && double.TryParse(
            node.ToString(),
            System.Globalization.NumberStyles.Float,
            System.Globalization.CultureInfo.InvariantCulture,
            out var number
        )
            ? number
            : throw SciCatFault.Filter($"'{node}' is not a number.");
}

/// <summary>A value of the scientific metadata, with or without <c>value</c> in its path.</summary>
abstract record ScientificCondition(string Path) : Condition
{
    public override bool Holds(JsonObject document) =>
        document["scientificMetadata"] is JsonObject metadata
        && MetadataValues
            .Of(MetadataKind.Measurement, metadata.ToJsonString(MongoValues.Plain))
            .Any(value => (value.Path == Path || value.Path == Inner) && Fits(value));

    /// <summary>The path as the index has it: a number stands at the name of its object, not at <c>value</c> in it.</summary>
    public string Inner =>
        Path.EndsWith(".value", StringComparison.Ordinal) ? Path[..^6]
        : Path.EndsWith(".v", StringComparison.Ordinal) ? Path[..^2]
        : Path;

    protected abstract bool Fits(MetadataValue value);
}

/// <param name="Whole">Where it must be the whole value, that.</param>
sealed record ScientificText(string Path, Func<string, bool> Test, string? Whole) : ScientificCondition(Path)
{
    protected override bool Fits(MetadataValue value) => value.Text is { } text && Test(text);
}

/// <param name="IsOpen">The ends do not belong to it.</param>
sealed record ScientificNumber(string Path, double? From, double? To, bool IsOpen, UnitOfMeasure? Unit)
    : ScientificCondition(Path)
{
    // The precision of a double after two conversions of units.
    const double Tolerance = 1e-9;

    protected override bool Fits(MetadataValue value)
    {
        if (Unit is null)
            return value.Number is { } plain && Within(plain, From, To, 0);
        return value is { SiNumber: { } si, SiUnit: { } unit }
            && unit == Unit.SiSymbol
            && Within(si, From is { } from ? Unit.ToSi(from) : null, To is { } to ? Unit.ToSi(to) : null, Tolerance);
    }

    bool Within(double number, double? from, double? to, double tolerance)
    {
        var slack = Math.Abs(number) * tolerance;
        return (from is not { } low || (IsOpen ? number > low + slack : number >= low - slack))
            && (to is not { } high || (IsOpen ? number < high - slack : number <= high + slack));
    }
}
