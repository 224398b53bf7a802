using System.Buffers.Binary;
using Harima.Imaging.Formats.Compression;

namespace Harima.Imaging.Formats.Hdf5;

/// <summary>One filter of a dataset's chunks and its parameters.</summary>
sealed record Hdf5Filter(int Id, IReadOnlyList<uint> Values);

/// <summary>
/// Undoes the filters of a chunk: deflate, shuffle, Fletcher-32, LZF, Blosc, LZ4, bitshuffle (alone, with LZ4 or with Zstandard) and Zstandard. Ids of
/// those behind the third are of the HDF Group's register of filters; a filter that is not known is named in the fault.
/// </summary>
static class Hdf5Filters
{
    const int Deflate = 1;
    const int Shuffle = 2;
    const int Fletcher32 = 3;
    const int Lzf = 32000;
    const int Blosc = 32001;
    const int Lz4 = 32004;
    const int Bitshuffle = 32008;
    const int Zstandard = 32015;

    // What follows bitshuffle inside its own filter.
    const uint BitshuffledLz4 = 2;
    const uint BitshuffledZstandard = 3;

    static readonly Dictionary<int, string> NotRead = new()
    {
        [4] = "szip",
        [5] = "n-bit",
        [6] = "scale-offset",
        [307] = "bzip2",
        [32013] = "ZFP",
        [32017] = "SZ",
        [32026] = "Blosc2",
    };

    /// <summary>Whether each of them can be undone.</summary>
    public static bool AreRead(IReadOnlyList<Hdf5Filter> filters) =>
        filters.All(filter =>
            filter.Id is Deflate or Shuffle or Fletcher32 or Lzf or Blosc or Lz4 or Bitshuffle or Zstandard
        );

    /// <summary>Reads the filter pipeline message, versions 1 and 2.</summary>
    public static IReadOnlyList<Hdf5Filter> Read(Hdf5Cursor at)
    {
        var version = at.Byte();
        var count = at.Byte();
        at.Skip(version == 1 ? 6 : 0);
        var filters = new List<Hdf5Filter>();
        for (var i = 0; i < count; i++)
        {
            var id = at.UInt16();
            var nameBytes = version == 1 || id >= 256 ? at.UInt16() : 0;
            at.Skip(2);
            var values = new uint[at.UInt16()];
            at.Skip(nameBytes);
            for (var n = 0; n < values.Length; n++)
                values[n] = at.UInt32();
            at.Skip(version == 1 && values.Length % 2 == 1 ? 4 : 0);
            filters.Add(new Hdf5Filter(id, values));
        }

        return filters;
    }

    /// <param name="mask">Bit n says that filter n was left out for this chunk.</param>
    /// <param name="wantedBytes">How many bytes the chunk has without filters.</param>
    /// <exception cref="DamagedFileException">A filter is not known, or the bytes are not its.</exception>
    public static byte[] Undo(
        IReadOnlyList<Hdf5Filter> filters,
        byte[] bytes,
        uint mask,
        int elementBytes,
        int wantedBytes
    )
    {
        for (var i = filters.Count - 1; i >= 0; i--)
        {
            if ((mask & (1u << i)) != 0)
                continue;
            var filter = filters[i];
            bytes = filter.Id switch
            {
                // A checksum behind may make the result of an inner filter a little longer.
                Deflate => Filled(wantedBytes + 4, target => ZLib.Decode(bytes, target, "HDF5")),
                Shuffle => Unshuffle(bytes, elementBytes),
                Fletcher32 when bytes.Length >= 4 => bytes[..^4],
                Lzf => LzfBlock.Decode(bytes, wantedBytes),
                Blosc => BloscFrame.Decode(bytes, wantedBytes + 4),
                Lz4 => UndoLz4(bytes, wantedBytes),
                Bitshuffle => UndoBitshuffle(bytes, filter, elementBytes, wantedBytes),
                Zstandard => Filled(wantedBytes + 4, target => ZstandardFrame.Decode(bytes, target)),
                _ => throw new DamagedFileException(
                    "HDF5",
                    $"its chunks are packed with {NotRead.GetValueOrDefault(filter.Id, $"filter {filter.Id}")}, which is not read."
                ),
            };
        }

        return bytes;
    }

    static byte[] Filled(int mostBytes, Func<byte[], int> decode)
    {
        var target = new byte[mostBytes];
        var filled = decode(target);
        return filled == mostBytes ? target : target[..filled];
    }

