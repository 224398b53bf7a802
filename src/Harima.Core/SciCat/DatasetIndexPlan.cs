using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harima.Catalogue;
using Harima.SciCat.Filters;
using Harima.Search;
using Harima.Search.Index;
using Harima.Search.Query;

namespace Harima.SciCat;

/// <summary>
/// The part of a <c>where</c> that the search index narrows: values of the scientific metadata, and words. What it finds holds every
/// dataset that fulfils the condition, and maybe more: the documents are looked at afterwards.
/// </summary>
static class DatasetIndexPlan
{
    const string Metadata = "scientificMetadata.";
    const double Tolerance = 1e-9;

    // The path of such a leaf is not in the index: the unit stands with its number.
    static readonly string[] UnitEnds = ["unit", "u", "units", "@units", "@unit"];
    static readonly string[] ValueEnds = [".value", ".v", ".@value"];

    /// <returns>Null where it narrows nothing.</returns>
    public static IndexQuery? Of(Condition condition)
    {
        switch (condition)
        {
            case AllConditions all:
                var parts = all.Parts.Select(Of).OfType<IndexQuery>().ToList();
                return parts.Count == 0 ? null : IndexQuery.And(parts);
            case AnyCondition any:
                var ways = any.Parts.Select(Of).ToList();
                return ways.Any(way => way is null) ? null : IndexQuery.Or([.. ways.Select(way => way!)]);
            case CompareCondition compare when PathsOf(compare.Path) is { } paths:
                return Compare(paths, compare.Comparison, compare.Value);
            case InCondition @in when PathsOf(@in.Path) is { } paths:
                var values = @in.Values.Select(value => Compare(paths, Comparison.Equal, value)).ToList();
                return values.Any(value => value is null) ? null : IndexQuery.Or([.. values.Select(value => value!)]);
            case ScientificNumber number:
                return Number(number);
            case ScientificText { Whole: { } whole } text when PathsOf(Metadata + text.Path) is { } paths:
                return Text(paths, whole);
            default:
                return null;
        }
    }

    /// <summary>Words, each of which must be there, as in the search box.</summary>
    public static IndexQuery Of(TextCondition text, KnownPaths paths, FacilityClock clock)
    {
        var words = text
            .Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word.Trim('"'))
            .Where(word => word.Length > 0)
            .Take(30)
            .Select(SearchQuery (word) => new TextIs(new QueryValue(word, IsExact: true)));
        return new QueryPlan(
            ParsedQuery.Of(SearchQuery.Of(words, all: true)),
            IndexQuery.None,
            paths,
            TechniqueTerms.AndNarrower,
            clock,
            _ => []
        ).Build();
    }

    static IndexQuery? Number(ScientificNumber asked)
    {
        if (PathsOf(Metadata + asked.Path) is not { } paths)
            return null;
        double? Si(double? number) => number is { } known && asked.Unit is { } unit ? unit.ToSi(known) : number;
        return Range(
            paths,
            path => asked.Unit is null ? IndexField.NumberOf(path) : IndexField.SiOf(path, asked.Unit.SiSymbol),
            Si(asked.From),
            Si(asked.To)
        );
    }

    static IndexQuery? Compare(IReadOnlyList<string> paths, Comparison comparison, JsonNode? value)
    {
        switch (value?.GetValueKind())
        {
            case JsonValueKind.String when comparison == Comparison.Equal:
                return Text(paths, value.GetValue<string>());
            case JsonValueKind.Number:
                var number = MongoValues.Number(value);
                return Range(
                    paths,
                    IndexField.NumberOf,
                    comparison is Comparison.Less or Comparison.LessOrEqual ? null : number,
                    comparison is Comparison.Greater or Comparison.GreaterOrEqual ? null : number
                );
            default:
                return null;
        }
    }

    static IndexQuery? Text(IReadOnlyList<string> paths, string whole) =>
        string.IsNullOrWhiteSpace(whole)
        // Where a schema gives the unit, a text like "11.5 keV" is in the index as a number.
        || char.IsDigit(whole.TrimStart()[0])
        || whole.TrimStart()[0] is '+' or '-' or '.' or '−' or '±'
            ? null
            : IndexQuery.Or([
                .. paths.Select(path => IndexQuery.Prefix(IndexField.KeywordOf(path), KeywordTerm.PrefixOf(whole))),
            ]);

    static IndexQuery Range(IReadOnlyList<string> paths, Func<string, string> field, double? from, double? to) =>
        IndexQuery.Or([
            .. paths.Select(path =>
                IndexQuery.Range(
                    field(path),
                    from is { } low ? low - Math.Abs(low) * Tolerance : null,
                    to is { } high ? high + Math.Abs(high) * Tolerance : null
                )
            ),
        ]);

    /// <summary>Under which paths the index may have the leaf; null where it may have it under another or not at all.</summary>
    static List<string>? PathsOf(string path)
    {
        if (!path.StartsWith(Metadata, StringComparison.Ordinal))
            return null;
        var below = path[Metadata.Length..];
        var steps = below.Split('.');
        if (
            below.Length is 0 or > 200
            || UnitEnds.Contains(steps[^1])
            || steps[^1].EndsWith("unit", StringComparison.Ordinal)
            || steps[^1].EndsWith("units", StringComparison.Ordinal)
            || steps.Any(step => int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out _))
        )
            return null;
        var paths = new List<string> { below };
        foreach (var end in ValueEnds)
            if (below.EndsWith(end, StringComparison.Ordinal))
                paths.Add(below[..^end.Length]);
        // A sample document with "sample" and more in it is given as "sample" as a whole.
        if (below.StartsWith("sample.sample.", StringComparison.Ordinal))
            paths.AddRange([.. paths.Select(inner => inner["sample.".Length..])]);
        return paths;
    }
}
