namespace Harima.Search.Index;

/// <summary>
/// Makes one segment of several without their deleted documents. Reads them front to back, side by side; memory is what the largest
/// term and the largest field need.
/// </summary>
sealed class SegmentMerger : IDisposable
{
    readonly Source[] _sources;
    readonly Growing<int> _documents = new();
    readonly Growing<int> _decoded = new();
    readonly Growing<long> _order = new();
    readonly PositionsWriter _positions = new();

    /// <summary>A segment, and where its documents go: their number in the new one, or -1.</summary>
    sealed record Source(Segment Segment, int[] Places);

    readonly Action _checkpoint;
    int _sinceCheckpoint;

    SegmentMerger(Source[] sources, Action checkpoint) => (_sources, _checkpoint) = (sources, checkpoint);

    /// <param name="checkpoint">Called every now and then; throws when the merge is no longer wanted.</param>
    /// <param name="places">Where the documents of each source went, for those that are deleted meanwhile.</param>
    public static ulong Merge(string path, IReadOnlyList<SegmentState> states, Action checkpoint, out int[][] places)
    {
        // Bulk loads bring rows in order: then a term's documents need no sorting.
        var order = Enumerable
            .Range(0, states.Count)
            .OrderBy(index => states[index].Segment.Documents == 0 ? 0 : states[index].Segment.Rows[0])
            .ToArray();
        places = new int[states.Count][];
        var rows = Place(states, places);
        var all = places;
        using var merger = new SegmentMerger(
            [.. order.Select(index => new Source(states[index].Segment, all[index]))],
            checkpoint
        );
        using var writer = new SegmentWriter(path, rows);
        var names = states
            .SelectMany(state => state.Segment.Fields.Select(field => field.Name))
            .Distinct()
            .Order(StringComparer.Ordinal);
        foreach (var name in names)
            merger.MergeField(writer, name);
        return writer.Finish();
    }

    static long[] Place(IReadOnlyList<SegmentState> states, int[][] places)
    {
        var rows = new long[states.Sum(state => (long)state.Live)];
        var heads = new PriorityQueue<(int Source, int Document), long>();
        for (var source = 0; source < states.Count; source++)
        {
            places[source] = new int[states[source].Segment.Documents];
            Array.Fill(places[source], -1);
            Advance(states, source, 0, heads);
        }
        var next = 0;
        while (heads.TryDequeue(out var head, out var row))
        {
            places[head.Source][head.Document] = next;
            rows[next++] = row;
            Advance(states, head.Source, head.Document + 1, heads);
        }
        return rows;
    }

    static void Advance(
        IReadOnlyList<SegmentState> states,
        int source,
        int document,
        PriorityQueue<(int, int), long> heads
    )
    {
        var (segment, deleted) = (states[source].Segment, states[source].Deleted);
        while (document < segment.Documents && deleted is not null && deleted.Contains(document))
            document++;
        if (document < segment.Documents)
            heads.Enqueue((source, document), segment.Rows[document]);
    }

    void MergeField(SegmentWriter writer, string name)
    {
        var parts = new List<(Source Source, SegmentField Field, TermCursor Cursor)>();
        foreach (var source in _sources)
        {
            if (source.Segment.Find(name) is { } field)
                parts.Add((source, field, field.Terms()));
        }
        writer.BeginField(name);
        MergeTerms(writer, parts);
        writer.EndTerms();
        MergeNumbers(writer, parts);
    }

    void MergeTerms(SegmentWriter writer, List<(Source Source, SegmentField Field, TermCursor Cursor)> parts)
    {
        var live = parts.FindAll(part => part.Cursor.MoveNext());
        var same = new List<(Source Source, SegmentField Field, TermCursor Cursor)>();
        while (live.Count > 0)
        {
            same.Clear();
            foreach (var part in live)
            {
                var order = same.Count == 0 ? 0 : part.Cursor.Term.SequenceCompareTo(same[0].Cursor.Term);
                if (order < 0)
                    same.Clear();
                if (order <= 0)
                    same.Add(part);
            }
            MergeTerm(writer, same);
            foreach (var part in same)
            {
                if (!part.Cursor.MoveNext())
                    live.Remove(part);
            }
        }
    }

