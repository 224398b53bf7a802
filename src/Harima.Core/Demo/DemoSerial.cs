using System.Globalization;
using System.Text.Json.Nodes;
using Harima.Imaging.Formats.Csv;
using Harima.Imaging.Formats.Nexus;
using Harima.Imaging.Frames;
using Harima.Imaging.Simulation;

namespace Harima.Demo;

/// <summary>Stills of microcrystals, so many to a NeXus file, and a csv of which frames are hits.</summary>
sealed record DemoSerial(DemoSample Sample, SerialRun Run, int Frames) : DemoExperiment(Sample)
{
    const double DistanceMm = 110;
    const double ExposureSeconds = 0.01;
    const int FramesPerFile = 10;

    static readonly FlatDetector Detector = new(DetectorShape.Eiger1M, 1.0, DistanceMm, 517.2, 528.6);

    public override IEnumerable<DemoFile> Files(DemoSequence sequence)
    {
        var beamline = new SerialCrystallography(Detector, Run, sequence.Seed);
        var truths = new List<SerialTruth>();
        foreach (var numbers in Enumerable.Range(0, Frames).Chunk(FramesPerFile))
        {
            var exposures = numbers.Select(beamline.Expose).ToArray();
            truths.AddRange(exposures.Select(exposure => exposure.Truth));
            yield return DemoFile.Write(
                string.Create(CultureInfo.InvariantCulture, $"run_{(numbers[0] / FramesPerFile) + 1:0000}.nxs"),
                "application/x-hdf5",
                stream => SerialNexus.Write(stream, sequence.Nexus, Detector, exposures, Run.Cell, ExposureSeconds)
            );
        }

        yield return DemoFile.Write(
            "hits.csv",
            "text/csv",
            stream =>
                CsvTable.Write(
                    stream,
                    ("frame", [.. truths.Select((_, frame) => (double)frame)]),
                    ("is_hit", [.. truths.Select(truth => truth.IsHit ? 1.0 : 0.0)]),
                    ("spot_count", [.. truths.Select(truth => (double)truth.SpotCount)])
                )
        );
    }

    public override JsonObject Method() =>
        new() { ["category"] = "diffraction", ["sub_category"] = "Serial crystallography" };

    public override IEnumerable<KeyValuePair<string, JsonNode?>> Conditions() =>
        [
            new("energy", Math.Round(Detector.EnergyKeV, 4)),
            new("energy_unit", "keV"),
            new("temperature", 293.0),
            new("temperature_unit", "K"),
            new("exposure_time", ExposureSeconds),
            new("exposure_time_unit", "s"),
            new("frame_number", Frames),
            new("expected_hit_rate", Run.HitRate),
        ];

    public override JsonObject Instrument() =>
        new()
        {
            ["monochrometer"] = Monochrometer(),
            ["detector"] = new JsonObject
            {
                ["name"] = Detector.Shape.Name,
                ["distance"] = DistanceMm,
                ["distance_unit"] = "mm",
                ["pixel_size"] = Detector.Shape.PixelMm * 1000,
                ["pixel_size_unit"] = "um",
            },
        };
}
