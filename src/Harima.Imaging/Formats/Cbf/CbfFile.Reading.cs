using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Harima.Imaging.Frames;

namespace Harima.Imaging.Formats.Cbf;

public sealed partial record CbfFile
{
    /// <summary>A frame larger than this is taken for damage: 64 million pixels, four times the largest detector made.</summary>
    const long MaxPixels = 64L << 20;

    /// <summary>Reads the bytes of a whole file.</summary>
    /// <exception cref="DamagedFileException">It is no CBF, not of byte-offset compression, or damaged.</exception>
    public static CbfFile Read(ReadOnlySpan<byte> file)
    {
        if (!file.StartsWith("###CBF"u8))
            throw new DamagedFileException("CBF", "it does not begin with ###CBF.");
        var section = file.IndexOf(Encoding.ASCII.GetBytes(Boundary));
        if (section < 0)
            throw new DamagedFileException("CBF", "it has no binary section.");
        var start = file[section..].IndexOf(Start);
        if (start < 0)
            throw new DamagedFileException("CBF", "its binary section does not start with 0C 1A 04 D5.");
        var fields = BinaryFields(Encoding.ASCII.GetString(file.Slice(section, start)));
        var packed = Packed(file[(section + start + Start.Length)..], fields);
        return new CbfFile(Decode(packed, fields), HeaderLines(Encoding.ASCII.GetString(file[..section])));
    }

    static ReadOnlySpan<byte> Packed(ReadOnlySpan<byte> rest, Dictionary<string, string> fields)
    {
        var size = Number(fields, "X-Binary-Size");
        if (size < 0 || size > rest.Length)
            throw new DamagedFileException(
                "CBF",
                $"the binary section should hold {size} bytes, but {rest.Length} are left."
            );
        var packed = rest[..(int)size];
        if (
            fields.TryGetValue("Content-MD5", out var expected)
            && Convert.ToBase64String(MD5.HashData(packed)) != expected
        )
            throw new DamagedFileException("CBF", $"the pixels do not match their Content-MD5 {expected}.");
        return packed;
    }

    static DetectorFrame Decode(ReadOnlySpan<byte> packed, Dictionary<string, string> fields)
    {
        var conversions = fields.GetValueOrDefault("conversions", "none");
        if (!conversions.Equals("x-CBF_BYTE_OFFSET", StringComparison.OrdinalIgnoreCase))
            throw new DamagedFileException(
                "CBF",
                $"the compression is '{conversions}', and only x-CBF_BYTE_OFFSET is read."
            );
        var (width, height) = (
            Number(fields, "X-Binary-Size-Fastest-Dimension"),
            Number(fields, "X-Binary-Size-Second-Dimension")
        );
        // A pixel takes a byte at least: a larger claim is refused before memory is given to it.
        if (
            width <= 0
            || height <= 0
            || width > MaxPixels
            || height > MaxPixels / width
            || width * height > packed.Length
        )
            throw new DamagedFileException("CBF", $"{packed.Length} bytes cannot hold {width} x {height} pixels.");
        var counts = new int[width * height];
        ByteOffset.Decompress(packed, counts);
        return new DetectorFrame((int)height, (int)width, counts);
    }

    static Dictionary<string, string> BinaryFields(string text)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            // "conversions" continues the line of Content-Type and is written with an equals sign.
            var separator = line.StartsWith("conversions", StringComparison.OrdinalIgnoreCase) ? '=' : ':';
            var at = line.IndexOf(separator, StringComparison.Ordinal);
            if (at > 0)
                fields[line[..at].Trim()] = line[(at + 1)..].Trim().Trim('"');
        }

        return fields;
    }

    static long Number(Dictionary<string, string> fields, string name) =>
        fields.TryGetValue(name, out var text)
        && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new DamagedFileException("CBF", $"the binary section does not say its {name}.");

    static string[] HeaderLines(string text)
    {
        var from = text.IndexOf("_array_data.header_contents", StringComparison.Ordinal);
        return from < 0
            ? []
            :
            [
                .. text[from..]
                    .Split('\n', StringSplitOptions.TrimEntries)
                    .Skip(2)
                    .TakeWhile(line => line != ";")
                    .Where(line => line.StartsWith('#'))
                    .Select(line => line[1..].Trim()),
            ];
    }
}
