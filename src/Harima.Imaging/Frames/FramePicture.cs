using System.Buffers.Binary;
using System.IO.Compression;

namespace Harima.Imaging.Frames;

/// <summary>A frame as a small grey picture for a glance: PNG, 8 bits, dark where many counts are.</summary>
/// <remarks>
/// Each pixel of the picture is the largest count of the block it stands for, so that a spot of one pixel is still seen. Counts are
/// drawn by their logarithm, between the 5th and the 99.9th percentile; gaps are middle grey. Source: PNG, W3C Recommendation, 2nd edition.
/// </remarks>
public static class FramePicture
{
    const byte GapGrey = 200;
    static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(CrcOf)];

    /// <summary>The bytes of a PNG file.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="largestSidePixels">The picture is no wider and no higher; smaller frames stay as they are.</param>
    public static byte[] Png(DetectorFrame frame, int largestSidePixels)
    {
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(largestSidePixels);
        var block = (Math.Max(frame.Width, frame.Height) + largestSidePixels - 1) / largestSidePixels;
        var (width, height) = ((frame.Width + block - 1) / block, (frame.Height + block - 1) / block);
        var counts = Largest(frame, block, width, height);
        var (low, high) = Percentiles(counts);
        var rows = new byte[height * (width + 1)];
        for (var y = 0; y < height; y++)
        for (var x = 0; x < width; x++)
            // The byte before each row says that it is not filtered.
            rows[(y * (width + 1)) + 1 + x] = GreyOf(counts[(y * width) + x], low, high);
        return Encode(width, height, rows);
    }

    static int[] Largest(DetectorFrame frame, int block, int width, int height)
    {
        var counts = new int[width * height];
        Array.Fill(counts, DetectorFrame.Gap);
        for (var y = 0; y < frame.Height; y++)
        {
            var row = y / block * width;
            var from = y * frame.Width;
            for (var x = 0; x < frame.Width; x++)
            {
                ref var largest = ref counts[row + (x / block)];
                largest = Math.Max(largest, frame.Counts[from + x]);
            }
        }
        return counts;
    }

    static (double Low, double High) Percentiles(int[] counts)
    {
        var sorted = counts.Where(count => count >= 0).Order().ToArray();
        if (sorted.Length == 0)
            return (0, 1);
        var (low, high) = (
            Math.Log(1.0 + sorted[(int)((sorted.Length - 1) * 0.05)]),
            Math.Log(1.0 + sorted[(int)((sorted.Length - 1) * 0.999)])
        );
        return high > low ? (low, high) : (low, low + 1);
    }

    static byte GreyOf(int count, double low, double high) =>
        count < 0 ? GapGrey : (byte)(255 - Math.Clamp((Math.Log(1.0 + count) - low) / (high - low) * 255, 0, 255));

    static byte[] Encode(int width, int height, byte[] rows)
    {
        using var png = new MemoryStream();
        png.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        Span<byte> head = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(head, width);
        BinaryPrimitives.WriteInt32BigEndian(head[4..], height);
        // 8 bits, grey; compression, filter and interlace have one value each that is of use.
        head[8] = 8;
        Chunk(png, "IHDR"u8, head);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            zlib.Write(rows);
        Chunk(png, "IDAT"u8, packed.GetBuffer().AsSpan(0, (int)packed.Length));
        Chunk(png, "IEND"u8, []);
        return png.ToArray();
    }

    static void Chunk(MemoryStream png, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        png.Write(number);
        png.Write(type);
        png.Write(content);
        var crc = Crc(Crc(uint.MaxValue, type), content) ^ uint.MaxValue;
        BinaryPrimitives.WriteUInt32BigEndian(number, crc);
        png.Write(number);
    }

    static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (var one in bytes)
            crc = CrcTable[(byte)(crc ^ one)] ^ (crc >> 8);
        return crc;
    }

    static uint CrcOf(int value)
    {
        var crc = (uint)value;
        for (var bit = 0; bit < 8; bit++)
            crc = (crc & 1) == 0 ? crc >> 1 : 0xEDB88320 ^ (crc >> 1);
        return crc;
    }
}
