using System.Buffers.Binary;
using System.Text;

namespace Harima.Imaging.Formats.Tiff;

enum TiffTag : ushort
{
    NewSubfileType = 254,
    ImageWidth = 256,
    ImageLength = 257,
    BitsPerSample = 258,
    Compression = 259,
    PhotometricInterpretation = 262,
    ImageDescription = 270,
    Model = 272,
    StripOffsets = 273,
    SamplesPerPixel = 277,
    RowsPerStrip = 278,
    StripByteCounts = 279,
    PlanarConfiguration = 284,
    Software = 305,
    DateTime = 306,
    Predictor = 317,
    TileWidth = 322,
    TileLength = 323,
    TileOffsets = 324,
    TileByteCounts = 325,
    SampleFormat = 339,
    JpegTables = 347,
}

/// <summary>An image file directory, of TIFF 6.0 or of BigTIFF, which has eight bytes where the other has four.</summary>
/// <remarks>
/// <code>
/// TIFF      entries (2), each tag (2) | type (2) | count (4) | value or its offset (4); next directory (4)
/// BigTIFF   entries (8), each tag (2) | type (2) | count (8) | value or its offset (8); next directory (8)
/// </code>
/// </remarks>
sealed class TiffDirectory
{
    // Directories of pictures have some twenty entries; strips and tiles of the largest ones are not as many.
    const int MaxEntries = 4096;
    const int MaxValues = 1 << 20;

    readonly Stream _file;
    readonly bool _isBig;
    readonly byte[] _entries;
    readonly ulong _next;

    /// <summary>The first one.</summary>
    /// <exception cref="DamagedFileException">It is no TIFF, or its directory lies outside of it.</exception>
    public TiffDirectory(Stream file)
        : this(file, null) { }

    TiffDirectory(Stream file, ulong? place)
    {
        _file = file;
        var head = Take(0, 4);
        if (!Is(head))
            throw new DamagedFileException(
                "TIFF",
                "it begins with neither II*0 nor MM0*, nor with their like of BigTIFF."
            );
        IsLittleEndian = head[0] == (byte)'I';
        _isBig = UInt16(head.AsSpan(2)) == 43;
        At = place ?? Offset(Take(_isBig ? 8u : 4u, Wide));
        var countBytes = _isBig ? 8 : 2;
        var counted = Take(At, countBytes);
        var count = _isBig ? UInt64(counted) : UInt16(counted);
        if (count > MaxEntries)
            throw new DamagedFileException("TIFF", $"its directory has {count} entries; {MaxEntries} are the most.");
        _entries = Take(At + (ulong)countBytes, (int)count * EntryBytes);
        var link = At + (ulong)countBytes + (ulong)_entries.Length;
        _next = link + (ulong)Wide <= (ulong)file.Length ? Offset(Take(link, Wide)) : 0;
    }

    /// <summary>Whether a file begins like one.</summary>
    public static bool Is(ReadOnlySpan<byte> start) =>
        start.StartsWith("II*\0"u8)
        || start.StartsWith("MM\0*"u8)
        || start.StartsWith("II+\0"u8)
        || start.StartsWith("MM\0+"u8);

    /// <summary>Where it lies.</summary>
    public ulong At { get; }

    public bool IsLittleEndian { get; }

    public long FileBytes => _file.Length;

    int Wide => _isBig ? 8 : 4;

    int EntryBytes => _isBig ? 20 : 12;

    /// <summary>The directory of the next page; null behind the last one, and where what should follow is none.</summary>
    public TiffDirectory? Next()
    {
        try
        {
            return _next == 0 ? null : new TiffDirectory(_file, _next);
        }
        catch (DamagedFileException)
        {
            return null;
        }
    }

    /// <exception cref="DamagedFileException">It lies outside the file.</exception>
    public byte[] Take(ulong at, int count)
    {
        var bytes = new byte[Inside(at, count)];
        _file.Position = (long)at;
        _file.ReadExactly(bytes);
        return bytes;
    }

