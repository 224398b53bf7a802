using System.Buffers.Binary;

namespace Harima.Imaging.Formats.Compression;

/// <summary>What Blosc 1 writes: blocks, shuffled by bytes or bits, packed by one of five ways.</summary>
/// <remarks>
/// Source: c-blosc 1.21, README_CHUNK_FORMAT.rst and blosc.c. All numbers are little-endian.
/// <code>
/// 0    version 2 | version of the packing | flags | bytes of an element
/// 4    bytes (4) | bytes of a block (4) | bytes of the frame (4)
/// 16   where each block begins, from the beginning of the frame (4 each)
///      block: one part, or as many as an element has bytes: packed bytes (4), and these
/// </code>
/// A part that is as long as what it holds is stored as it is.
/// </remarks>
static class BloscFrame
{
    const int HeadBytes = 16;

    // Of a split block: not finer than this, or one part would be too short to be packed.
    const int MaxParts = 16;
    const int MinPartBytes = 128;

    [Flags]
    enum Flags
    {
        ByteShuffle = 1,
        Stored = 2,
        BitShuffle = 4,
        NotSplit = 16,
    }

    enum Packing
    {
        BloscLz,
        Lz4,
        Snappy,
        ZLib,
        Zstandard,
    }

    /// <param name="frame">The whole of it; what stands behind is left.</param>
    /// <param name="mostBytes">One that says that it holds more is refused before anything is set aside for it.</param>
    /// <exception cref="DamagedFileException">It is none, of another version, or damaged.</exception>
    public static byte[] Decode(ReadOnlySpan<byte> frame, int mostBytes)
    {
        if (frame.Length < HeadBytes)
            throw Broken($"{frame.Length} bytes are too few for one");
        if (frame[0] is not (1 or 2))
            throw Broken($"version {frame[0]} of the format is not read; 1 and 2 are");
        var head = new Head(
            (Flags)(frame[2] & 31),
            (Packing)(frame[2] >> 5),
            frame[3],
            BinaryPrimitives.ReadInt32LittleEndian(frame[8..])
        );
        var total = BinaryPrimitives.ReadInt32LittleEndian(frame[4..]);
        var frameBytes = BinaryPrimitives.ReadInt32LittleEndian(frame[12..]);
        if (total < 0 || total > mostBytes)
            throw Broken($"{mostBytes} bytes are wanted and it says that it holds {total}");
        if (frameBytes < HeadBytes || frameBytes > frame.Length)
            throw Broken($"it says that it has {frameBytes} bytes, and {frame.Length} are there");
        frame = frame[..frameBytes];
        if (head.Flags.HasFlag(Flags.Stored))
            return frame.Length - HeadBytes >= total ? frame.Slice(HeadBytes, total).ToArray() : throw Short();
        if (!Enum.IsDefined(head.Packing))
            throw Broken($"packing {(int)head.Packing} is not known");
        if (head.ElementBytes == 0 || (total > 0 && (head.BlockBytes <= 0 || head.BlockBytes > total)))
            throw Broken($"elements of {head.ElementBytes} bytes in blocks of {head.BlockBytes} are none");
        return Blocks(frame, head, total);
    }

    static byte[] Blocks(ReadOnlySpan<byte> frame, Head head, int total)
    {
        var count = total == 0 ? 0 : ((total - 1) / head.BlockBytes) + 1;
        if (count > (frame.Length - HeadBytes) / 4)
            throw Short();
        var result = new byte[total];
        var scratch = new byte[Math.Min(total, head.BlockBytes)];
        for (var n = 0; n < count; n++)
        {
            var start = BinaryPrimitives.ReadInt32LittleEndian(frame[(HeadBytes + (4 * n))..]);
            if (start < HeadBytes || start > frame.Length)
                throw Short();
            var done = n * head.BlockBytes;
            var block = result.AsSpan(done, Math.Min(head.BlockBytes, total - done));
            Block(frame[start..], head, block, scratch.AsSpan(0, block.Length));
        }

        return result;
    }

    static void Block(ReadOnlySpan<byte> packed, Head head, Span<byte> block, Span<byte> scratch)
    {
        var isByteShuffled = head.Flags.HasFlag(Flags.ByteShuffle) && head.ElementBytes > 1;
        var isBitShuffled = head.Flags.HasFlag(Flags.BitShuffle) && block.Length >= head.ElementBytes;
        var unpacked = isByteShuffled || isBitShuffled ? scratch : block;
        // The last block, where it is shorter than the others, is never split.
        var isSplit =
            !head.Flags.HasFlag(Flags.NotSplit)
            && block.Length == head.BlockBytes
            && head.ElementBytes <= MaxParts
            && block.Length / head.ElementBytes >= MinPartBytes;
        var parts = isSplit ? head.ElementBytes : 1;
        if (block.Length % parts != 0)
            throw Broken($"a block of {block.Length} bytes has not {parts} equal parts");
        var partBytes = block.Length / parts;
        for (var part = 0; part < parts; part++)
        {
            var length = packed.Length < 4 ? -1 : BinaryPrimitives.ReadInt32LittleEndian(packed);
            if (length < 0 || length > packed.Length - 4)
                throw Short();
            // What would not become smaller is stored as it is, but for Snappy: a longer one is a lie that would be read for each block.
            if (length > (head.Packing == Packing.Snappy ? SnappyBlock.MostPackedBytes(partBytes) : partBytes))
                throw Broken($"a part of {partBytes} bytes has {length} packed");
            Part(packed.Slice(4, length), head.Packing, unpacked.Slice(part * partBytes, partBytes));
            packed = packed[(4 + length)..];
        }

        if (isByteShuffled)
            ByteShuffle.Undo(unpacked, block, head.ElementBytes);
        else if (isBitShuffled)
            UndoBits(unpacked, block, head.ElementBytes);
    }

    // What is no whole number of eight elements was not shuffled.
    static void UndoBits(ReadOnlySpan<byte> planes, Span<byte> block, int elementBytes)
    {
        var elements = block.Length / elementBytes;
        var shuffled = elements % 8 == 0 ? elements * elementBytes : 0;
        BitTranspose.Undo(planes[..shuffled], block[..shuffled], elementBytes);
        planes[shuffled..].CopyTo(block[shuffled..]);
    }

    static void Part(ReadOnlySpan<byte> packed, Packing packing, Span<byte> target)
    {
        if (packed.Length == target.Length)
        {
            packed.CopyTo(target);
            return;
        }

        var filled = target.Length;
        switch (packing)
        {
            case Packing.BloscLz:
                BloscLz.Decode(packed, target);
                break;
            case Packing.Lz4:
                Lz4Block.Decode(packed, target);
                break;
            case Packing.Snappy:
                SnappyBlock.Decode(packed, target);
                break;
            case Packing.ZLib:
                filled = ZLib.Decode(packed.ToArray(), target, "Blosc");
                break;
            default:
                filled = ZstandardFrame.Decode(packed, target);
                break;
        }

        if (filled != target.Length)
            throw Broken($"a part holds {filled} of {target.Length} bytes");
    }

    static DamagedFileException Short() => Broken("it ends before its blocks do");

    static DamagedFileException Broken(string why) => new("Blosc", why + ".");

    readonly record struct Head(Flags Flags, Packing Packing, int ElementBytes, int BlockBytes);
}
