namespace Harima.Imaging.Formats.Compression;

/// <summary>What LibLZF writes, h5py's <c>lzf</c>. Source: liblzf 3.6, lzf_d.c.</summary>
static class LzfBlock
{
    /// <exception cref="DamagedFileException">It holds more than is wanted, or leads out of itself.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> block, int mostBytes)
    {
        var target = new byte[mostBytes];
        var (at, done) = (0, 0);
        while (at < block.Length)
        {
            int control = block[at++];
            if (control < 32)
            {
                var literals = control + 1;
                if (literals > block.Length - at || literals > target.Length - done)
                    throw Broken();
                block.Slice(at, literals).CopyTo(target.AsSpan(done));
                at += literals;
                done += literals;
                continue;
            }

            var length = control >> 5;
            if (length == 7)
                length += at < block.Length ? block[at++] : throw Broken();
            if (at >= block.Length)
                throw Broken();
            var distance = ((control & 31) << 8) + block[at++] + 1;
            length += 2;
            if (distance > done || length > target.Length - done)
                throw Broken();
            Overlap.Copy(target, done, distance, length);
            done += length;
        }

        return done == target.Length ? target : target[..done];
    }

    static DamagedFileException Broken() => new("LZF", "a block does not hold what it should.");
}
