using System.Globalization;
using Harima.Imaging.Formats.Hdf5;
using Harima.Imaging.Frames;

namespace Harima.Imaging.Formats.Nexus;

/// <summary>The skeleton of a NeXus file with one entry; the writers of each technique hang their fields into it.</summary>
/// <remarks>
/// Source: NeXus definitions v2026.01, https://manual.nexusformat.org.
/// <code>
/// /            NXroot    @default = entry
///   entry      NXentry   @default = data
///     instrument NXinstrument: source NXsource, (monochromator, detector, ...)
///     sample     NXsample
///     data       NXdata  @signal @axes: what a viewer shows first
/// </code>
/// </remarks>
sealed class NexusDocument
{
    public NexusDocument(NexusMeasurement measurement, string? definition)
    {
        Root = Group("NXroot")
            .With("default", "entry")
            .With("file_time", Time(measurement.EndAt))
            .With("creator", "Harima virtual beamline");
        Entry = Root.Add("entry", Group("NXentry").With("default", "data"));
        if (definition is not null)
            Entry.Add("definition", Field(definition));
        Entry.Add("title", Field(measurement.Title));
        Entry.Add("start_time", Field(Time(measurement.StartAt)));
        Entry.Add("end_time", Field(Time(measurement.EndAt)));
        if (measurement.ExperimentIdentifier is { } experiment)
            Entry.Add("experiment_identifier", Field(experiment));
        if (measurement.EntryIdentifier is { } entry)
            Entry.Add("entry_identifier", Field(entry));

        Instrument = Entry.Add("instrument", Group("NXinstrument"));
        Instrument.Add("name", Field(measurement.BeamlineName));
        var source = Instrument.Add("source", Group("NXsource"));
        source.Add("name", Field(measurement.SourceName));
        source.Add("type", Field("Synchrotron X-ray Source"));
        source.Add("probe", Field("x-ray"));
        source.Add("energy", Field(8.0, "GeV"));

        Sample = Entry.Add("sample", Group("NXsample"));
        Sample.Add("name", Field(measurement.SampleName));
        if (measurement.ChemicalFormula is { } formula)
            Sample.Add("chemical_formula", Field(formula));
    }

    public Hdf5Group Root { get; }

    public Hdf5Group Entry { get; }

    public Hdf5Group Instrument { get; }

    public Hdf5Group Sample { get; }

    public static Hdf5Group Group(string nexusClass) => new Hdf5Group().With("NX_class", nexusClass);

    public static Hdf5Dataset Field(string text) => new(text);

    public static Hdf5Dataset Field<T>(T number, string? units = null)
        where T : unmanaged => WithUnits(new Hdf5Dataset(number), units);

    public static Hdf5Dataset Field(double[] values, string? units = null) =>
        WithUnits(new Hdf5Dataset(values, [(ulong)values.Length]), units);

    public static Hdf5Dataset Field(int[] values) => new(values, [(ulong)values.Length]);

    /// <summary>A stack of images, shape <c>[frame, y, x]</c>, a chunk per frame, with the <c>target</c> that links name.</summary>
    public static Hdf5Dataset Stack<T>(T[] pixels, int frames, int height, int width, string path)
        where T : unmanaged =>
        new Hdf5Dataset(pixels, [(ulong)frames, (ulong)height, (ulong)width], [1, (uint)height, (uint)width])
            .With("units", "counts")
            .With("target", path);

    /// <summary>The default plot: which member is drawn, and against which.</summary>
    public Hdf5Group AddPlot(string name, string signal, params string[] axes) =>
        Entry.Add(name, Group("NXdata").With("signal", signal).With("axes", axes));

    public Hdf5Group AddDetector(FlatDetector geometry, double exposureSeconds)
    {
        var shape = geometry.Shape;
        var detector = Instrument.Add("detector", Group("NXdetector"));
        detector.Add("description", Field(shape.Name));
        detector.Add("type", Field("Pixel"));
        detector.Add("distance", Field(geometry.DistanceMm, "mm"));
        detector.Add("beam_center_x", Field(geometry.BeamX, "pixel"));
        detector.Add("beam_center_y", Field(geometry.BeamY, "pixel"));
        detector.Add("x_pixel_size", Field(shape.PixelMm, "mm"));
        detector.Add("y_pixel_size", Field(shape.PixelMm, "mm"));
        detector.Add("sensor_material", Field("Si"));
        detector.Add("sensor_thickness", Field(shape.SensorMm, "mm"));
        detector.Add("saturation_value", Field(shape.CountCutoff));
        detector.Add("count_time", Field(exposureSeconds, "s"));
        return detector;
    }

    public void AddBeam(FlatDetector geometry)
    {
        var beam = Instrument.Add("beam", Group("NXbeam"));
        beam.Add("incident_wavelength", Field(geometry.WavelengthAngstrom, "angstrom"));
        beam.Add("incident_energy", Field(geometry.EnergyKeV, "keV"));
        var monochromator = Instrument.Add("monochromator", Group("NXmonochromator"));
        monochromator.Add("wavelength", Field(geometry.WavelengthAngstrom, "angstrom"));
        monochromator.Add("energy", Field(geometry.EnergyKeV, "keV"));
    }

    public static string Time(DateTimeOffset at) => at.ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);

    static Hdf5Dataset WithUnits(Hdf5Dataset dataset, string? units) =>
        units is null ? dataset : dataset.With("units", units);
}
