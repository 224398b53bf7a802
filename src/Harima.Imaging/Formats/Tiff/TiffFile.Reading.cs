using System.Buffers.Binary;
using System.Text;
using Harima.Imaging.Frames;

namespace Harima.Imaging.Formats.Tiff;

public sealed partial record TiffFile
{
    // A detector of as many pixels is larger than any.
    const long MaxPixels = 40_000_000;
    const int MaxPages = 100_000;

    /// <summary>How many pages of the size of the first a file begins with: behind them are smaller pictures of it, or what is damaged.</summary>
    /// <exception cref="DamagedFileException">It is no TIFF.</exception>
    public static int Pages(ReadOnlySpan<byte> file)
    {
        var directory = new Directory(file);
        var (width, height) = (directory.One(Tag.ImageWidth), directory.One(Tag.ImageLength));
        var pages = 1;
        while (
            pages < MaxPages
            && directory.TryNext(out var next)
            && next.One(Tag.ImageWidth, 0) == width
            && next.One(Tag.ImageLength, 0) == height
        )
        {
            directory = next;
            pages++;
        }

        return pages;
    }

    /// <summary>
    /// Reads a page of a file: 8, 16 or 32-bit whole numbers, one sample, in strips, as they are or packed by LZW, deflate or PackBits.
    /// </summary>
    /// <param name="file">The whole of it.</param>
    /// <param name="page">From 0.</param>
    /// <exception cref="DamagedFileException">It is no TIFF, of another kind, or damaged; the message says where.</exception>
    public static TiffFile Read(ReadOnlySpan<byte> file, int page = 0)
    {
        var directory = new Directory(file);
        for (var n = 0; n < page; n++)
            directory = directory.TryNext(out var next)
                ? next
                : throw new DamagedFileException("TIFF", $"it has {n + 1} pages, and none with number {page}.");
        var packing = (Packing)directory.One(Tag.Compression, 1);
        if (!Enum.IsDefined(packing))
            throw new DamagedFileException(
                "TIFF",
                $"compression {(int)packing} is not read; none (1), LZW (5), deflate (8) and PackBits (32773) are."
            );
        var predictor = directory.One(Tag.Predictor, 1);
        if (predictor is not (1 or 2))
            throw new DamagedFileException("TIFF", $"predictor {predictor} is not read; 1 and 2 are.");
        directory.Require(Tag.SamplesPerPixel, 1, 1, "samples per pixel");
        var (width, height) = (directory.One(Tag.ImageWidth), directory.One(Tag.ImageLength));
        var bits = directory.One(Tag.BitsPerSample, 1);
        if (bits is not (8 or 16 or 32))
            throw new DamagedFileException("TIFF", $"{bits} bits per sample are not read; 8, 16 and 32 are.");
        var format = directory.One(Tag.SampleFormat, 1);
        if (format is not (1 or 2))
            throw new DamagedFileException("TIFF", $"sample format {format} is not read; whole numbers (1, 2) are.");
        var bytes = (long)width * height * (bits / 8);
        if (bytes == 0 || (packing == Packing.None && bytes > file.Length))
            throw new DamagedFileException(
                "TIFF",
                $"{width} x {height} pixels of {bits} bits need {bytes} bytes, but the whole file has {file.Length}."
            );
        if ((long)width * height > MaxPixels)
            throw new DamagedFileException(
                "TIFF",
                $"{width} x {height} pixels are more than the {MaxPixels} that are read."
            );
        var counts = new int[width * height];
        ReadStrips(directory, counts, (int)bits, format == 2, packing, predictor == 2 ? (int)width : 0, (int)width);
        return new TiffFile(new DetectorFrame((int)height, (int)width, counts), directory.Text(Tag.ImageDescription));
    }

    static void ReadStrips(
        Directory directory,
        int[] counts,
        int bits,
        bool isSigned,
        Packing packing,
        int differing,
        int width
    )
    {
        var offsets = directory.All(Tag.StripOffsets);
        var lengths = directory.All(Tag.StripByteCounts);
        if (offsets.Length == 0 || offsets.Length != lengths.Length)
            throw new DamagedFileException(
                "TIFF",
                $"it names {offsets.Length} strips and {lengths.Length} strip lengths."
            );
        var stripRows = Math.Min(directory.One(Tag.RowsPerStrip, uint.MaxValue), (uint)(counts.Length / width));
        var pixel = 0;
        for (var i = 0; i < offsets.Length && pixel < counts.Length; i++)
        {
            var end = (long)offsets[i] + lengths[i];
            if (end > directory.File.Length)
                throw new DamagedFileException(
                    "TIFF",
                    $"the pixels should end at byte {end}, but the file ends at {directory.File.Length}: {end - directory.File.Length} bytes are missing."
                );
            var strip = Unpacked(
                directory.File.Slice((int)offsets[i], (int)lengths[i]),
                packing,
                (int)Math.Min((long)stripRows * width, counts.Length - pixel) * (bits / 8),
                bits / 8,
                differing,
                directory.IsLittleEndian
            );
            for (; strip.Length >= bits / 8 && pixel < counts.Length; strip = strip[(bits / 8)..])
                counts[pixel++] = Pixel(strip, bits, isSigned, directory.IsLittleEndian);
        }

        if (pixel < counts.Length)
            throw new DamagedFileException("TIFF", $"the strips hold {pixel} of {counts.Length} pixels.");
    }

