namespace Harima.Imaging.Frames;

/// <summary>A flat detector normal to the beam.</summary>
/// <remarks>
/// <code>
///            y = 0 row at the top            2θ = atan(r / distance)
///   sample o------------------| beam centre   r  = pixel · |(x, y) − centre|
///           \  2θ             |               q  = 4π sin θ / λ
///            \________________| (x, y)
/// </code>
/// </remarks>
/// <param name="Shape">Pixels and modules.</param>
/// <param name="WavelengthAngstrom">Wavelength in Å.</param>
/// <param name="DistanceMm">Sample to detector in mm.</param>
/// <param name="BeamX">Beam centre, column, in pixels; 0 is the outer edge of the first pixel.</param>
/// <param name="BeamY">Beam centre, row, in pixels; 0 is the outer edge of the first pixel.</param>
public sealed record FlatDetector(
    DetectorShape Shape,
    double WavelengthAngstrom,
    double DistanceMm,
    double BeamX,
    double BeamY
)
{
    /// <summary>h·c in keV Å (CODATA 2018, exact).</summary>
    public const double KeVAngstrom = 12.398419843320026;

    /// <summary>Photon energy in keV.</summary>
    public double EnergyKeV => KeVAngstrom / WavelengthAngstrom;

    /// <summary>Wavelength in Å of photons of <paramref name="energyKeV"/>.</summary>
    public static double WavelengthOf(double energyKeV) => KeVAngstrom / energyKeV;

    /// <summary>Distance in mm of the centre of a pixel from the beam centre.</summary>
    public double RadiusMm(int y, int x)
    {
        var dx = x + 0.5 - BeamX;
        var dy = y + 0.5 - BeamY;
        return Shape.PixelMm * Math.Sqrt((dx * dx) + (dy * dy));
    }

    /// <summary>Scattering angle 2θ in radian of the centre of a pixel.</summary>
    public double TwoTheta(int y, int x) => Math.Atan(RadiusMm(y, x) / DistanceMm);

    /// <summary>The largest 2θ in radian that any corner of the detector sees.</summary>
    public double MaxTwoTheta() =>
        Math.Max(
            Math.Max(TwoTheta(0, 0), TwoTheta(0, Shape.Width - 1)),
            Math.Max(TwoTheta(Shape.Height - 1, 0), TwoTheta(Shape.Height - 1, Shape.Width - 1))
        );
}
