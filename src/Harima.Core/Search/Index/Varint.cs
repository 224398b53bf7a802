using System.Runtime.CompilerServices;

namespace Harima.Search.Index;

/// <summary>Seven bits a byte, lowest first; the high bit says that more follow.</summary>
static class Varint
{
    public const int MaxBytes = 10;

    public static int Write(Span<byte> target, ulong value)
    {
        var length = 0;
        while (value >= 0x80)
        {
            target[length++] = (byte)(value | 0x80);
            value >>= 7;
        }
        target[length++] = (byte)value;
        return length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(ReadOnlySpan<byte> source, ref int at)
    {
        // Most take one byte.
        ulong value = source[at++];
        return value < 0x80 ? value : ReadMore(source, ref at, value);
    }

    static ulong ReadMore(ReadOnlySpan<byte> source, ref int at, ulong value)
    {
        value &= 0x7F;
        for (var shift = 7; shift < 64; shift += 7)
        {
            ulong next = source[at++];
            value |= (next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
        throw new IndexDamagedException("a number is longer than any that is written");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ReadInt(ReadOnlySpan<byte> source, ref int at) => checked((int)Read(source, ref at));
}
