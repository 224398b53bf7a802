using System.Buffers.Binary;

namespace Harima.Imaging.Formats.Hdf5;

/// <summary>Takes the values of a row, from a column on; what is no value is NaN.</summary>
delegate void Hdf5RowSink(int y, int x, ReadOnlySpan<double> values);

// The elements of one plane of a dataset.
sealed partial class Hdf5Objects
{
    /// <summary>A detector of 40 million pixels is larger than any; a chunk of as many elements too.</summary>
    internal const long MaxElementsAtOnce = 40_000_000;

    const long MaxBlockBytes = 160 << 20;
    const int RowsAtOnceBytes = 1 << 20;

    /// <summary>Current and largest sides of a dataset; −1 for a side that may grow without limit.</summary>
    public (long[] Shape, long[] Max)? ShapesOf(Hdf5Opened opened)
    {
        if (opened.Find(Hdf5Message.Dataspace) is not { } space)
            return null;
        var bytes = Own(space);
        if (Shape(bytes) is not { } shape)
            return null;
        if (shape.Any(side => side is < 0 or > int.MaxValue))
            throw new DamagedFileException("HDF5", $"a shape of {string.Join(" x ", shape)} is none.");
        if ((bytes[2] & 1) == 0)
            return (shape, shape);
        var from = (bytes[0] == 1 ? 8 : 4) + (shape.Length * file.LengthBytes);
        if (bytes.Length < from + (shape.Length * file.LengthBytes))
            throw new DamagedFileException("HDF5", "a dataspace ends before its largest sides.");
        var at = Cursor(bytes);
        at.Position = from;
        return (shape, [.. shape.Select(_ => (long)at.Length())]);
    }

    /// <summary>Whether the elements are whole or floating-point numbers of 1 to 8 bytes.</summary>
    public bool HasNumbers(Hdf5Opened opened) =>
        opened.Find(Hdf5Message.Datatype) is { } type && Kind(Own(type)) is { Class: 0 or 1, Size: 1 or 2 or 4 or 8 };

    /// <summary>Reads a plane in whatever order its parts lie.</summary>
    /// <exception cref="DamagedFileException">It is damaged, too large, or stored in a way that is not read; the message says which.</exception>
    public void ReadPlane(Hdf5Opened dataset, Hdf5Plane plane, Hdf5RowSink sink)
    {
        if (
            dataset.Find(Hdf5Message.Datatype) is not { } type
            || Kind(Own(type)) is not { Class: 0 or 1, Size: 1 or 2 or 4 or 8 } kind
        )
            throw new DamagedFileException("HDF5", "its elements are no numbers of 1 to 8 bytes.");
        if (plane.Height * plane.Width > MaxElementsAtOnce)
            throw new DamagedFileException(
                "HDF5",
                $"{plane.Width} x {plane.Height} pixels are more than the {MaxElementsAtOnce} that are drawn."
            );
        var layout = Cursor(
            dataset.Find(Hdf5Message.Layout)?.Bytes ?? throw new DamagedFileException("HDF5", "it has no layout.")
        );
        var version = layout.Byte();
        if (version is not (>= 1 and <= 4))
            throw new DamagedFileException("HDF5", $"a layout of version {version} is not read.");
        // Until version 2 the number of dimensions stands before the class, and five bytes of nothing behind it.
        if (version < 3)
            layout.Skip(1);
        var storage = layout.Byte();
        if (version < 3)
            layout.Skip(5);
        switch (storage)
        {
            case 0 when version >= 3:
                Whole(layout.Take(layout.UInt16()).ToArray(), kind, plane, sink);
                break;
            case 1:
                Contiguous(layout.Offset(), kind, plane, sink);
                break;
            case 2:
                Chunked(dataset, layout, version, kind, plane, sink);
                break;
            case 3:
                throw new DamagedFileException("HDF5", "it is a virtual dataset of other files, which is not read.");
            default:
                throw new DamagedFileException("HDF5", $"storage of class {storage} is not read.");
        }
    }

    static void Whole(byte[] bytes, DataKind kind, Hdf5Plane plane, Hdf5RowSink sink) =>
        Give(bytes, kind, plane.WindowOf(new long[plane.Shape.Length], plane.Shape), sink);

    void Contiguous(ulong address, DataKind kind, Hdf5Plane plane, Hdf5RowSink sink)
    {
        // Never written.
        if (address == Hdf5Cursor.Undefined)
            return;
        var window = plane.WindowOf(new long[plane.Shape.Length], plane.Shape);
        var rows = Math.Max(1, RowsAtOnceBytes / Math.Max(1, window.StrideY * kind.Size));
        for (long y = 0; y < window.Height; y += rows)
        {
            var count = Math.Min(rows, window.Height - y);
            var elements = ((count - 1) * window.StrideY) + ((window.Width - 1) * window.StrideX) + 1;
            if (elements * kind.Size > MaxBlockBytes)
                throw new DamagedFileException("HDF5", "its rows lie too far apart.");
            var first = window.First + (y * window.StrideY);
            var bytes = file.ReadData(address + (ulong)(first * kind.Size), elements * kind.Size);
            Give(bytes, kind, window with { First = 0, Y = y, Height = count }, sink);
        }
    }