    int Inside(ulong at, int count) =>
        at <= (ulong)_file.Length && count <= _file.Length - (long)at
            ? count
            : throw new DamagedFileException(
                "TIFF",
                $"{count} bytes should be at byte {at}, but the file ends at {_file.Length}."
            );

    /// <exception cref="DamagedFileException">A strip or tile does not lie in the file.</exception>
    public void ExpectPixels(long at, long count)
    {
        // Each may be as large as a number gets.
        var end = (decimal)at + count;
        if (end > FileBytes)
            throw new DamagedFileException(
                "TIFF",
                $"the pixels should end at byte {end}, but the file ends at {FileBytes}: {end - FileBytes} bytes are missing."
            );
    }

    /// <summary>How many values a tag has; 0 where it is not there.</summary>
    public ulong CountOf(TiffTag tag) => Entry(tag) is { IsEmpty: false } entry ? CountIn(entry) : 0;

    public bool Has(TiffTag tag) => Entry(tag).Length > 0;

    public long One(TiffTag tag, long? otherwise = null)
    {
        var values = Numbers(tag, 1);
        return values.Length > 0
            ? values[0]
            : otherwise ?? throw new DamagedFileException("TIFF", $"it does not say its {tag}.");
    }

    public long[] All(TiffTag tag) => Numbers(tag, MaxValues);

    long[] Numbers(TiffTag tag, int most)
    {
        var entry = Entry(tag);
        if (entry.IsEmpty)
            return [];
        var size = UInt16(entry[2..]) switch
        {
            1 => 1,
            3 => 2,
            4 or 13 => 4,
            16 or 18 => 8,
            var type => throw new DamagedFileException("TIFF", $"{tag} is of type {type}, which is no whole number."),
        };
        var bytes = Values(entry, tag, size, most);
        var values = new long[bytes.Length / size];
        for (var i = 0; i < values.Length; i++)
        {
            var at = bytes.AsSpan(i * size);
            values[i] = size switch
            {
                1 => at[0],
                2 => UInt16(at),
                4 => UInt32(at),
                _ => (long)Math.Min(UInt64(at), long.MaxValue),
            };
        }

        return values;
    }

    /// <summary>The bytes of a text, or of what another format says; none where the tag is not there.</summary>
    public byte[] Bytes(TiffTag tag) => Entry(tag) is { IsEmpty: false } entry ? Values(entry, tag, 1, MaxValues) : [];

    public string Text(TiffTag tag) => Encoding.ASCII.GetString(Bytes(tag)).TrimEnd('\0');

    /// <summary>The values stand in the entry when they fit there, elsewhere otherwise.</summary>
    byte[] Values(ReadOnlySpan<byte> entry, TiffTag tag, int size, int most)
    {
        var count = CountIn(entry);
        var value = entry[(_isBig ? 12 : 8)..];
        // Of several samples each has its own bits and format: the first tells.
        if (most > 1 && count > (ulong)most)
            throw new DamagedFileException("TIFF", $"{tag} has {count} values; {most} are the most.");
        var bytes = (int)Math.Min(count, (ulong)most) * size;
        return count <= (ulong)(Wide / size) ? value[..bytes].ToArray() : Take(Offset(value), bytes);
    }

    ReadOnlySpan<byte> Entry(TiffTag tag)
    {
        for (var at = 0; at < _entries.Length; at += EntryBytes)
            if (UInt16(_entries.AsSpan(at)) == (ushort)tag)
                return _entries.AsSpan(at, EntryBytes);
        return [];
    }

    ulong CountIn(ReadOnlySpan<byte> entry) => _isBig ? UInt64(entry[4..]) : UInt32(entry[4..]);

    ulong Offset(ReadOnlySpan<byte> at) => _isBig ? UInt64(at) : UInt32(at);

    ushort UInt16(ReadOnlySpan<byte> at) =>
        IsLittleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);

    uint UInt32(ReadOnlySpan<byte> at) =>
        IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(at) : BinaryPrimitives.ReadUInt32BigEndian(at);

    ulong UInt64(ReadOnlySpan<byte> at) =>
        IsLittleEndian ? BinaryPrimitives.ReadUInt64LittleEndian(at) : BinaryPrimitives.ReadUInt64BigEndian(at);
}
