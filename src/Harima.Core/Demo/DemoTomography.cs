using System.Text.Json.Nodes;
using Harima.Imaging.Formats.Csv;
using Harima.Imaging.Formats.Nexus;
using Harima.Imaging.Simulation;

namespace Harima.Demo;

/// <summary>Half a turn of a porous grain with flats and darks, as NeXus, and the angles in csv.</summary>
sealed record DemoTomography(DemoSample Sample, TomographyScan Scan, int Pores, double MuPerMm) : DemoExperiment(Sample)
{
    const double EnergyKeV = 20;
    const double ExposureSeconds = 0.2;

    public override IEnumerable<DemoFile> Files(DemoSequence sequence)
    {
        var radius = 0.42 * Scan.PixelMm * Math.Min(Scan.Width, Scan.Height);
        var phantom = Phantom.PorousGrain(radius, Pores, MuPerMm, sequence.Seed);
        var frames = Tomography.Scan(phantom, Scan, sequence.Seed);
        yield return DemoFile.Write(
            $"{sequence.Id}.nxs",
            "application/x-hdf5",
            stream => TomographyNexus.Write(stream, sequence.Nexus, frames, Scan.PixelMm, EnergyKeV, ExposureSeconds)
        );
        yield return DemoFile.Write(
            "angles.csv",
            "text/csv",
            stream =>
                CsvTable.Write(
                    stream,
                    ("frame", [.. Enumerable.Range(0, frames.Count).Select(frame => (double)frame)]),
                    ("image_key", [.. frames.ImageKey.Select(key => (double)key)]),
                    ("rotation_deg", [.. frames.RotationDeg.Select(angle => Math.Round(angle, 6))])
                )
        );
    }

    public override JsonObject Method() => new() { ["category"] = "imaging", ["sub_category"] = "X-ray CT" };

    public override IEnumerable<KeyValuePair<string, JsonNode?>> Conditions() =>
        [
            new("energy", EnergyKeV),
            new("energy_unit", "keV"),
            new("projection_number", Scan.Projections),
            new("flat_number", Scan.Flats),
            new("dark_number", Scan.Darks),
            new("rotation_range", 180.0),
            new("rotation_range_unit", "deg"),
            new("exposure_time", ExposureSeconds),
            new("exposure_time_unit", "s"),
        ];

    public override JsonObject Instrument() =>
        new()
        {
            ["monochrometer"] = Monochrometer(),
            ["detector"] = new JsonObject
            {
                ["name"] = "sCMOS camera with LuAG:Ce scintillator",
                ["pixel_size"] = Scan.PixelMm * 1000,
                ["pixel_size_unit"] = "um",
            },
        };
}
