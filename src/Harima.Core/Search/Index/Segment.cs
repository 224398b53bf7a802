using System.Buffers.Binary;

namespace Harima.Search.Index;

/// <summary>A segment's file, open. States of the index share it; the last to let go of it closes it.</summary>
sealed class Segment
{
    readonly long _rowsOffset = sizeof(ulong);
    readonly Dictionary<string, SegmentField> _fields = new(StringComparer.Ordinal);
    readonly List<SegmentField> _ordered = [];
    int _uses = 1;

    Segment(long number, MappedFile file, int documents, ulong checksum)
    {
        Number = number;
        File = file;
        Documents = documents;
        Checksum = checksum;
    }

    public long Number { get; }
    public MappedFile File { get; }
    public int Documents { get; }
    public ulong Checksum { get; }

    /// <summary>Ordered by name.</summary>
    public IReadOnlyList<SegmentField> Fields => _ordered;

    public ReadOnlySpan<long> Rows => File.Slice<long>(_rowsOffset, Documents);

    public static Segment Open(string path, long number)
    {
        var file = MappedFile.Open(path);
        try
        {
            return Read(file, number);
        }
        catch (Exception fault) when (fault is IndexOutOfRangeException or ArgumentException or OverflowException)
        {
            file.Dispose();
            throw new IndexDamagedException($"{path}: {fault.Message}");
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    static Segment Read(MappedFile file, long number)
    {
        var footer = file.Slice(file.Length - SegmentFormat.FooterBytes, SegmentFormat.FooterBytes);
        if (
            BinaryPrimitives.ReadUInt64LittleEndian(footer[24..]) != SegmentFormat.Magic
            || BinaryPrimitives.ReadUInt64LittleEndian(file.Slice(0, 8)) != SegmentFormat.Magic
        )
            throw new IndexDamagedException(
                "a segment does not begin and end as it was written, or by another version"
            );
        var directory = file.Slice(
            BinaryPrimitives.ReadInt64LittleEndian(footer),
            BinaryPrimitives.ReadInt32LittleEndian(footer[8..])
        );
        var segment = new Segment(
            number,
            file,
            BinaryPrimitives.ReadInt32LittleEndian(footer[12..]),
            BinaryPrimitives.ReadUInt64LittleEndian(footer[16..])
        );
        var at = 0;
        for (var left = Varint.ReadInt(directory, ref at); left > 0; left--)
        {
            var field = new SegmentField(segment, FieldEntry.Read(directory, ref at));
            segment._fields.Add(field.Name, field);
            segment._ordered.Add(field);
        }
        return segment;
    }

    /// <summary>Reads everything.</summary>
    public bool IsWhole() => File.Checksum(File.Length - SegmentFormat.FooterBytes) == Checksum;

    public SegmentField? Find(string field) => _fields.GetValueOrDefault(field);

    /// <summary>The document of the row, or the complement of where it would be.</summary>
    public int DocumentOf(long row) => Rows.BinarySearch(row);

    /// <summary>The first document of that row or a later one.</summary>
    public int DocumentFrom(long row)
    {
        var document = Rows.BinarySearch(row);
        return document < 0 ? ~document : document;
    }

    public bool TryUse()
    {
        while (true)
        {
            var uses = Volatile.Read(ref _uses);
            if (uses == 0)
                return false;
            if (Interlocked.CompareExchange(ref _uses, uses + 1, uses) == uses)
                return true;
        }
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _uses) == 0)
            File.Dispose();
    }
}
