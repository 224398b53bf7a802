using Harima.Imaging.Frames;

namespace Harima.Imaging.Simulation;

/// <summary>What one exposure of a powder looks like.</summary>
public sealed record PowderExposure
{
    /// <summary>The crystals in the capillary with their share of the scattering.</summary>
    public required IReadOnlyList<(CubicCrystal Crystal, double Share)> Phases { get; init; }

    /// <summary>Mean counts on the crest of the strongest ring.</summary>
    public double PeakCounts { get; init; } = 800;

    /// <summary>Size of the crystallites in nm; small ones broaden the rings (Scherrer, K = 0.9).</summary>
    public double CrystalliteNm { get; init; } = 200;

    /// <summary>Width of a ring that the instrument alone gives, FWHM in degrees of 2θ.</summary>
    public double InstrumentWidthDeg { get; init; } = 0.06;

    /// <summary>Lorentzian share of the peak shape, 0 to 1 (pseudo-Voigt).</summary>
    public double LorentzianShare { get; init; } = 0.35;

    /// <summary>Mean counts of air scatter close to the beamstop.</summary>
    public double AirScatterCounts { get; init; } = 60;

    /// <summary>Mean counts of the halo of the glass capillary on its crest, near d = 4 Å.</summary>
    public double GlassHaloCounts { get; init; } = 12;

    /// <summary>Mean counts everywhere.</summary>
    public double FlatCounts { get; init; } = 2;

    /// <summary>Radius of the beamstop's shadow in mm.</summary>
    public double BeamstopMm { get; init; } = 3;

    /// <summary>Degree of polarisation in the horizontal plane.</summary>
    public double Polarization { get; init; } = 0.99;
}

/// <summary>Debye–Scherrer rings of a powder on a flat detector.</summary>
public static class PowderDiffraction
{
    const double TableStepRad = 2e-5;

    /// <summary>One frame with Poisson noise; the same seed and exposure number give the same counts.</summary>
    public static DetectorFrame Expose(
        FlatDetector detector,
        PowderExposure exposure,
        ulong seed,
        ulong exposureNumber = 0
    )
    {
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentNullException.ThrowIfNull(exposure);
        var shape = detector.Shape;
        var table = RadialTable(detector, exposure);
        var counts = new int[shape.PixelCount];
        var random = new Pcg32(seed, exposureNumber);
        for (var y = 0; y < shape.Height; y++)
        for (var x = 0; x < shape.Width; x++)
            counts[(y * shape.Width) + x] = shape.IsGap(y, x)
                ? DetectorFrame.Gap
                : Math.Min(shape.CountCutoff, Poisson.Draw(random, Expected(detector, exposure, table, y, x)));
        return new DetectorFrame(shape.Height, shape.Width, counts);
    }

    /// <summary>Where the rings of the exposure lie, smallest angle first: line and 2θ in degrees.</summary>
    public static IReadOnlyList<(CubicCrystal Crystal, PowderLine Line, double TwoThetaDeg)> Rings(
        FlatDetector detector,
        PowderExposure exposure
    )
    {
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentNullException.ThrowIfNull(exposure);
        var minSpacing = detector.WavelengthAngstrom / (2 * Math.Sin(detector.MaxTwoTheta() / 2));
        return
        [
            .. exposure
                .Phases.SelectMany(phase => phase.Crystal.Lines(minSpacing).Select(line => (phase.Crystal, Line: line)))
                .Select(ring => (ring.Crystal, ring.Line, TwoTheta: ring.Line.TwoTheta(detector.WavelengthAngstrom)))
                .Where(ring => ring.TwoTheta is not null)
                .Select(ring => (ring.Crystal, ring.Line, ring.TwoTheta!.Value * 180 / Math.PI))
                .OrderBy(ring => ring.Item3),
        ];
    }

