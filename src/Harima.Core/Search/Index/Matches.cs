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

    // What was remembered of the query, and in each segment how what was found differs from it.
    readonly IndexQuery.RememberedQuery? _remembered;
    readonly Difference?[] _differences;

    internal Matches(
        IndexReader reader,
        FacetTerms facetTerms,
        DocumentSet[] sets,
        IndexQuery.RememberedQuery? remembered
    )
    {
        _remembered = remembered;
        _differences = new Difference?[sets.Length];
        _reader = reader;
        _facetTerms = facetTerms;
        _sets = sets;
        _counts = Array.ConvertAll(sets, set => set.Count());
        Count = _counts.Sum(count => (long)count);
    }

    /// <summary>Exact.</summary>
    public long Count { get; }

    /// <summary>How many of them are also this.</summary>
    public long CountAlso(IndexQuery also) => _reader.Count(_sets, also);

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
        foreach (var difference in _differences)
            difference?.Dispose();
    }
}
