using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Harima.Imaging.Formats.Tiff;

namespace Harima.Imaging.Formats.Headers;

/// <summary>The lines that PILATUS and EIGER detectors write into CBF and TIFF ("# Wavelength 0.68937 A").</summary>
static partial class DectrisHeader
{
    const int MaxModelBytes = 256;
    const int MaxStrips = 65536;
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
        var directory = new TiffDirectory(file);
        var fields = new List<HeaderField>();
        Add(fields, Quantity.Width, "ImageWidth", directory.One(TiffTag.ImageWidth, 0));
        Add(fields, Quantity.Height, "ImageLength", directory.One(TiffTag.ImageLength, 0));
        if (directory.CountOf(TiffTag.ImageDescription) is > 4 and <= MaxDescriptionBytes)
            fields.AddRange(FieldsOf(Text(directory, TiffTag.ImageDescription)));
        if (
            directory.CountOf(TiffTag.Model) is > 4 and <= MaxModelBytes
            && !fields.Exists(field => field.Quantity == Quantity.Detector)
            && Text(directory, TiffTag.Model).Trim() is var model
            && !FileHeaders.IsPlaceholder(model)
        )
            fields.Add(new HeaderField(Quantity.Detector, "Model", model));
        ExpectPixels(directory, TiffTag.StripOffsets, TiffTag.StripByteCounts);
        ExpectPixels(directory, TiffTag.TileOffsets, TiffTag.TileByteCounts);
        return new FileHeader("TIFF", fields);
    }

    static string Text(TiffDirectory directory, TiffTag tag) =>
        Encoding.Latin1.GetString(directory.Bytes(tag)).TrimEnd('\0');

    static void ExpectPixels(TiffDirectory directory, TiffTag at, TiffTag size)
    {
        if (directory.CountOf(at) > MaxStrips || directory.CountOf(size) > MaxStrips)
            return;
        foreach (var (offset, length) in directory.All(at).Zip(directory.All(size)))
            directory.ExpectPixels(offset, length);
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
