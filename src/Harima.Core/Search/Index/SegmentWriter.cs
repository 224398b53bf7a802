using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace Harima.Search.Index;

/// <summary>
/// Writes a segment front to back: rows, then field by field in order of their names, terms in order of their bytes. Memory is what one
/// field needs.
/// </summary>
sealed class SegmentWriter : IDisposable
{
    const int ColumnOrdinalsPerDocument = 8;

    readonly FileStream _file;
    readonly XxHash3 _hash = new();
    readonly GrowingBytes _buffer = new();
    readonly GrowingBytes _dictionary = new();
    readonly Growing<int> _blocks = new();
    readonly Growing<int> _columnDocuments = new();
    readonly Growing<int> _columnCounts = new();
    readonly Growing<int> _presentDocuments = new();
    readonly DocumentSet _present;
    readonly List<FieldEntry> _fields = [];
    readonly byte[] _before = new byte[IndexTerm.MaxTermBytes];
    readonly int _documents;
    int _beforeLength;
    long _position;
    FieldEntry? _field;

    public SegmentWriter(string path, ReadOnlySpan<long> rows)
    {
        _file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        _documents = rows.Length;
        _present = DocumentSet.Create(rows.Length);
        _buffer.AddLong(unchecked((long)SegmentFormat.Magic));
        Flush();
        Write(MemoryMarshal.AsBytes(rows));
    }

    public void BeginField(string name)
    {
        _field = new FieldEntry { Name = name };
        _fields.Add(_field);
        _present.Clear();
        _dictionary.Clear();
        _blocks.Clear();
        _columnDocuments.Clear();
        _columnCounts.Clear();
    }

    /// <param name="documents">Ascending.</param>
    /// <param name="positions">Of each document one after the other, or empty; see <see cref="PositionsWriter"/>.</param>
    public void AddTerm(ReadOnlySpan<byte> term, ReadOnlySpan<int> documents, ReadOnlySpan<byte> positions)
    {
        var field = _field!;
        var offset = _position + _buffer.Length;
        var ordinal = field.Terms++;
        if (documents.Length > 1)
            Postings.Write(documents, _buffer);
        var postingsLength = (int)(_position + _buffer.Length - offset);
        _buffer.Add(positions);
        AddToDictionary(term, ordinal, documents, offset, postingsLength, positions.Length);
        foreach (var document in documents)
            _present.Add(document);
        field.Postings += documents.Length;
        field.HasPositions |= !positions.IsEmpty;
        if (!field.HasPositions && field.Postings <= (long)ColumnOrdinalsPerDocument * _documents + 1024)
        {
            documents.CopyTo(_columnDocuments.Room(documents.Length));
            _columnCounts.Add(documents.Length);
        }
        if (_buffer.Length > 1 << 20)
            Flush();
    }

    void AddToDictionary(
        ReadOnlySpan<byte> term,
        int ordinal,
        ReadOnlySpan<int> documents,
        long offset,
        int postingsLength,
        int positionsLength
    )
    {
        var shared = 0;
        if (ordinal % SegmentFormat.TermsPerBlock == 0)
        {
            _blocks.Add(_dictionary.Length);
            _dictionary.AddLong(offset);
        }
        else
        {
            shared = term.CommonPrefixLength(_before.AsSpan(0, _beforeLength));
            _dictionary.AddVarint((ulong)shared);
        }
        _dictionary.AddVarint((ulong)(term.Length - shared));
        _dictionary.Add(term[shared..]);
        _dictionary.AddVarint((ulong)documents.Length);
        _dictionary.AddVarint((ulong)(documents.Length == 1 ? documents[0] : postingsLength));
        _dictionary.AddVarint((ulong)positionsLength);
        term.CopyTo(_before);
        _beforeLength = term.Length;
    }

    /// <summary>Call it after all terms of the field.</summary>
    public void EndTerms()
    {
        var field = _field!;
        if (field.Terms == 0)
            return;
        Align();
        Flush();
        field.DictionaryOffset = _position;
        field.DictionaryLength = _dictionary.Length;
        Write(_dictionary.Written);
        Align();
        Flush();
        field.BlocksOffset = _position;
        Write(MemoryMarshal.AsBytes(_blocks.Written));
        field.TermPresence = WritePresence();
        if (!field.HasPositions && field.Postings == _columnDocuments.Length)
            WriteColumn(field);
    }

    void WriteColumn(FieldEntry field)
    {
        var all = _columnDocuments.Written;
        var one = all.Length == field.TermPresence.Documents;
        Align();
        Flush();
        field.ColumnOffset = _position;
        field.ColumnLength = all.Length;
        if (one && all.Length >= _documents / 8)
        {
            field.Column =
                field.Terms < byte.MaxValue ? ColumnKind.Dense1
                : field.Terms < ushort.MaxValue ? ColumnKind.Dense2
                : ColumnKind.Dense4;
            var width = field.Column switch
            {
                ColumnKind.Dense1 => 1,
                ColumnKind.Dense2 => 2,
                _ => 4,
            };
            var column = new byte[(long)_documents * width];
            var at = 0;
            for (var ordinal = 0; ordinal < field.Terms; ordinal++)
            for (var left = _columnCounts.Values[ordinal]; left > 0; left--, at++)
                SetOrdinal(column, width, all[at], ordinal + 1);
            Write(column);
            return;
        }
        if (all.Length < _documents / 2)
        {
            WritePairs(field);
            return;
        }
        field.Column = ColumnKind.Lists;
        var starts = new int[_documents + 1];
        foreach (var document in all)
            starts[document + 1]++;
        for (var document = 0; document < _documents; document++)
            starts[document + 1] += starts[document];
        Write(MemoryMarshal.AsBytes(starts.AsSpan()));
        var ordinals = new int[all.Length];
        var place = 0;
        for (var ordinal = 0; ordinal < field.Terms; ordinal++)
        for (var left = _columnCounts.Values[ordinal]; left > 0; left--)
            ordinals[starts[all[place++]]++] = ordinal;
        Write(MemoryMarshal.AsBytes(ordinals.AsSpan()));
    }

