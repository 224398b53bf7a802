namespace Harima.Search.Index;

/// <summary>One state of the index, which stays as it is while this is open; dispose it soon. For many threads.</summary>
public sealed class IndexReader : IDisposable
{
    /// <summary>Below this many documents a second core does not help.</summary>
    const int ParallelFrom = 200_000;

    readonly SearchIndex _index;
    int _disposed;

    internal IndexReader(SearchIndex index, IndexState state)
    {
        _index = index;
        State = state;
    }

    internal IndexState State { get; }

    /// <summary>The position of the last change this state holds.</summary>
    public long Position => State.Position;

    /// <summary>How many there are of a query, when nothing else is asked.</summary>
    public long Count(IndexQuery query)
    {
        using var found = Find(query);
        return found.Count;
    }

    /// <exception cref="IndexDamagedException">The index is to be rebuilt; <see cref="SearchIndex.Damage"/> says so from now on.</exception>
    public Matches Find(IndexQuery query)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        var sets = new DocumentSet[State.Segments.Count];
        var again = _index.Asked.Note(query);
        ForEachSegment(index =>
        {
            var (segment, deleted, _) = State.Segments[index];
            var set = new Evaluation(segment, _index.Remembered, _index.RememberedParts, again).Find(query);
            if (deleted is not null)
                set.AndNot(deleted);
            sets[index] = set;
        });
        return new Matches(this, _index.FacetTerms, sets, RememberedIn(query));
    }

    /// <summary>What is likely to be most of what was found: what the asker may see.</summary>
    static IndexQuery.RememberedQuery? RememberedIn(IndexQuery query) =>
        query switch
        {
            IndexQuery.RememberedQuery remembered => remembered,
            IndexQuery.AndQuery and => and.Operands.Select(RememberedIn).FirstOrDefault(found => found is not null),
            IndexQuery.OrQuery or => or.Operands.Select(RememberedIn).FirstOrDefault(found => found is not null),
            _ => null,
        };

    /// <summary>How many documents of a set of each segment fit a query too.</summary>
    internal long Count(DocumentSet[] sets, IndexQuery also)
    {
        var counts = new int[sets.Length];
        ForEachSegment(index =>
        {
            using var both = DocumentSet.Rent(sets[index].Size);
            both.CopyFrom(sets[index]);
            var segment = State.Segments[index].Segment;
            new Evaluation(segment, _index.Remembered, _index.RememberedParts, NothingAgain).Restrict(both, also);
            counts[index] = both.Count();
        });
        return counts.Sum(count => (long)count);
    }

    static readonly HashSet<string> NothingAgain = [];

    internal DocumentSet? Remembered(IndexQuery query, int index) =>
        _index.Remembered.Find(query, State.Segments[index].Segment);

    internal RememberedCounts RememberedCounts => _index.RememberedCounts;

    /// <summary>On several cores when there is much to do.</summary>
    /// <param name="documents">How many are looked at, at most; null for all.</param>
    internal void ForEachSegment(Action<int> act, long? documents = null)
    {
        var segments = State.Segments.Count;
        try
        {
            if (segments > 1 && _index.Parallelism > 1 && (documents ?? State.Documents) >= ParallelFrom)
            {
                SharedWork.Do(segments, _index.Parallelism - 1, act);
                return;
            }
            for (var index = 0; index < segments; index++)
                act(index);
        }
        catch (Exception fault) when (DamageOf(fault) is { } damage)
        {
            _index.Damaged(damage.Message);
            throw damage;
        }
    }

    // A damaged place leads anywhere: to numbers that are none, or outside of what they point into.
    static IndexDamagedException? DamageOf(Exception fault) =>
        fault switch
        {
            IndexDamagedException damage => damage,
            AggregateException faults => faults
                .InnerExceptions.Select(DamageOf)
                .FirstOrDefault(found => found is not null),
            IndexOutOfRangeException or ArgumentOutOfRangeException or OverflowException => new IndexDamagedException(
                fault.Message
            ),
            _ => null,
        };

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        foreach (var (segment, _, _) in State.Segments)
            segment.Release();
    }
}
