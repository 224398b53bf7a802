using Harima.Identity;
using Harima.Search.Query;

namespace Harima.Search;

/// <param name="Term">One of the conditions that must all be met.</param>
/// <param name="Without">How much would be found if it were taken away.</param>
/// <param name="Alone">How much it finds by itself.</param>
public sealed record TermShare(SearchQuery Term, SearchCount Without, SearchCount Alone);

/// <summary>Says which condition of a question that finds nothing takes everything away.</summary>
public sealed class ExplainNothing
{
    // Each is asked twice.
    const int MostTerms = 12;

    readonly SearchSession _session;

    internal ExplainNothing(SearchSession session) => _session = session;

    /// <returns>Empty where the question has one condition, or more than can be told apart at a glance.</returns>
    public async Task<IReadOnlyList<TermShare>> HandleAsync(
        SearchQuery query,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        if (query is not AllOf { Parts: { Count: > 1 and <= MostTerms } parts })
            return [];
        var shares = new List<TermShare>();
        foreach (var term in parts)
        {
            var rest = SearchQuery.Of(parts.Where(other => !ReferenceEquals(other, term)), all: true);
            shares.Add(
                new TermShare(
                    term,
                    await CountAsync(rest, principal, cancellationToken),
                    await CountAsync(term, principal, cancellationToken)
                )
            );
        }
        return shares;
    }

    async Task<SearchCount> CountAsync(SearchQuery query, Principal principal, CancellationToken cancellationToken)
    {
        using var asked = await _session.AskAsync(query, null, principal, cancellationToken);
        return SearchCount.Of(asked.Matches.Count);
    }
}
