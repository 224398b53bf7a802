using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Harima.Imaging.Formats.Hdf5;

// Attributes and the values of small datasets.
sealed partial class Hdf5Objects
{
    const int MaxChunkBytes = 4 << 20;

    internal sealed record Values(IReadOnlyList<string>? Texts, IReadOnlyList<double>? Numbers);

    /// <param name="Class">0 whole number, 1 floating point, 3 text, 8 enumeration, 9 of variable length.</param>
    sealed record DataKind(int Class, int Bits, int Size);

    static readonly HashSet<string> Wanted = ["NX_class", "units", "signal", "axes", "default", "interpretation"];

    /// <summary>Those attributes that NeXus gives a meaning; a number is given as text.</summary>
    Dictionary<string, IReadOnlyList<string>> TextAttributes(Hdf5Opened opened)
    {
        var found = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var bytes in AttributesOf(opened))
            try
            {
                if (ReadAttribute(Cursor(bytes)) is not { } attribute)
                    continue;
                var (texts, numbers) = (attribute.Values.Texts, attribute.Values.Numbers);
                if ((texts ?? numbers?.Select(FormatNumber).ToList()) is { Count: > 0 } said)
                    found.TryAdd(attribute.Name, said);
            }
            catch (DamagedFileException)
            {
                // One attribute that cannot be read says nothing about the object itself.
            }

