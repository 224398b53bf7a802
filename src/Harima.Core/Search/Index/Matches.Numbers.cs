namespace Harima.Search.Index;

public sealed partial class Matches
{
    /// <summary>How many numbers lie in each bucket: from an edge up to but without the next; the last edge belongs to the last.</summary>
    /// <param name="edges">Ascending; one more than buckets.</param>
    public IReadOnlyList<long> Histogram(string field, IReadOnlyList<double> edges)
    {
        var buckets = Math.Max(0, edges.Count - 1);
        var bounds = edges.ToArray();
        var counts = new long[_sets.Length][];
        _reader.ForEachSegment(index =>
            counts[index] =
                FieldAt(index, field) is { Entry.Numbers: > 0 } there && buckets > 0
                    ? Histogram(index, there, bounds)
                    : []
        );
        var totals = new long[buckets];
        foreach (var count in counts)
        {
            for (var bucket = 0; bucket < count.Length; bucket++)
                totals[bucket] += count[bucket];
        }
        return totals;
    }

    long[] Histogram(int index, SegmentField field, double[] edges)
    {
        var counts = new long[edges.Length - 1];
        if (_counts[index] * 8L < field.Entry.Numbers)
        {
            var column = new NumberColumn(field);
            foreach (var document in _sets[index])
            foreach (var number in column.Of(document))
            {
                // Behind the last edge that is not larger; the last edge itself belongs to the bucket before it.
                var bucket = Runs.From(edges, number, after: true) - 1;
                if (number == edges[^1])
                    bucket = counts.Length - 1;
                if (bucket >= 0 && bucket < counts.Length)
                    counts[bucket]++;
            }
            return counts;
        }
        var numbers = field.Numbers;
        var documents = field.NumberDocuments;
        var all = _counts[index] == field.Segment.Documents;
        for (var bucket = 0; bucket < counts.Length; bucket++)
        {
            var from = Runs.From(numbers, edges[bucket], after: false);
            var to = Runs.From(numbers, edges[bucket + 1], after: bucket == counts.Length - 1);
            if (from >= to)
                continue;
            counts[bucket] = all ? to - from : CountIn(_sets[index], documents[from..to]);
        }
        return counts;
    }

    static int CountIn(DocumentSet set, ReadOnlySpan<int> documents)
    {
        var count = 0;
        foreach (var document in documents)
        {
            if (set.Contains(document))
                count++;
        }
        return count;
    }

    /// <summary>Null when none of the documents has a number there.</summary>
    public NumberExtent? Extent(string field)
    {
        var extents = new NumberExtent?[_sets.Length];
        _reader.ForEachSegment(index =>
            extents[index] = FieldAt(index, field) is { Entry.Numbers: > 0 } there ? Extent(index, there) : null
        );
        NumberExtent? total = null;
        foreach (var extent in extents)
        {
            if (extent is not { } one)
                continue;
            total = total is { } before
                ? new NumberExtent(
                    Math.Min(before.Min, one.Min),
                    Math.Max(before.Max, one.Max),
                    before.Documents + one.Documents
                )
                : one;
        }
        return total;
    }

    NumberExtent? Extent(int index, SegmentField field)
    {
        var set = _sets[index];
        var with = field.WithNumbers.CountIn(set);
        if (with == 0)
            return null;
        var numbers = field.Numbers;
        var documents = field.NumberDocuments;
        if (with * 16L > documents.Length)
        {
            // There is one near either end.
            var first = 0;
            while (!set.Contains(documents[first]))
                first++;
            var last = documents.Length - 1;
            while (!set.Contains(documents[last]))
                last--;
            return new NumberExtent(numbers[first], numbers[last], with);
        }
        var (min, max) = (double.PositiveInfinity, double.NegativeInfinity);
        var column = new NumberColumn(field);
        foreach (var document in set)
        {
            var of = column.Of(document);
            if (of.IsEmpty)
                continue;
            min = Math.Min(min, of[0]);
            max = Math.Max(max, of[^1]);
        }
        return new NumberExtent(min, max, with);
    }

    /// <summary>
    /// At most <paramref name="max"/> documents that have both numbers (the smallest of several), evenly taken from all of them, in
    /// order of rows within parts of the index.
    /// </summary>
    public IReadOnlyList<IndexPoint> Points(string fieldX, string fieldY, int max)
    {
        if (max <= 0)
            return [];
        var both = new DocumentSet?[_sets.Length];
        var counts = new int[_sets.Length];
        try
        {
            _reader.ForEachSegment(index =>
            {
                if (
                    FieldAt(index, fieldX) is not { Entry.Numbers: > 0 } x
                    || FieldAt(index, fieldY) is not { Entry.Numbers: > 0 } y
                )
                    return;
                var set = DocumentSet.Rent(x.Segment.Documents);
                both[index] = set;
                set.CopyFrom(_sets[index]);
                x.WithNumbers.Restrict(set);
                y.WithNumbers.Restrict(set);
                counts[index] = set.Count();
            });
            var stride = Math.Max(1, (counts.Sum(count => (long)count) + max - 1) / max);
            var points = new List<IndexPoint>();
            long seen = 0;
            for (var index = 0; index < both.Length; index++)
            {
                if (counts[index] > 0)
                    AddPoints(both[index]!, FieldAt(index, fieldX)!, FieldAt(index, fieldY)!, stride, ref seen, points);
            }
            return points;
        }
        finally
        {
            foreach (var set in both)
                set?.Dispose();
        }
    }

    static void AddPoints(
        DocumentSet both,
        SegmentField fieldX,
        SegmentField fieldY,
        long stride,
        ref long seen,
        List<IndexPoint> points
    )
    {
        var x = new NumberColumn(fieldX);
        var y = new NumberColumn(fieldY);
        var rows = fieldX.Segment.Rows;
        foreach (var document in both)
        {
            if (seen++ % stride == 0)
                points.Add(new IndexPoint(rows[document], x.Of(document)[0], y.Of(document)[0]));
        }
    }
}
