using System.Globalization;
using System.Text.RegularExpressions;
using Harima.Search;

namespace Harima.Portal.Search;

/// <summary>One column of what was found: its heading, and the unit all its numbers share.</summary>
/// <param name="Unit">Stands in the heading; empty where values carry different ones or none.</param>
sealed partial record FoundColumn(string Name, string Heading, string Unit, bool IsNumber, bool Sorts)
{
    public bool IsTime => SearchFields.Find(Name)?.Kind == FieldKind.Time;

    public string Title => Unit.Length > 0 ? $"{Heading} ({Unit})" : Heading;

    public static IReadOnlyList<FoundColumn> Of(
        IReadOnlyList<string> names,
        IReadOnlyList<SearchHit> hits,
        Texts texts
    ) => [.. names.Select(name => Of(name, hits, texts))];

    /// <summary>What people call a field; the last name of a path.</summary>
    public static string HeadingOf(string name, Texts texts) =>
        SearchFields.Find(name) is { } field ? texts.Find("Find.Facet." + field.Name) ?? field.Name
        : name.LastIndexOf('.') is > 0 and var dot ? name[(dot + 1)..]
        : name;

    /// <summary>A value without the unit that stands in the heading.</summary>
    public string Text(string? value) =>
        value is null ? "–"
        : Unit.Length == 0 ? value
        : string.Join(", ", value.Split(", ").Select(one => Number().Match(one).Groups[1].Value));

    static FoundColumn Of(string name, IReadOnlyList<SearchHit> hits, Texts texts)
    {
        var field = SearchFields.Find(name);
        var values = hits.Select(hit => hit.Columns.GetValueOrDefault(name))
            .OfType<string>()
            .SelectMany(value => value.Split(", "))
            .ToList();
        var numbers = values.Select(value => Number().Match(value)).ToList();
        var isNumber =
            field?.Kind is FieldKind.Bytes or FieldKind.Count
            || (
                field is null or { Kind: FieldKind.Quantity }
                && numbers.Count > 0
                && numbers.All(found => found.Success)
            );
        var units = numbers.Select(found => found.Groups[2].Value).Distinct(StringComparer.Ordinal).ToList();
        return new FoundColumn(
            name,
            HeadingOf(name, texts),
            isNumber && field?.Kind is not (FieldKind.Bytes or FieldKind.Count) && units.Count == 1 ? units[0] : "",
            isNumber,
            field?.Kind is not (FieldKind.Text or FieldKind.File)
        );
    }

    [GeneratedRegex(@"\A([+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?) ?(\S*)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Number();

    /// <summary>The first of some times, as REST writes them.</summary>
    public static DateTimeOffset? TimeOf(string? value) =>
        DateTimeOffset.TryParse(value?.Split(',')[0], CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)
            ? at
            : null;
}
