namespace Harima.Search.Index;

/// <summary>
/// A segment is a file that never changes: some documents, ordered by row, and everything to search them by. All numbers are
/// little-endian.
/// </summary>
/// <remarks>
/// <code>
///   magic u64
///   rows i64 × documents, ascending
///   for each field, ordered by name:
///     for each term, ordered by bytes: postings (see Postings), positions (see PositionsWriter)
///     dictionary: blocks of 16 terms: place of the postings of the first i64, then for each term
///       bytes shared with the one before (not for the first), bytes more, those bytes, documents,
///       and the document itself when it is one, else length of the postings; length of the positions      all varint
///     u32 × blocks: where each begins
///     documents that have a term (postings)
///     column: terms (as ordinals) by document, see TermColumn
///     numbers: f64 × n ascending, u32 × n their documents; documents that have one (postings); by document, see NumberColumn
///   directory of the fields
///   footer: directory at i64, its length i32, documents i32, checksum of all before the footer u64, magic u64
/// </code>
/// </remarks>
static class SegmentFormat
{
    public const ulong Magic = 0x3147_4553_5241_4821; // "!HARSEG1"
    public const int FooterBytes = 32;
    public const int TermsPerBlock = 16;

    /// <summary>Positions of every so many documents of a term can be reached directly.</summary>
    public const int PositionsStep = 32;
}

enum ColumnKind : byte
{
    /// <summary>So many terms a document that their postings are looked through instead.</summary>
    None,

    /// <summary>One value at most: ordinal + 1 for each document, of 1, 2 or 4 bytes.</summary>
    Dense1,
    Dense2,
    Dense4,

    /// <summary>u32 × (documents + 1) where the ordinals of each begin, then the ordinals, u32.</summary>
    Lists,

    /// <summary>Few: documents u32 × n ascending, then their ordinals (or f64 numbers) × n.</summary>
    Pairs,

    /// <summary>One number at most: f64 for each document, NaN for none.</summary>
    DenseNumbers,
}

/// <summary>A term in a segment: its place in the order of the field's terms, and where its documents are.</summary>
readonly record struct TermEntry(
    int Ordinal,
    int Documents,
    int Single,
    long Offset,
    int PostingsLength,
    int PositionsLength
);

/// <summary>What the directory says about a field.</summary>
sealed record FieldEntry
{
    public required string Name { get; init; }
    public PresenceEntry TermPresence { get; set; }
    public PresenceEntry NumberPresence { get; set; }
    public int Terms { get; set; }
    public bool HasPositions { get; set; }

    /// <summary>Sum of the documents of all terms.</summary>
    public long Postings { get; set; }
    public long DictionaryOffset { get; set; }
    public int DictionaryLength { get; set; }
    public long BlocksOffset { get; set; }
    public ColumnKind Column { get; set; }
    public long ColumnOffset { get; set; }
    public int ColumnLength { get; set; }
    public int Numbers { get; set; }
    public bool OneNumberEach { get; set; }
    public long NumbersOffset { get; set; }
    public ColumnKind NumberColumn { get; set; }
    public long NumberColumnOffset { get; set; }

    public void Write(GrowingBytes target)
    {
        var name = System.Text.Encoding.UTF8.GetBytes(Name);
        target.AddVarint((ulong)name.Length);
        target.Add(name);
        TermPresence.Write(target);
        NumberPresence.Write(target);
        foreach (var value in (long[])[Terms, HasPositions ? 1 : 0, Postings, DictionaryOffset, DictionaryLength])
            target.AddVarint((ulong)value);
        foreach (var value in (long[])[BlocksOffset, (int)Column, ColumnOffset, ColumnLength, Numbers])
            target.AddVarint((ulong)value);
        foreach (var value in (long[])[OneNumberEach ? 1 : 0, NumbersOffset, (int)NumberColumn, NumberColumnOffset])
            target.AddVarint((ulong)value);
    }

    public static FieldEntry Read(ReadOnlySpan<byte> source, ref int at)
    {
        var length = Varint.ReadInt(source, ref at);
        var name = System.Text.Encoding.UTF8.GetString(source.Slice(at, length));
        at += length;
        // The initialisers run in the order they stand in, which is the order they were written in.
        return new FieldEntry
        {
            Name = name,
            TermPresence = PresenceEntry.Read(source, ref at),
            NumberPresence = PresenceEntry.Read(source, ref at),
            Terms = Varint.ReadInt(source, ref at),
            HasPositions = Varint.Read(source, ref at) != 0,
            Postings = (long)Varint.Read(source, ref at),
            DictionaryOffset = (long)Varint.Read(source, ref at),
            DictionaryLength = Varint.ReadInt(source, ref at),
            BlocksOffset = (long)Varint.Read(source, ref at),
            Column = (ColumnKind)Varint.Read(source, ref at),
            ColumnOffset = (long)Varint.Read(source, ref at),
            ColumnLength = Varint.ReadInt(source, ref at),
            Numbers = Varint.ReadInt(source, ref at),
            OneNumberEach = Varint.Read(source, ref at) != 0,
            NumbersOffset = (long)Varint.Read(source, ref at),
            NumberColumn = (ColumnKind)Varint.Read(source, ref at),
            NumberColumnOffset = (long)Varint.Read(source, ref at),
        };
    }
}

/// <summary>Postings of the documents that have anything at all in a field.</summary>
readonly record struct PresenceEntry(long Offset, int Length, int Documents)
{
    public void Write(GrowingBytes target)
    {
        target.AddVarint((ulong)Offset);
        target.AddVarint((ulong)Length);
        target.AddVarint((ulong)Documents);
    }

    public static PresenceEntry Read(ReadOnlySpan<byte> source, ref int at) =>
        new((long)Varint.Read(source, ref at), Varint.ReadInt(source, ref at), Varint.ReadInt(source, ref at));
}
