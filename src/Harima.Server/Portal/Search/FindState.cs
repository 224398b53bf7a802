using Harima.Search;
using Harima.Search.Query;

namespace Harima.Portal.Search;

/// <summary>What the address of the Find page holds, and the addresses one step away from it. A changed question begins at its first page.</summary>
public sealed record FindState(SearchQuery Query)
{
    public const string DefaultSort = "-date";
    public const string DefaultView = "table";

    /// <summary>What is shown where nobody has chosen.</summary>
    public static readonly IReadOnlyList<string> DefaultColumns = ["date", "technique", "beamline", "size", "owner"];

    public static readonly IReadOnlyList<(string View, string Icon)> Views =
    [
        ("table", "data"),
        ("cards", "metadata"),
        ("plot", "plot"),
        ("elements", "elements"),
    ];

    public string Sort { get; init; } = DefaultSort;

    /// <summary>One of <see cref="Views"/>.</summary>
    public string View { get; init; } = DefaultView;

    /// <summary>The number whose spread is drawn; null for the first there is.</summary>
    public string? Histogram { get; init; }
    public IReadOnlyList<string> Columns { get; init; } = DefaultColumns;

    /// <summary>The visitor begins with others, so an address without columns would not mean <see cref="DefaultColumns"/>.</summary>
    public bool NamesColumns { get; init; }

    /// <summary>What is plotted across and up; null for what suits.</summary>
    public string? X { get; init; }
    public string? Y { get; init; }

    /// <summary>The logarithmic axes of the plot: <c>x</c>, <c>y</c>, <c>xy</c> or nothing.</summary>
    public string? Log { get; init; }

    /// <summary>The saved search that was opened.</summary>
    public string? Saved { get; init; }

    /// <summary>The parts that must all be met: each can be taken away on its own.</summary>
    public IReadOnlyList<SearchQuery> Terms => Query is AllOf all ? all.Parts : [Query];

    public string Text => QueryText.Print(Query);

    public string Here => Of(Text);

    /// <summary>For a heading that appends its own order.</summary>
    public string WithoutSort => Of(Text, sort: "");

    public string As(string view) => (this with { View = view }).Here;

    public string WithHistogram(string field) => (this with { Histogram = field }).Here;

    public string WithColumns(IReadOnlyList<string> columns) => (this with { Columns = columns }).Here;

    public string Without(SearchQuery term) =>
        (this with { Query = SearchQuery.Of(Terms.Where(other => !ReferenceEquals(other, term)), all: true) }).Here;

    public string With(SearchQuery term) => (this with { Query = Query.And(term) }).Here;

    /// <summary>The question with a range of a field in place of any that it has.</summary>
    public FindState Narrowed(string field, string? from, string? to, string? below)
    {
        var kept = Terms.Where(term => !IsRangeOf(term, field));
        var added = new List<SearchQuery>();
        if (from is not null || to is not null)
            added.Add(
                from is not null && from == to
                    ? new FieldIs(field, new QueryValue(from, false))
                    : new FieldWithin(field, from, to)
            );
        if (below is not null)
            added.Add(new FieldBelow(field, below));
        return this with { Query = SearchQuery.Of([.. kept, .. added], all: true) };
    }

    /// <summary>The term that asks for this value of this field, if the question has it.</summary>
    public SearchQuery? Find(string field, string value) =>
        Terms.FirstOrDefault(term =>
            term is FieldIs asked
            && SearchFields.Find(asked.Path) == SearchFields.Find(field)
            && asked.Value.Text.Equals(value, StringComparison.OrdinalIgnoreCase)
        );

    /// <summary>A value that was counted, as a term: in quotation marks where it would be read as something else.</summary>
    public static SearchQuery Term(string field, string value) =>
        new FieldIs(field, new QueryValue(value, value.Any(c => c is '*' or '\\' || char.IsWhiteSpace(c))));

    /// <param name="pages">The cursors passed on the way, the last being the page to show.</param>
    public string AtPage(IEnumerable<string> pages)
    {
        var address = Here;
        foreach (var page in pages)
            address +=
                $"{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}page={Uri.EscapeDataString(page)}";
        return address;
    }

    public string Of(string text, string? sort = null) => Address.Of("/find", [("q", text), .. Beside(sort)]);

    /// <summary>All but the question, for the hidden fields of forms.</summary>
    public IEnumerable<(string Name, string? Value)> Beside(string? sort = null) =>
        [
            ("view", View == DefaultView ? null : View),
            ("columns", !NamesColumns && Columns.SequenceEqual(DefaultColumns) ? null : string.Join(',', Columns)),
            ("histogram", Histogram),
            ("x", X),
            ("y", Y),
            ("log", Log),
            ("saved", Saved),
            ("sort", (sort ?? Sort) == DefaultSort ? null : sort ?? Sort),
        ];

    /// <summary>The same as a file.</summary>
    public string Export(string format) =>
        Address.Of(
            "/api/v1/search/export",
            ("q", Text),
            ("columns", string.Join(',', Columns)),
            ("sort", Sort.TrimStart('-')),
            ("descending", Sort.StartsWith('-') ? "true" : "false"),
            ("format", format)
        );

    /// <summary>The columns of the address; where it names none, those the visitor used last.</summary>
    public FindState WithUsual(IReadOnlyList<string>? lastUsed, string? inAddress)
    {
        var usual = lastUsed is { Count: > 0 } ? lastUsed : DefaultColumns;
        return this with { Columns = ColumnsOf(inAddress, usual), NamesColumns = !usual.SequenceEqual(DefaultColumns) };
    }

    static IReadOnlyList<string> ColumnsOf(string? text, IReadOnlyList<string> usual)
    {
        var names = (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return names.Length == 0 ? usual : [.. names.Distinct(StringComparer.Ordinal)];
    }

    static bool IsRangeOf(SearchQuery term, string field)
    {
        var path = term switch
        {
            FieldWithin within => within.Path,
            FieldAbove above => above.Path,
            FieldBelow below => below.Path,
            FieldIs { Value: { IsExact: false, Text: [>= '0' and <= '9', ..] } } single => single.Path,
            _ => null,
        };
        return path is not null
            && (
                SearchFields.Find(path) is { } known
                    ? known == SearchFields.Find(field)
                    : path.Equals(field, StringComparison.OrdinalIgnoreCase)
            );
    }
}
