using Harima.Imaging.Formats.Hdf5;
using Harima.Imaging.Frames;

namespace Harima.Imaging.Formats.Headers;

/// <summary>What the fields of NeXus classes are about; where a file has the names without the classes, the names do.</summary>
static class NexusHeader
{
    /// <param name="Names">Of the dataset; the first that a file has is taken.</param>
    /// <param name="Inside">A class that a group above must have, or a part of its name; null for the entry itself.</param>
    sealed record Rule(Quantity Quantity, string[] Names, string[]? Inside);

    // In order of preference: what NeXus defines for the beam at the sample comes before what the monochromator was set to.
    static readonly Rule[] Rules =
    [
        new(Quantity.Technique, ["definition"], null),
        new(Quantity.Title, ["title"], null),
        new(Quantity.StartTime, ["start_time"], null),
        new(Quantity.EndTime, ["end_time"], null),
        new(Quantity.Energy, ["incident_energy"], ["NXbeam", "beam"]),
        new(Quantity.Energy, ["energy"], ["NXmonochromator", "monochromator", "DCM", "dcm"]),
        new(Quantity.Wavelength, ["incident_wavelength"], ["NXbeam", "beam"]),
        new(Quantity.Wavelength, ["wavelength"], ["NXmonochromator", "monochromator", "DCM", "dcm"]),
        new(Quantity.Detector, ["description", "local_name", "name"], ["NXdetector"]),
        new(Quantity.ExposureTime, ["count_time", "frame_time", "exposure_time"], ["NXdetector"]),
        new(Quantity.DetectorDistance, ["distance", "detector_distance"], ["NXdetector"]),
        new(Quantity.PixelSize, ["x_pixel_size"], ["NXdetector"]),
        new(Quantity.BeamCenterX, ["beam_center_x"], ["NXdetector"]),
        new(Quantity.BeamCenterY, ["beam_center_y"], ["NXdetector"]),
        new(Quantity.SampleName, ["name"], ["NXsample", "sample"]),
        new(Quantity.ChemicalFormula, ["chemical_formula"], ["NXsample", "sample"]),
        new(Quantity.Temperature, ["temperature"], ["NXsample", "sample"]),
        new(Quantity.Facility, ["name"], ["NXsource", "source"]),
        new(Quantity.RingCurrent, ["current"], ["NXsource", "source"]),
        new(Quantity.Beamline, ["name"], ["NXinstrument"]),
    ];

    // A scan or a run may have its own; what stands deeper is something else of the same name.
    static readonly string[] Entries = ["NXentry", "NXsubentry"];

    public static FileHeader Read(IReadOnlyList<Hdf5Entry> entries)
    {
        var classes = entries
            .Where(entry => entry.Kind == Hdf5EntryKind.Group)
            // A damaged file may name two members alike.
            .DistinctBy(entry => entry.Path, StringComparer.Ordinal)
            .ToDictionary(entry => entry.Path, entry => entry.NexusClass ?? "", StringComparer.Ordinal);
        var fields = new List<HeaderField>();
        foreach (var rule in Rules)
        {
            if (fields.Exists(field => field.Quantity == rule.Quantity))
                continue;
            var found =
                from name in rule.Names
                from entry in entries
                where entry.Kind == Hdf5EntryKind.Dataset && entry.Name == name
                let parent = entry.Path[..^(name.Length + 1)]
                where IsInside(rule, parent, classes)
                let field = Field(rule.Quantity, entry)
                where field is not null
                select field;
            // A measurement of several techniques at once has an entry, or a part of one, for each.
            if (rule.Quantity == Quantity.Technique)
                fields.AddRange(found.DistinctBy(field => field.Text, StringComparer.Ordinal));
            else if (found.FirstOrDefault() is { } first)
                fields.Add(first);
        }

        GiveEnergyItsUnit(fields);
        if (!fields.Exists(field => field.Quantity == Quantity.Technique) && Tomography(entries) is { } key)
            fields.Insert(0, new HeaderField(Quantity.Technique, key.Path, "NXtomo"));
        fields.AddRange(Frames(entries, classes));
        return new FileHeader(
            classes.Values.Any(name => name.StartsWith("NX", StringComparison.Ordinal)) ? "NeXus" : "HDF5",
            fields
        );
    }

