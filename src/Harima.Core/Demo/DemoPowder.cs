using System.Globalization;
using System.Text.Json.Nodes;
using Harima.Imaging.Analysis;
using Harima.Imaging.Formats;
using Harima.Imaging.Formats.Cbf;
using Harima.Imaging.Formats.Csv;
using Harima.Imaging.Formats.Nexus;
using Harima.Imaging.Formats.Tiff;
using Harima.Imaging.Frames;
using Harima.Imaging.Simulation;

namespace Harima.Demo;

enum DemoFrames
{
    Cbf,
    Tiff,
    Nexus,
}

/// <summary>Powder rings, at one temperature or at several, as single frames or one NeXus file, with radial profiles in csv.</summary>
sealed record DemoPowder(DemoSample Sample, DetectorShape Shape, double EnergyKeV, double DistanceMm)
    : DemoExperiment(Sample)
{
    public required IReadOnlyList<(CubicCrystal Crystal, double Share)> Phases { get; init; }

    public DemoFrames Frames { get; init; } = DemoFrames.Cbf;

    /// <summary>In K, one per frame.</summary>
    public required double[] Temperatures { get; init; }

    /// <summary>Linear thermal expansion in 1/K, the same for all phases.</summary>
    public double Expansion { get; init; } = 11.5e-6;

    public double CrystalliteNm { get; init; } = 150;

    public double ExposureSeconds { get; init; } = 5;

    FlatDetector Detector =>
        new(
            Shape,
            FlatDetector.WavelengthOf(EnergyKeV),
            DistanceMm,
            (Shape.Width / 2.0) + 3.4,
            (Shape.Height / 2.0) - 5.1
        );

    public override IEnumerable<DemoFile> Files(DemoSequence sequence)
    {
        var detector = Detector;
        var frames = Enumerable.Range(0, Temperatures.Length).Select(i => Expose(detector, sequence.Seed, i));
        var profiles = new List<RadialProfile>();
        if (Frames == DemoFrames.Nexus)
        {
            var all = frames.ToArray();
            profiles.AddRange(all.Select(frame => AzimuthalIntegration.Integrate(frame, detector)));
            yield return DemoFile.Write(
                $"{sequence.Id}.nxs",
                "application/x-hdf5",
                stream => PowderNexus.Write(stream, sequence.Nexus, detector, all, Temperatures, ExposureSeconds)
            );
        }
        else
        {
            foreach (var (number, frame) in frames.Index())
            {
                profiles.Add(AzimuthalIntegration.Integrate(frame, detector));
                yield return Single(sequence, detector, frame, number);
            }
        }

        yield return DemoFile.Write("profiles.csv", "text/csv", stream => WriteProfiles(stream, profiles));
    }

    public override JsonObject Method() => new() { ["category"] = "diffraction", ["sub_category"] = "Powder XRD" };

    public override IEnumerable<KeyValuePair<string, JsonNode?>> Conditions() =>
        [
            new("energy", EnergyKeV),
            new("energy_unit", "keV"),
            new("temperature", new JsonArray([.. Temperatures.Select(t => (JsonNode)t)])),
            new("temperature_unit", "K"),
            new("exposure_time", ExposureSeconds),
            new("exposure_time_unit", "s"),
            new("frame_number", Temperatures.Length),
        ];

    public override JsonObject Instrument() =>
        new()
        {
            ["monochrometer"] = Monochrometer(),
            ["detector"] = new JsonObject
            {
                ["name"] = Shape.Name,
                ["distance"] = DistanceMm,
                ["distance_unit"] = "mm",
                ["pixel_size"] = Shape.PixelMm * 1000,
                ["pixel_size_unit"] = "um",
                ["beam_center_x"] = Math.Round(Detector.BeamX, 2),
                ["beam_center_x_unit"] = "pixel",
                ["beam_center_y"] = Math.Round(Detector.BeamY, 2),
                ["beam_center_y_unit"] = "pixel",
            },
        };

    DetectorFrame Expose(FlatDetector detector, ulong seed, int number)
    {
        var above = Temperatures[number] - 298;
        var exposure = new PowderExposure
        {
            Phases = [.. Phases.Select(phase => (phase.Crystal.Heated(Expansion, above), phase.Share))],
            CrystalliteNm = CrystalliteNm,
            PeakCounts = 150 * ExposureSeconds,
        };
        return PowderDiffraction.Expose(detector, exposure, seed, (ulong)number);
    }

    DemoFile Single(DemoSequence sequence, FlatDetector detector, DetectorFrame frame, int number)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{sequence.Id}_{number + 1:00000}");
        var header = new DetectorHeader
        {
            Detector = detector,
            ExposedAt = sequence.StartAt + (number * (sequence.EndAt - sequence.StartAt) / Temperatures.Length),
            ExposureSeconds = ExposureSeconds,
            ImagePath = $"/ramdisk/{sequence.Proposal.Id}/",
        };
        return Frames == DemoFrames.Cbf
            ? DemoFile.Write($"frames/{name}.cbf", "application/x-cbf", s => CbfFile.Write(s, frame, name, header))
            : DemoFile.Write($"frames/{name}.tif", "image/tiff", s => TiffFile.Write(s, frame, header));
    }

    void WriteProfiles(Stream stream, List<RadialProfile> profiles) =>
        CsvTable.Write(
            stream,
            [
                ("two_theta_deg", [.. profiles[0].TwoThetaDeg.Select(angle => Math.Round(angle, 5))]),
                .. profiles.Select(
                    (profile, i) =>
                        (
                            string.Create(CultureInfo.InvariantCulture, $"counts_{i + 1:000}_{Temperatures[i]:0}K"),
                            profile.Intensity.Select(counts => Math.Round(counts, 3)).ToArray()
                        )
                ),
            ]
        );
}
