using Harima.Identity;
using Harima.Search.Index;
using Harima.Search.Query;

namespace Harima.Search;

/// <summary>A name that can stand before the colon.</summary>
/// <param name="IsShort">One of <see cref="SearchFields"/>, else a path of the metadata.</param>
/// <param name="Unit">In which its numbers are usually written; null for what is not a quantity.</param>
public sealed record PathCompletion(string Path, bool IsShort, string? Unit);

/// <summary>Offers fields and values while somebody writes a question: only those of sequences they may see.</summary>
public sealed class CompleteQuery
{
    public const int Most = 100;

    // Each candidate is looked up; beyond this a longer beginning helps more.
    const int CandidatesLookedAt = 300;

    readonly SearchSession _session;
    readonly FacetLabels _labels;

    internal CompleteQuery(SearchSession session, FacetLabels labels) => (_session, _labels) = (session, labels);

    /// <summary>Short names, then paths of the metadata, that begin with the text or have it in them.</summary>
    public async Task<IReadOnlyList<PathCompletion>> PathsAsync(
        string text,
        int limit,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var most = Math.Clamp(limit, 1, Most);
        using var asked = await _session.AskAsync(SearchQuery.Everything, null, principal, cancellationToken);
        var found = SearchFields
            .All.Where(field =>
                field.Aliases.Append(field.Name).Any(name => name.StartsWith(text, StringComparison.OrdinalIgnoreCase))
            )
            .Select(field => new PathCompletion(field.Name, true, field.Unit))
            .ToList();
        found.AddRange(
            asked
                .Paths.Containing(text)
                .Take(CandidatesLookedAt)
                .Where(path => asked.Exists(IndexQuery.Prefix(IndexField.Path, KeywordTerm.PrefixOf(path))))
                .Select(path => new PathCompletion(path, false, asked.UnitOf(path)?.Unit))
                .Take(most)
        );
        return [.. found.Take(most)];
    }

    /// <summary>Values of a field that begin so, among what the question finds, the most frequent first.</summary>
    public async Task<IReadOnlyList<FacetValue>> ValuesAsync(
        string path,
        string beginning,
        FindRequest among,
        int limit,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        using var asked = await _session.AskAsync(among.Query, among.Text, principal, cancellationToken);
        if (SearchFields.Find(path)?.Index == IndexField.Visibility)
            return
            [
                .. FindSequences
                    .VisibilityFacet(asked, path)
                    .Values.Where(value => value.Value.StartsWith(beginning, StringComparison.OrdinalIgnoreCase)),
            ];
        var index = SearchFields.Find(path) switch
        {
            null => asked.KeywordOf(path),
            { Kind: FieldKind.Keyword or FieldKind.Element or FieldKind.File } field => field.Index,
            { Index: IndexField.Sample } => IndexField.KeywordOf("sample.name"),
            _ => null,
        };
        if (index is null)
            return [];
        var values = asked
            .Matches.Complete(index, KeywordTerm.BeginningOf(beginning), Math.Clamp(limit, 1, Most))
            .GroupBy(term => KeywordTerm.PrefixOf(KeywordTerm.ValueOf(term.Term)), StringComparer.Ordinal)
            .Select(same => (Value: KeywordTerm.ValueOf(same.First().Term), Count: same.Sum(term => term.Documents)))
            .ToList();
        var labels = await _labels.OfAsync(index, [.. values.Select(value => value.Value)], cancellationToken);
        return
        [
            .. values.Select(value => new FacetValue(
                value.Value,
                labels.GetValueOrDefault(value.Value).Label,
                SearchCount.Of(value.Count),
                labels.GetValueOrDefault(value.Value).LabelJa
            )),
        ];
    }
}
