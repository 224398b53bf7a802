namespace Harima.Imaging.Formats.Compression;

/// <summary>A block of Snappy. Source: google/snappy format_description.txt.</summary>
static class SnappyBlock
{
    /// <summary>How many bytes at most the reference packs so many into.</summary>
    public static long MostPackedBytes(int count) => 32L + count + (count / 6);

    /// <summary>Fills the target exactly.</summary>
    /// <exception cref="DamagedFileException">It holds less or more, or leads out of itself.</exception>
    public static void Decode(ReadOnlySpan<byte> packed, Span<byte> target)
    {
        var (at, done) = (0, 0);
        if (Total(packed, ref at) != (ulong)target.Length)
            throw Broken();
        while (at < packed.Length)
        {
            var tag = packed[at++];
            var (kind, high) = (tag & 3, tag >> 2);
            if (kind == 0)
            {
                // Lengths over 60 stand in as many bytes behind the tag as they are over 59.
                var literals = high < 60 ? high + 1L : Number(packed, ref at, high - 59) + 1L;
                if (literals > packed.Length - at || literals > target.Length - done)
                    throw Broken();
                packed.Slice(at, (int)literals).CopyTo(target[done..]);
                at += (int)literals;
                done += (int)literals;
                continue;
            }

            var length = kind == 1 ? (high & 7) + 4 : high + 1;
            var distance = kind switch
            {
                1 => ((tag >> 5) << 8) + Number(packed, ref at, 1),
                2 => Number(packed, ref at, 2),
                _ => Number(packed, ref at, 4),
            };
            if (distance == 0 || distance > done || length > target.Length - done)
                throw Broken();
            Overlap.Copy(target, done, (int)distance, length);
            done += length;
        }

        if (done != target.Length)
            throw Broken();
    }

    static ulong Total(ReadOnlySpan<byte> packed, ref int at)
    {
        ulong total = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            if (at >= packed.Length)
                throw Broken();
            var more = packed[at++];
            total |= (ulong)(more & 127) << shift;
            if (more < 128)
                return total;
        }

        throw Broken();
    }

    static long Number(ReadOnlySpan<byte> packed, ref int at, int count)
    {
        if (count > packed.Length - at)
            throw Broken();
        long value = 0;
        for (var i = 0; i < count; i++)
            value += (long)packed[at++] << (8 * i);
        return value;
    }

    static DamagedFileException Broken() => new("Snappy", "a block does not hold what it should.");
}
