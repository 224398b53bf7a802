using System.Buffers.Binary;
using System.IO.Compression;

namespace Harima.Imaging.Formats.Png;

/// <summary>Writes small pictures of 8 bits, grey or in colour. Source: PNG, W3C Recommendation, 2nd edition.</summary>
static class PngWriting
{
    static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(CrcOf)];

    /// <summary>The bytes of a PNG file.</summary>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="pixels">Shape <c>[y, x]</c> for grey, <c>[y, x, 3]</c> for red, green and blue.</param>
    public static byte[] Write(int width, int height, ReadOnlySpan<byte> pixels)
    {
        var rowBytes = pixels.Length / height;
        using var png = new MemoryStream();
        png.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        Span<byte> head = stackalloc byte[13];
        head.Clear();
        BinaryPrimitives.WriteInt32BigEndian(head, width);
        BinaryPrimitives.WriteInt32BigEndian(head[4..], height);
        // 8 bits, grey or colour; compression, filter and interlace have one value each that is of use.
        head[8] = 8;
        head[9] = (byte)(rowBytes == width ? 0 : 2);
        Chunk(png, "IHDR"u8, head);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            for (var y = 0; y < height; y++)
            {
                // The byte before each row says that it is not filtered.
                zlib.WriteByte(0);
                zlib.Write(pixels.Slice(y * rowBytes, rowBytes));
            }
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
