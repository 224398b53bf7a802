using Harima.Identity;
using Harima.Search.Feed;
using Harima.Search.Index;
using Harima.Search.Query;
using Harima.Sequences;

namespace Harima.Search;

/// <summary>What to find and how to show it.</summary>
/// <param name="Query">The question as a tree: <see cref="QueryText.Parse"/> or <see cref="QueryJson.Read(System.Text.Json.JsonElement)"/>.</param>
public sealed record FindRequest(SearchQuery Query)
{
    /// <summary>The text the question came from, so that faults can say where; null where it was no text.</summary>
    public string? Text { get; init; }

    /// <summary>A short name or a path of the metadata; <c>date</c> by default.</summary>
    public string Sort { get; init; } = "date";
    public bool Descending { get; init; } = true;

    /// <summary>The Next of an earlier page of the same question and order.</summary>
    public string? Cursor { get; init; }

    /// <summary>1 to <see cref="FindSequences.MaxPage"/>; 0 for no hits, only counts.</summary>
    public int Limit { get; init; } = 50;

    /// <summary>Short names of fields with <see cref="SearchField.IsFacet"/>, or paths of the metadata.</summary>
    public IReadOnlyList<string> Facets { get; init; } = [];

    /// <summary>Number fields: short names or paths of the metadata.</summary>
    public IReadOnlyList<string> Histograms { get; init; } = [];

    /// <summary>What is shown beside each hit: short names or paths of the metadata.</summary>
    public IReadOnlyList<string> Columns { get; init; } = [];

    public static FindRequest Of(string text) => new(QueryText.Parse(text)) { Text = text };
}

/// <summary>A count that is exact up to <see cref="FindSequences.CountedUpTo"/>; above, it is that number and IsMore: "10,000+".</summary>
public readonly record struct SearchCount(long Count, bool IsMore)
{
    internal static SearchCount Of(long exact) =>
        exact > FindSequences.CountedUpTo ? new(FindSequences.CountedUpTo, true) : new(exact, false);
}

/// <param name="Columns">By the name that was asked for; several values with a comma, numbers with their unit. Null where there is none.</param>
public sealed record SearchHit(SequenceSummary Sequence, IReadOnlyDictionary<string, string?> Columns);

/// <param name="Value">What to write behind the colon to narrow the question to it.</param>
/// <param name="Label">What people call it, where that is something else: the name of a person, the title of a proposal.</param>
/// <param name="LabelJa">The same in Japanese, where there is one.</param>
public sealed record FacetValue(string Value, string? Label, SearchCount Count, string? LabelJa = null);

/// <summary>The most frequent values of a field among what was found.</summary>
public sealed record Facet(string Field, IReadOnlyList<FacetValue> Values);

/// <summary>How the numbers of a field are spread: <c>Counts[n]</c> lie from <c>Edges[n]</c> up to <c>Edges[n + 1]</c>.</summary>
/// <param name="Unit">Of the edges; <c>time</c> for seconds since 1970, empty for plain numbers.</param>
public sealed record Histogram(string Field, string Unit, IReadOnlyList<double> Edges, IReadOnlyList<long> Counts);

/// <param name="Query">The question as it was understood, in one spelling.</param>
/// <param name="UnknownPaths">Names that are neither a short name nor a path with a value that the caller may see.</param>
/// <param name="State">Whether the index is complete; while it is being made, answers hold what is in it.</param>
public sealed record FindResult(
    SearchQuery Query,
    SearchCount Count,
    IReadOnlyList<SearchHit> Hits,
    string? Next,
    IReadOnlyList<Facet> Facets,
    IReadOnlyList<Histogram> Histograms,
    IReadOnlyList<string> UnknownPaths,
    SearchState State
);

/// <summary>
/// Finds sequences among those the caller may see: hits, counts, facets and histograms are about these alone, with the rights as they
/// are at the time of the request.
/// </summary>
public sealed class FindSequences
{
    public const int CountedUpTo = 10_000;
    public const int MaxPage = 500;
    public const int MaxFacets = 20;
    const int FacetValues = 30;

    // All there are, for a periodic table.
    const int FacetElements = 120;

    // One value may be written in several ways (XAFS, xafs, ＸＡＦＳ), each a term of its own.
    const int Spellings = 4;

    readonly SearchSession _session;
    readonly SequenceQueries _sequences;
    readonly SearchColumns _columns;
    readonly FacetLabels _labels;

    internal FindSequences(
        SearchSession session,
        SequenceQueries sequences,
        SearchColumns columns,
        FacetLabels labels
    ) => (_session, _sequences, _columns, _labels) = (session, sequences, columns, labels);