    static bool IsInside(Rule rule, string parent, Dictionary<string, string> classes)
    {
        var name = parent[(parent.LastIndexOf('/') + 1)..];
        var its = classes.GetValueOrDefault(parent, "");
        if (rule.Inside is null)
            return Entries.Contains(its) || (its.Length == 0 && parent.Count(c => c == '/') == 1);
        return rule.Inside.Contains(its) || (its.Length == 0 && rule.Inside.Contains(name));
    }

    static HeaderField? Field(Quantity quantity, Hdf5Entry entry)
    {
        if (entry.Numbers is [var number, ..] && double.IsFinite(number))
        {
            // An array is one value only if all are the same.
            return
                entry.Numbers.All(other => other.Equals(number))
                && quantity is not (Quantity.Title or Quantity.SampleName)
                ? new HeaderField(quantity, entry.Path, FileHeaders.Plain(number), number, UnitOf(entry))
                : null;
        }

        if (entry.Texts is not [var text, ..] || text.Trim() is not { Length: > 0 and <= 1024 } trimmed)
            return null;
        if (FileHeaders.IsPlaceholder(trimmed))
            return null;
        if (quantity is Quantity.StartTime or Quantity.EndTime)
            return TextHeader.IsoTime(trimmed) is { } time ? new HeaderField(quantity, entry.Path, time) : null;
        return new HeaderField(quantity, entry.Path, trimmed);
    }

    /// <summary>A category of the definition, such as NX_LENGTH, stands in examples in place of a unit.</summary>
    static string? UnitOf(Hdf5Entry entry) =>
        entry.Units is { } unit && unit.StartsWith("NX_", StringComparison.Ordinal) ? null : entry.Units;

    /// <summary>
    /// An energy without a unit beside a wavelength with one: the unit in which both are the same photon, if there is one.
    /// </summary>
    static void GiveEnergyItsUnit(List<HeaderField> fields)
    {
        var at = fields.FindIndex(field => field is { Quantity: Quantity.Energy, Unit: null, Number: > 0 });
        if (
            at < 0
            || fields.Find(field => field is { Quantity: Quantity.Wavelength, Number: > 0 }) is not { } wavelength
            || Angstrom(wavelength) is not { } angstrom
        )
            return;
        var keV = FlatDetector.KeVAngstrom / angstrom;
        var unit =
            Math.Abs((fields[at].Number!.Value / keV) - 1) < 0.002 ? "keV"
            : Math.Abs((fields[at].Number!.Value / keV / 1000) - 1) < 0.002 ? "eV"
            : null;
        fields[at] = fields[at] with { Unit = unit };
    }

    static double? Angstrom(HeaderField wavelength) =>
        wavelength.Unit?.ToLowerInvariant() switch
        {
            "a" or "å" or "angstrom" or "angstroms" => wavelength.Number,
            "nm" => wavelength.Number * 10,
            "m" => wavelength.Number * 1e10,
            _ => null,
        };

    /// <summary>
    /// Tomography where no definition says so: the keys of NXtomo that tell projections from flats and darks, or the exchange group of
    /// Data Exchange (APS) with its flats.
    /// </summary>
    static Hdf5Entry? Tomography(IReadOnlyList<Hdf5Entry> entries) =>
        entries.FirstOrDefault(entry =>
            entry.Kind == Hdf5EntryKind.Dataset
            && (entry.Name == "image_key" || entry.Path is "/exchange/data_white" or "/exchange/data_dark")
        );

    /// <summary>Frames, rows and columns of the first stack of images below a detector or plot.</summary>
    static IEnumerable<HeaderField> Frames(IReadOnlyList<Hdf5Entry> entries, Dictionary<string, string> classes)
    {
        var stack = entries.FirstOrDefault(entry =>
            entry is { Kind: Hdf5EntryKind.Dataset, Shape.Count: >= 3, Numbers: null, Texts: null }
            && entry.Interpretation is not ("spectrum" or "scalar")
            && entry.Shape.All(side => side > 0)
            && entry.Shape[^1] > 1
            && entry.Shape[^2] > 1
            && entry.Name is "data" or "detector"
            && classes.GetValueOrDefault(entry.Path[..^(entry.Name.Length + 1)], "") is "NXdetector" or "NXdata" or ""
        );
        if (stack is null)
            yield break;
        HeaderField Of(Quantity quantity, long number) => new(quantity, stack.Path, FileHeaders.Plain(number), number);
        yield return Of(Quantity.Frames, stack.Shape.SkipLast(2).Aggregate(1L, (all, side) => all * side));
        yield return Of(Quantity.Height, stack.Shape[^2]);
        yield return Of(Quantity.Width, stack.Shape[^1]);
    }
}
