using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Harima.Imaging.Formats.Headers;
using Harima.Metadata;

namespace Harima.Extraction;

/// <summary>Where in the metadata documents a quantity of a header belongs.</summary>
/// <remarks>The paths of SPring-8's metadata schema, whose spelling "monochrometer" is kept: readers look for it.</remarks>
static partial class HeaderPaths
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

    /// <summary>What a header proposes. Times bear their offset: the file's own, or that of <paramref name="zone"/>, which is then said.</summary>
    public static IEnumerable<ExtractedValue> Of(FileHeader header, string file, TimeZoneInfo zone)
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
            {
                var (text, assumed) = TimeOf(field.Text, zone);
                yield return Text(Paths[field.Quantity], text, field, file) with
                {
                    AssumedZone = assumed,
                };
            }
            else if (Paths.TryGetValue(field.Quantity, out var path))
                yield return field.Number is null
                    ? Text(path, field.Text, field, file)
                    : New(path, field.Text, UnitOf(field), field, file);
        }

        var element = header.Fields.FirstOrDefault(field => field.Quantity == Quantity.Element);
        var edge = header.Fields.FirstOrDefault(field => field.Quantity == Quantity.Edge);
        if (element is not null && edge is not null)
            yield return Text("measurement.method.absorption_edge", $"{element.Text} {edge.Text}-edge", edge, file);
    }

    /// <returns>ISO 8601 with offset, and the zone where it had to be assumed; what is only a day, or no time at all, as it is.</returns>
    internal static (string Text, string? AssumedZone) TimeOf(string iso, TimeZoneInfo zone)
    {
        if (!ClockTime().IsMatch(iso))
            return (iso, null);
        if (StatesZone().IsMatch(iso))
            return DateTimeOffset.TryParse(iso, CultureInfo.InvariantCulture, out var at)
                ? (Written(at), null)
                : (iso, null);
        if (!DateTime.TryParse(iso, CultureInfo.InvariantCulture, out var local))
            return (iso, null);
        // An hour that the change to summer time leaves out has no offset; the one before the change is as good as any.
        var offset = zone.GetUtcOffset(DateTime.SpecifyKind(local, DateTimeKind.Unspecified));
        return (Written(new DateTimeOffset(DateTime.SpecifyKind(local, DateTimeKind.Unspecified), offset)), zone.Id);
    }

    /// <summary>When a proposed time was; files of one series may state different offsets.</summary>
    public static DateTimeOffset Moment(ExtractedValue value) =>
        DateTimeOffset.TryParse(
            value.Value.Trim('"'),
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var at
        )
            ? at
            : DateTimeOffset.MaxValue;

    /// <summary>Whether a typed time is the proposed one: the same moment, or the same clock where the typed one states no zone.</summary>
    public static bool IsSameTime(string typed, string proposed)
    {
        var iso = typed.Trim().Replace('/', '-');
        if (
            !ClockTime().IsMatch(iso)
            || !DateTimeOffset.TryParse(proposed, CultureInfo.InvariantCulture, out var at)
            || !DateTimeOffset.TryParse(
                iso,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal,
                out var other
            )
        )
            return false;
        return StatesZone().IsMatch(iso) ? at == other : at.DateTime == other.UtcDateTime;
    }

    /// <summary>Fractions of a second as far as they go; files write up to nine digits of which few mean anything.</summary>
    static string Written(DateTimeOffset at) =>
        at.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFzzz", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")]
    private static partial Regex ClockTime();

    [GeneratedRegex(@"(Z|[+-]\d{2}(:?\d{2})?)$")]
    private static partial Regex StatesZone();

    /// <summary>DECTRIS and others write "A" for what elsewhere is an ampere.</summary>
    static string? UnitOf(HeaderField field) =>
        field is { Quantity: Quantity.Wavelength or Quantity.MonochromatorSpacing, Unit: "A" } ? "Å" : field.Unit;

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
