using System.Numerics;

namespace Harima.Imaging.Formats.Hdf5;

/// <summary>Where a chunk lies.</summary>
/// <param name="Offset">Its first element in the dataset.</param>
sealed record Hdf5Chunk(long[] Offset, ulong Address, long SizeBytes, uint Mask);

// The six indexes of chunks (format specification, VII and appendix C): B-tree version 1, single chunk, implicit, fixed array, extensible
// array, B-tree version 2.
sealed partial class Hdf5Objects
{
    // A picture that needs more is not worth it.
    const int MaxChunks = 20_000;

    /// <summary>The chunks that a plane crosses; those that were never written are left out.</summary>
    IEnumerable<Hdf5Chunk> ChunksOf(Hdf5Cursor layout, int version, Hdf5Plane plane, int elementBytes, bool isFiltered)
    {
        if (version < 4)
        {
            var rank3 = version == 3 ? layout.Byte() - 1 : plane.Shape.Length;
            var node = layout.Offset();
            var sides3 = Sides(plane, rank3, () => layout.UInt32());
            return node == Hdf5Cursor.Undefined ? [] : FromTree(node, plane.Over(sides3), 0);
        }

        var flags = layout.Byte();
        var rank = layout.Byte() - 1;
        var sideBytes = layout.Byte();
        if (sideBytes is < 1 or > 8)
            throw new DamagedFileException("HDF5", $"sides of chunks have no {sideBytes} bytes.");
        var sides = Sides(plane, rank, () => (long)layout.Number(sideBytes));
        layout.Number(sideBytes);
        plane = plane.Over(sides);
        var chunkBytes = plane.ChunkElements * elementBytes;
        var kind = layout.Byte();
        switch (kind)
        {
            case 1:
                var (size, mask) = (chunkBytes, 0u);
                if ((flags & 2) != 0)
                    (size, mask) = ((long)layout.Length(), layout.UInt32());
                return layout.Offset() is var only and not Hdf5Cursor.Undefined
                    ? [new Hdf5Chunk(new long[rank], only, size, mask)]
                    : [];
            case 2:
                return layout.Offset() is var start and not Hdf5Cursor.Undefined
                    ? plane.ChunkPlaces().Select(place => Implicit(start, place))
                    : [];
            case 3:
                layout.Skip(1);
                var fixedArray = layout.Offset();
                return fixedArray == Hdf5Cursor.Undefined ? [] : FromArray(new FixedArray(file, fixedArray).Find, -1);
            case 4:
                layout.Skip(5);
                var extensible = layout.Offset();
                return extensible == Hdf5Cursor.Undefined
                    ? []
                    : FromArray(new ExtensibleArray(file, extensible).Find, Array.IndexOf(plane.MaxShape, -1L));
            case 5:
                layout.Skip(6);
                var tree = layout.Offset();
                return tree == Hdf5Cursor.Undefined ? [] : FromRecords(tree);
            default:
                throw new DamagedFileException("HDF5", $"chunk index {kind} is not known.");
        }

        Hdf5Chunk Implicit(ulong first, long[] place) =>
            new(
                plane.OffsetOf(place),
                first + (ulong)(plane.IndexOf(place, plane.Shape, -1) * chunkBytes),
                chunkBytes,
                0
            );

        IEnumerable<Hdf5Chunk> FromArray(Func<long, byte[]?> find, int slowest)
        {
            foreach (var place in plane.ChunkPlaces())
                if (
                    find(plane.IndexOf(place, plane.MaxShape, slowest)) is { } element
                    && Element(Cursor(element), plane.OffsetOf(place)) is { } chunk
                )
                    yield return chunk;
        }

        Hdf5Chunk? Element(Hdf5Cursor at, long[] offset)
        {
            var address = at.Offset();
            if (address == Hdf5Cursor.Undefined)
                return null;
            return isFiltered
                ? new Hdf5Chunk(offset, address, (long)at.Number(Math.Clamp(at.Left - 4, 1, 8)), at.UInt32())
                : new Hdf5Chunk(offset, address, chunkBytes, 0);
        }

        IEnumerable<Hdf5Chunk> FromRecords(ulong tree)
        {
            foreach (var record in Records(tree))
            {
                var places = 8 * rank;
                if (record.Length < places + file.OffsetBytes)
                    throw new DamagedFileException("HDF5", $"a chunk is named in {record.Length} bytes.");
                var at = Cursor(record[^places..]);
                var place = new long[rank];
                for (var d = 0; d < rank; d++)
                    place[d] = (long)Math.Min(at.Number(8), int.MaxValue);
                if (
                    plane.Crosses(plane.OffsetOf(place))
                    && Element(Cursor(record[..^places]), plane.OffsetOf(place)) is { } chunk
                )
                    yield return chunk;
            }
        }
    }

