using System.Runtime.CompilerServices;
using Harima.Faults;
using Harima.Identity;

namespace Harima.Search;

/// <summary>All hits of a question in its order, page by page, each page with the rights of its moment.</summary>
public sealed class ExportSequences
{
    public const int Most = 100_000;

    readonly SearchSession _session;
    readonly FindSequences _find;

    internal ExportSequences(SearchSession session, FindSequences find) => (_session, _find) = (session, find);

    /// <summary>Refuses what cannot be exported, before anything is sent.</summary>
    /// <exception cref="FaultException">As <see cref="FindSequences.HandleAsync"/>; TooLarge for more than <see cref="Most"/>.</exception>
    public async Task CheckAsync(FindRequest request, Principal principal, CancellationToken cancellationToken)
    {
        FindSequences.Require(request);
        using var asked = await _session.AskAsync(request.Query, request.Text, principal, cancellationToken);
        SearchOrder.Of(request.Sort, request.Descending, asked);
        if (asked.Matches.Count > Most)
            throw new FaultException(
                FaultCode.TooLarge,
                "export-too-large",
                $"An export has at most {Most} sequences. Narrow the question.",
                new Dictionary<string, string> { ["most"] = $"{Most}" }
            );
    }

    public async IAsyncEnumerable<SearchHit> ReadAsync(
        FindRequest request,
        Principal principal,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        for (var next = request with { Cursor = null, Limit = FindSequences.MaxPage, Facets = [], Histograms = [] }; ; )
        {
            var page = await _find.HandleAsync(next, principal, cancellationToken);
            foreach (var hit in page.Hits)
                yield return hit;
            if (page.Next is null)
                yield break;
            next = next with { Cursor = page.Next };
        }
    }
}
