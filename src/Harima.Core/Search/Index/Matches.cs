namespace Harima.Search.Index;

/// <summary>
/// What a query found in one state of the index: count, page, facets, histograms, completion and plots are all about these
/// documents and nothing else, so nothing that was not found shows in any of them. Use it from one thread, and dispose it.
/// </summary>
public sealed class Matches : IDisposable
{
    readonly List<IndexDocument> _found;

    internal Matches(List<IndexDocument> found) => _found = found;

    /// <summary>Exact.</summary>
    public long Count => _found.Count;

    /// <summary>The most frequent terms of a field without positions, most frequent first, ties by term; counts are exact.</summary>
    public IReadOnlyList<TermCount> Facet(string field, int top) => BruteForce.Facet(_found, field, top);

    /// <summary>
    /// Terms that begin so, most frequent first. Of more than <see cref="MaxCompletionsLookedAt"/> that begin so, only the first, in
    /// order of the terms, are looked at: a longer prefix brings the others.
    /// </summary>
    public IReadOnlyList<TermCount> Complete(string field, string prefix, int top) =>
        BruteForce.Complete(_found, field, prefix, top);

    public const int MaxCompletionsLookedAt = 20_000;

    /// <summary>How many numbers lie in each bucket: from an edge up to but without the next; the last edge belongs to the last.</summary>
    /// <param name="edges">Ascending; one more than buckets.</param>
    public IReadOnlyList<long> Histogram(string field, IReadOnlyList<double> edges) =>
        BruteForce.Histogram(_found, field, edges);

    /// <summary>Null when none of the documents has a number there.</summary>
    public NumberExtent? Extent(string field) => BruteForce.Extent(_found, field);

    /// <summary>
    /// At most <paramref name="max"/> documents that have both numbers (the smallest of several), evenly taken from all of them in
    /// order of rows.
    /// </summary>
    public IReadOnlyList<IndexPoint> Points(string fieldX, string fieldY, int max) =>
        BruteForce.Points(_found, fieldX, fieldY, max);

    /// <summary>Keyset paging: what comes or goes elsewhere moves nothing on the pages to come.</summary>
    public IndexPage Page(IndexSort sort, IndexCursor? after, int size) => BruteForce.Page(_found, sort, after, size);

    /// <summary>All rows, ascending; for exports and changes of everything found.</summary>
    public IEnumerable<long> Rows() => _found.Select(document => document.Row);

    public void Dispose() { }
}