    void Chunked(Hdf5Opened dataset, Hdf5Cursor layout, int version, DataKind kind, Hdf5Plane plane, Hdf5RowSink sink)
    {
        var filters = FiltersOf(dataset);
        var sides = ChunkSides(layout, version, plane.Shape.Length);
        var over = plane.Over(sides);
        var wanted = over.ChunkElements * kind.Size;
        if (wanted > MaxBlockBytes)
            throw new DamagedFileException("HDF5", $"its chunks of {wanted >> 20} MiB are too large.");
        var (chunks, unpacked) = (0, 0L);
        foreach (var chunk in ChunksOf(layout, version, plane, kind.Size, filters.Count > 0))
        {
            unpacked += wanted;
            if (++chunks > MaxChunks || unpacked > 4 * MaxBlockBytes)
                throw new DamagedFileException("HDF5", "a plane of it crosses too many chunks.");
            if (chunk.SizeBytes > MaxBlockBytes)
                throw new DamagedFileException("HDF5", $"a chunk of {chunk.SizeBytes} bytes is too large.");
            var bytes = Hdf5Filters.Undo(
                filters,
                file.ReadData(chunk.Address, chunk.SizeBytes),
                chunk.Mask,
                kind.Size,
                (int)wanted
            );
            if (over.Crosses(chunk.Offset))
                Give(bytes, kind, over.WindowOf(chunk.Offset, sides), sink);
        }
    }

    static long[] ChunkSides(Hdf5Cursor layout, int version, int rank)
    {
        var start = layout.Position;
        var sides = new long[rank];
        if (version < 4)
        {
            layout.Skip(version == 3 ? 1 : 0);
            layout.Offset();
        }
        else
            layout.Skip(2);
        var sideBytes = version < 4 ? 4 : Math.Clamp((int)layout.Byte(), 1, 8);
        for (var d = 0; d < rank; d++)
            sides[d] = (long)layout.Number(sideBytes);
        layout.Position = start;
        return sides;
    }

    static void Give(byte[] bytes, DataKind kind, Hdf5Window window, Hdf5RowSink sink)
    {
        var last = window.First + ((window.Height - 1) * window.StrideY) + ((window.Width - 1) * window.StrideX);
        if (window.Height <= 0 || window.Width <= 0)
            return;
        if (window.First < 0 || (last + 1) * kind.Size > bytes.Length)
            throw new DamagedFileException(
                "HDF5",
                $"a block of {bytes.Length} bytes should hold {(last + 1) * kind.Size}."
            );
        var row = new double[window.Width];
        for (long y = 0; y < window.Height; y++)
        {
            var at = (int)((window.First + (y * window.StrideY)) * kind.Size);
            for (var x = 0; x < row.Length; x++)
                row[x] = Value(kind, bytes.AsSpan(at + (int)(x * window.StrideX * kind.Size), kind.Size));
            sink((int)(window.Y + y), (int)window.X, row);
        }
    }

    // Detectors mark what is no count with a negative number, or with the largest of an unsigned type.
    static double Value(DataKind kind, ReadOnlySpan<byte> bytes)
    {
        if ((kind.Bits & 1) != 0)
            return Marked(kind, Number(kind, bytes) ?? double.NaN);
        return (kind.Class, kind.Size, (kind.Bits & 8) != 0) switch
        {
            (0, 1, false) => bytes[0],
            (0, 2, false) => BinaryPrimitives.ReadUInt16LittleEndian(bytes) is var value and not ushort.MaxValue
                ? value
                : double.NaN,
            (0, 4, false) => BinaryPrimitives.ReadUInt32LittleEndian(bytes) is var value and not uint.MaxValue
                ? value
                : double.NaN,
            (0, 4, true) => BinaryPrimitives.ReadInt32LittleEndian(bytes) is var value and >= 0 ? value : double.NaN,
            (1, 4, _) => BinaryPrimitives.ReadSingleLittleEndian(bytes),
            (1, 8, _) => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            _ => Marked(kind, Number(kind, bytes) ?? double.NaN),
        };
    }

    static double Marked(DataKind kind, double value)
    {
        if (kind.Class != 0 || kind.Size == 1)
            return value;
        if ((kind.Bits & 8) != 0)
            return value < 0 ? double.NaN : value;
        return value >= Math.Pow(2, 8 * kind.Size) - 1 ? double.NaN : value;
    }
}