    static int Pixel(ReadOnlySpan<byte> at, int bits, bool isSigned, bool isLittleEndian) =>
        bits switch
        {
            8 => isSigned ? (sbyte)at[0] : at[0],
            16 when isSigned => isLittleEndian
                ? BinaryPrimitives.ReadInt16LittleEndian(at)
                : BinaryPrimitives.ReadInt16BigEndian(at),
            16 => isLittleEndian
                ? BinaryPrimitives.ReadUInt16LittleEndian(at)
                : BinaryPrimitives.ReadUInt16BigEndian(at),
            _ => isLittleEndian ? BinaryPrimitives.ReadInt32LittleEndian(at) : BinaryPrimitives.ReadInt32BigEndian(at),
        };

    /// <summary>The first image file directory.</summary>
    readonly ref struct Directory
    {
        readonly int _at;
        readonly int _count;

        public Directory(ReadOnlySpan<byte> file)
            : this(file, null) { }

        Directory(ReadOnlySpan<byte> file, uint? place)
        {
            File = file;
            IsLittleEndian = file.StartsWith("II*\0"u8);
            if (!IsLittleEndian && !file.StartsWith("MM\0*"u8))
                throw new DamagedFileException("TIFF", "it begins with neither II*0 nor MM0*.");
            var at = place ?? UInt32(4);
            if (at > file.Length - 2)
                throw new DamagedFileException(
                    "TIFF",
                    $"its directory should be at byte {at}, but the file ends at {file.Length}."
                );
            _count = UInt16((int)at);
            _at = (int)at + 2;
            if (_at + (_count * 12L) > file.Length)
                throw new DamagedFileException(
                    "TIFF",
                    $"its directory of {_count} entries goes past the end at {file.Length}."
                );
        }

        public ReadOnlySpan<byte> File { get; }

        /// <summary>The directory of the next page.</summary>
        public bool TryNext(out Directory next)
        {
            next = default;
            var link = _at + (_count * 12);
            if (link + 4 > File.Length)
                return false;
            var at = UInt32(link);
            if (at == 0 || at > File.Length - 2 || at + 2 + (UInt16((int)at) * 12L) > File.Length)
                return false;
            next = new Directory(File, at);
            return true;
        }

        public bool IsLittleEndian { get; }

        public uint One(Tag tag, uint? otherwise = null)
        {
            var values = All(tag);
            return values.Length > 0
                ? values[0]
                : otherwise ?? throw new DamagedFileException("TIFF", $"it does not say its {tag}.");
        }

        public void Require(Tag tag, uint value, uint otherwise, string what)
        {
            var actual = One(tag, otherwise);
            if (actual != value)
                throw new DamagedFileException("TIFF", $"{what} {actual} is not read; only {value} is.");
        }

        public uint[] All(Tag tag)
        {
            var entry = Entry(tag);
            if (entry < 0)
                return [];
            var (type, count) = (UInt16(entry + 2), UInt32(entry + 4));
            var size = type switch
            {
                1 => 1,
                3 => 2,
                4 => 4,
                _ => throw new DamagedFileException("TIFF", $"{tag} is of type {type}, which is no whole number."),
            };
            var at = Values(entry, count, size, tag);
            var values = new uint[count];
            for (var i = 0; i < values.Length; i++)
                values[i] =
                    size == 1 ? File[at + i]
                    : size == 2 ? UInt16(at + (2 * i))
                    : UInt32(at + (4 * i));
            return values;
        }

        public string Text(Tag tag)
        {
            var entry = Entry(tag);
            if (entry < 0)
                return "";
            var count = UInt32(entry + 4);
            return Encoding.ASCII.GetString(File.Slice(Values(entry, count, 1, tag), (int)count)).TrimEnd('\0');
        }

        /// <summary>Where the values stand: in the entry when they fit four bytes, elsewhere otherwise.</summary>
        int Values(int entry, uint count, int size, Tag tag)
        {
            var bytes = count * (long)size;
            long at = bytes <= 4 ? entry + 8 : (long)UInt32(entry + 8);
            return at + bytes <= File.Length
                ? (int)at
                : throw new DamagedFileException("TIFF", $"the values of {tag} go past the end at {File.Length}.");
        }

        int Entry(Tag tag)
        {
            for (var i = 0; i < _count; i++)
                if (UInt16(_at + (12 * i)) == (ushort)tag)
                    return _at + (12 * i);
            return -1;
        }

        ushort UInt16(int at) =>
            IsLittleEndian
                ? BinaryPrimitives.ReadUInt16LittleEndian(File[at..])
                : BinaryPrimitives.ReadUInt16BigEndian(File[at..]);

        uint UInt32(int at) =>
            File.Length - at < 4
                ? throw new DamagedFileException("TIFF", $"it ends at byte {File.Length}, inside its header.")
            : IsLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(File[at..])
            : BinaryPrimitives.ReadUInt32BigEndian(File[at..]);
    }
}
