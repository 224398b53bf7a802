using System.Globalization;
using System.Text.RegularExpressions;

namespace Harima.Imaging.Formats.Headers;

/// <summary>Headers of text: XDI (XAFS Data Interchange 1.0), and what other tables write above their columns.</summary>
static partial class TextHeader
{
    const int MaxLines = 400;

    // XDI names families and fields without regard to case.
    static readonly (string Key, Quantity Quantity, string? Unit)[] Xdi =
    [
        ("Element.symbol", Quantity.Element, null),
        ("Element.edge", Quantity.Edge, null),
        ("Mono.name", Quantity.MonochromatorCrystal, null),
        ("Mono.d_spacing", Quantity.MonochromatorSpacing, "Å"),
        ("Sample.name", Quantity.SampleName, null),
        ("Sample.formula", Quantity.ChemicalFormula, null),
        ("Sample.stoichiometry", Quantity.ChemicalFormula, null),
        ("Sample.prep", Quantity.SamplePreparation, null),
        ("Sample.preparation", Quantity.SamplePreparation, null),
        ("Sample.temperature", Quantity.Temperature, null),
        ("Facility.name", Quantity.Facility, null),
        ("Beamline.name", Quantity.Beamline, null),
        ("Facility.current", Quantity.RingCurrent, "mA"),
        ("Beamline.Storage_Ring_Current", Quantity.RingCurrent, "mA"),
        ("Facility.Ring_Current", Quantity.RingCurrent, "mA"),
        ("Scan.edge_energy", Quantity.Energy, "eV"),
    ];

    public static FileHeader Read(string text, string name)
    {
        var lines = text.Split('\n').Take(MaxLines).Select(line => line.TrimEnd('\r', ' ', '\t')).ToList();
        if (ScanHeaders.Read(lines) is { } scan)
            return scan;
        return lines.Count > 0 && XdiMark().IsMatch(lines[0])
            ? new FileHeader("XDI", OfXdi(lines))
            : new FileHeader("text", OfTable(lines, name));
    }

    static List<HeaderField> OfXdi(List<string> lines)
    {
        var fields = new List<HeaderField>();
        foreach (var line in lines.Skip(1).TakeWhile(line => line.StartsWith('#')))
        {
            // Free comments follow a line of slashes, column labels one of dashes.
            if (line.StartsWith("#---", StringComparison.Ordinal) || line.StartsWith("# ---", StringComparison.Ordinal))
                break;
            if (XdiField().Match(line) is not { Success: true } match)
                continue;
            var (key, value) = (match.Groups[1].Value, match.Groups[2].Value.Trim());
            if (FileHeaders.IsPlaceholder(value))
                continue;
            if (key.Equals("Scan.start_time", StringComparison.OrdinalIgnoreCase))
                Time(Quantity.StartTime, key, value);
            else if (key.Equals("Scan.end_time", StringComparison.OrdinalIgnoreCase))
                Time(Quantity.EndTime, key, value);
            else if (
                Xdi.FirstOrDefault(known => known.Key.Equals(key, StringComparison.OrdinalIgnoreCase))
                    is { Key: not null } found
                && !fields.Exists(field => field.Quantity == found.Quantity)
            )
                fields.Add(
                    found.Unit is null && found.Quantity != Quantity.Temperature
                        ? new HeaderField(found.Quantity, key, value)
                        : FileHeaders.Measured(found.Quantity, key, value, found.Unit)
                );
        }

        if (fields.Exists(field => field.Quantity == Quantity.Edge))
            fields.Insert(0, new HeaderField(Quantity.Technique, "Element.edge", "XAFS"));
        return fields;

        void Time(Quantity quantity, string key, string value)
        {
            if (IsoTime(value) is { } time)
                fields.Add(new HeaderField(quantity, key, time));
        }
    }

