using System.Globalization;
using System.Text;

namespace Harima.Archives;

/// <summary>POSIX.1-2017, pax: ustar headers, preceded by an extended one where a name or a size does not fit.</summary>
sealed class TarLayout : IArchiveLayout
{
    const int Block = 512;
    const int LongestName = 100;

    // Eleven octal digits.
    const long LargestSize = (1L << 33) - 1;

    public bool HasDirectory => false;

    public byte[] Head(ArchiveEntry entry)
    {
        var name = Encoding.UTF8.GetBytes(entry.Name);
        var records = new StringBuilder();
        // Only ASCII means the same to every reader of the plain field.
        if (name.Length > LongestName || name.Length != entry.Name.Length)
            records.Append(Record("path", entry.Name));
        if (entry.SizeBytes > LargestSize)
            records.Append(Record("size", entry.SizeBytes.ToString(CultureInfo.InvariantCulture)));
        var type = entry.IsFolder ? '5' : '0';
        if (records.Length == 0)
            return Header(name, entry.SizeBytes, entry.ModifiedAt, type);
        var extended = Encoding.UTF8.GetBytes(records.ToString());
        // Readers without pax see a shortened name and a file of its own beside it.
        var shortened = name[..Math.Min(name.Length, LongestName)];
        return
        [
            .. Header("PaxHeader/attributes"u8, extended.Length, entry.ModifiedAt, 'x'),
            .. extended,
            .. new byte[Padding(extended.Length)],
            .. Header(shortened, Math.Min(entry.SizeBytes, LargestSize), entry.ModifiedAt, type),
        ];
    }

    public int TailBytes(ArchiveEntry entry) => Padding(entry.SizeBytes);

    public byte[] Tail(ArchiveEntry entry) => new byte[TailBytes(entry)];

    public byte[] Record(ArchiveEntry entry, long offset) => [];

    public byte[] End(long count, long directoryOffset, long directoryBytes) => new byte[2 * Block];

    static int Padding(long size) => (int)((Block - size % Block) % Block);

    /// <summary><c>length name=value\n</c>, the length being that of the whole record, itself included.</summary>
    static string Record(string name, string value)
    {
        var rest = Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value) + 3;
        var length = rest + Digits(rest);
        if (Digits(length) > Digits(rest))
            length = rest + Digits(length);
        return string.Create(CultureInfo.InvariantCulture, $"{length} {name}={value}\n");
    }

    static int Digits(int number) => number.ToString(CultureInfo.InvariantCulture).Length;

    static byte[] Header(ReadOnlySpan<byte> name, long size, DateTimeOffset modifiedAt, char type)
    {
        var header = new byte[Block];
        name.CopyTo(header);
        Octal(header.AsSpan(100, 8), type == '5' ? 0b111_101_101 : 0b110_100_100);
        Octal(header.AsSpan(108, 8), 0); // user
        Octal(header.AsSpan(116, 8), 0); // group
        Octal(header.AsSpan(124, 12), size);
        Octal(header.AsSpan(136, 12), Math.Max(0, modifiedAt.ToUnixTimeSeconds()));
        header[156] = (byte)type;
        "ustar\0"u8.CopyTo(header.AsSpan(257));
        "00"u8.CopyTo(header.AsSpan(263));
        // The checksum counts its own field as blanks.
        header.AsSpan(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var value in header)
            sum += value;
        Octal(header.AsSpan(148, 7), sum);
        return header;
    }

    /// <summary>Octal digits with leading zeros and a NUL behind.</summary>
    static void Octal(Span<byte> field, long value)
    {
        field[^1] = 0;
        for (var i = field.Length - 2; i >= 0; i--, value >>= 3)
            field[i] = (byte)('0' + (value & 7));
    }
}
