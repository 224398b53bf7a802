using System.Buffers.Binary;

namespace Harima.Imaging.Formats.Compression;

/// <summary>A block of LZ4. Source: lz4/lz4 doc/lz4_Block_format.md.</summary>
static class Lz4Block
{
    const int MinMatch = 4;

    /// <summary>Fills the target exactly.</summary>
    /// <exception cref="DamagedFileException">The block holds less or more, or leads out of itself.</exception>
    public static void Decode(ReadOnlySpan<byte> block, Span<byte> target)
    {
        var done = 0;
        var at = 0;
        while (at < block.Length)
        {
            var token = block[at++];
            var literals = Count(block, ref at, token >> 4);
            if (literals > block.Length - at || literals > target.Length - done)
                throw Broken();
            block.Slice(at, literals).CopyTo(target[done..]);
            at += literals;
            done += literals;
            // The last sequence has no match.
            if (at == block.Length)
                break;
            if (block.Length - at < 2)
                throw Broken();
            var distance = BinaryPrimitives.ReadUInt16LittleEndian(block[at..]);
            at += 2;
            var length = Count(block, ref at, token & 15) + MinMatch;
            if (distance == 0 || distance > done || length > target.Length - done)
                throw Broken();
            Overlap.Copy(target, done, distance, length);
            done += length;
        }

        if (done != target.Length)
            throw Broken();
    }

    static int Count(ReadOnlySpan<byte> block, ref int at, int count)
    {
        if (count < 15)
            return count;
        byte more;
        do
        {
            if (at >= block.Length || count > 1 << 29)
                throw Broken();
            more = block[at++];
            count += more;
        } while (more == 255);
        return count;
    }

    static DamagedFileException Broken() => new("LZ4", "a block does not hold what it should.");
}

/// <summary>Copies a match of what was just written, which may reach into itself.</summary>
static class Overlap
{
    public static void Copy(Span<byte> target, int done, int distance, int length)
    {
        var from = done - distance;
        if (distance >= length)
        {
            target.Slice(from, length).CopyTo(target[done..]);
            return;
        }

        for (var i = 0; i < length; i++)
            target[done + i] = target[from + i];
    }
}
