using System.Buffers.Binary;

namespace Harima.Search.Index;

/// <summary>What a segment holds of one field.</summary>
sealed class SegmentField(Segment segment, FieldEntry entry)
{
    public Segment Segment => segment;
    public FieldEntry Entry => entry;
    public string Name => entry.Name;

    public ReadOnlySpan<byte> Dictionary => segment.File.Slice(entry.DictionaryOffset, entry.DictionaryLength);

    public ReadOnlySpan<int> Blocks =>
        segment.File.Slice<int>(
            entry.BlocksOffset,
            (entry.Terms + SegmentFormat.TermsPerBlock - 1) / SegmentFormat.TermsPerBlock
        );

    /// <summary>Ascending; <see cref="NumberDocuments"/> has the document of each.</summary>
    public ReadOnlySpan<double> Numbers => segment.File.Slice<double>(entry.NumbersOffset, entry.Numbers);

    public ReadOnlySpan<int> NumberDocuments =>
        segment.File.Slice<int>(entry.NumbersOffset + (long)entry.Numbers * sizeof(double), entry.Numbers);

    public Postings Postings(in TermEntry term) =>
        term.Documents == 1
            ? new Postings(term.Single)
            : new Postings(segment.File.Slice(term.Offset, term.PostingsLength), term.Documents);

    public Postings WithTerms => Presence(entry.TermPresence);

    public Postings WithNumbers => Presence(entry.NumberPresence);

    Postings Presence(PresenceEntry presence) =>
        new(segment.File.Slice(presence.Offset, presence.Length), presence.Documents);

    public TermCursor Terms() => new(this);

    public bool TryFind(ReadOnlySpan<byte> term, out TermEntry found)
    {
        var cursor = new TermCursor(this);
        if (cursor.Seek(term) && cursor.Term.SequenceEqual(term))
        {
            found = cursor.Entry;
            return true;
        }
        found = default;
        return false;
    }

    /// <summary>The last block whose first term is not behind the term, or the first.</summary>
    public int BlockOf(ReadOnlySpan<byte> term)
    {
        var blocks = Blocks;
        var dictionary = Dictionary;
        int low = 0,
            high = blocks.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) >>> 1;
            var at = blocks[middle] + sizeof(long);
            var length = Varint.ReadInt(dictionary, ref at);
            if (dictionary.Slice(at, length).SequenceCompareTo(term) <= 0)
                low = middle;
            else
                high = middle - 1;
        }
        return low;
    }
}

/// <summary>Walks over the terms of a field, in order.</summary>
sealed class TermCursor(SegmentField field)
{
    readonly byte[] _term = new byte[IndexTerm.MaxTermBytes];
    int _length;
    int _at;
    long _offset;
    int _ordinal = -1;

    public ReadOnlySpan<byte> Term => _term.AsSpan(0, _length);

    public TermEntry Entry { get; private set; }

    public bool MoveNext()
    {
        if (_ordinal + 1 >= field.Entry.Terms)
            return false;
        _ordinal++;
        var dictionary = field.Dictionary;
        var shared = 0;
        if (_ordinal % SegmentFormat.TermsPerBlock == 0)
        {
            _offset = BinaryPrimitives.ReadInt64LittleEndian(dictionary[_at..]);
            _at += sizeof(long);
        }
        else
            shared = Varint.ReadInt(dictionary, ref _at);
        var more = Varint.ReadInt(dictionary, ref _at);
        dictionary.Slice(_at, more).CopyTo(_term.AsSpan(shared));
        _length = shared + more;
        _at += more;
        var documents = Varint.ReadInt(dictionary, ref _at);
        var place = Varint.ReadInt(dictionary, ref _at);
        var positions = Varint.ReadInt(dictionary, ref _at);
        var postings = documents == 1 ? 0 : place;
        Entry = new TermEntry(_ordinal, documents, documents == 1 ? place : -1, _offset, postings, positions);
        _offset += postings + positions;
        return true;
    }

    /// <summary>Stands at the first term that is not before this one.</summary>
    public bool Seek(ReadOnlySpan<byte> term)
    {
        if (field.Entry.Terms == 0)
            return false;
        GoToBlock(field.BlockOf(term));
        while (MoveNext())
        {
            if (Term.SequenceCompareTo(term) >= 0)
                return true;
        }
        return false;
    }

    /// <summary>Stands at the term of that ordinal.</summary>
    public bool Seek(int ordinal)
    {
        if (ordinal < 0 || ordinal >= field.Entry.Terms)
            return false;
        // Going on is cheaper than going back to the beginning of the block.
        if (ordinal <= _ordinal || ordinal / SegmentFormat.TermsPerBlock != _ordinal / SegmentFormat.TermsPerBlock)
            GoToBlock(ordinal / SegmentFormat.TermsPerBlock);
        while (_ordinal < ordinal)
            MoveNext();
        return true;
    }

    void GoToBlock(int block)
    {
        _at = field.Blocks[block];
        _ordinal = block * SegmentFormat.TermsPerBlock - 1;
    }
}
