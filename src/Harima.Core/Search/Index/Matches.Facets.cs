using System.Buffers;

namespace Harima.Search.Index;

public sealed partial class Matches
{
    /// <summary>The most frequent terms of a field, most frequent first, ties by term; counts are exact.</summary>
    public IReadOnlyList<TermCount> Facet(string field, int top)
    {
        var fields = new SegmentField?[_sets.Length];
        for (var index = 0; index < fields.Length; index++)
            fields[index] = FieldAt(index, field);
        var counts = new int[fields.Length][];
        _reader.ForEachSegment(
            index => counts[index] = fields[index] is { Entry.Terms: > 0 } there ? CountTerms(index, there) : [],
            Count
        );
        try
        {
            return Array.TrueForAll(fields, there => there is null || there.Entry.Terms <= FacetTerms.MaxTerms)
                ? TopOfFew(field, fields, counts, top)
                : TopOfMany(fields, counts, top);
        }
        finally
        {
            foreach (var count in counts)
            {
                if (count.Length > 0)
                    ArrayPool<int>.Shared.Return(count);
            }
        }
    }

    /// <summary>By ordinal, in whichever way looks at least. The array is rented.</summary>
    int[] CountTerms(int index, SegmentField field)
    {
        var entry = field.Entry;
        var counts = ArrayPool<int>.Shared.Rent(entry.Terms);
        counts.AsSpan(0, entry.Terms).Clear();
        var column = new TermColumn(field);
        var documents = field.Segment.Documents;
        var others = documents - _counts[index];
        var byPostings = PostingsCost(entry, documents);
        if (TryCountFromRemembered(index, field, column, counts))
            return counts;
        // What is not found is counted and taken away, when that is less.
        var byOthers = entry.Terms * 20.0 + others * CostOfADocument;
        if (column.Exists && _counts[index] * CostOfADocument <= Math.Min(byPostings, byOthers))
            column.Count(_sets[index], counts);
        else if ((column.Exists && byOthers <= byPostings) || others == 0)
            CountWithout(index, field, column, counts);
        else
        {
            for (var cursor = field.Terms(); cursor.MoveNext(); )
                counts[cursor.Entry.Ordinal] = field.Postings(cursor.Entry).CountIn(_sets[index]);
        }
        return counts;
    }

    void CountWithout(int index, SegmentField field, TermColumn column, int[] counts)
    {
        if (_counts[index] < field.Segment.Documents)
        {
            using var others = DocumentSet.Rent(field.Segment.Documents);
            others.CopyFrom(_sets[index]);
            others.Invert();
            column.Count(others, counts);
        }
        for (var cursor = field.Terms(); cursor.MoveNext(); )
            counts[cursor.Entry.Ordinal] = cursor.Entry.Documents - counts[cursor.Entry.Ordinal];
    }

    /// <summary>Where what was found is nearly what was remembered: its counts, and what differs.</summary>
    bool TryCountFromRemembered(int index, SegmentField field, TermColumn column, int[] counts)
    {
        if (_remembered is null || !column.Exists || _counts[index] < FewDocuments)
            return false;
        if (_reader.Remembered(_remembered, index) is not { } visible)
            return false;
        var difference = _differences[index] ??= Difference.Of(_sets[index], visible);
        if (difference.Documents > _counts[index] / 4)
            return false;
        var terms = field.Entry.Terms;
        var known = _reader.RememberedCounts.Find(_remembered, field);
        if (known is null)
        {
            known = new int[terms];
            column.Count(visible, known);
            _reader.RememberedCounts.Keep(_remembered, field, known);
        }
        known.CopyTo(counts, 0);
        if (difference.Documents == 0)
            return true;
        column.Count(difference.Gained, counts);
        var lost = ArrayPool<int>.Shared.Rent(terms);
        lost.AsSpan(0, terms).Clear();
        column.Count(difference.Lost, lost);
        for (var ordinal = 0; ordinal < terms; ordinal++)
            counts[ordinal] -= lost[ordinal];
        ArrayPool<int>.Shared.Return(lost);
        return true;
    }

    // Below, counting takes microseconds.
    const int FewDocuments = 100;

    /// <summary>What is in one set and not in the other.</summary>
    sealed class Difference : IDisposable
    {
        public required DocumentSet Gained { get; init; }
        public required DocumentSet Lost { get; init; }
        public required int Documents { get; init; }

        public static Difference Of(DocumentSet found, DocumentSet remembered)
        {
            var (gained, lost) = (DocumentSet.Rent(found.Size), DocumentSet.Rent(found.Size));
            gained.CopyFrom(found);
            gained.AndNot(remembered);
            lost.CopyFrom(remembered);
            lost.AndNot(found);
            return new Difference
            {
                Gained = gained,
                Lost = lost,
                Documents = gained.Count() + lost.Count(),
            };
        }

        public void Dispose()
        {
            Gained.Dispose();
            Lost.Dispose();
        }
    }

    const double CostOfADocument = 2.5;

    /// <summary>Nanoseconds, roughly: a place in a list takes one, 65,536 documents as a bitmap 300.</summary>
    static double PostingsCost(FieldEntry entry, int documents)
    {
        var each = (double)entry.Postings / entry.Terms;
        var containers = documents / DocumentSet.ContainerSize + 1;
        return entry.Terms * (30 + Math.Min(each, containers * 300.0));
    }

