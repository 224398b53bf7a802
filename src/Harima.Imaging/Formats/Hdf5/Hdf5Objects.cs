namespace Harima.Imaging.Formats.Hdf5;

/// <summary>An object header that was read: its messages.</summary>
sealed record Hdf5Opened(ulong Address, IReadOnlyList<Hdf5Message> Messages)
{
    public bool IsGroup =>
        Find(Hdf5Message.SymbolTable) is not null
        || Find(Hdf5Message.LinkInfo) is not null
        || (Find(Hdf5Message.Datatype) is null && Find(Hdf5Message.Link) is not null);

    /// <summary>Whether its elements are those of other datasets.</summary>
    public bool IsVirtual => Find(Hdf5Message.Layout) is { Bytes: [>= 4, 3, ..] };

    public Hdf5Message? Find(int type) => Messages.FirstOrDefault(message => message.Type == type);
}

/// <summary>One message of an object header.</summary>
sealed record Hdf5Message(int Type, bool IsShared, byte[] Bytes)
{
    public const int Dataspace = 1;
    public const int LinkInfo = 2;
    public const int Datatype = 3;
    public const int FillValue = 5;
    public const int Link = 6;
    public const int Layout = 8;
    public const int Filters = 11;
    public const int Attribute = 12;
    public const int Continuation = 16;
    public const int SymbolTable = 17;
    public const int AttributeInfo = 21;
}

/// <summary>Object headers of a file (format specification, chapters II and IV).</summary>
sealed partial class Hdf5Objects(Hdf5Bytes file)
{
    const int MaxMessages = 4096;
    const int MaxBlocks = 64;

    /// <summary>Finds the superblock and opens the root group.</summary>
    public Hdf5Opened OpenRoot()
    {
        var start = Find();
        file.Base = start;
        var block = file.At(0, (int)Math.Min(128, file.Length - start));
        block.Skip(8);
        var version = block.Byte();
        if (version is 0 or 1)
        {
            block.Skip(4);
            SetSizes(block.Byte(), block.Byte());
            block.Skip(version == 0 ? 9 : 13);
            SetBase(start, block.Offset());
            block.Skip(3 * file.OffsetBytes);
            block.Offset();
            return Open(block.Offset());
        }

        if (version is not (2 or 3))
            throw new DamagedFileException("HDF5", $"its superblock has version {version}; 0 to 3 are read.");
        SetSizes(block.Byte(), block.Byte());
        block.Skip(1);
        SetBase(start, block.Offset());
        block.Skip(2 * file.OffsetBytes);
        return Open(block.Offset());
    }

    long Find()
    {
        for (long at = 0; at + 64 <= file.Length && at <= 1 << 20; at = at == 0 ? 512 : at * 2)
            if (file.Read((ulong)at, 8).AsSpan().SequenceEqual(Hdf5Header.Signature))
                return at;
        throw new DamagedFileException("HDF5", "it has no signature at byte 0, 512, 1024 or so on.");
    }

    void SetSizes(byte offsets, byte lengths)
    {
        if (offsets is not (4 or 8) || lengths is not (4 or 8))
            throw new DamagedFileException(
                "HDF5",
                $"addresses of {offsets} and lengths of {lengths} bytes are not read."
            );
        (file.OffsetBytes, file.LengthBytes) = (offsets, lengths);
    }

    // Some writers put the position of the user block's end here, some leave 0.
    void SetBase(long start, ulong address) =>
        file.Base = address == 0 ? start : (long)Math.Min(address, (ulong)file.Length);

    /// <summary>Opens the object at an address.</summary>
    public Hdf5Opened Open(ulong address)
    {
        var messages = new List<Hdf5Message>();
        var blocks = new Queue<(ulong At, int Bytes)>();
        var start = file.At(address, 16);
        if (start.Byte() == 1)
        {
            start.Skip(7);
            ReadBlock(file.At(address + 16, Size(start.UInt32())), isNew: false, hasOrder: false, messages, blocks);
            Continue(isNew: false, hasOrder: false, messages, blocks);
            return new Hdf5Opened(address, messages);
        }

        start.Position = 0;
        start.Expect("OHDR");
        start.Skip(1);
        var flags = start.Byte();
        var from = 6 + ((flags & 0x20) != 0 ? 16 : 0) + ((flags & 0x10) != 0 ? 4 : 0);
        var sizeBytes = 1 << (flags & 3);
        var size = Size(file.At(address + (ulong)from, sizeBytes).Number(sizeBytes));
        var hasOrder = (flags & 4) != 0;
        ReadBlock(file.At(address + (ulong)(from + sizeBytes), size), isNew: true, hasOrder, messages, blocks);
        Continue(isNew: true, hasOrder, messages, blocks);
        return new Hdf5Opened(address, messages);
    }

