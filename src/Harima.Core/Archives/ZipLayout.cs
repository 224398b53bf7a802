using System.Buffers.Binary;
using System.Text;

namespace Harima.Archives;

/// <summary>ZIP as in PKWARE's APPNOTE.TXT 6.3.10; the numbers in comments are its sections.</summary>
sealed class ZipLayout : IArchiveLayout
{
    // "If one of the fields is too small, it is set to all ones and the Zip64 extra field holds it" (4.4.1.4).
    const uint Full32 = 0xFFFFFFFF;
    const ushort Full16 = 0xFFFF;
    const ushort NeedsPlain = 20;
    const ushort NeedsZip64 = 45;

    // Names are UTF-8 (appendix D).
    const ushort Flags = 1 << 11;

    // Checksum and sizes follow the content and are zero before it (4.4.4, bit 3).
    const ushort FlagDescriptor = 1 << 3;

    // Upper byte 3: attributes are those of UNIX (4.4.2).
    const ushort MadeBy = (3 << 8) | NeedsZip64;
    const uint FileMode = 0x81A4u << 16; // -rw-r--r--
    const uint FolderMode = (0x41EDu << 16) | 0x10; // drwxr-xr-x, and MS-DOS's folder bit

    public bool HasDirectory => true;

    /// <summary>Local file header (4.3.7).</summary>
    public byte[] Head(ArchiveEntry entry)
    {
        var large = entry.SizeBytes >= Full32;
        var name = Encoding.UTF8.GetBytes(entry.Name);
        var before = entry.IsDescribedAfter ? 0 : entry.SizeBytes;
        var extra = Join(large ? Zip64Extra([before, before]) : [], TimeExtra(entry));
        var head = new byte[30 + name.Length + extra.Length];
        var to = new Fields(head);
        to.Add(0x04034b50u);
        to.Add(large ? NeedsZip64 : NeedsPlain);
        AddCommon(ref to, entry, large, sumsFollow: entry.IsDescribedAfter);
        to.Add((ushort)name.Length);
        to.Add((ushort)extra.Length);
        to.Add(name);
        to.Add(extra);
        return head;
    }

    public int TailBytes(ArchiveEntry entry) =>
        !entry.IsDescribedAfter ? 0
        : entry.SizeBytes >= Full32 ? 24
        : 16;

    /// <summary>Data descriptor (4.3.9), its sizes as wide as those of the head.</summary>
    public byte[] Tail(ArchiveEntry entry)
    {
        var tail = new byte[TailBytes(entry)];
        if (tail.Length == 0)
            return tail;
        var to = new Fields(tail);
        to.Add(0x08074b50u);
        to.Add(entry.Crc32 ?? 0);
        if (entry.SizeBytes >= Full32)
        {
            to.Add(entry.SizeBytes);
            to.Add(entry.SizeBytes);
        }
        else
        {
            to.Add((uint)entry.SizeBytes);
            to.Add((uint)entry.SizeBytes);
        }
        return tail;
    }

    /// <summary>Central directory header (4.3.12).</summary>
    public byte[] Record(ArchiveEntry entry, long offset)
    {
        var large = entry.SizeBytes >= Full32;
        var far = offset >= Full32;
        var name = Encoding.UTF8.GetBytes(entry.Name);
        var extra = Join(
            large || far
                ? Zip64Extra([
                    .. large ? [entry.SizeBytes, entry.SizeBytes] : (long[])[],
                    .. far ? [offset] : (long[])[],
                ])
                : [],
            TimeExtra(entry)
        );
        var record = new byte[46 + name.Length + extra.Length];
        var to = new Fields(record);
        to.Add(0x02014b50u);
        to.Add(MadeBy);
        to.Add(large || far ? NeedsZip64 : NeedsPlain);
        AddCommon(ref to, entry, large, sumsFollow: false);
        to.Add((ushort)name.Length);
        to.Add((ushort)extra.Length);
        to.Add((ushort)0); // comment length
        to.Add((ushort)0); // disk number
        to.Add((ushort)0); // internal attributes
        to.Add(entry.IsFolder ? FolderMode : FileMode);
        to.Add(far ? Full32 : (uint)offset);
        to.Add(name);
        to.Add(extra);
        return record;
    }