    static byte[] Unshuffle(byte[] bytes, int elementBytes)
    {
        var result = new byte[bytes.Length];
        ByteShuffle.Undo(bytes, result, elementBytes);
        return result;
    }

    // Source: HDF5_LZ4.pdf of the HDF Group: total bytes (8), bytes of a block (4), then blocks with their packed length (4); big-endian.
    static byte[] UndoLz4(byte[] bytes, int wantedBytes)
    {
        var at = new Blocks(bytes);
        var total = at.Total(wantedBytes);
        var blockBytes = at.Int32();
        if (blockBytes <= 0)
            throw new DamagedFileException("HDF5", $"blocks of {blockBytes} bytes are none.");
        var result = new byte[total];
        for (var done = 0; done < total; )
        {
            var block = result.AsSpan(done, Math.Min(blockBytes, total - done));
            var packed = at.Take(at.Int32());
            // A block that LZ4 would make longer is stored as it is.
            if (packed.Length == block.Length)
                packed.CopyTo(block);
            else
                Lz4Block.Decode(packed, block);
            done += block.Length;
        }

        return result;
    }

    // Source: bitshuffle 0.3.5, src/bshuf_h5filter.c and bitshuffle_core.c.
    static byte[] UndoBitshuffle(byte[] bytes, Hdf5Filter filter, int elementBytes, int wantedBytes)
    {
        uint Value(int n) => n < filter.Values.Count ? filter.Values[n] : 0;
        var compression = Value(4);
        if (compression is not (0 or BitshuffledLz4 or BitshuffledZstandard))
            throw new DamagedFileException("HDF5", $"bitshuffle with packing {compression} is not read.");
        var at = new Blocks(bytes);
        var total = compression == 0 ? Math.Min(bytes.Length, wantedBytes) : at.Total(wantedBytes);
        var blockBytes = compression == 0 ? 0 : at.Int32();
        // 8 kB a block, if the writer did not ask for another; always whole groups of eight elements.
        var blockElements = compression == 0 ? (int)Math.Min(Value(3), int.MaxValue) : blockBytes / elementBytes;
        if (compression == 0 && blockElements == 0)
            blockElements = Math.Max(8192 / elementBytes / 8 * 8, 128);
        if (blockElements < 8 || blockElements % 8 != 0)
            throw new DamagedFileException("HDF5", $"bitshuffle has no blocks of {blockElements} elements.");
        var result = new byte[total];
        var elements = total / elementBytes;
        var scratch = new byte[(int)Math.Min((long)blockElements * elementBytes, total)];
        var done = 0;
        while (elements - done >= 8)
        {
            var count = Math.Min(blockElements, (elements - done) / 8 * 8);
            var block = result.AsSpan(done * elementBytes, count * elementBytes);
            if (compression == 0)
                BitTranspose.Undo(at.Take(block.Length), block, elementBytes);
            else
            {
                var planes = scratch.AsSpan(0, block.Length);
                var packed = at.Take(at.Int32());
                if (compression == BitshuffledLz4)
                    Lz4Block.Decode(packed, planes);
                else if (ZstandardFrame.Decode(packed, planes) is var filled && filled != planes.Length)
                    throw new DamagedFileException("HDF5", $"a block of {planes.Length} bytes holds {filled}.");
                BitTranspose.Undo(planes, block, elementBytes);
            }

            done += count;
        }

        // Fewer than eight elements are left as they are.
        var rest = result.AsSpan(done * elementBytes);
        at.Take(rest.Length).CopyTo(rest);
        return result;
    }

    /// <summary>Big-endian lengths and what they announce.</summary>
    struct Blocks(byte[] bytes)
    {
        int _at;

        public int Total(int wantedBytes)
        {
            var total = BinaryPrimitives.ReadInt64BigEndian(Take(8));
            return total >= 0 && total <= wantedBytes + 4L
                ? (int)total
                : throw new DamagedFileException("HDF5", $"a chunk of {wantedBytes} bytes says that it holds {total}.");
        }

        public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

        public ReadOnlySpan<byte> Take(int count)
        {
            if (count < 0 || count > bytes.Length - _at)
                throw new DamagedFileException("HDF5", $"a chunk ends {count} bytes too early.");
            _at += count;
            return bytes.AsSpan(_at - count, count);
        }
    }
}