    static void SetOrdinal(byte[] column, int width, int document, int value)
    {
        if (width == 1)
            column[document] = (byte)value;
        else if (width == 2)
            MemoryMarshal.Write(column.AsSpan(document * 2), (ushort)value);
        else
            MemoryMarshal.Write(column.AsSpan(checked(document * 4)), value);
    }

    void WritePairs(FieldEntry field)
    {
        field.Column = ColumnKind.Pairs;
        var pairs = new long[_columnDocuments.Length];
        var at = 0;
        for (var ordinal = 0; ordinal < field.Terms; ordinal++)
        for (var left = _columnCounts.Values[ordinal]; left > 0; left--, at++)
            pairs[at] = ((long)_columnDocuments.Values[at] << 32) | (uint)ordinal;
        Array.Sort(pairs);
        foreach (var pair in pairs)
            _buffer.AddInt((int)(pair >> 32));
        Align();
        foreach (var pair in pairs)
            _buffer.AddInt((int)pair);
        Flush();
    }

    /// <param name="numbers">Ascending, and where they are equal by document.</param>
    public void AddNumbers(ReadOnlySpan<double> numbers, ReadOnlySpan<int> documents)
    {
        var field = _field!;
        field.Numbers = numbers.Length;
        _present.Clear();
        foreach (var document in documents)
            _present.Add(document);
        Align();
        Flush();
        field.NumbersOffset = _position;
        Write(MemoryMarshal.AsBytes(numbers));
        Write(MemoryMarshal.AsBytes(documents));
        field.NumberPresence = WritePresence();
        field.OneNumberEach = field.NumberPresence.Documents == numbers.Length;
        Align();
        Flush();
        field.NumberColumnOffset = _position;
        if (field.OneNumberEach && numbers.Length >= _documents / 4)
        {
            field.NumberColumn = ColumnKind.DenseNumbers;
            var column = new double[_documents];
            Array.Fill(column, double.NaN);
            for (var at = 0; at < numbers.Length; at++)
                column[documents[at]] = numbers[at];
            Write(MemoryMarshal.AsBytes(column.AsSpan()));
            return;
        }
        field.NumberColumn = ColumnKind.Pairs;
        var order = new long[numbers.Length];
        for (var at = 0; at < order.Length; at++)
            order[at] = ((long)documents[at] << 32) | (uint)at;
        Array.Sort(order);
        foreach (var place in order)
            _buffer.AddInt((int)(place >> 32));
        Align();
        foreach (var place in order)
            _buffer.AddLong(BitConverter.DoubleToInt64Bits(numbers[(int)place]));
        Flush();
    }

    PresenceEntry WritePresence()
    {
        _presentDocuments.Clear();
        foreach (var document in _present)
            _presentDocuments.Add(document);
        Flush();
        var offset = _position;
        Postings.Write(_presentDocuments.Written, _buffer);
        var length = _buffer.Length;
        Flush();
        return new PresenceEntry(offset, length, _presentDocuments.Length);
    }

    /// <summary>On disk when this returns.</summary>
    /// <returns>The checksum the footer holds, which the manifest repeats.</returns>
    public ulong Finish()
    {
        Align();
        Flush();
        var directory = _position;
        _buffer.AddVarint((ulong)_fields.Count);
        foreach (var field in _fields)
            field.Write(_buffer);
        var length = _buffer.Length;
        Flush();
        var checksum = _hash.GetCurrentHashAsUInt64();
        _buffer.AddLong(directory);
        _buffer.AddInt(length);
        _buffer.AddInt(_documents);
        _buffer.AddLong(unchecked((long)checksum));
        _buffer.AddLong(unchecked((long)SegmentFormat.Magic));
        Flush();
        _file.Flush(flushToDisk: true);
        return checksum;
    }

    // Values are read in place, which on some processors wants them at multiples of their size.
    void Align()
    {
        while ((_position + _buffer.Length) % sizeof(long) != 0)
            _buffer.Add([0]);
    }

    void Flush()
    {
        Write(_buffer.Written);
        _buffer.Clear();
    }

    void Write(ReadOnlySpan<byte> bytes)
    {
        _hash.Append(bytes);
        _file.Write(bytes);
        _position += bytes.Length;
    }

    public void Dispose()
    {
        _file.Dispose();
        foreach (var each in (Growing<int>[])[_blocks, _columnDocuments, _columnCounts, _presentDocuments])
            each.Dispose();
    }
}