    static long[] Sides(Hdf5Plane plane, int rank, Func<long> next)
    {
        if (rank != plane.Shape.Length)
            throw new DamagedFileException("HDF5", $"chunks of {rank} dimensions do not make {plane.Shape.Length}.");
        var sides = new long[rank];
        for (var d = 0; d < rank; d++)
            sides[d] = next();
        return sides;
    }

    IEnumerable<Hdf5Chunk> FromTree(ulong node, Hdf5Plane plane, int depth)
    {
        if (depth > MaxTreeDepth)
            throw new DamagedFileException("HDF5", "the tree of chunks does not end.");
        var rank = plane.Shape.Length;
        var head = file.At(node, 8);
        head.Expect("TREE");
        if (head.Byte() != 1)
            throw new DamagedFileException("HDF5", $"the tree at address {node} is not one of chunks.");
        var level = head.Byte();
        var used = head.UInt16();
        var keyBytes = 8 + ((rank + 1) * 8);
        var at = file.At(
            node + 8 + (2 * (ulong)file.OffsetBytes),
            (used * (keyBytes + file.OffsetBytes)) + (used > 0 ? keyBytes : 0)
        );
        var (size, mask, offset) = used > 0 ? Key(at, rank) : default;
        for (var i = 0; i < used; i++)
        {
            var child = at.Offset();
            var next = Key(at, rank);
            if (level > 0)
            {
                if (plane.MayLieBetween(offset, next.Offset))
                    foreach (var chunk in FromTree(child, plane, depth + 1))
                        yield return chunk;
            }
            else if (plane.Crosses(offset))
                yield return new Hdf5Chunk(offset, child, size, mask);
            (size, mask, offset) = next;
        }
    }

    static (uint Size, uint Mask, long[] Offset) Key(Hdf5Cursor at, int rank)
    {
        var (size, mask) = (at.UInt32(), at.UInt32());
        var offset = new long[rank];
        for (var d = 0; d < rank; d++)
            offset[d] = (long)Math.Min(at.Number(8), long.MaxValue);
        // The last is the place inside an element.
        at.Skip(8);
        return (size, mask, offset);
    }

    /// <summary>A fixed array (VII.C): pages of elements, or one block of them.</summary>
    sealed class FixedArray
    {
        readonly Hdf5Bytes _file;
        readonly int _elementBytes;
        readonly long _pageElements;
        readonly long _count;
        readonly ulong _block;

        public FixedArray(Hdf5Bytes file, ulong address)
        {
            _file = file;
            var at = file.At(address, 8 + file.LengthBytes + file.OffsetBytes);
            at.Expect("FAHD");
            at.Skip(2);
            _elementBytes = at.Byte();
            _pageElements = 1L << Math.Min((int)at.Byte(), 40);
            _count = (long)Math.Min(at.Length(), long.MaxValue);
            _block = at.Offset();
        }

        public byte[]? Find(long index)
        {
            if (index >= _count || _block == Hdf5Cursor.Undefined)
                return null;
            var head = 6 + (ulong)_file.OffsetBytes;
            if (_count <= _pageElements)
                return _file.Read(_block + head + (ulong)(index * _elementBytes), _elementBytes);
            var pages = (_count + _pageElements - 1) / _pageElements;
            var (page, inPage) = (index / _pageElements, index % _pageElements);
            // A bit for each page says whether it was ever written; the highest bit first.
            var bits = _file.Read(_block + head + (ulong)(page / 8), 1)[0];
            if ((bits & (0x80 >> (int)(page % 8))) == 0)
                return null;
            var first = _block + head + (ulong)((pages + 7) / 8) + 4;
            var start = first + (ulong)(page * ((_pageElements * _elementBytes) + 4));
            return _file.Read(start + (ulong)(inPage * _elementBytes), _elementBytes);
        }
    }