        return found;
    }

    static string FormatNumber(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    IEnumerable<byte[]> AttributesOf(Hdf5Opened opened)
    {
        foreach (
            var message in opened.Messages.Where(message => message is { Type: Hdf5Message.Attribute, IsShared: false })
        )
            yield return message.Bytes;
        if (opened.Find(Hdf5Message.AttributeInfo) is not { } info)
            yield break;
        var at = Cursor(info.Bytes);
        at.Skip(1);
        if ((at.Byte() & 1) != 0)
            at.Skip(2);
        var (heap, names) = (at.Offset(), at.Offset());
        if (heap == Hdf5Cursor.Undefined || names == Hdf5Cursor.Undefined)
            yield break;
        foreach (var bytes in DenseObjects(heap, names, idAt: 0))
            yield return bytes;
    }

    (string Name, Values Values)? ReadAttribute(Hdf5Cursor at)
    {
        var version = at.Byte();
        var flags = at.Byte();
        var (nameBytes, typeBytes, spaceBytes) = (at.UInt16(), at.UInt16(), at.UInt16());
        if (version == 3)
            at.Skip(1);
        int Padded(int size) => version == 1 ? (size + 7) / 8 * 8 : size;
        var name = at.Part(Padded(nameBytes)).Text(nameBytes);
        if (!Wanted.Contains(name))
            return null;
        var type = at.Part(Padded(typeBytes));
        var kind = Kind((flags & 1) != 0 && version > 1 ? Shared(type, Hdf5Message.Datatype) : type.Rest());
        var shape = Shape(at.Part(Padded(spaceBytes)).Rest());
        var count = shape is null ? 0 : Count(shape);
        return
            kind is not null
            && count is > 0 and <= Hdf5Header.MaxElements
            && Decode(kind, at.Rest(), (int)count) is { } values
            ? (name, values)
            : null;
    }

    /// <returns>Null for a dataspace that holds nothing.</returns>
    static long[]? Shape(byte[] bytes, int lengthBytes)
    {
        if (bytes.Length < 4)
            return null;
        var (version, rank) = (bytes[0], bytes[1]);
        if (version == 2 && bytes[3] == 2)
            return null;
        var from = version == 1 ? 8 : 4;
        if (rank > 32 || bytes.Length < from + (rank * lengthBytes))
            throw new DamagedFileException("HDF5", $"a dataspace of {rank} dimensions has {bytes.Length} bytes.");
        var shape = new long[rank];
        for (var i = 0; i < rank; i++)
            shape[i] =
                lengthBytes == 8
                    ? BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(from + (8 * i)))
                    : BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(from + (4 * i)));
        return shape;
    }

    long[]? Shape(byte[] bytes) => Shape(bytes, file.LengthBytes);

    /// <summary>How many elements; a number too large to be read for anything large or impossible.</summary>
    static long Count(IReadOnlyList<long> shape)
    {
        long count = 1;
        foreach (var side in shape)
        {
            if (side is < 0 or > int.MaxValue)
                return long.MaxValue;
            count = Math.Min(count * side, int.MaxValue);
        }

        return count;
    }

    static DataKind? Kind(byte[] bytes)
    {
        if (bytes.Length < 8)
            return null;
        var bits = bytes[1] | (bytes[2] << 8) | (bytes[3] << 16);
        return new DataKind(bytes[0] & 15, bits, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4)));
    }

    Values? ValuesOf(Hdf5Opened opened, IReadOnlyList<long> shape)
    {
        var count = Count(shape);
        if (
            count is <= 0 or > Hdf5Header.MaxElements
            || opened.Find(Hdf5Message.Datatype) is not { } type
            || opened.Find(Hdf5Message.Layout) is not { } layout
            || Kind(Own(type)) is not { Size: > 0 and <= 1 << 16 } kind
        )
            return null;
        var bytes = Raw(Cursor(layout.Bytes), opened, shape, (int)count * kind.Size, kind.Size);
        return bytes is null || bytes.Length < count * kind.Size ? null : Decode(kind, bytes, (int)count);
    }

    byte[]? Raw(Hdf5Cursor at, Hdf5Opened opened, IReadOnlyList<long> shape, int wanted, int elementBytes)
    {
        var version = at.Byte();
        if (version is 1 or 2)
        {
            var rank = at.Byte();
            var old = at.Byte();
            at.Skip(5);
            return old == 1 && at.Offset() is var address && address != Hdf5Cursor.Undefined
                ? file.Read(address, wanted)
                : null;
        }

        if (version is not (3 or 4))
            return null;
        switch (at.Byte())
        {
            case 0:
                return at.Take(at.UInt16()).ToArray();
            case 1:
                var start = at.Offset();
                return start == Hdf5Cursor.Undefined ? null : file.Read(start, wanted);
            case 2:
                return version == 3 ? Chunk3(at, opened, shape, elementBytes) : Chunk4(at, opened, shape, elementBytes);
            default:
                return null;
        }
    }

    /// <summary>The first chunk, where it holds the whole dataset, as a B-tree of version 1 names it.</summary>
    byte[]? Chunk3(Hdf5Cursor at, Hdf5Opened opened, IReadOnlyList<long> shape, int elementBytes)
    {
        var rank = at.Byte() - 1;
        var node = at.Offset();
        var sides = new long[Math.Max(rank, 0)];
        for (var i = 0; i < rank; i++)
            sides[i] = at.UInt32();
        if (node == Hdf5Cursor.Undefined || !Covers(sides, shape))
            return null;
        for (var depth = 0; depth < MaxTreeDepth; depth++)
        {
            var head = file.At(node, 8 + (2 * file.OffsetBytes) + 8 + ((rank + 1) * 8) + file.OffsetBytes);
            head.Expect("TREE");
            if (head.Byte() != 1)
                return null;
            var level = head.Byte();
            if (head.UInt16() == 0)
                return null;
            head.Skip(2 * file.OffsetBytes);
            var (size, mask) = (head.UInt32(), head.UInt32());
            head.Skip((rank + 1) * 8);
            var child = head.Offset();
            if (level == 0)
                return Unfilter(opened, file.Read(child, Size(size)), mask, sides, elementBytes);
            node = child;
        }

        return null;
    }

    /// <summary>As above for layouts of version 4 that have one chunk.</summary>
    byte[]? Chunk4(Hdf5Cursor at, Hdf5Opened opened, IReadOnlyList<long> shape, int elementBytes)
    {
        var flags = at.Byte();
        var rank = at.Byte() - 1;
        var sideBytes = at.Byte();
        if (rank < 0 || sideBytes is < 1 or > 8)
            return null;
        var sides = new long[rank];
        for (var i = 0; i < rank; i++)
            sides[i] = (long)at.Number(sideBytes);
        at.Number(sideBytes);
        if (at.Byte() != 1 || !Covers(sides, shape))
            return null;
        var size = Count(sides) * elementBytes;
        uint mask = 0;
        if ((flags & 2) != 0)
            (size, mask) = ((long)at.Length(), at.UInt32());
        var address = at.Offset();
        return address == Hdf5Cursor.Undefined || size > 1 << 20
            ? null
            : Unfilter(opened, file.Read(address, (int)size), mask, sides, elementBytes);
    }

    // Rows of the dataset then follow each other in the chunk without gaps.
    static bool Covers(long[] sides, IReadOnlyList<long> shape) =>
        sides.Length == shape.Count && !sides.Where((side, i) => i == 0 ? side < shape[i] : side != shape[i]).Any();

    /// <returns>Null where it is packed in a way that is not read.</returns>
    byte[]? Unfilter(Hdf5Opened opened, byte[] bytes, uint mask, long[] sides, int elementBytes)
    {
        var filters = FiltersOf(opened);
        var wanted = Count(sides) * elementBytes;
        return Hdf5Filters.AreRead(filters) && wanted <= MaxChunkBytes
            ? Hdf5Filters.Undo(filters, bytes, mask, elementBytes, (int)wanted)
            : null;
    }

    IReadOnlyList<Hdf5Filter> FiltersOf(Hdf5Opened opened) =>
        opened.Find(Hdf5Message.Filters) is { } pipeline ? Hdf5Filters.Read(Cursor(pipeline.Bytes)) : [];

    Values? Decode(DataKind kind, byte[] bytes, int count)
    {
        if (kind.Size <= 0 || (long)count * kind.Size > bytes.Length)
            return null;
        switch (kind.Class)
        {
            case 3:
                return new Values(
                    [.. Enumerable.Range(0, count).Select(i => Text(bytes.AsSpan(i * kind.Size, kind.Size)))],
                    null
                );
            case 9 when (kind.Bits & 15) == 1:
                return new Values(
                    [.. Enumerable.Range(0, count).Select(i => VariableText(bytes, i * kind.Size))],
                    null
                );
            case 0 or 1 or 8:
                var numbers = new List<double>();
                for (var i = 0; i < count; i++)
                    if (Number(kind, bytes.AsSpan(i * kind.Size, kind.Size)) is { } number)
                        numbers.Add(number);
                return numbers.Count == count ? new Values(null, numbers) : null;
            default:
                return null;
        }
    }

    static string Text(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]).TrimEnd(' ');
    }

    string VariableText(byte[] bytes, int at)
    {
        var place = Cursor(bytes);
        place.Position = at;
        var length = Size(place.UInt32());
        var (collection, index) = (place.Offset(), place.UInt32());
        if (length == 0 || collection is 0 or Hdf5Cursor.Undefined)
            return "";
        var (start, size) = PlaceInHeap(collection, index);
        return Encoding.UTF8.GetString(file.Read(start, Math.Min(length, Size(size)))).TrimEnd('\0');
    }

    static double? Number(DataKind kind, ReadOnlySpan<byte> bytes)
    {
        Span<byte> little = stackalloc byte[8];
        if (kind.Size is not (1 or 2 or 4 or 8))
            return null;
        bytes.CopyTo(little);
        // An enumeration, as h5py writes booleans, has the bits of its number type behind it.
        if (kind.Class != 8 && (kind.Bits & 1) != 0)
            little[..kind.Size].Reverse();
        var raw = BinaryPrimitives.ReadUInt64LittleEndian(little);
        if (kind.Class == 1)
            return kind.Size switch
            {
                2 => (double)BitConverter.UInt16BitsToHalf((ushort)raw),
                4 => BitConverter.UInt32BitsToSingle((uint)raw),
                8 => BitConverter.UInt64BitsToDouble(raw),
                _ => null,
            };
        var isSigned = kind.Class == 8 || (kind.Bits & 8) != 0;
        return (kind.Size, isSigned) switch
        {
            (1, true) => (sbyte)raw,
            (2, true) => (short)raw,
            (4, true) => (int)raw,
            (8, true) => (long)raw,
            _ => raw,
        };
    }
}
