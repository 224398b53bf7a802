using System.Buffers.Binary;

namespace Harima.Imaging.Formats.Cbf;

/// <summary>The compression x-CBF_BYTE_OFFSET.</summary>
/// <remarks>
/// Source: imgCIF/CBF definition 1.5, "CBF_BYTE_OFFSET". Each pixel is its difference from the one before:
/// <code>
/// |difference| &lt; 128     : 1 byte
///            &lt; 32768     : 0x80, 2 bytes
///            &lt; 2^31      : 0x80, 0x8000, 4 bytes        all little endian, two's complement
///            otherwise   : 0x80, 0x8000, 0x80000000, 8 bytes
/// </code>
/// </remarks>
public static class ByteOffset
{
    /// <summary>Packs counts.</summary>
    public static byte[] Compress(ReadOnlySpan<int> counts)
    {
        var packed = new byte[(counts.Length * 2) + 64];
        var length = 0;
        long previous = 0;
        foreach (var count in counts)
        {
            if (packed.Length - length < 16)
                Array.Resize(ref packed, packed.Length * 2);
            length += Put(packed.AsSpan(length), count - previous);
            previous = count;
        }

        return packed[..length];
    }

    /// <summary>Unpacks exactly as many counts as <paramref name="counts"/> holds.</summary>
    /// <exception cref="DamagedFileException">The bytes end early, or a count does not fit 32 bits.</exception>
    public static void Decompress(ReadOnlySpan<byte> packed, Span<int> counts)
    {
        var at = 0;
        long value = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            value += Take(packed, ref at, i);
            counts[i] = value is >= int.MinValue and <= int.MaxValue
                ? (int)value
                : throw new DamagedFileException(
                    "CBF",
                    $"pixel {i} has the count {value}, which does not fit 32 bits."
                );
        }
    }

    static int Put(Span<byte> target, long difference)
    {
        if (difference is > -128 and < 128)
        {
            target[0] = (byte)(sbyte)difference;
            return 1;
        }

        target[0] = 0x80;
        if (difference is > -32768 and < 32768)
        {
            BinaryPrimitives.WriteInt16LittleEndian(target[1..], (short)difference);
            return 3;
        }

        BinaryPrimitives.WriteInt16LittleEndian(target[1..], short.MinValue);
        if (difference is > int.MinValue and <= int.MaxValue)
        {
            BinaryPrimitives.WriteInt32LittleEndian(target[3..], (int)difference);
            return 7;
        }

        BinaryPrimitives.WriteInt32LittleEndian(target[3..], int.MinValue);
        BinaryPrimitives.WriteInt64LittleEndian(target[7..], difference);
        return 15;
    }

    static long Take(ReadOnlySpan<byte> packed, ref int at, int pixel)
    {
        var one = (sbyte)Next(packed, ref at, 1, pixel)[0];
        if (one != sbyte.MinValue)
            return one;
        var two = BinaryPrimitives.ReadInt16LittleEndian(Next(packed, ref at, 2, pixel));
        if (two != short.MinValue)
            return two;
        var four = BinaryPrimitives.ReadInt32LittleEndian(Next(packed, ref at, 4, pixel));
        return four != int.MinValue ? four : BinaryPrimitives.ReadInt64LittleEndian(Next(packed, ref at, 8, pixel));
    }

    static ReadOnlySpan<byte> Next(ReadOnlySpan<byte> packed, ref int at, int length, int pixel)
    {
        if (packed.Length - at < length)
            throw new DamagedFileException(
                "CBF",
                $"the compressed data end after {packed.Length} bytes, at pixel {pixel}."
            );
        at += length;
        return packed.Slice(at - length, length);
    }
}
