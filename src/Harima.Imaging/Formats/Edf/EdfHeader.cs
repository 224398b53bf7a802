using System.Text;

namespace Harima.Imaging.Formats.Edf;

/// <summary>The header of a frame in the ESRF data format.</summary>
/// <remarks>
/// Source: the EDF description of the ESRF (SAXS package, "ESRF data format").
/// <code>
/// {                              the header begins
/// HeaderID = EH:000001:000000:000000 ;
/// Dim_1 = 2048 ;                 keys are compared without regard to case
/// ...                            padded to a multiple of 512 bytes
/// }                              then the pixels
/// </code>
/// </remarks>
public static class EdfHeader
{
    /// <summary>The longest header that is read, in bytes.</summary>
    public const int MaxBytes = 64 * 1024;

    /// <summary>Keys and values of the first header, in order.</summary>
    /// <param name="start">The first bytes of the file, <see cref="MaxBytes"/> of them or all.</param>
    /// <param name="fileBytes">How long the whole file is.</param>
    /// <exception cref="DamagedFileException">It has no header that ends, or is shorter than its header says.</exception>
    public static IReadOnlyList<KeyValuePair<string, string>> Read(ReadOnlySpan<byte> start, long fileBytes)
    {
        var text = start.TrimStart(" \r\n\t"u8);
        var before = start.Length - text.Length;
        if (text.Length == 0 || text[0] != (byte)'{')
            throw new DamagedFileException("EDF", "it does not begin with '{'.");
        var end = text.IndexOf("}"u8);
        if (end < 0)
            throw new DamagedFileException("EDF", $"its header does not end within {start.Length} bytes.");
        var fields = new List<KeyValuePair<string, string>>();
        foreach (var line in Encoding.Latin1.GetString(text[1..end]).Split(';'))
        {
            var at = line.IndexOf('=', StringComparison.Ordinal);
            if (at > 0)
                fields.Add(new KeyValuePair<string, string>(line[..at].Trim(), line[(at + 1)..].Trim()));
        }

        if (fields.Count == 0)
            throw new DamagedFileException("EDF", "its header says nothing.");
        var claimed = Find(fields, "EDF_BinarySize") ?? Find(fields, "Size");
        if (
            long.TryParse(claimed, out var bytes)
            && Find(fields, "Compression") is null or "None" or "none"
            && bytes > fileBytes - before - end - 1
        )
            throw new DamagedFileException(
                "EDF",
                $"{bytes} bytes of pixels should follow the header, but {fileBytes - before - end - 1} do."
            );
        return fields;
    }

    static string? Find(List<KeyValuePair<string, string>> fields, string key)
    {
        var found = fields.FindIndex(field => field.Key.Equals(key, StringComparison.OrdinalIgnoreCase));
        return found < 0 ? null : fields[found].Value;
    }
}
