using System.Runtime.InteropServices;

namespace Harima.Search.Index;

/// <summary>Makes a segment of documents. All their terms are in memory once, as three numbers each.</summary>
sealed class SegmentBuilder : IDisposable
{
    readonly Dictionary<string, Field> _fields = new(StringComparer.Ordinal);
    readonly List<long> _rows = [];
    readonly Growing<int> _terms = new();
    readonly Growing<int> _documents = new();
    readonly Growing<int> _positions = new();
    readonly Growing<int> _counts = new();
    Field? _last;

    public int Documents => _rows.Count;

    /// <summary>Of all terms in all documents.</summary>
    public int Occurrences => _terms.Length;

    /// <param name="documents">Each row once.</param>
    public static void Build(string path, IEnumerable<IndexDocument> documents)
    {
        using var builder = new SegmentBuilder();
        foreach (var document in documents.OrderBy(document => document.Row))
            builder.Add(document);
        builder.WriteTo(path);
    }

    public void WriteTo(string path)
    {
        using var writer = new SegmentWriter(path, CollectionsMarshal.AsSpan(_rows));
        Write(writer);
        writer.Finish();
    }

    /// <exception cref="ArgumentException">Its row does not follow that of the one before.</exception>
    public void Add(IndexDocument document)
    {
        if (_rows.Count > 0 && document.Row <= _rows[^1])
            throw new ArgumentException($"Row {document.Row} does not follow {_rows[^1]}.", nameof(document));
        var number = _rows.Count;
        _rows.Add(document.Row);
        foreach (var (name, text, position) in document.Terms)
        {
            var field = FieldOf(name);
            // A character of UTF-16 takes at most three bytes.
            var key = text.Length * 3 > IndexTerm.MaxTermBytes ? TermText.Decode(TermText.Encode(text)) : text;
            if (!field.Terms.TryGetValue(key, out var term))
            {
                term = _counts.Length;
                _counts.Add(0);
                field.Terms.Add(key, term);
            }
            _counts.Values[term]++;
            _terms.Add(term);
            _documents.Add(number);
            _positions.Add(position);
        }
        foreach (var (name, value) in document.Numbers)
        {
            // Adding nought makes the negative one positive: they are equal and must stand in one order.
            if (double.IsFinite(value))
                FieldOf(name).Numbers.Add((value + 0.0, number));
        }
    }

    Field FieldOf(string name)
    {
        if (_last is { } last && ReferenceEquals(last.Name, name))
            return last;
        if (!_fields.TryGetValue(name, out var field))
            _fields.Add(name, field = new Field(name));
        return _last = field;
    }

    void Write(SegmentWriter writer)
    {
        // Counting sort by term; within a term the order of documents stays.
        var ends = new int[_counts.Length];
        for (int term = 0, end = 0; term < ends.Length; term++)
        {
            ends[term] = end;
            end += _counts.Values[term];
        }
        using var sortedDocuments = new Growing<int>();
        using var sortedPositions = new Growing<int>();
        var documents = sortedDocuments.Room(_terms.Length);
        var positions = sortedPositions.Room(_terms.Length);
        for (var at = 0; at < _terms.Length; at++)
        {
            var place = ends[_terms.Values[at]]++;
            documents[place] = _documents.Values[at];
            positions[place] = _positions.Values[at];
        }
        using var writing = new TermWriter(writer);
        foreach (var field in _fields.Values.OrderBy(field => field.Name, StringComparer.Ordinal))
        {
            writer.BeginField(field.Name);
            foreach (var (bytes, term) in Ordered(field))
            {
                var (from, to) = (ends[term] - _counts.Values[term], ends[term]);
                writing.Write(bytes, documents[from..to], positions[from..to]);
            }
            writer.EndTerms();
            WriteNumbers(writer, field);
        }
    }

    static List<(byte[] Bytes, int Term)> Ordered(Field field)
    {
        var terms = new List<(byte[] Bytes, int Term)>(field.Terms.Count);
        foreach (var (text, term) in field.Terms)
            terms.Add((TermText.Encode(text), term));
        terms.Sort(static (left, right) => left.Bytes.AsSpan().SequenceCompareTo(right.Bytes));
        return terms;
    }

    static void WriteNumbers(SegmentWriter writer, Field field)
    {
        if (field.Numbers.Count == 0)
            return;
        field.Numbers.Sort();
        using var numbers = new Growing<double>();
        using var documents = new Growing<int>();
        foreach (var (number, document) in field.Numbers)
        {
            var last = numbers.Length - 1;
            if (last >= 0 && numbers.Values[last] == number && documents.Values[last] == document)
                continue;
            numbers.Add(number);
            documents.Add(document);
        }
        writer.AddNumbers(numbers.Written, documents.Written);
    }

    public void Dispose()
    {
        foreach (var each in (Growing<int>[])[_terms, _documents, _positions, _counts])
            each.Dispose();
    }

    sealed class Field(string name)
    {
        public string Name => name;
        public Dictionary<string, int> Terms { get; } = new(StringComparer.Ordinal);
        public List<(double Number, int Document)> Numbers { get; } = [];
    }

    /// <summary>Brings the occurrences of a term together by document.</summary>
    sealed class TermWriter(SegmentWriter writer) : IDisposable
    {
        readonly Growing<int> _documents = new();
        readonly Growing<int> _positions = new();
        readonly PositionsWriter _encoded = new();

        public void Write(byte[] term, ReadOnlySpan<int> documents, ReadOnlySpan<int> positions)
        {
            _documents.Clear();
            var withPositions = positions.ContainsAnyExcept(IndexTerm.NoPosition);
            if (withPositions)
                _encoded.Begin();
            for (var from = 0; from < documents.Length; )
            {
                var to = from + 1;
                while (to < documents.Length && documents[to] == documents[from])
                    to++;
                _documents.Add(documents[from]);
                if (withPositions)
                    WritePositions(positions[from..to]);
                from = to;
            }
            writer.AddTerm(term, _documents.Written, withPositions ? _encoded.Finish() : default);
        }

        void WritePositions(ReadOnlySpan<int> positions)
        {
            _positions.Clear();
            positions.CopyTo(_positions.Room(positions.Length));
            var all = _positions.Written;
            all.Sort();
            var count = 0;
            foreach (var position in all)
            {
                if (position >= 0 && (count == 0 || all[count - 1] != position))
                    all[count++] = position;
            }
            _encoded.Add(all[..count]);
        }

        public void Dispose()
        {
            _documents.Dispose();
            _positions.Dispose();
            _encoded.Dispose();
        }
    }
}
