namespace Harima.Imaging.Formats.Compression;

/// <summary>Blosc's own packing, a kin of FastLZ.</summary>
/// <remarks>
/// Source: c-blosc 1.21, blosclz.c. A control byte is one of
/// <code>
/// 000nnnnn                     n + 1 bytes follow as they are
/// lllddddd [more…] dddddddd    l + 2 bytes from d + 1 bytes before; l = 7: add bytes until one is not 255
/// lllddddd [more…] 11111111 dddddddd dddddddd    all d of the first ones set: from the 16 bits + 8192 bytes before
/// </code>
/// </remarks>
static class BloscLz
{
    const int FarDistance = 8191;

    /// <summary>Fills the target exactly.</summary>
    /// <exception cref="DamagedFileException">It holds less or more, or leads out of itself.</exception>
    public static void Decode(ReadOnlySpan<byte> packed, Span<byte> target)
    {
        var (at, done) = (0, 0);
        // The three highest bits of the first one say what kind of file it is.
        var kind = 31;
        while (at < packed.Length)
        {
            var control = packed[at++] & kind;
            kind = 255;
            if (control < 32)
            {
                var literals = control + 1;
                if (literals > packed.Length - at || literals > target.Length - done)
                    throw Broken();
                packed.Slice(at, literals).CopyTo(target[done..]);
                at += literals;
                done += literals;
                continue;
            }

            var length = (control >> 5) + 2;
            if (control >> 5 == 7)
                length += More(packed, ref at);
            var distance = ((control & 31) << 8) + Next(packed, ref at);
            if (distance == FarDistance)
                distance += (Next(packed, ref at) << 8) + Next(packed, ref at);
            distance++;
            if (distance > done || length > target.Length - done)
                throw Broken();
            Overlap.Copy(target, done, distance, length);
            done += length;
        }

        if (done != target.Length)
            throw Broken();
    }

    static int More(ReadOnlySpan<byte> packed, ref int at)
    {
        var sum = 0;
        byte more;
        do
        {
            more = Next(packed, ref at);
            sum += more;
            if (sum > 1 << 29)
                throw Broken();
        } while (more == 255);
        return sum;
    }

    static byte Next(ReadOnlySpan<byte> packed, ref int at) => at < packed.Length ? packed[at++] : throw Broken();

    static DamagedFileException Broken() => new("BloscLZ", "a block does not hold what it should.");
}
