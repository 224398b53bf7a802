using System.Buffers;

namespace Harima.Search.Index;

public sealed partial class Matches
{
    /// <summary>Keyset paging: what comes or goes elsewhere moves nothing on the pages to come.</summary>
    public IndexPage Page(IndexSort sort, IndexCursor? after, int size)
    {
        if (size <= 0)
            return new IndexPage([], null);
        // One more tells whether another page follows.
        var places = new List<IndexCursor>();
        if (sort.By == IndexSort.Kind.Row || after is not { Number: null, Term: null })
            places = Gather(sort, size + 1, index => WithValue(index, sort, after, size + 1));
        if (places.Count <= size && sort.By != IndexSort.Kind.Row)
        {
            var behind = after is { Number: null, Term: null } ? after : null;
            places.AddRange(
                Gather(sort, size + 1 - places.Count, index => WithoutValue(index, sort, behind, size + 1))
            );
        }
        var more = places.Count > size;
        return new IndexPage([.. places.Take(size).Select(place => place.Row)], more ? places[size - 1] : null);
    }

    List<IndexCursor> Gather(IndexSort sort, int count, Func<int, List<IndexCursor>> find)
    {
        var found = new List<IndexCursor>[_sets.Length];
        _reader.ForEachSegment(index => found[index] = _counts[index] == 0 ? [] : find(index), Count);
        var all = found.SelectMany(places => places).ToList();
        all.Sort((left, right) => sort.Descending ? Compare(right, left) : Compare(left, right));
        if (all.Count > count)
            all.RemoveRange(count, all.Count - count);
        return all;
    }

    static int Compare(IndexCursor left, IndexCursor right)
    {
        var order =
            left.Number is { } number && right.Number is { } other ? number.CompareTo(other)
            : left.Term is { } term && right.Term is { } otherTerm
                ? TermOrder.Instance.Compare(TermText.Encode(term), TermText.Encode(otherTerm))
            : 0;
        return order != 0 ? order : left.Row.CompareTo(right.Row);
    }

    List<IndexCursor> WithValue(int index, IndexSort sort, IndexCursor? after, int count) =>
        sort.By switch
        {
            IndexSort.Kind.Row => ByRow(_sets[index], SegmentAt(index), sort.Descending, after, count),
            IndexSort.Kind.Number => ByNumber(index, sort, after, count),
            _ => ByTerm(index, sort, after, count),
        };

    static List<IndexCursor> ByRow(DocumentSet set, Segment segment, bool descending, IndexCursor? after, int count)
    {
        var found = new List<IndexCursor>();
        var rows = segment.Rows;
        if (!descending)
        {
            foreach (var document in set.From(after is null ? 0 : segment.DocumentFrom(after.Row + 1)))
            {
                found.Add(new IndexCursor(rows[document]));
                if (found.Count == count)
                    break;
            }
            return found;
        }
        var last = after is null ? rows.Length - 1 : segment.DocumentFrom(after.Row) - 1;
        for (
            var document = set.Previous(last);
            document >= 0 && found.Count < count;
            document = set.Previous(document - 1)
        )
            found.Add(new IndexCursor(rows[document]));
        return found;
    }

    List<IndexCursor> WithoutValue(int index, IndexSort sort, IndexCursor? after, int count)
    {
        var segment = SegmentAt(index);
        using var without = DocumentSet.Rent(segment.Documents);
        without.CopyFrom(_sets[index]);
        if (segment.Find(sort.Field) is { } field)
        {
            using var with = DocumentSet.Rent(segment.Documents);
            if (sort.By == IndexSort.Kind.Number)
                field.WithNumbers.AddTo(with);
            else
                field.WithTerms.AddTo(with);
            without.AndNot(with);
        }
        return ByRow(without, segment, sort.Descending, after, count);
    }

    /// <summary>Is looking at every found document less work than walking along the order until enough are met?</summary>
    static bool AreFew(int found, int documents, int count) => (long)found * found < (long)count * documents;

    List<IndexCursor> ByNumber(int index, IndexSort sort, IndexCursor? after, int count)
    {
        if (FieldAt(index, sort.Field) is not { Entry.Numbers: > 0 } field)
            return [];
        return AreFew(_counts[index], field.Segment.Documents, count)
            ? FewByNumber(index, field, sort.Descending, after, count)
            : WalkByNumber(index, field, sort.Descending, after, count);
    }

    List<IndexCursor> FewByNumber(int index, SegmentField field, bool descending, IndexCursor? after, int count)
    {
        var column = new NumberColumn(field);
        var rows = field.Segment.Rows;
        var places = new List<(double Number, long Row)>();
        foreach (var document in _sets[index])
        {
            var of = column.Of(document);
            if (of.IsEmpty)
                continue;
            var place = (descending ? of[^1] : of[0], rows[document]);
            if (after is null || IsBehind(place, (after.Number!.Value, after.Row), descending))
                places.Add(place);
        }
        places.Sort();
        if (descending)
            places.Reverse();
        return [.. places.Take(count).Select(place => new IndexCursor(place.Row, place.Number))];
    }

    static bool IsBehind((double, long) place, (double, long) after, bool descending)
    {
        var order = place.CompareTo(after);
        return descending ? order < 0 : order > 0;
    }

