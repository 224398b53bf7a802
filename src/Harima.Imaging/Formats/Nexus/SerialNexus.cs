using Harima.Imaging.Formats.Hdf5;
using Harima.Imaging.Frames;
using Harima.Imaging.Simulation;

namespace Harima.Imaging.Formats.Nexus;

/// <summary>Still frames of serial crystallography, application definition NXmx.</summary>
public static class SerialNexus
{
    const string DataPath = "/entry/instrument/detector/data";

    /// <summary>Writes frames, shape <c>[frame, y, x]</c> uint16 with 65535 in gaps, and how many spots each one shows.</summary>
    /// <param name="stream">Readable, seekable and empty.</param>
    /// <param name="measurement">What was measured.</param>
    /// <param name="detector">Geometry, the same for all frames.</param>
    /// <param name="exposures">The frames with what is true of them.</param>
    /// <param name="cell">The crystals' unit cell.</param>
    /// <param name="exposureSeconds">Exposure time of a frame in s.</param>
    public static void Write(
        Stream stream,
        NexusMeasurement measurement,
        FlatDetector detector,
        IReadOnlyList<(DetectorFrame Frame, SerialTruth Truth)> exposures,
        TetragonalCell cell,
        double exposureSeconds = 0.01
    )
    {
        ArgumentNullException.ThrowIfNull(measurement);
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentNullException.ThrowIfNull(exposures);
        ArgumentNullException.ThrowIfNull(cell);
        var document = new NexusDocument(measurement, "NXmx");
        document.Entry.Add("end_time_estimated", NexusDocument.Field(NexusDocument.Time(measurement.EndAt)));
        document.Sample.Add("depends_on", NexusDocument.Field("."));
        document.Sample.Add(
            "unit_cell_abc",
            NexusDocument.Field([cell.AAngstrom, cell.AAngstrom, cell.CAngstrom], "angstrom")
        );
        document.Sample.Add("unit_cell_alphabetagamma", NexusDocument.Field([90, 90, 90], "deg"));
        document.AddBeam(detector);

        var shape = detector.Shape;
        var counts = new ushort[exposures.Count * shape.PixelCount];
        for (var i = 0; i < exposures.Count; i++)
            exposures[i].Frame.CopyTo(counts.AsSpan(i * shape.PixelCount, shape.PixelCount));
        var group = document.AddDetector(detector, exposureSeconds);
        group.Add("data", NexusDocument.Stack(counts, exposures.Count, shape.Height, shape.Width, DataPath));
        AddPlacement(group, detector);

        document.AddPlot("data", "data", ".", ".", ".").Add("data", new Hdf5Link(DataPath));
        AddTruth(document, exposures);
        Hdf5Writing.Write(stream, document.Root);
    }

    /// <summary>Where the pixels are, in McStas axes: z along the beam, y up, x to the left as the source sees it.</summary>
    static void AddPlacement(Hdf5Group group, FlatDetector detector)
    {
        const string translation = "/entry/instrument/detector/transformations/translation";
        var shape = detector.Shape;
        group.Add("depends_on", NexusDocument.Field(translation));
        group
            .Add("transformations", NexusDocument.Group("NXtransformations"))
            .Add("translation", NexusDocument.Field([detector.DistanceMm], "mm"))
            .With("transformation_type", "translation")
            .With("vector", new double[] { 0, 0, 1 })
            .With("depends_on", ".");

        var module = group.Add("module", NexusDocument.Group("NXdetector_module"));
        module.Add("data_origin", NexusDocument.Field([0, 0]));
        module.Add("data_size", NexusDocument.Field([shape.Height, shape.Width]));
        Direction(module, "module_offset", 0, [1, 0, 0], translation)
            .With("offset", new[] { detector.BeamX * shape.PixelMm, detector.BeamY * shape.PixelMm, 0 })
            .With("offset_units", "mm");
        const string offset = "/entry/instrument/detector/module/module_offset";
        Direction(module, "fast_pixel_direction", shape.PixelMm, [-1, 0, 0], offset);
        Direction(module, "slow_pixel_direction", shape.PixelMm, [0, -1, 0], offset);

        var mask = new uint[shape.PixelCount];
        for (var y = 0; y < shape.Height; y++)
        for (var x = 0; x < shape.Width; x++)
            mask[(y * shape.Width) + x] = shape.IsGap(y, x) ? 1u : 0u;
        uint[] chunk = [(uint)shape.Height, (uint)shape.Width];
        group.Add("pixel_mask", new Hdf5Dataset(mask, [(ulong)shape.Height, (ulong)shape.Width], chunk));
    }

    static Hdf5Dataset Direction(Hdf5Group module, string name, double valueMm, double[] vector, string dependsOn) =>
        module
            .Add(name, NexusDocument.Field([valueMm], "mm"))
            .With("transformation_type", "translation")
            .With("vector", vector)
            .With("depends_on", dependsOn);

    static void AddTruth(NexusDocument document, IReadOnlyList<(DetectorFrame Frame, SerialTruth Truth)> exposures)
    {
        var plot = document.AddPlot("hits", "spot_count", "frame");
        plot.Add("spot_count", NexusDocument.Field([.. exposures.Select(e => e.Truth.SpotCount)]));
        plot.Add("is_hit", NexusDocument.Field([.. exposures.Select(e => e.Truth.IsHit ? 1 : 0)]));
        plot.Add("frame", NexusDocument.Field([.. Enumerable.Range(0, exposures.Count)]));
    }
}
