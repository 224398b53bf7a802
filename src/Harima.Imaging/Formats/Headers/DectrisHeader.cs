using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Harima.Imaging.Formats.Headers;

/// <summary>The lines that PILATUS and EIGER detectors write into CBF and TIFF ("# Wavelength 0.68937 A").</summary>
static partial class DectrisHeader
{
    const int MaxEntries = 512;
    const int MaxDescriptionBytes = 64 * 1024;

    static readonly (string Key, Quantity Quantity)[] Lines =
    [
        ("Wavelength", Quantity.Wavelength),
        ("Exposure_time", Quantity.ExposureTime),
        ("Detector_distance", Quantity.DetectorDistance),
        ("Start_angle", Quantity.StartAngle),
        ("Angle_increment", Quantity.AngleIncrement),
    ];

    public static FileHeader ReadCbf(ReadOnlySpan<byte> start, long fileBytes)
    {
        if (!start.StartsWith("###CBF"u8))
            throw new DamagedFileException("CBF", "it does not begin with ###CBF.");
        var binary = start.IndexOf("--CIF-BINARY-FORMAT-SECTION--"u8);
        if (binary < 0)
            throw new DamagedFileException("CBF", $"it has no binary section in its first {start.Length} bytes.");
        var text = Encoding.Latin1.GetString(start[..binary]);
        var fields = new List<HeaderField>();
        var contents = text.IndexOf("_array_data.header_contents", StringComparison.Ordinal);
        if (contents >= 0)
            fields.AddRange(FieldsOf(text[contents..]));
        var mark = start[binary..].IndexOf((ReadOnlySpan<byte>)[0x0C, 0x1A, 0x04, 0xD5]);
        if (mark < 0)
            throw new DamagedFileException("CBF", "its binary section does not start with 0C 1A 04 D5.");
        var mime = Encoding.Latin1.GetString(start.Slice(binary, mark));
        if (Mime(mime, "X-Binary-Size") is { } size && binary + mark + 4 + size > fileBytes)
            throw new DamagedFileException(
                "CBF",
                $"the binary section should hold {size} bytes, but {fileBytes - binary - mark - 4} are left."
            );
        Add(fields, Quantity.Width, "X-Binary-Size-Fastest-Dimension", Mime(mime, "X-Binary-Size-Fastest-Dimension"));
        Add(fields, Quantity.Height, "X-Binary-Size-Second-Dimension", Mime(mime, "X-Binary-Size-Second-Dimension"));
        return new FileHeader("CBF", fields);
    }

    /// <summary>Reads the first directory and the texts it names; the pixels are only asked for whether they are there.</summary>
    public static FileHeader ReadTiff(Stream file)
    {
        var head = At(file, 0, 8);
        var little = head.AsSpan().StartsWith("II*\0"u8);
        if (!little && !head.AsSpan().StartsWith("MM\0*"u8))
            throw new DamagedFileException("TIFF", "it begins with neither II*0 nor MM0*.");
        uint U32(byte[] b, int i) =>
            little
                ? BinaryPrimitives.ReadUInt32LittleEndian(b.AsSpan(i))
                : BinaryPrimitives.ReadUInt32BigEndian(b.AsSpan(i));
        ushort U16(byte[] b, int i) =>
            little
                ? BinaryPrimitives.ReadUInt16LittleEndian(b.AsSpan(i))
                : BinaryPrimitives.ReadUInt16BigEndian(b.AsSpan(i));
        var at = U32(head, 4);
        var count = U16(At(file, at, 2), 0);
        if (count is 0 or > MaxEntries)
            throw new DamagedFileException("TIFF", $"its directory has {count} entries.");
        var entries = At(file, at + 2, count * 12);
        var fields = new List<HeaderField>();
        uint[] offsets = [],
            lengths = [];
        for (var i = 0; i < count; i++)
        {
            var (tag, type, n) = (U16(entries, i * 12), U16(entries, (i * 12) + 2), U32(entries, (i * 12) + 4));
            var value = U32(entries, (i * 12) + 8);
            switch (tag)
            {
                case 256:
                    Add(fields, Quantity.Width, "ImageWidth", One(i, type));
                    break;
                case 257:
                    Add(fields, Quantity.Height, "ImageLength", One(i, type));
                    break;
                case 270 when n is > 4 and <= MaxDescriptionBytes:
                    fields.AddRange(FieldsOf(Encoding.Latin1.GetString(At(file, value, (int)n)).TrimEnd('\0')));
                    break;
                case 272 when n is > 4 and <= 256 && !fields.Exists(field => field.Quantity == Quantity.Detector):
                    var model = Encoding.Latin1.GetString(At(file, value, (int)n)).TrimEnd('\0').Trim();
                    if (!FileHeaders.IsPlaceholder(model))
                        fields.Add(new HeaderField(Quantity.Detector, "Model", model));
                    break;
                case 273 when n <= 65536:
                    offsets = Many(i, type, n, value);
                    break;
                case 279 when n <= 65536:
                    lengths = Many(i, type, n, value);
                    break;
            }
        }

        for (var i = 0; i < Math.Min(offsets.Length, lengths.Length); i++)
            if ((long)offsets[i] + lengths[i] is var end && end > file.Length)
                throw new DamagedFileException(
                    "TIFF",
                    $"the pixels should end at byte {end}, but the file ends at {file.Length}: {end - file.Length} bytes are missing."
                );
        return new FileHeader("TIFF", fields);

        uint One(int i, int type) => type == 3 ? U16(entries, (i * 12) + 8) : U32(entries, (i * 12) + 8);

        uint[] Many(int i, int type, uint n, uint value)
        {
            var size = type == 3 ? 2 : 4;
            if (n * size <= 4)
                return n == 1 ? [One(i, type)] : [];
            var bytes = At(file, value, (int)n * size);
            return [.. Enumerable.Range(0, (int)n).Select(k => size == 2 ? U16(bytes, 2 * k) : U32(bytes, 4 * k))];
        }
    }

