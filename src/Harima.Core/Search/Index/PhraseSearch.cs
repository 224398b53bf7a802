using System.Buffers;

namespace Harima.Search.Index;

/// <summary>Documents in which terms stand at given distances: first those that have all the terms, then by their positions.</summary>
static class PhraseSearch
{
    public static void Add(SegmentField field, IReadOnlyList<PhraseTerm> phrase, DocumentSet? within, DocumentSet found)
    {
        var terms = new List<Part>(phrase.Count);
        try
        {
            foreach (var (text, offset) in phrase)
            {
                if (!field.TryFind(TermText.Encode(text), out var entry))
                    return;
                terms.Add(new Part(field, entry, offset - phrase[0].Offset));
            }
            if (terms.Count == 0)
                return;
            // The rarest first: it leaves the least to be looked at.
            terms.Sort(static (left, right) => left.Documents.CompareTo(right.Documents));
            using var candidates = DocumentSet.Rent(found.Size);
            field.Postings(terms[0].Entry).AddTo(candidates);
            if (within is not null)
                candidates.And(within);
            foreach (var term in terms.Skip(1))
                field.Postings(term.Entry).Restrict(candidates);
            if (candidates.IsEmpty())
                return;
            Verify(terms, candidates, found);
        }
        finally
        {
            foreach (var term in terms)
                term.Dispose();
        }
    }

    static void Verify(List<Part> terms, DocumentSet candidates, DocumentSet found)
    {
        foreach (var term in terms)
            term.Load();
        using var starts = new Growing<long>();
        foreach (var document in candidates)
        {
            starts.Clear();
            foreach (var term in terms)
            {
                term.Narrow(document, starts, first: ReferenceEquals(term, terms[0]));
                if (starts.Length == 0)
                    break;
            }
            if (starts.Length > 0)
                found.Add(document);
        }
    }

    /// <summary>One term of the phrase, read forwards.</summary>
    sealed class Part(SegmentField field, TermEntry entry, int offset) : IDisposable
    {
        int[] _documents = [];
        int _rank;
        PositionsCursor _positions = new(field.Segment, entry);

        public TermEntry Entry => entry;
        public int Documents => entry.Documents;

        public void Load()
        {
            _documents = ArrayPool<int>.Shared.Rent(entry.Documents);
            field.Postings(entry).CopyTo(_documents);
        }

        /// <summary>Keeps those places where the phrase can begin, according to this term.</summary>
        public void Narrow(int document, Growing<long> starts, bool first)
        {
            Advance(document);
            var bytes = _positions.At(_rank);
            var kept = 0;
            var looked = 0;
            long position = 0;
            var all = starts.Values;
            for (var at = 0; at < bytes.Length; )
            {
                position += (long)Varint.Read(bytes, ref at);
                var start = position - offset;
                if (first)
                {
                    starts.Add(start);
                    continue;
                }
                while (looked < starts.Length && all[looked] < start)
                    looked++;
                if (looked == starts.Length)
                    break;
                if (all[looked] == start)
                    all[kept++] = start;
            }
            if (!first)
                starts.Cut(kept);
        }

        // The next candidate is often near: steps that double find it in a few.
        void Advance(int document)
        {
            var step = 1;
            var low = _rank;
            while (low + step < entry.Documents && _documents[low + step] <= document)
            {
                low += step;
                step *= 2;
            }
            var high = Math.Min(entry.Documents, low + step);
            while (low + 1 < high)
            {
                var middle = (low + high) >>> 1;
                if (_documents[middle] <= document)
                    low = middle;
                else
                    high = middle;
            }
            _rank = low;
        }

        public void Dispose()
        {
            if (_documents.Length > 0)
                ArrayPool<int>.Shared.Return(_documents);
        }
    }
}
