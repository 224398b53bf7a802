using Harima.Imaging.Frames;

namespace Harima.Imaging.Simulation;

/// <summary>A tetragonal unit cell of space group P4₃2₁2.</summary>
/// <param name="Name">What crystallised.</param>
/// <param name="AAngstrom">a = b in Å.</param>
/// <param name="CAngstrom">c in Å.</param>
public sealed record TetragonalCell(string Name, double AAngstrom, double CAngstrom)
{
    /// <summary>Hen egg-white lysozyme, P4₃2₁2, 79.1 79.1 37.9 Å.</summary>
    public static TetragonalCell Lysozyme { get; } = new("Lysozyme", 79.1, 37.9);

    /// <summary>False for the absences of the screw axes: h00 and 0k0 with odd index, 00l unless l = 4n.</summary>
    public static bool IsPresent(int h, int k, int l) =>
        (h, k, l) switch
        {
            (0, 0, _) => l % 4 == 0,
            (_, 0, 0) => h % 2 == 0,
            (0, _, 0) => k % 2 == 0,
            _ => true,
        };
}

/// <summary>What a run of still exposures of a jet or chip of microcrystals looks like.</summary>
public sealed record SerialRun
{
    /// <summary>The crystals.</summary>
    public TetragonalCell Cell { get; init; } = TetragonalCell.Lysozyme;

    /// <summary>Share of the frames with a crystal in the beam, 0 to 1.</summary>
    public double HitRate { get; init; } = 0.35;

    /// <summary>Smallest spacing d in Å to which the crystals diffract.</summary>
    public double ResolutionAngstrom { get; init; } = 2.2;

    /// <summary>Mean counts of a spot of average strength at low resolution, exactly in reflection.</summary>
    public double SpotCounts { get; init; } = 900;

    /// <summary>Spread of the crystal's orientation in degrees, 1 σ.</summary>
    public double MosaicityDeg { get; init; } = 0.05;

    /// <summary>Size of a crystal in µm: small ones have thick reciprocal lattice points.</summary>
    public double CrystalMicron { get; init; } = 5;

    /// <summary>Radius of a spot on the detector in pixels, 1 σ.</summary>
    public double SpotSigmaPixels { get; init; } = 0.9;

    /// <summary>Wilson B factor in Å².</summary>
    public double WilsonBAngstrom2 { get; init; } = 20;

    /// <summary>Mean counts on the crest of the water ring, near d = 3.1 Å.</summary>
    public double WaterCounts { get; init; } = 6;

    /// <summary>Mean counts of air scatter close to the beamstop.</summary>
    public double AirScatterCounts { get; init; } = 8;
}

/// <summary>What is true of a frame.</summary>
/// <param name="IsHit">A crystal was in the beam.</param>
/// <param name="SpotCount">Bragg spots on the modules that stand above the noise of the background.</param>
public readonly record struct SerialTruth(bool IsHit, int SpotCount);

/// <summary>Still frames of randomly oriented crystals.</summary>
/// <remarks>
/// <code>
///         s1 = s0 + q     |s0| = 1/λ along the beam; q = R·(h/a, k/a, l/c)
///          /|             a point reflects while its distance from the Ewald sphere,
///     s0 -/-+->           ε = | |s1| − 1/λ |, is small against its own thickness
/// </code>
/// </remarks>
public sealed class SerialCrystallography
{
    readonly FlatDetector _detector;
    readonly SerialRun _run;
    readonly ulong _seed;
    readonly double[] _background;
    readonly Reflection[] _reflections;

    /// <summary>Prepares the crystal's reflections and the background of a run.</summary>
    public SerialCrystallography(FlatDetector detector, SerialRun run, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentNullException.ThrowIfNull(run);
        (_detector, _run, _seed) = (detector, run, seed);
        _background = Background();
        _reflections = Reflections();
    }

    /// <summary>Frame <paramref name="index"/> of the run, the same whenever and in whichever order it is asked for.</summary>
    public (DetectorFrame Frame, SerialTruth Truth) Expose(int index)
    {
        var random = new Pcg32(_seed, (ulong)index + 1);
        var means = (double[])_background.Clone();
        var isHit = random.NextDouble() < _run.HitRate;
        var spots = isHit ? AddSpots(means, random) : 0;
        var shape = _detector.Shape;
        var counts = new int[shape.PixelCount];
        for (var i = 0; i < counts.Length; i++)
            counts[i] = means[i] < 0 ? DetectorFrame.Gap : Math.Min(shape.CountCutoff, Poisson.Draw(random, means[i]));
        return (new DetectorFrame(shape.Height, shape.Width, counts), new SerialTruth(isHit, spots));
    }