    void Continue(bool isNew, bool hasOrder, List<Hdf5Message> messages, Queue<(ulong At, int Bytes)> blocks)
    {
        for (var n = 0; blocks.TryDequeue(out var next); n++)
        {
            if (n == MaxBlocks)
                throw new DamagedFileException("HDF5", $"an object header is continued more than {MaxBlocks} times.");
            var block = file.At(next.At, next.Bytes);
            if (isNew)
            {
                block.Expect("OCHK");
                // A checksum of four bytes ends it.
                block = block.Part(Math.Max(0, block.Left - 4));
            }

            ReadBlock(block, isNew, hasOrder, messages, blocks);
        }
    }

    static void ReadBlock(
        Hdf5Cursor block,
        bool isNew,
        bool hasOrder,
        List<Hdf5Message> messages,
        Queue<(ulong At, int Bytes)> blocks
    )
    {
        var head = isNew ? (hasOrder ? 6 : 4) : 8;
        while (block.Left >= head && messages.Count < MaxMessages)
        {
            var type = isNew ? block.Byte() : block.UInt16();
            var size = block.UInt16();
            var flags = block.Byte();
            block.Skip(isNew ? (hasOrder ? 2 : 0) : 3);
            if (size > block.Left)
                throw new DamagedFileException(
                    "HDF5",
                    $"a message of {size} bytes stands where {block.Left} are left."
                );
            if (type == Hdf5Message.Continuation)
            {
                var part = block.Part(size);
                blocks.Enqueue((part.Offset(), Size(part.Length())));
            }
            else
                messages.Add(new Hdf5Message(type, (flags & 2) != 0, block.Take(size).ToArray()));
        }
    }

    static int Size(ulong bytes) =>
        bytes <= 1 << 20
            ? (int)bytes
            : throw new DamagedFileException("HDF5", $"a header block of {bytes} bytes is no header block.");

    Hdf5Cursor Cursor(byte[] bytes) => new(file, bytes, 0);

    /// <summary>The bytes of a message, fetched where it is shared with a committed datatype.</summary>
    byte[] Own(Hdf5Message message) => message.IsShared ? Shared(Cursor(message.Bytes), message.Type) : message.Bytes;

    byte[] Shared(Hdf5Cursor at, int type)
    {
        var version = at.Byte();
        at.Skip(version == 1 ? 7 : 1);
        var target = Open(at.Offset()).Find(type);
        return target is { IsShared: false }
            ? target.Bytes
            : throw new DamagedFileException("HDF5", "a shared message leads to none.");
    }

    /// <summary>Class, units, shape and small values of an object.</summary>
    public Hdf5Entry Describe(Hdf5Opened opened, string path)
    {
        var attributes = TextAttributes(opened);
        string? First(string name) => attributes.GetValueOrDefault(name) is [var text, ..] ? text : null;
        var entry = new Hdf5Entry(
            path,
            opened.IsGroup || opened.Find(Hdf5Message.Layout) is null ? Hdf5EntryKind.Group : Hdf5EntryKind.Dataset
        )
        {
            NexusClass = First("NX_class"),
            Units = First("units"),
            Signal = First("signal"),
            Axes = attributes.GetValueOrDefault("axes") ?? [],
            Default = First("default"),
            Interpretation = First("interpretation"),
        };
        if (entry.Kind == Hdf5EntryKind.Group || opened.Find(Hdf5Message.Dataspace) is not { } space)
            return entry;
        entry = entry with { Shape = Shape(Own(space)) ?? [] };
        var values = ValuesOf(opened, entry.Shape);
        return entry with { Texts = values?.Texts, Numbers = values?.Numbers };
    }
}
