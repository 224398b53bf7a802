using Harima.Imaging.Formats.Hdf5;
using Harima.Imaging.Simulation;

namespace Harima.Imaging.Formats.Nexus;

/// <summary>Raw tomography, application definition NXtomo.</summary>
public static class TomographyNexus
{
    const string DataPath = "/entry/instrument/detector/data";
    const string AnglePath = "/entry/sample/rotation_angle";

    /// <summary>Writes all frames in the order they were taken, shape <c>[frame, y, x]</c> uint16, with <c>image_key</c> and angles in degrees.</summary>
    /// <param name="stream">Readable, seekable and empty.</param>
    /// <param name="measurement">What was measured.</param>
    /// <param name="frames">Flats, projections and darks.</param>
    /// <param name="pixelMm">Pixel edge in mm.</param>
    /// <param name="energyKeV">Photon energy in keV.</param>
    /// <param name="exposureSeconds">Exposure time of a frame in s.</param>
    public static void Write(
        Stream stream,
        NexusMeasurement measurement,
        TomographyFrames frames,
        double pixelMm,
        double energyKeV,
        double exposureSeconds = 0.1
    )
    {
        ArgumentNullException.ThrowIfNull(measurement);
        ArgumentNullException.ThrowIfNull(frames);
        var document = new NexusDocument(measurement, "NXtomo");
        var monochromator = document.Instrument.Add("monochromator", NexusDocument.Group("NXmonochromator"));
        monochromator.Add("energy", NexusDocument.Field(energyKeV, "keV"));

        var detector = document.Instrument.Add("detector", NexusDocument.Group("NXdetector"));
        detector.Add("data", NexusDocument.Stack(frames.Frames, frames.Count, frames.Height, frames.Width, DataPath));
        detector
            .Add("image_key", NexusDocument.Field(frames.ImageKey))
            .With("target", "/entry/instrument/detector/image_key");
        detector.Add("x_pixel_size", NexusDocument.Field(pixelMm, "mm"));
        detector.Add("y_pixel_size", NexusDocument.Field(pixelMm, "mm"));
        detector.Add("count_time", NexusDocument.Field(exposureSeconds, "s"));
        document.Sample.Add("rotation_angle", NexusDocument.Field(frames.RotationDeg, "deg")).With("target", AnglePath);

        // Flats, projections and darks share one stack, so the angle does not run: frames are the axis, angles stand beside.
        var data = document.AddPlot("data", "data", ".", ".", ".");
        data.Add("data", new Hdf5Link(DataPath));
        data.Add("rotation_angle", new Hdf5Link(AnglePath));
        data.Add("image_key", new Hdf5Link("/entry/instrument/detector/image_key"));
        Hdf5Writing.Write(stream, document.Root);
    }
}
