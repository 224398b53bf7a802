using Harima.Imaging.Analysis;
using Harima.Imaging.Formats.Hdf5;
using Harima.Imaging.Frames;

namespace Harima.Imaging.Formats.Nexus;

/// <summary>Powder diffraction as NeXus: the frames and, beside them, the radial profile of each.</summary>
public static class PowderNexus
{
    const string DataPath = "/entry/instrument/detector/data";

    /// <summary>Writes frames, shape <c>[frame, y, x]</c> int32, and profiles, shape <c>[frame, two_theta]</c> float64.</summary>
    /// <param name="stream">Readable, seekable and empty.</param>
    /// <param name="measurement">What was measured.</param>
    /// <param name="detector">Geometry, the same for all frames.</param>
    /// <param name="frames">One frame or a series.</param>
    /// <param name="temperaturesKelvin">One value in K per frame, or null where the temperature was left alone.</param>
    /// <param name="exposureSeconds">Exposure time of a frame in s.</param>
    public static void Write(
        Stream stream,
        NexusMeasurement measurement,
        FlatDetector detector,
        IReadOnlyList<DetectorFrame> frames,
        double[]? temperaturesKelvin = null,
        double exposureSeconds = 1
    )
    {
        ArgumentNullException.ThrowIfNull(measurement);
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentNullException.ThrowIfNull(frames);
        if (temperaturesKelvin is not null && temperaturesKelvin.Length != frames.Count)
            throw new ArgumentException(
                $"{frames.Count} frames need as many temperatures, got {temperaturesKelvin.Length}."
            );
        var document = new NexusDocument(measurement, definition: null);
        var seriesAxis = temperaturesKelvin is null ? "." : "temperature";

        document.AddBeam(detector);
        var shape = detector.Shape;
        var counts = new int[frames.Count * shape.PixelCount];
        for (var i = 0; i < frames.Count; i++)
            frames[i].Counts.CopyTo(counts, i * shape.PixelCount);
        document
            .AddDetector(detector, exposureSeconds)
            .Add("data", NexusDocument.Stack(counts, frames.Count, shape.Height, shape.Width, DataPath));
        if (temperaturesKelvin is not null)
            document
                .Sample.Add("temperature", NexusDocument.Field(temperaturesKelvin, "K"))
                .With("target", "/entry/sample/temperature");

        var data = document.AddPlot("data", "data", seriesAxis, ".", ".");
        data.Add("data", new Hdf5Link(DataPath));
        AddProfiles(document, detector, frames, seriesAxis);
        if (temperaturesKelvin is not null)
            data.Add("temperature", new Hdf5Link("/entry/sample/temperature"));
        Hdf5Writing.Write(stream, document.Root);
    }

    static void AddProfiles(
        NexusDocument document,
        FlatDetector detector,
        IReadOnlyList<DetectorFrame> frames,
        string seriesAxis
    )
    {
        var profiles = frames.Select(frame => AzimuthalIntegration.Integrate(frame, detector)).ToArray();
        var bins = profiles[0].TwoThetaDeg.Length;
        ulong[] dimensions = [(ulong)frames.Count, (ulong)bins];
        var plot = document.AddPlot("profile", "intensity", seriesAxis, "two_theta");
        plot.Add(
            "intensity",
            new Hdf5Dataset(profiles.SelectMany(p => p.Intensity).ToArray(), dimensions).With("units", "counts/pixel")
        );
        plot.Add(
            "intensity_errors",
            new Hdf5Dataset(profiles.SelectMany(p => p.Sigma).ToArray(), dimensions).With("units", "counts/pixel")
        );
        plot.Add("two_theta", NexusDocument.Field(profiles[0].TwoThetaDeg, "deg").With("long_name", "2θ (deg)"));
        if (seriesAxis != ".")
            plot.Add(seriesAxis, new Hdf5Link($"/entry/sample/{seriesAxis}"));
    }
}