    int AddSpots(double[] means, Pcg32 random)
    {
        var r = random.NextRotation();
        // Crystals differ in size and are hit more or less centrally.
        var strength = _run.SpotCounts * random.NextDouble(0.4, 1.2);
        var k0 = 1 / _detector.WavelengthAngstrom;
        var spots = 0;
        foreach (var reflection in _reflections)
        {
            var (x, y, z) = (reflection.X, reflection.Y, reflection.Z);
            var sz = (r[6] * x) + (r[7] * y) + (r[8] * z) + k0;
            if (sz <= 0)
                continue;
            var sx = (r[0] * x) + (r[1] * y) + (r[2] * z);
            var sy = (r[3] * x) + (r[4] * y) + (r[5] * z);
            var error = Math.Sqrt((sx * sx) + (sy * sy) + (sz * sz)) - k0;
            if (Math.Abs(error) > 3 * reflection.Thickness)
                continue;
            var partiality = Math.Exp(-0.5 * error * error / (reflection.Thickness * reflection.Thickness));
            if (AddSpot(means, sx / sz, sy / sz, strength * reflection.Power * partiality))
                spots++;
        }

        return spots;
    }

    bool AddSpot(double[] means, double slopeX, double slopeY, double counts)
    {
        var shape = _detector.Shape;
        var centreX = _detector.BeamX + (_detector.DistanceMm * slopeX / shape.PixelMm);
        var centreY = _detector.BeamY + (_detector.DistanceMm * slopeY / shape.PixelMm);
        if (counts < 0.5 || !(centreX >= 0 && centreX < shape.Width && centreY >= 0 && centreY < shape.Height))
            return false;
        var reach = (int)Math.Ceiling(4 * _run.SpotSigmaPixels);
        var (column, row) = ((int)centreX, (int)centreY);
        var height = counts / (2 * Math.PI * _run.SpotSigmaPixels * _run.SpotSigmaPixels);
        var visible = IsVisible(means[(row * shape.Width) + column], height);
        for (var y = Math.Max(0, row - reach); y <= Math.Min(shape.Height - 1, row + reach); y++)
        for (var x = Math.Max(0, column - reach); x <= Math.Min(shape.Width - 1, column + reach); x++)
        {
            ref var mean = ref means[(y * shape.Width) + x];
            if (mean < 0)
                continue;
            var dx = (x + 0.5 - centreX) / _run.SpotSigmaPixels;
            var dy = (y + 0.5 - centreY) / _run.SpotSigmaPixels;
            mean += height * Math.Exp(-0.5 * ((dx * dx) + (dy * dy)));
        }

        return visible;
    }

    /// <summary>A crest of five deviations of the background, and of five counts at least, is what spot finders call a spot.</summary>
    static bool IsVisible(double background, double height) =>
        background >= 0 && height > Math.Max(5, 5 * Math.Sqrt(background));

    /// <summary>Mean counts without a crystal, shape [y, x]; −1 in gaps.</summary>
    double[] Background()
    {
        var shape = _detector.Shape;
        var means = new double[shape.PixelCount];
        for (var y = 0; y < shape.Height; y++)
        for (var x = 0; x < shape.Width; x++)
        {
            var twoTheta = _detector.TwoTheta(y, x);
            var q = 4 * Math.PI * Math.Sin(twoTheta / 2) / _detector.WavelengthAngstrom;
            var water = (q - (2 * Math.PI / 3.1)) / 0.32;
            var mean =
                (_run.WaterCounts * Math.Exp(-0.5 * water * water))
                + (_run.AirScatterCounts * Math.Exp(-q / 0.5))
                + 0.4;
            means[(y * shape.Width) + x] =
                shape.IsGap(y, x) ? -1
                : _detector.RadiusMm(y, x) < 1.5 ? 0.002
                : mean * Math.Pow(Math.Cos(twoTheta), 3);
        }

        return means;
    }

    Reflection[] Reflections()
    {
        var (cell, maxQ) = (_run.Cell, 1 / _run.ResolutionAngstrom);
        var (maxH, maxL) = ((int)(cell.AAngstrom * maxQ), (int)(cell.CAngstrom * maxQ));
        var list = new List<Reflection>();
        for (var h = -maxH; h <= maxH; h++)
        for (var k = -maxH; k <= maxH; k++)
        for (var l = -maxL; l <= maxL; l++)
        {
            var (x, y, z) = (h / cell.AAngstrom, k / cell.AAngstrom, l / cell.CAngstrom);
            var q = Math.Sqrt((x * x) + (y * y) + (z * z));
            if (q > 0 && q <= maxQ && TetragonalCell.IsPresent(h, k, l))
                list.Add(new Reflection(x, y, z, Power(h, k, l, q), Thickness(q)));
        }

        return [.. list];
    }

    double Thickness(double q)
    {
        var mosaic = _run.MosaicityDeg * Math.PI / 180 * q;
        var size = 1 / (_run.CrystalMicron * 1e4);
        return Math.Sqrt((mosaic * mosaic) + (size * size));
    }

    /// <summary>|F|² relative to its mean: exponential (Wilson 1949), the same for planes that the point group 422 and Friedel's law make equal.</summary>
    double Power(int h, int k, int l, double q)
    {
        var (a, b, c) = ((ulong)Math.Abs(h), (ulong)Math.Abs(k), (ulong)Math.Abs(l));
        var family = (Math.Max(a, b) << 32) | (Math.Min(a, b) << 16) | c;
        var wilson = new Pcg32(_seed ^ 0x9e3779b97f4a7c15, family).NextExponential();
        return wilson * Math.Exp(-0.5 * _run.WilsonBAngstrom2 * q * q);
    }

    readonly record struct Reflection(double X, double Y, double Z, double Power, double Thickness);
}
