using Harima.Imaging.Formats.Hdf5;
using Harima.Imaging.Simulation;

namespace Harima.Imaging.Formats.Nexus;

/// <summary>An absorption scan in transmission, application definition NXxas.</summary>
public static class XafsNexus
{
    const string EnergyPath = "/entry/instrument/monochromator/energy";
    const string AbsorbedPath = "/entry/instrument/absorbed_beam/data";

    /// <summary>Writes energy in eV, the counts before and behind the sample, and μt.</summary>
    /// <param name="stream">Readable, seekable and empty.</param>
    /// <param name="measurement">What was measured.</param>
    /// <param name="edge">Which edge.</param>
    /// <param name="spectrum">The scan.</param>
    /// <param name="dwellSeconds">Time per point in s.</param>
    public static void Write(
        Stream stream,
        NexusMeasurement measurement,
        AbsorptionEdge edge,
        XafsSpectrum spectrum,
        double dwellSeconds = 0.5
    )
    {
        ArgumentNullException.ThrowIfNull(measurement);
        ArgumentNullException.ThrowIfNull(edge);
        ArgumentNullException.ThrowIfNull(spectrum);
        var document = new NexusDocument(measurement, "NXxas");
        document
            .Instrument.Add("monochromator", NexusDocument.Group("NXmonochromator"))
            .Add("energy", NexusDocument.Field(spectrum.EnergyEv, "eV"))
            .With("target", EnergyPath);
        document
            .Instrument.Add("incoming_beam", NexusDocument.Group("NXdetector"))
            .Add("data", NexusDocument.Field(spectrum.I0, "counts"));
        document
            .Instrument.Add("absorbed_beam", NexusDocument.Group("NXdetector"))
            .Add("data", NexusDocument.Field(spectrum.I1, "counts"))
            .With("target", AbsorbedPath);
        var monitor = document.Entry.Add("monitor", NexusDocument.Group("NXmonitor"));
        monitor.Add("mode", NexusDocument.Field("timer"));
        monitor.Add("preset", NexusDocument.Field(dwellSeconds, "s"));
        monitor.Add("data", NexusDocument.Field(spectrum.I0, "counts"));
        document.Sample.Add("absorption_edge", NexusDocument.Field($"{edge.Element} {edge.Edge}-edge"));

        var data = document.AddPlot("data", "mu", "energy");
        data.Add("mode", NexusDocument.Field("Transmission"));
        data.Add("mu", NexusDocument.Field(spectrum.Mu).With("long_name", "μt = ln(I0/I1)"));
        data.Add("energy", new Hdf5Link(EnergyPath));
        data.Add("absorbed_beam", new Hdf5Link(AbsorbedPath));
        Hdf5Writing.Write(stream, document.Root);
    }
}