    static List<HeaderField> OfTable(List<string> lines, string name)
    {
        var fields = new List<HeaderField>();
        // What Scienta's analysers write (SES): the instrument is the analyser, and the place is facility and beamline.
        var isAnalyser =
            lines.Exists(line => line.StartsWith("[Region ", StringComparison.Ordinal))
            && lines.Exists(line => line.StartsWith("Pass Energy=", StringComparison.Ordinal));
        if (isAnalyser)
            fields.Add(new HeaderField(Quantity.Technique, "Pass Energy", "NXxps"));
        // Behind a hundred lines of numbers no header follows.
        for (var i = 0; i < lines.Count && i < 100; i++)
        {
            var line = lines[i];
            if (line.Length == 0 || char.IsDigit(line.TrimStart(' ', '\t', '-', '.').FirstOrDefault()))
                continue;
            if (Title().Match(line) is { Success: true } title)
                Add(new HeaderField(Quantity.Title, "#title", title.Groups[1].Value.Trim()));
            else if (BindingEnergy().IsMatch(line))
                Add(new HeaderField(Quantity.Technique, line.Trim(), "NXxps"));
            else if (ScatteringAngle().IsMatch(line))
                Add(new HeaderField(Quantity.Technique, line.Trim(), "NXxrd"));
            else if (MeasuredAt().Match(line) is { Success: true } beamline)
                Add(new HeaderField(Quantity.Beamline, line.Trim(), beamline.Groups[1].Value));
            else if (KeyValue().Match(line) is { Success: true } match)
                AddKey(match.Groups[1].Value.Trim(), match.Groups[2].Value.Trim());
        }

        if (
            lines.Exists(line => line.StartsWith("Distance:", StringComparison.Ordinal))
            && name.EndsWith(".poni", StringComparison.OrdinalIgnoreCase)
        )
            fields.RemoveAll(field => field.Quantity is Quantity.Title);
        return fields;

        void Add(HeaderField field)
        {
            if (!FileHeaders.IsPlaceholder(field.Text) && !fields.Exists(known => known.Quantity == field.Quantity))
                fields.Add(field);
        }

        void AddKey(string key, string value)
        {
            var words = key.ToLowerInvariant().Replace('_', ' ');
            switch (words)
            {
                case "energy" or "excitation energy" or "photon energy" or "incident energy":
                    // "Energy= 11.504 keV (q < .1), 11.504 keV (q> .1)" says it twice.
                    if (NumberWithUnit().Match(value) is { Success: true } energy)
                        Add(
                            FileHeaders.Measured(
                                Quantity.Energy,
                                key,
                                energy.Value,
                                words == "excitation energy" ? "eV" : null
                            )
                        );
                    break;
                case "exposure" or "exposure time":
                    Add(FileHeaders.Measured(Quantity.ExposureTime, key, value));
                    break;
                case "wavelength":
                    // In a calibration of pyFAI it is in metres.
                    Add(
                        FileHeaders.Measured(
                            Quantity.Wavelength,
                            key,
                            value,
                            name.EndsWith(".poni", StringComparison.OrdinalIgnoreCase) ? "m" : null
                        )
                    );
                    break;
                case "distance" when name.EndsWith(".poni", StringComparison.OrdinalIgnoreCase):
                    Add(FileHeaders.Measured(Quantity.DetectorDistance, key, value, "m"));
                    break;
                case "detector":
                    Add(new HeaderField(Quantity.Detector, key, value));
                    break;
                case "instrument" when isAnalyser:
                    Add(new HeaderField(Quantity.Detector, key, value));
                    break;
                case "location" when isAnalyser && Place().Match(value) is { Success: true } place:
                    Add(new HeaderField(Quantity.Facility, key, place.Groups[1].Value));
                    Add(new HeaderField(Quantity.Beamline, key, place.Groups[2].Value));
                    break;
                case "date" when isAnalyser:
                    var time = lines.Find(line => line.StartsWith("Time=", StringComparison.Ordinal))?[5..];
                    if (IsoTime($"{value} {time}".Trim()) is { } begun)
                        Add(new HeaderField(Quantity.StartTime, key, begun));
                    break;
                case "instrument" or "beamline":
                    Add(new HeaderField(Quantity.Beamline, key, value));
                    break;
                case "location" or "facility":
                    Add(new HeaderField(Quantity.Facility, key, value));
                    break;
                case "sample" or "sample name":
                    Add(new HeaderField(Quantity.SampleName, key, value));
                    break;
            }
        }
    }

    /// <summary>ISO 8601 of a time as these files write it; null for what is none.</summary>
    internal static string? IsoTime(string text)
    {
        string[] formats =
        [
            "yyyy-MM-dd HH:mm:ss",
            "yyyy-MM-ddTHH:mm:ss",
            "yyyy/MM/dd HH:mm:ss",
            "yyyy-MM-dd HH:mm",
            "ddd MMM d HH:mm:ss yyyy",
            "ddd MMM dd HH:mm:ss yyyy",
            "ddd, d MMM yyyy HH:mm:ss",
        ];
        var trimmed = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        // A day without a time is not midnight.
        if (DateOnly.TryParseExact(trimmed, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            return trimmed;
        if (DateTime.TryParseExact(trimmed, formats, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
            return local.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture);
        if (!Iso().IsMatch(trimmed))
            return null;
        return DateTimeOffset.TryParse(trimmed, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _)
            ? trimmed.Replace(' ', 'T')
            : null;
    }

    [GeneratedRegex(@"^#\s*XDI/\d", RegexOptions.IgnoreCase)]
    private static partial Regex XdiMark();

    [GeneratedRegex(@"^#\s*([A-Za-z_]\w*\.[A-Za-z_]\w*)\s*:(.*)$")]
    private static partial Regex XdiField();

    [GeneratedRegex(@"^#\s*title\s*[,:=]\s*(.+)$", RegexOptions.IgnoreCase)]
    private static partial Regex Title();

    [GeneratedRegex(@"\bmeasured at\s+(BL\d{2}[A-Z]*\d*)", RegexOptions.IgnoreCase)]
    private static partial Regex MeasuredAt();

    [GeneratedRegex(@"^#\s*x\s*,\s*binding energy\b", RegexOptions.IgnoreCase)]
    private static partial Regex BindingEnergy();

    // The heading of the columns of pyFAI and Fit2D.
    [GeneratedRegex(@"^#\s*(2th_deg|2-?theta)\b", RegexOptions.IgnoreCase)]
    private static partial Regex ScatteringAngle();

    [GeneratedRegex(@"^(\S+)\s+(BL\S+)$")]
    private static partial Regex Place();

    [GeneratedRegex(@"^[#%;\s]*([A-Za-z][A-Za-z _]{1,40}?)\s*[=:]\s*(.+)$")]
    private static partial Regex KeyValue();

    [GeneratedRegex(@"^[\d.]+(?:[eE][+-]?\d+)?(?:\s*(?:keV|eV|MeV))?")]
    private static partial Regex NumberWithUnit();

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?\s?(Z|[+-]\d{2}:?\d{2})?$")]
    private static partial Regex Iso();
}