    /// <summary>An extensible array (VII.D): elements in the index block, then data blocks that grow, then super blocks of them.</summary>
    sealed class ExtensibleArray
    {
        readonly Hdf5Bytes _file;
        readonly int _elementBytes;
        readonly int _offsetBytes;
        readonly int _inIndex;
        readonly long _minElements;
        readonly int _minPointers;
        readonly long _pageElements;
        readonly ulong _index;

        public ExtensibleArray(Hdf5Bytes file, ulong address)
        {
            _file = file;
            var at = file.At(address, 12 + (6 * file.LengthBytes) + file.OffsetBytes);
            at.Expect("EAHD");
            at.Skip(2);
            _elementBytes = at.Byte();
            _offsetBytes = (at.Byte() + 7) / 8;
            _inIndex = at.Byte();
            _minElements = at.Byte();
            _minPointers = at.Byte();
            _pageElements = 1L << Math.Min((int)at.Byte(), 40);
            at.Skip(6 * file.LengthBytes);
            _index = at.Offset();
            if (_minElements == 0 || _minPointers < 2 || _elementBytes < file.OffsetBytes)
                throw new DamagedFileException("HDF5", "an extensible array has impossible sizes.");
        }

        public byte[]? Find(long index)
        {
            if (_index == Hdf5Cursor.Undefined)
                return null;
            var head = 6 + (ulong)_file.OffsetBytes;
            if (index < _inIndex)
                return _file.Read(_index + head + (ulong)(index * _elementBytes), _elementBytes);
            index -= _inIndex;
            var super = BitOperations.Log2((ulong)(index / _minElements) + 1);
            var inSuper = index;
            long blocksBefore = 0;
            for (var u = 0; u < super; u++)
            {
                inSuper -= BlocksIn(u) * ElementsIn(u);
                blocksBefore += BlocksIn(u);
            }

            var (block, inBlock) = (inSuper / ElementsIn(super), inSuper % ElementsIn(super));
            var direct = 2 * BitOperations.Log2((ulong)_minPointers);
            var pointers = _index + head + (ulong)(_inIndex * _elementBytes);
            if (super < direct)
                return FromBlock(Pointer(pointers, blocksBefore + block), ElementsIn(super), inBlock, null);
            var superBlock = Pointer(pointers + (ulong)(2 * (_minPointers - 1) * _file.OffsetBytes), super - direct);
            if (superBlock == Hdf5Cursor.Undefined)
                return null;
            var at = superBlock + head + (ulong)_offsetBytes;
            Func<long, bool>? isWritten = null;
            if (ElementsIn(super) > _pageElements)
            {
                var mapBytes = ((ElementsIn(super) / _pageElements) + 7) / 8;
                var map = at + (ulong)(block * mapBytes);
                isWritten = page => (_file.Read(map + (ulong)(page / 8), 1)[0] & (0x80 >> (int)(page % 8))) != 0;
                at += (ulong)(BlocksIn(super) * mapBytes);
            }

            return FromBlock(Pointer(at, block), ElementsIn(super), inBlock, isWritten);
        }

        static long BlocksIn(int super) => 1L << (super / 2);

        long ElementsIn(int super) => _minElements << ((super + 1) / 2);

        ulong Pointer(ulong first, long number) =>
            _file.At(first + (ulong)(number * _file.OffsetBytes), _file.OffsetBytes).Offset();

        byte[]? FromBlock(ulong block, long elements, long index, Func<long, bool>? isWritten)
        {
            if (block == Hdf5Cursor.Undefined)
                return null;
            var at = block + 6 + (ulong)(_file.OffsetBytes + _offsetBytes);
            if (elements > _pageElements)
            {
                var page = index / _pageElements;
                if (isWritten is not null && !isWritten(page))
                    return null;
                // A checksum ends the head and each page.
                at += 4 + (ulong)(page * ((_pageElements * _elementBytes) + 4));
                index %= _pageElements;
            }

            return _file.Read(at + (ulong)(index * _elementBytes), _elementBytes);
        }
    }
}
