using System.Numerics;

namespace Harima.Imaging.Formats.Hdf5;

/// <summary>A member of a group.</summary>
/// <param name="Target">Of a soft or external link; null for a hard one.</param>
sealed record Hdf5Child(string Name, ulong Address, string? Target)
{
    /// <summary>File and path of an external link; null for others.</summary>
    public (string File, string Path)? Outside { get; init; }
}

// Members of groups: the old kind (B-tree version 1, local heap), compact and dense ones (fractal heap, B-tree version 2).
sealed partial class Hdf5Objects
{
    const int MaxLinks = 20_000;
    const int MaxTreeDepth = 12;

    public IEnumerable<Hdf5Child> LinksOf(Hdf5Opened group)
    {
        var links = new List<Hdf5Child>();
        if (group.Find(Hdf5Message.SymbolTable) is { } table)
        {
            var at = Cursor(table.Bytes);
            var (tree, heap) = (at.Offset(), at.Offset());
            ReadTree(tree, HeapData(heap), links, 0);
        }

        foreach (var message in group.Messages.Where(message => message.Type == Hdf5Message.Link))
            links.Add(ReadLink(Cursor(message.Bytes)));
        if (group.Find(Hdf5Message.LinkInfo) is { } info)
        {
            var at = Cursor(info.Bytes);
            at.Skip(1);
            if ((at.Byte() & 1) != 0)
                at.Skip(8);
            var (heap, names) = (at.Offset(), at.Offset());
            if (heap != Hdf5Cursor.Undefined && names != Hdf5Cursor.Undefined)
                foreach (var bytes in DenseObjects(heap, names, idAt: 4))
                    links.Add(ReadLink(Cursor(bytes)));
        }

        return links;
    }

    static Hdf5Child ReadLink(Hdf5Cursor at)
    {
        at.Skip(1);
        var flags = at.Byte();
        var type = (flags & 8) != 0 ? at.Byte() : (byte)0;
        at.Skip(((flags & 4) != 0 ? 8 : 0) + ((flags & 16) != 0 ? 1 : 0));
        var name = at.Text(Size(at.Number(1 << (flags & 3))));
        if (type == 0)
            return new Hdf5Child(name, at.Offset(), null);
        var target = at.Text(at.UInt16());
        if (type != 64)
            return new Hdf5Child(name, Hdf5Cursor.Undefined, target);
        // A byte of flags, then file and path, each ended by a zero.
        var parts = target[Math.Min(1, target.Length)..].Split('\0', StringSplitOptions.RemoveEmptyEntries);
        return new Hdf5Child(name, Hdf5Cursor.Undefined, string.Join(':', parts))
        {
            Outside = parts is [var outside, var path, ..] ? (outside, path) : null,
        };
    }

    Hdf5Cursor HeapData(ulong heap)
    {
        var at = file.At(heap, 8 + (2 * file.LengthBytes) + file.OffsetBytes);
        at.Expect("HEAP");
        at.Skip(4);
        var size = at.Length();
        at.Length();
        return file.At(at.Offset(), Size(size));
    }

    static string HeapText(Hdf5Cursor heap, ulong offset)
    {
        heap.Position = 0;
        heap.Skip((int)Math.Min(offset, int.MaxValue));
        var rest = heap.Take(heap.Left);
        var end = rest.IndexOf((byte)0);
        return System.Text.Encoding.UTF8.GetString(end < 0 ? rest : rest[..end]);
    }

    void ReadTree(ulong node, Hdf5Cursor names, List<Hdf5Child> links, int depth)
    {
        if (depth > MaxTreeDepth || links.Count > MaxLinks)
            throw new DamagedFileException("HDF5", "the tree of a group's members does not end.");
        var head = file.At(node, 8);
        head.Expect("TREE");
        if (head.Byte() != 0)
            throw new DamagedFileException("HDF5", $"the tree at address {node} is not one of members.");
        var level = head.Byte();
        var used = head.UInt16();
        var at = file.At(
            node + 8 + (2 * (ulong)file.OffsetBytes),
            (used * (file.LengthBytes + file.OffsetBytes)) + file.LengthBytes
        );
        for (var i = 0; i < used; i++)
        {
            at.Length();
            var child = at.Offset();
            if (level > 0)
                ReadTree(child, names, links, depth + 1);
            else
                ReadSymbols(child, names, links);
        }
    }

