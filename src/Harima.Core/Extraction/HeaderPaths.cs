using System.Globalization;
using System.Text.Json;
using Harima.Imaging.Formats.Headers;
using Harima.Metadata;

namespace Harima.Extraction;

/// <summary>Where in the metadata documents a quantity of a header belongs.</summary>
/// <remarks>The paths of SPring-8's metadata schema, whose spelling "monochrometer" is kept: readers look for it.</remarks>
static class HeaderPaths
{
    static readonly Dictionary<Quantity, string> Paths = new()
    {
        [Quantity.Title] = "data_info.title",
        [Quantity.Facility] = "data_info.facility",
        [Quantity.Beamline] = "data_info.class_name",
        [Quantity.Energy] = "measurement.energy",
        [Quantity.Wavelength] = "measurement.wavelength",
        [Quantity.ExposureTime] = "measurement.exposure_time",
        [Quantity.Temperature] = "measurement.temperature",
        [Quantity.StartTime] = "measurement.date.start_time",
        [Quantity.EndTime] = "measurement.date.end_time",
        [Quantity.StartAngle] = "measurement.start_angle",
        [Quantity.AngleIncrement] = "measurement.angle_increment",
        [Quantity.Frames] = "measurement.frames",
        [Quantity.Detector] = "instrument.detector.name",
        [Quantity.DetectorDistance] = "instrument.detector.distance",
        [Quantity.PixelSize] = "instrument.detector.pixel_size",
        [Quantity.BeamCenterX] = "instrument.detector.beam_center_x",
        [Quantity.BeamCenterY] = "instrument.detector.beam_center_y",
        [Quantity.MonochromatorCrystal] = "instrument.monochrometer.net_plane",
        [Quantity.MonochromatorSpacing] = "instrument.monochrometer.distance",
        [Quantity.RingCurrent] = "facility.ring.start_current",
        [Quantity.SampleName] = "sample.name",
        [Quantity.ChemicalFormula] = "sample.chemical_formula",
        [Quantity.SamplePreparation] = "sample.preparation",
    };

    /// <summary>Category and technique behind the definitions of NeXus and the marks of text formats.</summary>
    static readonly Dictionary<string, (string Category, string Technique)> Techniques = new(
        StringComparer.OrdinalIgnoreCase
    )
    {
        ["XAFS"] = ("spectroscopy", "XAFS"),
        ["NXxas"] = ("spectroscopy", "XAFS"),
        ["NXxasproc"] = ("spectroscopy", "XAFS"),
        ["NXfluo"] = ("spectroscopy", "XRF"),
        ["NXxps"] = ("spectroscopy", "XPS"),
        ["NXarpes"] = ("spectroscopy", "ARPES"),
        ["NXmx"] = ("diffraction", "Macromolecular crystallography"),
        ["NXmonopd"] = ("diffraction", "Powder XRD"),
        ["NXxrd"] = ("diffraction", "XRD"),
        ["NXsas"] = ("scattering", "SAXS"),
        ["NXcanSAS"] = ("scattering", "SAXS"),
        ["NXtomo"] = ("imaging", "X-ray CT"),
        ["NXtomoproc"] = ("imaging", "X-ray CT"),
        ["NXstxm"] = ("imaging", "STXM"),
    };

    /// <summary>What a header proposes; the times of Japan where the file knows its offset, as written where it does not.</summary>
    public static IEnumerable<ExtractedValue> Of(FileHeader header, string file)
    {
        foreach (var field in header.Fields)
        {
            if (field.Quantity == Quantity.Technique)
            {
                if (!Techniques.TryGetValue(field.Text, out var technique))
                    continue;
                yield return Text("measurement.method.category", technique.Category, field, file);
                yield return Text("measurement.method.sub_category", technique.Technique, field, file);
            }
            else if (field.Quantity is Quantity.StartTime or Quantity.EndTime)
                yield return Text(Paths[field.Quantity], TimeOf(field.Text), field, file);
            else if (Paths.TryGetValue(field.Quantity, out var path))
                yield return field.Number is null
                    ? Text(path, field.Text, field, file)
                    : New(path, field.Text, field.Unit, field, file);
        }

        var element = header.Fields.FirstOrDefault(field => field.Quantity == Quantity.Element);
        var edge = header.Fields.FirstOrDefault(field => field.Quantity == Quantity.Edge);
        if (element is not null && edge is not null)
            yield return Text("measurement.method.absorption_edge", $"{element.Text} {edge.Text}-edge", edge, file);
    }

    static string TimeOf(string iso) =>
        iso.Length > 19
        && (iso[^1] == 'Z' || iso[19..].AsSpan().ContainsAny('+', '-'))
        && DateTimeOffset.TryParse(iso, CultureInfo.InvariantCulture, out var at)
            ? at.ToOffset(TimeSpan.FromHours(9)).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)
            : iso.Replace('T', ' ')[..Math.Min(iso.Length, 19)];

    static ExtractedValue Text(string path, string text, HeaderField field, string file) =>
        New(path, JsonSerializer.Serialize(text, MetadataEdit.Readable), null, field, file);

    static ExtractedValue New(string path, string json, string? unit, HeaderField field, string file) =>
        new()
        {
            Kind = path.StartsWith("sample.", StringComparison.Ordinal)
                ? MetadataKind.Sample
                : MetadataKind.Measurement,
            Path = path,
            Value = json,
            Unit = unit,
            File = file,
            FilePath = field.Path,
            Files = 1,
        };
}
