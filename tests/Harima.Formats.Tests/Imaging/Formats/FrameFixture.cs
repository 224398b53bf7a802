using Harima.Imaging.Formats.Nexus;
using Harima.Imaging.Frames;
using Harima.Imaging.Simulation;

namespace Harima.Imaging.Formats;

/// <summary>One powder frame and what belongs to it.</summary>
static class FrameFixture
{
    public static readonly FlatDetector Detector = new(DetectorShape.Pilatus300K, 0.7749, 150.5, 240.25, 300.75);

    public static readonly PowderExposure Exposure = new() { Phases = [(CubicCrystal.CeO2, 1)] };

    public static readonly DetectorFrame Frame = PowderDiffraction.Expose(Detector, Exposure, 21);

    public static readonly DetectorHeader Header = new()
    {
        Detector = Detector,
        ExposedAt = new DateTimeOffset(2026, 4, 12, 9, 30, 15, TimeSpan.Zero),
        ExposureSeconds = 0.5,
        StartAngleDeg = 12.5,
        AngleIncrementDeg = 0.1,
        ImagePath = "/ramdisk/ceo2/",
    };

    public static readonly NexusMeasurement Measurement = new()
    {
        Title = "CeO2 in a capillary",
        StartAt = new DateTimeOffset(2026, 4, 12, 18, 30, 15, TimeSpan.FromHours(9)),
        EndAt = new DateTimeOffset(2026, 4, 12, 18, 31, 15, TimeSpan.FromHours(9)),
        SourceName = "SPring-8",
        BeamlineName = "BL19B2",
        SampleName = "Ceria",
        ChemicalFormula = "CeO2",
        ExperimentIdentifier = "2026A1234",
    };
}
