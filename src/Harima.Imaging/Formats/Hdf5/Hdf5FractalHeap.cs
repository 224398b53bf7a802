using System.Numerics;

namespace Harima.Imaging.Formats.Hdf5;

/// <summary>A fractal heap (format specification III.G), for objects that lie in unfiltered blocks.</summary>
sealed class Hdf5FractalHeap
{
    readonly Hdf5Bytes _file;
    readonly int _width;
    readonly ulong _startBytes;
    readonly ulong _maxDirectBytes;
    readonly int _offsetBytes;
    readonly int _lengthBytes;
    readonly ulong _root;
    readonly int _rows;
    readonly bool _isFiltered;

    public Hdf5FractalHeap(Hdf5Bytes file, ulong address)
    {
        _file = file;
        var at = file.At(address, 22 + (12 * file.LengthBytes) + (3 * file.OffsetBytes));
        at.Expect("FRHP");
        at.Skip(3);
        _isFiltered = at.UInt16() != 0;
        at.Skip(1);
        var maxManaged = at.UInt32();
        at.Length();
        at.Offset();
        at.Length();
        at.Offset();
        for (var i = 0; i < 8; i++)
            at.Length();
        _width = at.UInt16();
        _startBytes = at.Length();
        _maxDirectBytes = at.Length();
        var maxBits = at.UInt16();
        at.Skip(2);
        _root = at.Offset();
        _rows = at.UInt16();
        if (_width == 0 || _startBytes == 0 || _maxDirectBytes < _startBytes || maxBits > 64)
            throw new DamagedFileException("HDF5", "a heap has impossible sizes.");
        _offsetBytes = (maxBits + 7) / 8;
        _lengthBytes = Math.Min((BitOperations.Log2(_maxDirectBytes) + 7) / 8, Hdf5Objects.BytesFor(maxManaged));
    }

    /// <summary>The object a heap id names; null for one outside the blocks (huge objects).</summary>
    public byte[]? Find(ReadOnlySpan<byte> id)
    {
        if (id.Length < 1 + _offsetBytes + _lengthBytes && ((id[0] >> 4) & 3) == 0)
            return null;
        switch ((id[0] >> 4) & 3)
        {
            case 0 when !_isFiltered:
                var offset = Number(id.Slice(1, _offsetBytes));
                var length = Number(id.Slice(1 + _offsetBytes, _lengthBytes));
                return length > 1 << 16 || Locate(offset) is not { } at ? null : _file.Read(at, (int)length);
            case 2:
                var tiny = (id[0] & 15) + 1;
                return tiny < id.Length ? id.Slice(1, tiny).ToArray() : null;
            default:
                return null;
        }
    }

    ulong? Locate(ulong offset)
    {
        if (_root == Hdf5Cursor.Undefined)
            return null;
        if (_rows == 0)
            return _root + offset;
        var (block, rows, blockAt) = (_root, _rows, 0UL);
        for (var depth = 0; depth < 16; depth++)
        {
            var directRows = BitOperations.Log2(_maxDirectBytes) - BitOperations.Log2(_startBytes) + 2;
            var at = blockAt;
            ulong? inside = null;
            for (var row = 0; row < rows && inside is null; row++)
            {
                var size = row == 0 ? _startBytes : _startBytes << Math.Min(row - 1, 40);
                for (var column = 0; column < _width; column++, at += size)
                {
                    if (offset < at || offset >= at + size)
                        continue;
                    var index = (ulong)((row * _width) + column);
                    var head = 5UL + (ulong)_file.OffsetBytes + (ulong)_offsetBytes;
                    var child = _file.At(block + head + (index * (ulong)_file.OffsetBytes), _file.OffsetBytes).Offset();
                    if (child == Hdf5Cursor.Undefined)
                        return null;
                    if (row < directRows)
                        return child + (offset - at);
                    inside = child;
                    blockAt = at;
                    rows = BitOperations.Log2(size) - BitOperations.Log2(_startBytes * (ulong)_width) + 1;
                    break;
                }
            }

            if (inside is null)
                return null;
            block = inside.Value;
        }

        return null;
    }

    static ulong Number(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (var i = bytes.Length - 1; i >= 0; i--)
            value = (value << 8) | bytes[i];
        return value;
    }
}
