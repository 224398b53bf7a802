namespace Harima.Imaging.Formats.Headers;

/// <summary>What the usual keys of an EDF header are about.</summary>
static class EdfFields
{
    // Units are those of the ESRF's SAXS and ID keywords: metres and seconds.
    static readonly (string Key, Quantity Quantity, string? Unit)[] Keys =
    [
        ("WaveLength", Quantity.Wavelength, "m"),
        ("Energy", Quantity.Energy, "keV"),
        ("ExposureTime", Quantity.ExposureTime, "s"),
        ("count_time", Quantity.ExposureTime, "s"),
        ("SampleDistance", Quantity.DetectorDistance, "m"),
        ("PSize_1", Quantity.PixelSize, "m"),
        ("Center_1", Quantity.BeamCenterX, "pixel"),
        ("Center_2", Quantity.BeamCenterY, "pixel"),
        ("Detector", Quantity.Detector, null),
        ("DetectorName", Quantity.Detector, null),
        ("Title", Quantity.Title, null),
        ("SampleName", Quantity.SampleName, null),
        ("Dim_1", Quantity.Width, null),
        ("Dim_2", Quantity.Height, null),
        ("SRCur", Quantity.RingCurrent, "mA"),
        ("srcur", Quantity.RingCurrent, "mA"),
    ];

    public static FileHeader Of(IReadOnlyList<KeyValuePair<string, string>> header)
    {
        var fields = new List<HeaderField>();
        foreach (var (key, value) in header)
        {
            if (value.Length == 0)
                continue;
            var known = Keys.FirstOrDefault(known => known.Key.Equals(key, StringComparison.OrdinalIgnoreCase));
            if (known.Key is not null && !fields.Exists(field => field.Quantity == known.Quantity))
                fields.Add(FileHeaders.Measured(known.Quantity, key, value, known.Unit));
            else if (
                key.Equals("Date", StringComparison.OrdinalIgnoreCase)
                || key.Equals("time_of_day", StringComparison.OrdinalIgnoreCase)
            )
            {
                if (TextHeader.IsoTime(value) is { } time)
                    fields.Add(new HeaderField(Quantity.StartTime, key, time));
            }
        }

        return new FileHeader("EDF", fields);
    }
}