    /// <exception cref="Faults.FaultException">Invalid, with the place in the text, for a value that means nothing for its field.</exception>
    public async Task<FindResult> HandleAsync(
        FindRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        Require(request);
        using var asked = await _session.AskAsync(request.Query, request.Text, principal, cancellationToken);
        var matches = asked.Matches;
        var (hits, next) = await HitsAsync(asked, request, cancellationToken);
        var facets = new List<Facet>();
        foreach (var field in request.Facets.Distinct(StringComparer.Ordinal))
            facets.Add(await FacetAsync(asked, field, cancellationToken));
        return new FindResult(
            request.Query,
            SearchCount.Of(matches.Count),
            hits,
            next,
            facets,
            [.. request.Histograms.Distinct(StringComparer.Ordinal).Select(field => HistogramBins.Of(field, asked))],
            asked.UnknownPaths(),
            asked.State
        );
    }

    /// <exception cref="Faults.FaultException">Invalid where more is asked for than an answer has: nothing is left out unsaid.</exception>
    internal static void Require(FindRequest request)
    {
        if (request.Facets.Count > MaxFacets || request.Histograms.Count > MaxFacets)
            throw Faults.Fault.Invalid(
                "search-facets",
                $"An answer has at most {MaxFacets} facets and {MaxFacets} histograms. Ask for the others in another request.",
                ("most", $"{MaxFacets}")
            );
        SearchColumns.Require(request.Columns);
    }

    async Task<(IReadOnlyList<SearchHit>, string?)> HitsAsync(
        SearchAsked asked,
        FindRequest request,
        CancellationToken cancellationToken
    )
    {
        if (request.Limit <= 0)
            return ([], null);
        var (sort, after) = SearchOrder.From(request.Cursor, request.Sort, request.Descending, asked);
        var page = asked.Matches.Page(sort, after, Math.Min(request.Limit, MaxPage));
        // The rows come from the catalogue, under the condition that any list has: the index has no say in what is shown.
        var rows = await _sequences.OfRowsAsync(asked.Rights, page.Rows, cancellationToken);
        var columns = await _columns.OfAsync(rows, request.Columns, cancellationToken);
        return (
            [.. rows.Select(row => new SearchHit(row, columns[row.Row]))],
            page.Next is { } cursor ? SearchOrder.Encode(cursor, request.Sort, sort) : null
        );
    }

    async Task<Facet> FacetAsync(SearchAsked asked, string name, CancellationToken cancellationToken)
    {
        var field = SearchFields.Find(name);
        if (field?.Index == IndexField.Visibility)
            return VisibilityFacet(asked, name);
        var index = field switch
        {
            null => asked.KeywordOf(name),
            { Kind: FieldKind.Keyword or FieldKind.Element } => field.Index,
            _ => throw QueryFault.At("no-facet", null, $"'{name}' has no list of values.", ("field", name)),
        };
        var most = field?.Kind == FieldKind.Element ? FacetElements : FacetValues;
        var values = asked
            .Matches.Facet(index, Spellings * most)
            .GroupBy(term => KeywordTerm.PrefixOf(KeywordTerm.ValueOf(term.Term)), StringComparer.Ordinal)
            .Select(same => (Value: KeywordTerm.ValueOf(same.First().Term), Count: CountOf(asked, index, [.. same])))
            .OrderByDescending(value => value.Count)
            .Take(most)
            .ToList();
        var labels = await _labels.OfAsync(index, [.. values.Select(value => value.Value)], cancellationToken);
        return new Facet(
            name,
            [
                .. values.Select(value => new FacetValue(
                    value.Value,
                    labels.GetValueOrDefault(value.Value).Label,
                    SearchCount.Of(value.Count),
                    labels.GetValueOrDefault(value.Value).LabelJa
                )),
            ]
        );
    }

    /// <summary>A sequence that has a value in two spellings is one sequence.</summary>
    static long CountOf(SearchAsked asked, string index, TermCount[] spellings) =>
        spellings.Length == 1
            ? spellings[0].Documents
            : asked.Count(IndexQuery.Prefix(index, KeywordTerm.PrefixOf(KeywordTerm.ValueOf(spellings[0].Term))));

    internal static Facet VisibilityFacet(SearchAsked asked, string name)
    {
        var everyone = asked.Count(asked.Everyone);
        var limited = asked.Matches.Count - everyone;
        return new Facet(
            name,
            [
                .. new[] { ("limited", limited), ("everyone", everyone) }
                    .Where(pair => pair.Item2 > 0)
                    .Select(pair => new FacetValue(pair.Item1, null, SearchCount.Of(pair.Item2))),
            ]
        );
    }
}
