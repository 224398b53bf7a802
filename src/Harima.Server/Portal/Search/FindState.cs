using Harima.Search;
using Harima.Search.Query;

namespace Harima.Portal.Search;

/// <summary>What the address of the Find page holds, and the addresses one step away from it. A changed question begins at its first page.</summary>
public sealed record FindState(SearchQuery Query, string Sort, bool AsCards, string? Histogram)
{
    public const string DefaultSort = "-date";

    /// <summary>The parts that must all be met: each can be taken away on its own.</summary>
    public IReadOnlyList<SearchQuery> Terms => Query is AllOf all ? all.Parts : [Query];

    public string Here => Of(QueryText.Print(Query));

    /// <summary>For a heading that appends its own order.</summary>
    public string WithoutSort => Of(QueryText.Print(Query), sort: "");

    public string As(bool cards) => (this with { AsCards = cards }).Here;

    public string WithHistogram(string field) => (this with { Histogram = field }).Here;

    public string Without(SearchQuery term) =>
        (this with { Query = SearchQuery.Of(Terms.Where(other => !ReferenceEquals(other, term)), all: true) }).Here;

    public string With(SearchQuery term) => (this with { Query = Query.And(term) }).Here;

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

    public string Of(string text, string? sort = null) =>
        Address.Of(
            "/find",
            ("q", text),
            ("view", AsCards ? "cards" : null),
            ("histogram", Histogram),
            ("sort", (sort ?? Sort) == DefaultSort ? null : sort ?? Sort)
        );
}
