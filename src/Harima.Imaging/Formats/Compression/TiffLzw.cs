namespace Harima.Imaging.Formats.Compression;

/// <summary>LZW as TIFF has it: codes of 9 to 12 bits, the highest bit first, one code early.</summary>
/// <remarks>Source: TIFF 6.0, section 13.</remarks>
static class TiffLzw
{
    const int Clear = 256;
    const int End = 257;
    const int MaxCodes = 4096;

    /// <returns>How many bytes of <paramref name="target"/> were filled: what is packed may be longer, or end before.</returns>
    /// <exception cref="DamagedFileException">A code is none.</exception>
    public static int Decode(ReadOnlySpan<byte> packed, Span<byte> target)
    {
        Span<ushort> before = stackalloc ushort[MaxCodes];
        Span<byte> last = stackalloc byte[MaxCodes];
        Span<ushort> lengths = stackalloc ushort[MaxCodes];
        for (var code = 0; code < 256; code++)
            (last[code], lengths[code]) = ((byte)code, 1);
        var (next, width, previous) = (End + 1, 9, -1);
        var (bits, held, written) = (0, 0, 0);
        foreach (var one in packed)
        {
            bits = (bits << 8) | one;
            held += 8;
            if (held < width)
                continue;
            held -= width;
            var code = bits >> held & ((1 << width) - 1);
            bits &= (1 << held) - 1;
            if (code == End)
                break;
            if (code == Clear)
            {
                (next, width, previous) = (End + 1, 9, -1);
                continue;
            }

            // The code that is being made right now is the former text and its first letter again.
            if (code > next || (code == next && previous < 0) || (previous < 0 && code > 255))
                throw new DamagedFileException("TIFF", $"there is no LZW code {code} yet; {next} are known.");
            if (previous >= 0 && next < MaxCodes)
            {
                before[next] = (ushort)previous;
                lengths[next] = (ushort)(lengths[previous] + 1);
                last[next] = First(before, last, code == next ? previous : code);
                next++;
            }
            else if (code >= next)
                throw new DamagedFileException("TIFF", "LZW codes have no end.");

            var length = lengths[code];
            var at = written + length;
            for (var n = code; ; n = before[n])
            {
                if (--at < target.Length)
                    target[at] = last[n];
                if (at == written)
                    break;
            }

            written = Math.Min(written + length, target.Length);
            if (written == target.Length)
                break;
            previous = code;
            width =
                next >= 2047 ? 12
                : next >= 1023 ? 11
                : next >= 511 ? 10
                : 9;
        }

        return written;
    }

    static byte First(ReadOnlySpan<ushort> before, ReadOnlySpan<byte> last, int code)
    {
        while (code > End)
            code = before[code];
        return last[code];
    }
}