    void MergeTerm(SegmentWriter writer, List<(Source Source, SegmentField Field, TermCursor Cursor)> parts)
    {
        if (++_sinceCheckpoint % 256 == 0)
            _checkpoint();
        var withPositions = parts.Exists(part => part.Cursor.Entry.PositionsLength > 0);
        _documents.Clear();
        _order.Clear();
        var ordered = true;
        var last = -1;
        for (var part = 0; part < parts.Count; part++)
        {
            var entry = parts[part].Cursor.Entry;
            _decoded.Clear();
            var decoded = _decoded.Room(entry.Documents);
            parts[part].Field.Postings(entry).CopyTo(decoded);
            var places = parts[part].Source.Places;
            for (var rank = 0; rank < decoded.Length; rank++)
            {
                var place = places[decoded[rank]];
                if (place < 0)
                    continue;
                ordered &= place > last;
                last = place;
                _documents.Add(place);
                // Who holds the positions: the part and the rank there.
                if (withPositions)
                    _order.Add(((long)part << 32) | (uint)rank);
            }
        }
        if (_documents.Length == 0)
            return;
        if (!ordered && withPositions)
            Array.Sort(_documents.Values, _order.Values, 0, _documents.Length);
        else if (!ordered)
            _documents.Written.Sort();
        writer.AddTerm(parts[0].Cursor.Term, _documents.Written, withPositions ? MergedPositions(parts) : default);
    }

    ReadOnlySpan<byte> MergedPositions(List<(Source Source, SegmentField Field, TermCursor Cursor)> parts)
    {
        var places = new PositionsPlace[parts.Count];
        Array.Fill(places, new PositionsPlace());
        _positions.Begin();
        var order = _order.Written;
        for (var n = 0; n < order.Length; )
        {
            var part = (int)(order[n] >> 32);
            var cursor = new PositionsCursor(parts[part].Source.Segment, parts[part].Cursor.Entry, places[part]);
            for (; n < order.Length && (int)(order[n] >> 32) == part; n++)
                _positions.AddEncoded(cursor.At((int)order[n]));
            places[part] = cursor.Place;
        }
        return _positions.Finish();
    }

    static void MergeNumbers(SegmentWriter writer, List<(Source Source, SegmentField Field, TermCursor Cursor)> parts)
    {
        var total = parts.Sum(part => part.Field.Entry.Numbers);
        if (total == 0)
            return;
        var numbers = new double[total];
        var documents = new int[total];
        var next = new int[parts.Count];
        var count = 0;
        while (true)
        {
            var best = -1;
            double number = 0;
            var document = 0;
            for (var part = 0; part < next.Length; part++)
            {
                var at = SkipDeleted(parts[part].Source.Places, parts[part].Field, ref next[part]);
                if (at < 0)
                    continue;
                var (candidate, place) = (
                    parts[part].Field.Numbers[at],
                    parts[part].Source.Places[parts[part].Field.NumberDocuments[at]]
                );
                if (best >= 0 && (candidate > number || (candidate == number && place > document)))
                    continue;
                (best, number, document) = (part, candidate, place);
            }
            if (best < 0)
                break;
            next[best]++;
            numbers[count] = number;
            documents[count++] = document;
        }
        if (count > 0)
            writer.AddNumbers(numbers.AsSpan(0, count), documents.AsSpan(0, count));
    }

    static int SkipDeleted(int[] places, SegmentField field, ref int at)
    {
        var documents = field.NumberDocuments;
        while (at < documents.Length && places[documents[at]] < 0)
            at++;
        return at < documents.Length ? at : -1;
    }

    public void Dispose()
    {
        _documents.Dispose();
        _decoded.Dispose();
        _order.Dispose();
        _positions.Dispose();
    }
}
