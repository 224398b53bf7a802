namespace Harima.Imaging.Formats.Compression;

/// <summary>The transposed bits of bitshuffle.</summary>
/// <remarks>
/// <code>
/// element 0  b0 b1 b2 …          row of bit 0 of byte 0: one bit of each element, eight elements to a byte
/// element 1  b0 b1 b2 …   ->     row of bit 1 of byte 0
/// …                              …
/// </code>
/// </remarks>
static class BitTranspose
{
    /// <param name="planes">Rows of bits, a whole number of eight elements.</param>
    /// <param name="elements">As long; elements one after another.</param>
    /// <param name="elementBytes">Bytes of an element.</param>
    public static void Undo(ReadOnlySpan<byte> planes, Span<byte> elements, int elementBytes)
    {
        // A row is as long as there are groups of eight elements.
        var rowBytes = planes.Length / elementBytes / 8;
        for (var b = 0; b < elementBytes; b++)
        {
            var rows = planes.Slice(b * 8 * rowBytes, 8 * rowBytes);
            for (var group = 0; group < rowBytes; group++)
            {
                ulong bits = 0;
                for (var bit = 0; bit < 8; bit++)
                    bits |= (ulong)rows[(bit * rowBytes) + group] << (8 * bit);
                bits = Transpose(bits);
                var at = (group * 8 * elementBytes) + b;
                for (var n = 0; n < 8; n++, at += elementBytes)
                    elements[at] = (byte)(bits >> (8 * n));
            }
        }
    }

    // Source: H. S. Warren, Hacker's Delight, 7-3: eight rows of eight bits in one word.
    static ulong Transpose(ulong x)
    {
        var t = (x ^ (x >> 7)) & 0x00AA00AA00AA00AA;
        x ^= t ^ (t << 7);
        t = (x ^ (x >> 14)) & 0x0000CCCC0000CCCC;
        x ^= t ^ (t << 14);
        t = (x ^ (x >> 28)) & 0x00000000F0F0F0F0;
        return x ^ t ^ (t << 28);
    }
}