    static byte[] At(Stream file, long at, int count)
    {
        if (at + count > file.Length)
            throw new DamagedFileException(
                "TIFF",
                $"{count} bytes should be at byte {at}, but the file ends at {file.Length}."
            );
        var bytes = new byte[count];
        file.Position = at;
        file.ReadExactly(bytes);
        return bytes;
    }

    static void Add(List<HeaderField> fields, Quantity quantity, string path, long? number)
    {
        if (number is > 0)
            fields.Add(new HeaderField(quantity, path, number.Value.ToString(CultureInfo.InvariantCulture), number));
    }

    static long? Mime(string text, string key)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.TrimEntries))
            if (
                line.StartsWith(key + ":", StringComparison.OrdinalIgnoreCase)
                && long.TryParse(
                    line[(key.Length + 1)..],
                    NumberStyles.AllowLeadingWhite,
                    CultureInfo.InvariantCulture,
                    out var number
                )
            )
                return number;
        return null;
    }

    public static IEnumerable<HeaderField> FieldsOf(string text)
    {
        foreach (var raw in text.Split('\n'))
        {
            var line = raw.Trim();
            if (!line.StartsWith('#'))
                continue;
            line = line[1..].Trim();
            if (Time().IsMatch(line))
                yield return new HeaderField(Quantity.StartTime, "# " + line, IsoTime(line));
            else if (line.StartsWith("Detector:", StringComparison.Ordinal))
                yield return new HeaderField(Quantity.Detector, "# Detector", line["Detector:".Length..].Trim());
            else if (PixelSize().Match(line) is { Success: true } pixel)
                yield return FileHeaders.Measured(Quantity.PixelSize, "# Pixel_size", pixel.Groups[1].Value);
            else if (BeamXy().Match(line) is { Success: true } beam)
            {
                yield return FileHeaders.Measured(Quantity.BeamCenterX, "# Beam_xy", beam.Groups[1].Value, "pixel");
                yield return FileHeaders.Measured(Quantity.BeamCenterY, "# Beam_xy", beam.Groups[2].Value, "pixel");
            }
            else
                foreach (var (key, quantity) in Lines)
                    if (
                        line.StartsWith(key, StringComparison.Ordinal)
                        && FileHeaders.Measured(quantity, "# " + key, line[key.Length..].TrimStart(':', ' ', '='))
                            is { Number: not null } field
                    )
                        yield return field;
        }
    }

    static string IsoTime(string line) =>
        line.Replace('/', '-')[..10]
        + "T"
        + line[11..].Trim().Split(' ')[0].TrimEnd('Z')
        + (line.EndsWith('Z') ? "Z" : "");

    [GeneratedRegex(@"^\d{4}[-/]\d{2}[-/]\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?Z?$")]
    private static partial Regex Time();

    [GeneratedRegex(@"^Pixel_size:?\s+([\d.eE+-]+\s*m)\s+x")]
    private static partial Regex PixelSize();

    [GeneratedRegex(@"^Beam_xy:?\s+\(\s*([\d.eE+-]+)\s*,\s*([\d.eE+-]+)\s*\)")]
    private static partial Regex BeamXy();
}
