using System.Globalization;
using Harima.Imaging.Frames;

namespace Harima.Imaging.Formats;

/// <summary>What a detector of the PILATUS family writes beside a frame, in CBF and in TIFF.</summary>
public sealed record DetectorHeader
{
    /// <summary>Geometry of the exposure.</summary>
    public required FlatDetector Detector { get; init; }

    /// <summary>When the exposure began.</summary>
    public required DateTimeOffset ExposedAt { get; init; }

    /// <summary>Exposure time in s.</summary>
    public double ExposureSeconds { get; init; } = 1;

    /// <summary>First angle of the rotation axis in degrees.</summary>
    public double StartAngleDeg { get; init; }

    /// <summary>Rotation during the exposure in degrees.</summary>
    public double AngleIncrementDeg { get; init; }

    /// <summary>Where the beamline stored the frame; the detector's name for it.</summary>
    public string ImagePath { get; init; } = "(nil)";

    /// <summary>Serial number of the detector.</summary>
    public string SerialNumber { get; init; } = "00-0000";

    /// <summary>The header lines without the leading "# ", in the order and units of the PILATUS manual (header convention PILATUS_1.2).</summary>
    public IReadOnlyList<string> Lines()
    {
        var shape = Detector.Shape;
        var c = CultureInfo.InvariantCulture;
        return
        [
            $"Detector: {shape.Name}, S/N {SerialNumber}, Harima virtual beamline",
            ExposedAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fff", c),
            string.Create(c, $"Pixel_size {shape.PixelMm * 1000:0}e-6 m x {shape.PixelMm * 1000:0}e-6 m"),
            string.Create(c, $"Silicon sensor, thickness {shape.SensorMm / 1000:0.000000} m"),
            string.Create(c, $"Exposure_time {ExposureSeconds:0.0000000} s"),
            string.Create(c, $"Exposure_period {ExposureSeconds + 0.003:0.0000000} s"),
            "Tau = 124.0e-09 s",
            string.Create(c, $"Count_cutoff {shape.CountCutoff} counts"),
            string.Create(c, $"Threshold_setting: {Detector.EnergyKeV * 500:0} eV"),
            "Gain_setting: mid gain (vrf = -0.200)",
            "N_excluded_pixels = 0",
            "Excluded_pixels: (nil)",
            "Flat_field: (nil)",
            "Trim_file: (nil)",
            $"Image_path: {ImagePath}",
            string.Create(c, $"Wavelength {Detector.WavelengthAngstrom:0.00000} A"),
            string.Create(c, $"Energy_range (0, 0) eV"),
            string.Create(c, $"Detector_distance {Detector.DistanceMm / 1000:0.00000} m"),
            "Detector_Voffset 0.00000 m",
            string.Create(c, $"Beam_xy ({Detector.BeamX:0.00}, {Detector.BeamY:0.00}) pixels"),
            "Filter_transmission 1.0000",
            string.Create(c, $"Start_angle {StartAngleDeg:0.0000} deg."),
            string.Create(c, $"Angle_increment {AngleIncrementDeg:0.0000} deg."),
            "Detector_2theta 0.0000 deg.",
            "Polarization 0.990",
            "Oscillation_axis omega",
        ];
    }
}
