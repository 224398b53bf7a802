using System.Buffers.Binary;
using System.IO.Compression;
using Harima.Imaging.Formats.Compression;

namespace Harima.Imaging.Formats.Tiff;

public sealed partial record TiffFile
{
    /// <summary>How the pixels of a strip are packed (TIFF 6.0; deflate of Adobe's technical note 3, under its two numbers).</summary>
    enum Packing
    {
        None = 1,
        Lzw = 5,
        Deflate = 8,
        OldDeflate = 32946,
        PackBits = 32773,
    }

    /// <summary>The bytes of a strip as they were before they were packed, as many as there are of those wanted.</summary>
    /// <param name="rowPixels">Pixels of a row where each is the difference to the one on its left (predictor 2); else 0.</param>
    static ReadOnlySpan<byte> Unpacked(
        ReadOnlySpan<byte> strip,
        Packing packing,
        int wantedBytes,
        int pixelBytes,
        int rowPixels,
        bool isLittleEndian
    )
    {
        if (packing == Packing.None)
            return strip;
        var target = new byte[wantedBytes];
        var filled = packing switch
        {
            Packing.Lzw => TiffLzw.Decode(strip, target),
            Packing.PackBits => UnpackBits(strip, target),
            _ => Inflate(strip, target),
        };
        for (var row = 0; rowPixels > 0 && row < filled; row += rowPixels * pixelBytes)
            AddUp(target.AsSpan(row, Math.Min(rowPixels * pixelBytes, filled - row)), pixelBytes, isLittleEndian);
        return target.AsSpan(0, filled);
    }

    static int Inflate(ReadOnlySpan<byte> packed, byte[] target)
    {
        try
        {
            using var source = new ZLibStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
            return source.ReadAtLeast(target, target.Length, throwOnEndOfStream: false);
        }
        catch (InvalidDataException fault)
        {
            throw new DamagedFileException("TIFF", "a strip cannot be inflated.", fault);
        }
    }

    /// <summary>TIFF 6.0, section 9: n + 1 bytes as they are, or one byte 1 − n times; −128 is nothing.</summary>
    static int UnpackBits(ReadOnlySpan<byte> packed, Span<byte> target)
    {
        var (at, written) = (0, 0);
        while (at + 1 < packed.Length && written < target.Length)
        {
            var count = (sbyte)packed[at++];
            if (count == sbyte.MinValue)
                continue;
            var length = Math.Min(Math.Abs((int)count) + 1, target.Length - written);
            if (count >= 0)
            {
                length = Math.Min(length, packed.Length - at);
                packed.Slice(at, length).CopyTo(target[written..]);
                at += count + 1;
            }
            else
                target.Slice(written, length).Fill(packed[at++]);
            written += length;
        }

        return written;
    }

    static void AddUp(Span<byte> row, int pixelBytes, bool isLittleEndian)
    {
        for (var at = pixelBytes; at + pixelBytes <= row.Length; at += pixelBytes)
        {
            var left = row.Slice(at - pixelBytes, pixelBytes);
            var pixel = row.Slice(at, pixelBytes);
            switch (pixelBytes)
            {
                case 1:
                    pixel[0] += left[0];
                    break;
                case 2 when isLittleEndian:
                    BinaryPrimitives.WriteUInt16LittleEndian(
                        pixel,
                        (ushort)(
                            BinaryPrimitives.ReadUInt16LittleEndian(pixel)
                            + BinaryPrimitives.ReadUInt16LittleEndian(left)
                        )
                    );
                    break;
                case 2:
                    BinaryPrimitives.WriteUInt16BigEndian(
                        pixel,
                        (ushort)(
                            BinaryPrimitives.ReadUInt16BigEndian(pixel) + BinaryPrimitives.ReadUInt16BigEndian(left)
                        )
                    );
                    break;
                case 4 when isLittleEndian:
                    BinaryPrimitives.WriteUInt32LittleEndian(
                        pixel,
                        BinaryPrimitives.ReadUInt32LittleEndian(pixel) + BinaryPrimitives.ReadUInt32LittleEndian(left)
                    );
                    break;
                default:
                    BinaryPrimitives.WriteUInt32BigEndian(
                        pixel,
                        BinaryPrimitives.ReadUInt32BigEndian(pixel) + BinaryPrimitives.ReadUInt32BigEndian(left)
                    );
                    break;
            }
        }
    }
}