    void ReadSymbols(ulong node, Hdf5Cursor names, List<Hdf5Child> links)
    {
        var head = file.At(node, 8);
        head.Expect("SNOD");
        head.Skip(2);
        var count = head.UInt16();
        var at = file.At(node + 8, count * ((2 * file.OffsetBytes) + 24));
        for (var i = 0; i < count; i++)
        {
            var name = HeapText(names, at.Offset());
            var address = at.Offset();
            var kind = at.UInt32();
            at.Skip(4);
            var scratch = at.UInt32();
            at.Skip(12);
            links.Add(
                kind == 2
                    ? new Hdf5Child(name, Hdf5Cursor.Undefined, HeapText(names, scratch))
                    : new Hdf5Child(name, address, null)
            );
        }
    }

    /// <summary>The objects of a fractal heap that a B-tree of version 2 lists.</summary>
    /// <param name="idAt">Where in a record the heap id begins.</param>
    IEnumerable<byte[]> DenseObjects(ulong heap, ulong tree, int idAt)
    {
        var fractal = new Hdf5FractalHeap(file, heap);
        var objects = new List<byte[]>();
        foreach (var record in Records(tree))
            if (fractal.Find(record.AsSpan(idAt)) is { } bytes)
                objects.Add(bytes);
        return objects;
    }

    List<byte[]> Records(ulong tree)
    {
        var head = file.At(tree, 16 + file.OffsetBytes + 2 + file.LengthBytes);
        head.Expect("BTHD");
        head.Skip(2);
        var (nodeBytes, recordBytes, depth) = ((int)head.UInt32(), (int)head.UInt16(), (int)head.UInt16());
        head.Skip(2);
        var root = head.Offset();
        var count = (int)head.UInt16();
        if (recordBytes < 8 || nodeBytes < recordBytes + 10 || nodeBytes > 1 << 20 || depth > MaxTreeDepth)
            throw new DamagedFileException("HDF5", "an index of members has impossible sizes.");
        // How wide the counts of a child pointer are follows from how many records a node can hold.
        var cumulative = new long[depth + 1];
        var cumulativeBytes = new int[depth + 1];
        cumulative[0] = (nodeBytes - 10) / recordBytes;
        var countBytes = BytesFor(cumulative[0]);
        for (var level = 1; level <= depth; level++)
        {
            var pointer = file.OffsetBytes + countBytes + cumulativeBytes[level - 1];
            var most = (nodeBytes - (10 + pointer)) / (recordBytes + pointer);
            cumulative[level] = Math.Min(((most + 1) * cumulative[level - 1]) + most, long.MaxValue >> 20);
            cumulativeBytes[level] = BytesFor(cumulative[level]);
        }

        var records = new List<byte[]>();
        if (root != Hdf5Cursor.Undefined)
            ReadNode(root, count, depth);
        return records;

        void ReadNode(ulong address, int held, int level)
        {
            if (records.Count > MaxLinks)
                throw new DamagedFileException("HDF5", "an index of members does not end.");
            var at = file.At(address, nodeBytes);
            at.Expect(level == 0 ? "BTLF" : "BTIN");
            at.Skip(2);
            for (var i = 0; i < held; i++)
                records.Add(at.Take(recordBytes).ToArray());
            for (var i = 0; level > 0 && i <= held; i++)
            {
                var child = at.Offset();
                var below = (int)at.Number(countBytes);
                at.Skip(cumulativeBytes[level - 1]);
                ReadNode(child, below, level - 1);
            }
        }
    }

    internal static int BytesFor(long most) => (BitOperations.Log2((ulong)Math.Max(most, 1)) / 8) + 1;
}
