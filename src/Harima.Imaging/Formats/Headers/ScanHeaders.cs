using System.Globalization;
using System.Text.RegularExpressions;

namespace Harima.Imaging.Formats.Headers;

/// <summary>Headers of text that Japanese beamlines and laboratories write: XAFS scans in "9809" format, and Rigaku's RAS.</summary>
/// <remarks>
/// <code>
///   9809     KEK-PF   BL12C                                             facility, beamline
/// Cu_foil.dat   07.05.10 15:34 - 07.05.10 15:52                         year.month.day
/// Cu K-edge, foil                                                       what the person typed
/// Ring :  2.5 GeV  441.7 mA -  437.9 mA
/// Mono :   SI(111)       D=  3.13551 A    Initial angle= 12.71660 deg
/// </code>
/// </remarks>
static partial class ScanHeaders
{
    /// <returns>Null where it is neither.</returns>
    public static FileHeader? Read(IReadOnlyList<string> lines)
    {
        if (lines.Count > 0 && Mark9809().Match(lines[0]) is { Success: true } mark)
            return new FileHeader("9809", Of9809(mark, lines));
        return lines.Any(line => line.StartsWith("*RAS_HEADER_START", StringComparison.Ordinal))
            ? new FileHeader("RAS", OfRas(lines))
            : null;
    }

    static List<HeaderField> Of9809(Match mark, IReadOnlyList<string> lines)
    {
        var fields = new List<HeaderField> { new(Quantity.Technique, "9809", "XAFS") };
        Add(Quantity.Facility, "9809", mark.Groups[1].Value);
        Add(Quantity.Beamline, "9809", mark.Groups[2].Value);
        if (lines.Count > 1 && Period().Match(lines[1]) is { Success: true } period)
        {
            AddTime(Quantity.StartTime, period.Groups[1].Value);
            AddTime(Quantity.EndTime, period.Groups[2].Value);
        }

        if (lines.Count > 2 && !lines[2].TrimStart().StartsWith("Ring", StringComparison.Ordinal))
        {
            Add(Quantity.Title, "comment", lines[2]);
            if (EdgeOf().Match(lines[2]) is { Success: true } edge)
            {
                Add(Quantity.Element, "comment", edge.Groups[1].Value);
                Add(Quantity.Edge, "comment", edge.Groups[2].Value);
            }
        }

        foreach (var line in lines.Take(12))
            if (Ring().Match(line) is { Success: true } ring)
                fields.Add(FileHeaders.Measured(Quantity.RingCurrent, "Ring", ring.Groups[1].Value, "mA"));
            else if (Monochromator().Match(line) is { Success: true } mono)
            {
                Add(Quantity.MonochromatorCrystal, "Mono", mono.Groups[1].Value);
                fields.Add(FileHeaders.Measured(Quantity.MonochromatorSpacing, "Mono", mono.Groups[2].Value, "Å"));
            }

        return fields;

        void Add(Quantity quantity, string path, string text)
        {
            if (!FileHeaders.IsPlaceholder(text))
                fields.Add(new HeaderField(quantity, path, text.Trim()));
        }

        void AddTime(Quantity quantity, string text)
        {
            // Two digits of the year; the format is of 1998.
            if (
                DateTime.TryParseExact(
                    text,
                    "yy.MM.dd HH:mm",
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.None,
                    out var at
                )
            )
                fields.Add(
                    new HeaderField(
                        quantity,
                        "period",
                        at.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture)
                    )
                );
        }
    }

    static List<HeaderField> OfRas(IReadOnlyList<string> lines)
    {
        var fields = new List<HeaderField> { new(Quantity.Technique, "RAS_HEADER", "NXxrd") };
        foreach (var line in lines.TakeWhile(line => !line.StartsWith("*RAS_HEADER_END", StringComparison.Ordinal)))
        {
            if (
                RasField().Match(line) is not { Success: true } match
                || FileHeaders.IsPlaceholder(match.Groups[2].Value)
            )
                continue;
            var (key, value) = (match.Groups[1].Value, match.Groups[2].Value.Trim());
            switch (key)
            {
                case "FILE_SAMPLE":
                    fields.Add(new HeaderField(Quantity.SampleName, key, value));
                    break;
                case "FILE_COMMENT":
                    fields.Add(new HeaderField(Quantity.Title, key, value));
                    break;
                case "HW_XG_WAVE_LENGTH_ALPHA1":
                    fields.Add(FileHeaders.Measured(Quantity.Wavelength, key, value, "Å"));
                    break;
                case "MEAS_SCAN_START_TIME" or "MEAS_SCAN_END_TIME":
                    if (
                        DateTime.TryParseExact(
                            value,
                            ["MM/dd/yyyy HH:mm:ss", "MM/dd/yy HH:mm:ss", "yyyy/MM/dd HH:mm:ss"],
                            CultureInfo.InvariantCulture,
                            DateTimeStyles.None,
                            out var at
                        )
                    )
                        fields.Add(
                            new HeaderField(
                                key.Contains("START", StringComparison.Ordinal) ? Quantity.StartTime : Quantity.EndTime,
                                key,
                                at.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture)
                            )
                        );
                    break;
            }
        }

        return fields;
    }

    [GeneratedRegex(@"^\s*9809\s+([A-Za-z].*?)\s+([A-Za-z]\S*)\s*$")]
    private static partial Regex Mark9809();

    [GeneratedRegex(@"(\d\d\.\d\d\.\d\d\s\d\d:\d\d)\s*-\s*(\d\d\.\d\d\.\d\d\s\d\d:\d\d)\s*$")]
    private static partial Regex Period();

    [GeneratedRegex(@"\b([A-Z][a-z]?)[ _-]?(K|L[123I]{1,3})[ -]?edge\b")]
    private static partial Regex EdgeOf();

    [GeneratedRegex(@"^\s*Ring\s*:.*?([\d.]+)\s*mA", RegexOptions.IgnoreCase)]
    private static partial Regex Ring();

    [GeneratedRegex(@"^\s*Mono\s*:\s*(\S+)\s+D=\s*([\d.]+)\s*A", RegexOptions.IgnoreCase)]
    private static partial Regex Monochromator();

    [GeneratedRegex("^\\*([A-Z0-9_]+)\\s+\"(.*)\"\\s*$")]
    private static partial Regex RasField();
}
