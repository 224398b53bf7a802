namespace Harima.Search.Index;

/// <summary>
/// What a query found in one state of the index: count, page, facets, histograms, completion and plots are all about these
/// documents and nothing else, so nothing that was not found shows in any of them. Use it from one thread, and dispose it before its
/// reader.
/// </summary>
public sealed partial class Matches : IDisposable
{
    public const int MaxCompletionsLookedAt = 20_000;

    readonly IndexReader _reader;
    readonly FacetTerms _facetTerms;
    readonly DocumentSet[] _sets;
    readonly int[] _counts;

    internal Matches(IndexReader reader, FacetTerms facetTerms, DocumentSet[] sets)
    {
        _reader = reader;
        _facetTerms = facetTerms;
        _sets = sets;
        _counts = Array.ConvertAll(sets, set => set.Count());
        Count = _counts.Sum(count => (long)count);
    }

    /// <summary>Exact.</summary>
    public long Count { get; }

    Segment SegmentAt(int index) => _reader.State.Segments[index].Segment;

    SegmentField? FieldAt(int index, string field) => _counts[index] == 0 ? null : SegmentAt(index).Find(field);

    /// <summary>All rows, ascending; for exports and changes of everything found.</summary>
    public IEnumerable<long> Rows()
    {
        var sort = IndexSort.ByRow(descending: false);
        IndexCursor? after = null;
        do
        {
            var page = Page(sort, after, 10_000);
            foreach (var row in page.Rows)
                yield return row;
            after = page.Next;
        } while (after is not null);
    }

    public void Dispose()
    {
        foreach (var set in _sets)
            set.Dispose();
    }
}