    static double Expected(FlatDetector detector, PowderExposure exposure, double[] table, int y, int x)
    {
        var radiusMm = detector.RadiusMm(y, x);
        var dx = x + 0.5 - detector.BeamX;
        // The stop is held by a wire that comes from above.
        var inShadow =
            radiusMm < exposure.BeamstopMm || (Math.Abs(dx) * detector.Shape.PixelMm < 0.4 && y + 0.5 < detector.BeamY);
        var twoTheta = Math.Atan(radiusMm / detector.DistanceMm);
        var cosine = Math.Cos(twoTheta);
        var sine = Math.Sin(twoTheta);
        var horizontal = radiusMm > 0 ? dx * detector.Shape.PixelMm / radiusMm : 0;
        var inPlane = horizontal * horizontal;
        var p = (1 + exposure.Polarization) / 2;
        var polarization = 1 - (((p * inPlane) + ((1 - p) * (1 - inPlane))) * sine * sine);
        // A pixel far out is farther away and seen aslant: cos³.
        var solidAngle = cosine * cosine * cosine;
        var index = Math.Min((int)(twoTheta / TableStepRad), table.Length - 1);
        var mean = (table[index] * polarization * solidAngle) + exposure.FlatCounts;
        return inShadow ? mean * 0.002 : mean;
    }

    /// <summary>Mean counts against 2θ without polarisation and solid angle; step <see cref="TableStepRad"/>.</summary>
    static double[] RadialTable(FlatDetector detector, PowderExposure exposure)
    {
        var table = new double[(int)(detector.MaxTwoTheta() / TableStepRad) + 2];
        AddRings(table, detector, exposure);
        var crest = table.Max();
        for (var i = 0; i < table.Length; i++)
        {
            var twoTheta = i * TableStepRad;
            var q = 4 * Math.PI * Math.Sin(twoTheta / 2) / detector.WavelengthAngstrom;
            var halo = (q - (2 * Math.PI / 4.0)) / 0.35;
            table[i] =
                (crest > 0 ? table[i] * exposure.PeakCounts / crest : 0)
                + (exposure.AirScatterCounts * Math.Exp(-q / 0.8))
                + (exposure.GlassHaloCounts * Math.Exp(-0.5 * halo * halo));
        }

        return table;
    }

    static void AddRings(double[] table, FlatDetector detector, PowderExposure exposure)
    {
        foreach (var (crystal, line, twoThetaDeg) in Rings(detector, exposure))
        {
            var share = exposure.Phases.First(phase => ReferenceEquals(phase.Crystal, crystal)).Share;
            var twoTheta = twoThetaDeg * Math.PI / 180;
            var (sine, cosine) = Math.SinCos(twoTheta / 2);
            // Lorentz factor of a powder on an area detector: the ring's power spread over its circumference.
            // Divided by the cell's volume squared, so that phases of different cells compare.
            var lorentz = 1 / (2 * sine * sine * cosine);
            var volume = Math.Pow(crystal.LatticeAngstrom, 3);
            var scherrer = 0.9 * detector.WavelengthAngstrom / (exposure.CrystalliteNm * 10 * cosine);
            var instrument = exposure.InstrumentWidthDeg * Math.PI / 180;
            var width = Math.Sqrt((scherrer * scherrer) + (instrument * instrument));
            AddPeak(table, twoTheta, width, share * line.Power * lorentz / (volume * volume), exposure.LorentzianShare);
        }
    }

    /// <summary>Adds a pseudo-Voigt of the given area; its tails end after 40 widths.</summary>
    static void AddPeak(double[] table, double centre, double width, double area, double lorentzianShare)
    {
        var from = Math.Max(0, (int)((centre - (40 * width)) / TableStepRad));
        var to = Math.Min(table.Length - 1, (int)((centre + (40 * width)) / TableStepRad));
        var gaussianHeight = 2 * Math.Sqrt(Math.Log(2) / Math.PI) / width;
        var lorentzianHeight = 2 / (Math.PI * width);
        for (var i = from; i <= to; i++)
        {
            var distance = 2 * ((i * TableStepRad) - centre) / width;
            var square = distance * distance;
            var gaussian = gaussianHeight * Math.Exp(-Math.Log(2) * square);
            var lorentzian = lorentzianHeight / (1 + square);
            table[i] += area * ((lorentzianShare * lorentzian) + ((1 - lorentzianShare) * gaussian));
        }
    }
}
