using System.Buffers.Binary;
using System.Globalization;
using Harima.Imaging.Frames;

namespace Harima.Imaging.Formats.Edf;

/// <summary>The first frame of a file in the ESRF data format; its header is <see cref="EdfHeader"/>'s.</summary>
public static class EdfFile
{
    const int MaxSide = 65_536;
    const long MaxPixels = 40_000_000;

    // Names of types differ between writers; source: fabio, edfimage.py, and the EDF description of the ESRF.
    static readonly Dictionary<string, (int Bytes, Func<ReadOnlySpan<byte>, double> Read)> Types = new(
        StringComparer.OrdinalIgnoreCase
    )
    {
        ["UnsignedByte"] = (1, at => at[0]),
        ["SignedByte"] = (1, at => Count((sbyte)at[0])),
        ["UnsignedShort"] = (2, at => BinaryPrimitives.ReadUInt16LittleEndian(at)),
        ["SignedShort"] = (2, at => Count(BinaryPrimitives.ReadInt16LittleEndian(at))),
        ["UnsignedInteger"] = (4, UInt32),
        ["UnsignedLong"] = (4, UInt32),
        ["SignedInteger"] = (4, at => Count(BinaryPrimitives.ReadInt32LittleEndian(at))),
        ["SignedLong"] = (4, at => Count(BinaryPrimitives.ReadInt32LittleEndian(at))),
        ["Unsigned64"] = (8, at => BinaryPrimitives.ReadUInt64LittleEndian(at)),
        ["Signed64"] = (8, at => Count(BinaryPrimitives.ReadInt64LittleEndian(at))),
        ["FloatValue"] = (4, Single),
        ["Float"] = (4, Single),
        ["Real"] = (4, Single),
        ["FloatIEEE32"] = (4, Single),
        ["DoubleValue"] = (8, Double),
        ["DoubleIEEE64"] = (8, Double),
    };

    /// <summary>Reads the frame row by row into a small picture.</summary>
    /// <exception cref="DamagedFileException">It is no EDF, compressed, or damaged; the message says where.</exception>
    public static FrameReduction Read(Stream file, int largestSidePixels)
    {
        ArgumentNullException.ThrowIfNull(file);
        file.Position = 0;
        var start = new byte[(int)Math.Min(EdfHeader.MaxBytes, file.Length)];
        file.ReadExactly(start);
        var header = EdfHeader.Read(start, file.Length);
        string? Find(string key) =>
            header.FirstOrDefault(field => field.Key.Equals(key, StringComparison.OrdinalIgnoreCase)).Value;
        int Side(string key) =>
            int.TryParse(Find(key), NumberStyles.None, CultureInfo.InvariantCulture, out var side)
            && side is > 0 and <= MaxSide
                ? side
                : throw new DamagedFileException("EDF", $"its {key} is '{Find(key)}', which is no side of a frame.");
        var (width, height) = (Side("Dim_1"), Side("Dim_2"));
        if ((long)width * height > MaxPixels)
            throw new DamagedFileException(
                "EDF",
                $"{width} x {height} pixels are more than the {MaxPixels} that are drawn."
            );
        if (
            Find("Compression") is { Length: > 0 } packed
            && !packed.StartsWith("none", StringComparison.OrdinalIgnoreCase)
        )
            throw new DamagedFileException("EDF", $"compression '{packed}' is not read.");
        if (!Types.TryGetValue(Find("DataType") ?? "", out var type))
            throw new DamagedFileException("EDF", $"pixels of type '{Find("DataType")}' are not read.");
        var isBigEndian =
            Find("ByteOrder") is { } order && order.StartsWith("High", StringComparison.OrdinalIgnoreCase);

        // Behind the brace the line ends, by one byte or by two.
        var begins = start.AsSpan().IndexOf((byte)'}') + 1;
        if (begins < start.Length && start[begins] == '\r')
            begins++;
        if (begins < start.Length && start[begins] == '\n')
            begins++;
        var rowBytes = width * type.Bytes;
        if (begins + ((long)rowBytes * height) > file.Length)
            throw new DamagedFileException(
                "EDF",
                $"{width} x {height} pixels should end at byte {begins + ((long)rowBytes * height)}, but the file ends at {file.Length}."
            );
        file.Position = begins;
        var reduction = new FrameReduction(height, width, largestSidePixels);
        var (bytes, row) = (new byte[rowBytes], new double[width]);
        for (var y = 0; y < height; y++)
        {
            file.ReadExactly(bytes);
            for (var x = 0; x < width; x++)
            {
                var pixel = bytes.AsSpan(x * type.Bytes, type.Bytes);
                if (isBigEndian)
                    pixel.Reverse();
                row[x] = type.Read(pixel);
            }

            reduction.AddRow(y, 0, row);
        }

        return reduction;
    }

    // Gaps and bad pixels are negative.
    static double Count(long value) => value < 0 ? double.NaN : value;

    static double UInt32(ReadOnlySpan<byte> at) =>
        BinaryPrimitives.ReadUInt32LittleEndian(at) is var value and not uint.MaxValue ? value : double.NaN;

    static double Single(ReadOnlySpan<byte> at) => BinaryPrimitives.ReadSingleLittleEndian(at);

    static double Double(ReadOnlySpan<byte> at) => BinaryPrimitives.ReadDoubleLittleEndian(at);
}
