using System.Buffers;

namespace Harima.Search.Index;

/// <summary>Documents in which terms stand at given distances: first those that have all the terms, then by their positions.</summary>
static class PhraseSearch
{
    /// <summary>Keeps those that have all the terms, wherever they stand in them.</summary>
    public static void RestrictToCandidates(SegmentField field, IReadOnlyList<PhraseTerm> phrase, DocumentSet set)
    {
        foreach (var (text, _) in phrase)
        {
            if (!field.TryFind(TermText.Encode(text), out var entry))
            {
                set.Clear();
                return;
            }
            field.Postings(entry).Restrict(set);
        }
    }

    public static void Add(SegmentField field, IReadOnlyList<PhraseTerm> phrase, DocumentSet? within, DocumentSet found)
    {
        var terms = new List<Part>(phrase.Count);
        foreach (var (text, offset) in phrase)
        {
            if (!field.TryFind(TermText.Encode(text), out var entry))
                return;
            terms.Add(new Part(field, entry, offset - phrase[0].Offset));
        }
        if (terms.Count == 0)
            return;
        // The rarest first: it leaves the least to be looked at.
        terms.Sort(static (left, right) => left.Entry.Documents.CompareTo(right.Entry.Documents));
        using var candidates = DocumentSet.Rent(found.Size);
        field.Postings(terms[0].Entry).AddTo(candidates);
        if (within is not null)
            candidates.And(within);
        foreach (var term in terms.Skip(1))
            field.Postings(term.Entry).Restrict(candidates);
        using var portion = new Portion(candidates.Count());
        for (var from = 0; from < candidates.Size; from += DocumentSet.ContainerSize)
        {
            if (portion.Take(candidates, from))
                Verify(terms, portion, found);
        }
    }

    static void Verify(List<Part> terms, Portion portion, DocumentSet found)
    {
        for (var n = 0; n < terms.Count && portion.Count > 0; n++)
        {
            if (n == 0)
                terms[n].Begin(portion);
            else
                terms[n].Narrow(portion);
        }
        foreach (var document in portion.Documents)
            found.Add(document);
    }

    /// <summary>Candidates of one container, and where in each of them the phrase can still begin.</summary>
    sealed class Portion(int candidates) : IDisposable
    {
        readonly int[] _documents = Rent(candidates);
        readonly int[] _ranks = Rent(candidates);
        readonly Growing<int> _starts = new();

        // Of each document: where its starts begin; they end where the next one's begin.
        readonly int[] _from = Rent(candidates + 1);

        static int[] Rent(int length) => ArrayPool<int>.Shared.Rent(Math.Min(length, DocumentSet.ContainerSize) + 1);

        public int Count { get; set; }
        public Span<int> Documents => _documents.AsSpan(0, Count);
        public Span<int> Ranks => _ranks.AsSpan(0, Count);
        public Span<int> From => _from;
        public Growing<int> Starts => _starts;

        public bool Take(DocumentSet candidates, int from)
        {
            Count = 0;
            var end = from + DocumentSet.ContainerSize;
            foreach (var document in candidates.From(from))
            {
                if (document >= end)
                    break;
                _documents[Count++] = document;
            }
            _starts.Clear();
            return Count > 0;
        }

        public void Dispose()
        {
            ArrayPool<int>.Shared.Return(_documents);
            ArrayPool<int>.Shared.Return(_ranks);
            ArrayPool<int>.Shared.Return(_from);
            _starts.Dispose();
        }
    }

    /// <summary>One term of the phrase, read forwards.</summary>
    sealed class Part(SegmentField field, TermEntry entry, int offset)
    {
        readonly PostingsRanks _ranks = new(field, entry);
        PositionsPlace _place = new();

        public TermEntry Entry => entry;

        /// <summary>All places where the phrase can begin, according to this term.</summary>
        public void Begin(Portion portion)
        {
            _ranks.Of(portion.Documents, portion.Ranks);
            var positions = new PositionsCursor(field.Segment, entry, _place);
            Span<int> ranks = portion.Ranks,
                from = portion.From;
            var starts = portion.Starts;
            for (var n = 0; n < ranks.Length; n++)
            {
                from[n] = starts.Length;
                var bytes = positions.At(ranks[n]);
                var start = -offset;
                for (var at = 0; at < bytes.Length; )
                {
                    start += Varint.ReadInt(bytes, ref at);
                    starts.Add(start);
                }
            }
            from[ranks.Length] = starts.Length;
            _place = positions.Place;
        }

        /// <summary>Keeps those of them that this term agrees to, and the documents that are left with one.</summary>
        public void Narrow(Portion portion)
        {
            _ranks.Of(portion.Documents, portion.Ranks);
            var positions = new PositionsCursor(field.Segment, entry, _place);
            Span<int> documents = portion.Documents,
                ranks = portion.Ranks,
                from = portion.From,
                starts = portion.Starts.Written;
            int kept = 0,
                written = 0,
                looked = from[0];
            for (var n = 0; n < documents.Length; n++)
            {
                var (end, first) = (from[n + 1], written);
                var bytes = positions.At(ranks[n]);
                var start = -offset;
                for (var at = 0; at < bytes.Length && looked < end; )
                {
                    start += Varint.ReadInt(bytes, ref at);
                    while (looked < end && starts[looked] < start)
                        looked++;
                    // What is written lies before what is still to be read.
                    if (looked < end && starts[looked] == start)
                        starts[written++] = starts[looked++];
                }
                looked = end;
                if (written == first)
                    continue;
                documents[kept] = documents[n];
                from[kept++] = first;
            }
            from[kept] = written;
            portion.Count = kept;
            portion.Starts.Cut(written);
            _place = positions.Place;
        }
    }
}