    /// <summary>End of central directory (4.3.16), where needed behind its 64-bit form and that one's locator (4.3.14, 4.3.15).</summary>
    public byte[] End(long count, long directoryOffset, long directoryBytes)
    {
        var large = count >= Full16 || directoryOffset >= Full32 || directoryBytes >= Full32;
        var end = new byte[(large ? 56 + 20 : 0) + 22];
        var to = new Fields(end);
        if (large)
        {
            to.Add(0x06064b50u);
            to.Add(44L); // of what follows this field
            to.Add(MadeBy);
            to.Add(NeedsZip64);
            to.Add(0u); // this disk
            to.Add(0u); // disk of the directory
            to.Add(count);
            to.Add(count);
            to.Add(directoryBytes);
            to.Add(directoryOffset);
            to.Add(0x07064b50u);
            to.Add(0u);
            to.Add(directoryOffset + directoryBytes);
            to.Add(1u); // disks
        }
        to.Add(0x06054b50u);
        to.Add((ushort)0);
        to.Add((ushort)0);
        to.Add((ushort)Math.Min(count, Full16));
        to.Add((ushort)Math.Min(count, Full16));
        to.Add((uint)Math.Min(directoryBytes, Full32));
        to.Add((uint)Math.Min(directoryOffset, Full32));
        to.Add((ushort)0);
        return end;
    }

    static void AddCommon(ref Fields to, ArchiveEntry entry, bool large, bool sumsFollow)
    {
        var at = entry.ModifiedAt.UtcDateTime;
        to.Add(entry.IsDescribedAfter ? (ushort)(Flags | FlagDescriptor) : Flags);
        to.Add((ushort)0); // stored
        to.Add((ushort)((at.Hour << 11) | (at.Minute << 5) | (at.Second / 2)));
        // MS-DOS counts from 1980 and has seven bits.
        to.Add((ushort)((Math.Clamp(at.Year - 1980, 0, 127) << 9) | (at.Month << 5) | at.Day));
        to.Add(sumsFollow ? 0 : entry.Crc32 ?? 0);
        // With the extra field present they are in it, whatever comes after the content.
        var size =
            sumsFollow && !large ? 0
            : large ? Full32
            : (uint)entry.SizeBytes;
        to.Add(size);
        to.Add(size);
    }

    static byte[] Zip64Extra(ReadOnlySpan<long> values)
    {
        var extra = new byte[4 + 8 * values.Length];
        var to = new Fields(extra);
        to.Add((ushort)0x0001);
        to.Add((ushort)(8 * values.Length));
        foreach (var value in values)
            to.Add(value);
        return extra;
    }

    /// <summary>Info-ZIP's extended timestamp: MS-DOS times have no zone, this one is UTC.</summary>
    static byte[] TimeExtra(ArchiveEntry entry)
    {
        var extra = new byte[9];
        var to = new Fields(extra);
        to.Add((ushort)0x5455);
        to.Add((ushort)5);
        to.Add([1]); // modification time only
        to.Add((uint)Math.Clamp(entry.ModifiedAt.ToUnixTimeSeconds(), 0, int.MaxValue));
        return extra;
    }

    static byte[] Join(byte[] first, byte[] second) => [.. first, .. second];

    /// <summary>Little-endian fields one after the other.</summary>
    ref struct Fields(Span<byte> rest)
    {
        Span<byte> _rest = rest;

        public void Add(ushort value)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(_rest, value);
            _rest = _rest[2..];
        }

        public void Add(uint value)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_rest, value);
            _rest = _rest[4..];
        }

        public void Add(long value)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_rest, value);
            _rest = _rest[8..];
        }

        public void Add(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_rest);
            _rest = _rest[bytes.Length..];
        }
    }
}