    IReadOnlyList<TermCount> TopOfFew(string name, SegmentField?[] fields, int[][] counts, int top)
    {
        var terms = _facetTerms.Of(name);
        var maps = terms.Maps(fields);
        var totals = new long[terms.Count];
        for (var index = 0; index < fields.Length; index++)
        {
            var map = maps[index];
            if (counts[index].Length == 0)
                continue;
            for (var ordinal = 0; ordinal < map.Length; ordinal++)
                totals[map[ordinal]] += counts[index][ordinal];
        }
        var best = new Top(top);
        for (var number = 0; number < totals.Length; number++)
        {
            if (totals[number] > 0 && best.MayTake(totals[number]))
                best.Take(terms.Term(number), totals[number]);
        }
        return best.Ordered();
    }

    static IReadOnlyList<TermCount> TopOfMany(SegmentField?[] fields, int[][] counts, int top)
    {
        var best = new Top(top);
        foreach (var (term, total) in Totals(fields, counts))
        {
            if (best.MayTake(total))
                best.Take(term, total);
        }
        return best.Ordered();
    }

    /// <summary>Term by term in their order, side by side in all segments; passes over what was not found.</summary>
    static IEnumerable<(byte[] Term, long Documents)> Totals(SegmentField?[] fields, int[][] counts)
    {
        var heads = new PriorityQueue<(int Index, TermCursor Cursor), byte[]>(TermOrder.Instance);
        void Advance(int index, TermCursor cursor, int from)
        {
            var terms = fields[index]!.Entry.Terms;
            var rest = counts[index].AsSpan(from, terms - from).IndexOfAnyExcept(0);
            if (rest >= 0 && cursor.Seek(from + rest))
                heads.Enqueue((index, cursor), cursor.Term.ToArray());
        }
        for (var index = 0; index < fields.Length; index++)
        {
            if (counts[index].Length > 0)
                Advance(index, fields[index]!.Terms(), 0);
        }
        byte[]? last = null;
        long total = 0;
        while (heads.TryDequeue(out var head, out var term))
        {
            if (last is not null && !last.AsSpan().SequenceEqual(term))
            {
                yield return (last, total);
                total = 0;
            }
            last = term;
            total += counts[head.Index][head.Cursor.Entry.Ordinal];
            Advance(head.Index, head.Cursor, head.Cursor.Entry.Ordinal + 1);
        }
        if (last is not null)
            yield return (last, total);
    }

    /// <summary>
    /// Terms that begin so, most frequent first. Of more than <see cref="MaxCompletionsLookedAt"/> that begin so in a segment, only the
    /// first, in order of the terms, are looked at: a longer prefix brings the others.
    /// </summary>
    public IReadOnlyList<TermCount> Complete(string field, string prefix, int top)
    {
        var start = TermText.Encode(prefix);
        var fields = new SegmentField?[_sets.Length];
        for (var index = 0; index < fields.Length; index++)
            fields[index] = FieldAt(index, field);
        var found = new List<(byte[] Term, int Documents)>[fields.Length];
        _reader.ForEachSegment(index =>
            found[index] = fields[index] is { } there ? CountPrefix(there, start, _sets[index]) : []
        );
        var totals = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (term, documents) in found.SelectMany(counts => counts))
        {
            var text = TermText.Decode(term);
            totals[text] = totals.GetValueOrDefault(text) + documents;
        }
        var best = new Top(top);
        foreach (var (text, total) in totals)
        {
            if (best.MayTake(total))
                best.Take(TermText.Encode(text), total);
        }
        return best.Ordered();
    }

    static List<(byte[] Term, int Documents)> CountPrefix(SegmentField field, byte[] prefix, DocumentSet set)
    {
        var found = new List<(byte[], int)>();
        var cursor = field.Terms();
        var left = MaxCompletionsLookedAt;
        for (
            var more = cursor.Seek(prefix);
            more && left > 0 && cursor.Term.StartsWith(prefix);
            more = cursor.MoveNext(), left--
        )
        {
            var count = field.Postings(cursor.Entry).CountIn(set);
            if (count > 0)
                found.Add((cursor.Term.ToArray(), count));
        }
        return found;
    }

    /// <summary>The most frequent, and among equals the first.</summary>
    sealed class Top(int size)
    {
        // The least wanted comes out first.
        readonly PriorityQueue<(byte[] Term, long Documents), (byte[] Term, long Documents)> _kept = new(
            Comparer<(byte[] Term, long Documents)>.Create(
                (left, right) =>
                    left.Documents != right.Documents
                        ? left.Documents.CompareTo(right.Documents)
                        : right.Term.AsSpan().SequenceCompareTo(left.Term)
            )
        );

        public bool MayTake(long documents) => size > 0 && (_kept.Count < size || documents >= _kept.Peek().Documents);

        public void Take(byte[] term, long documents)
        {
            if (_kept.Count < size)
                _kept.Enqueue((term, documents), (term, documents));
            else
                _kept.EnqueueDequeue((term, documents), (term, documents));
        }

        public IReadOnlyList<TermCount> Ordered()
        {
            var ordered = new TermCount[_kept.Count];
            for (var at = ordered.Length - 1; at >= 0; at--)
            {
                var (term, documents) = _kept.Dequeue();
                ordered[at] = new TermCount(TermText.Decode(term), documents);
            }
            return ordered;
        }
    }
}
