namespace Harima.Imaging.Formats.Hdf5;

/// <summary>A part of a virtual dataset and where it comes from.</summary>
/// <param name="File">"." for the same file; may hold <c>%b</c> for the number of a block, as <paramref name="Dataset"/> may.</param>
sealed record Hdf5Mapping(string File, string Dataset, Hdf5Selection Source, Hdf5Selection Virtual);

// Virtual datasets (format specification, "Virtual Storage Layout" and "Global Heap Block for Virtual Datasets").
sealed partial class Hdf5Objects
{
    const int MaxMappings = 200_000;
    const long MaxMappingBytes = 64 << 20;

    public IReadOnlyList<Hdf5Mapping> MappingsOf(Hdf5Opened dataset)
    {
        var layout = Cursor(dataset.Find(Hdf5Message.Layout)!.Bytes);
        layout.Skip(2);
        var (collection, index) = (layout.Offset(), layout.UInt32());
        // Nothing was mapped.
        if (collection is 0 or Hdf5Cursor.Undefined)
            return [];
        var at = Cursor(HeapObject(collection, index, MaxMappingBytes));
        var version = at.Byte();
        if (version != 0)
            throw new DamagedFileException("HDF5", $"a table of sources of version {version} is not read.");
        var count = at.Length();
        if (count > MaxMappings)
            throw new DamagedFileException("HDF5", $"{count} sources are too many.");
        var mappings = new List<Hdf5Mapping>();
        for (ulong n = 0; n < count; n++)
            mappings.Add(
                new Hdf5Mapping(at.TextToZero(), at.TextToZero(), Hdf5Selection.Read(at), Hdf5Selection.Read(at))
            );
        return mappings;
    }

    /// <summary>What an element holds that was never written; NaN where that is no count.</summary>
    public double FillOf(Hdf5Opened dataset)
    {
        if (
            dataset.Find(Hdf5Message.FillValue) is not { } fill
            || dataset.Find(Hdf5Message.Datatype) is not { } type
            || Kind(Own(type)) is not { } kind
        )
            return 0;
        var at = Cursor(Own(fill));
        var version = at.Byte();
        bool isDefined;
        if (version == 3)
            isDefined = (at.Byte() & 0x20) != 0;
        else
        {
            at.Skip(2);
            isDefined = at.Byte() != 0;
        }

        return isDefined && at.Left >= 4 && at.UInt32() == kind.Size ? Value(kind, at.Take(kind.Size)) : 0;
    }

    byte[] HeapObject(ulong collection, uint index, long mostBytes)
    {
        var (start, size) = PlaceInHeap(collection, index);
        return size <= (ulong)mostBytes
            ? file.ReadData(start, (long)size)
            : throw new DamagedFileException("HDF5", $"an object of {size} bytes is too large for a heap.");
    }

    /// <summary>Where an object of a global heap lies.</summary>
    (ulong Start, ulong SizeBytes) PlaceInHeap(ulong collection, uint index)
    {
        var head = file.At(collection, 8 + file.LengthBytes);
        head.Expect("GCOL");
        head.Skip(4);
        var end = collection + head.Length();
        var next = collection + 8 + (ulong)file.LengthBytes;
        for (var n = 0; n < 65536 && next + 16 <= end; n++)
        {
            var item = file.At(next, 8 + file.LengthBytes);
            var number = item.UInt16();
            item.Skip(6);
            var size = item.Length();
            if (number == index)
                return (next + 8 + (ulong)file.LengthBytes, size);
            if (number == 0)
                break;
            next += 8 + (ulong)file.LengthBytes + ((size + 7) / 8 * 8);
        }

        throw new DamagedFileException("HDF5", $"object {index} is not in the heap at address {collection}.");
    }
}