    List<IndexCursor> WalkByNumber(int index, SegmentField field, bool descending, IndexCursor? after, int count)
    {
        var numbers = field.Numbers;
        var documents = field.NumberDocuments;
        var rows = field.Segment.Rows;
        var set = _sets[index];
        var column = new NumberColumn(field);
        var step = descending ? -1 : 1;
        var at = descending ? numbers.Length - 1 : 0;
        if (after is { Number: { } number })
        {
            var from = Runs.From(numbers, number, after: false);
            var to = Runs.From(numbers, number, after: true);
            // Among equals documents ascend, and rows with them.
            at = descending
                ? from + Runs.From(documents[from..to], field.Segment.DocumentFrom(after.Row)) - 1
                : from + Runs.From(documents[from..to], field.Segment.DocumentFrom(after.Row + 1));
        }
        var found = new List<IndexCursor>();
        for (; at >= 0 && at < numbers.Length && found.Count < count; at += step)
        {
            var document = documents[at];
            if (!set.Contains(document))
                continue;
            if (!field.Entry.OneNumberEach)
            {
                var of = column.Of(document);
                if ((descending ? of[^1] : of[0]) != numbers[at])
                    continue;
            }
            found.Add(new IndexCursor(rows[document], numbers[at]));
        }
        return found;
    }

    List<IndexCursor> ByTerm(int index, IndexSort sort, IndexCursor? after, int count)
    {
        if (FieldAt(index, sort.Field) is not { Entry.Terms: > 0 } field)
            return [];
        var column = new TermColumn(field);
        if (!column.Exists)
            return ByTermWithoutColumn(index, field, sort.Descending, after, count);
        return AreFew(_counts[index], field.Segment.Documents, count)
            ? FewByTerm(index, field, sort.Descending, after, count)
            : WalkByTerm(index, field, sort.Descending, after, count);
    }

    List<IndexCursor> FewByTerm(int index, SegmentField field, bool descending, IndexCursor? after, int count)
    {
        var column = new TermColumn(field);
        var places = new List<(int Ordinal, int Document)>();
        var (bound, boundDocument) = Bound(field, descending, after);
        foreach (var document in _sets[index])
        {
            var (first, last) = column.Ends(document);
            if (first < 0)
                continue;
            var place = (Ordinal: descending ? last : first, document);
            if (descending ? place.CompareTo((bound, boundDocument)) < 0 : place.CompareTo((bound, boundDocument)) >= 0)
                places.Add(place);
        }
        places.Sort();
        if (descending)
            places.Reverse();
        var cursor = field.Terms();
        var found = new List<IndexCursor>();
        foreach (var (ordinal, document) in places.Take(count))
        {
            cursor.Seek(ordinal);
            found.Add(new IndexCursor(field.Segment.Rows[document], Term: TermText.Decode(cursor.Term)));
        }
        return found;
    }

    /// <summary>Ascending: the first (ordinal, document) behind the cursor. Descending: all behind it are smaller than this.</summary>
    static (int Ordinal, int Document) Bound(SegmentField field, bool descending, IndexCursor? after)
    {
        if (after?.Term is not { } term)
            return descending ? (int.MaxValue, 0) : (0, 0);
        var bytes = TermText.Encode(term);
        var cursor = field.Terms();
        if (!cursor.Seek(bytes))
            return (field.Entry.Terms, 0);
        if (!cursor.Term.SequenceEqual(bytes))
            return (cursor.Entry.Ordinal, 0);
        return (cursor.Entry.Ordinal, field.Segment.DocumentFrom(descending ? after.Row : after.Row + 1));
    }

    List<IndexCursor> WalkByTerm(int index, SegmentField field, bool descending, IndexCursor? after, int count)
    {
        var column = new TermColumn(field);
        var (bound, boundDocument) = Bound(field, descending, after);
        var ordinal = descending ? Math.Min(bound, field.Entry.Terms - 1) : bound;
        var cursor = field.Terms();
        var found = new List<IndexCursor>();
        for (; found.Count < count && cursor.Seek(ordinal); ordinal += descending ? -1 : 1)
        {
            var documents = ArrayPool<int>.Shared.Rent(cursor.Entry.Documents);
            field.Postings(cursor.Entry).CopyTo(documents);
            var of = documents.AsSpan(0, cursor.Entry.Documents);
            if (ordinal == bound && bound != int.MaxValue)
                of = descending ? of[..Runs.From(of, boundDocument)] : of[Runs.From(of, boundDocument)..];
            if (descending)
                of.Reverse();
            string? term = null;
            foreach (var document in of)
            {
                if (!_sets[index].Contains(document))
                    continue;
                var (first, last) = column.Ends(document);
                if ((descending ? last : first) != ordinal)
                    continue;
                term ??= TermText.Decode(cursor.Term);
                found.Add(new IndexCursor(field.Segment.Rows[document], Term: term));
                if (found.Count == count)
                    break;
            }
            ArrayPool<int>.Shared.Return(documents);
        }
        return found;
    }

    /// <summary>So many terms a document that there is no column: all terms from the beginning, each document at the first it has.</summary>
    List<IndexCursor> ByTermWithoutColumn(int index, SegmentField field, bool descending, IndexCursor? after, int count)
    {
        var bound = Bound(field, descending, after);
        using var left = DocumentSet.Rent(field.Segment.Documents);
        left.CopyFrom(_sets[index]);
        var cursor = field.Terms();
        var found = new List<IndexCursor>();
        var step = descending ? -1 : 1;
        var ordinal = descending ? field.Entry.Terms - 1 : 0;
        for (; found.Count < count && cursor.Seek(ordinal); ordinal += step)
        {
            using var of = DocumentSet.Rent(left.Size);
            field.Postings(cursor.Entry).AddTo(of);
            of.And(left);
            left.AndNot(of);
            var places = new List<IndexCursor>();
            foreach (var document in of)
            {
                var order = (ordinal, document).CompareTo(bound);
                if (descending ? order < 0 : order >= 0)
                    places.Add(new IndexCursor(field.Segment.Rows[document], Term: TermText.Decode(cursor.Term)));
            }
            if (descending)
                places.Reverse();
            found.AddRange(places.Take(count - found.Count));
        }
        return found;
    }
}
