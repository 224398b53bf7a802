namespace Harima.Imaging.Simulation;

/// <summary>An ellipsoid of one material; lengths in mm, the rotation axis is z.</summary>
/// <param name="X">Centre.</param>
/// <param name="Y">Centre.</param>
/// <param name="Z">Centre, along the rotation axis.</param>
/// <param name="A">Semi-axis in the plane of rotation.</param>
/// <param name="B">The other semi-axis in that plane.</param>
/// <param name="C">Semi-axis along z.</param>
/// <param name="AngleRad">Turn of A away from x.</param>
/// <param name="MuPerMm">Attenuation in 1/mm that it adds to what surrounds it; negative for a pore.</param>
public sealed record PhantomEllipsoid(
    double X,
    double Y,
    double Z,
    double A,
    double B,
    double C,
    double AngleRad,
    double MuPerMm
)
{
    /// <summary>True for a point inside.</summary>
    public bool Contains(double x, double y, double z)
    {
        var (sine, cosine) = Math.SinCos(AngleRad);
        var u = (((x - X) * cosine) + ((y - Y) * sine)) / A;
        var v = (((y - Y) * cosine) - ((x - X) * sine)) / B;
        var w = (z - Z) / C;
        return (u * u) + (v * v) + (w * w) <= 1;
    }
}

/// <summary>A three-dimensional object whose projections are known exactly.</summary>
/// <param name="Ellipsoids">Parts; their attenuations add where they overlap.</param>
public sealed record Phantom(IReadOnlyList<PhantomEllipsoid> Ellipsoids)
{
    /// <summary>A porous grain: an ellipsoid with pores that do not overlap and a few dense inclusions.</summary>
    /// <param name="radiusMm">Radius of the grain in mm.</param>
    /// <param name="pores">Pores and inclusions asked for; fewer where they find no room.</param>
    /// <param name="muPerMm">Attenuation of the matrix in 1/mm.</param>
    /// <param name="seed">Which grain.</param>
    public static Phantom PorousGrain(double radiusMm, int pores, double muPerMm, ulong seed)
    {
        var random = new Pcg32(seed);
        var grain = new PhantomEllipsoid(0, 0, 0, radiusMm, radiusMm * 0.85, radiusMm * 0.95, 0.4, muPerMm);
        var parts = new List<PhantomEllipsoid> { grain };
        for (var attempt = 0; attempt < pores * 20 && parts.Count <= pores; attempt++)
        {
            var size = radiusMm * random.NextDouble(0.04, 0.14);
            var (x, y, z) = (
                random.NextDouble(-1, 1) * radiusMm,
                random.NextDouble(-1, 1) * radiusMm,
                random.NextDouble(-1, 1) * radiusMm
            );
            var isInside = Math.Sqrt((x * x) + (y * y) + (z * z)) + size < 0.8 * radiusMm;
            if (!isInside || parts.Skip(1).Any(other => Distance(other, x, y, z) < size + other.A))
                continue;
            var mu = parts.Count % 6 == 0 ? 1.5 * muPerMm : -muPerMm;
            var (flatB, flatC) = (size * random.NextDouble(0.6, 1), size * random.NextDouble(0.6, 1));
            parts.Add(new PhantomEllipsoid(x, y, z, size, flatB, flatC, random.NextDouble(0, Math.PI), mu));
        }

        return new Phantom(parts);
    }

    /// <summary>Attenuation in 1/mm at a point in mm.</summary>
    public double At(double x, double y, double z) => Ellipsoids.Where(e => e.Contains(x, y, z)).Sum(e => e.MuPerMm);

    /// <summary>Adds ∫μ dl along the beam to an image, shape <c>[y, x]</c>; the image's centre lies on the rotation axis.</summary>
    /// <remarks>
    /// The chord of an ellipse in direction θ at offset s is 2AB/D²·√(D² − s²), D² = A² cos²α + B² sin²α (Kak and Slaney, "Principles of
    /// Computerized Tomographic Imaging", 1988, chapter 3); the third axis narrows it likewise.
    /// </remarks>
    public void Project(double angleRad, double pixelMm, int height, int width, Span<double> image)
    {
        var (sine, cosine) = Math.SinCos(angleRad);
        foreach (var e in Ellipsoids)
        {
            var (alphaSine, alphaCosine) = Math.SinCos(angleRad - e.AngleRad);
            var d = Math.Sqrt((e.A * e.A * alphaCosine * alphaCosine) + (e.B * e.B * alphaSine * alphaSine));
            var longest = 2 * e.A * e.B / d * e.MuPerMm;
            var centre = (e.X * cosine) + (e.Y * sine);
            var (firstX, lastX) = Range(centre, d, pixelMm, width);
            var (firstY, lastY) = Range(e.Z, e.C, pixelMm, height);
            for (var y = firstY; y <= lastY; y++)
            {
                var w = ((((y + 0.5) - (height / 2.0)) * pixelMm) - e.Z) / e.C;
                for (var x = firstX; x <= lastX; x++)
                {
                    var u = ((((x + 0.5) - (width / 2.0)) * pixelMm) - centre) / d;
                    var rest = 1 - (u * u) - (w * w);
                    if (rest > 0)
                        image[(y * width) + x] += longest * Math.Sqrt(rest);
                }
            }
        }
    }

    static (int First, int Last) Range(double centre, double reach, double pixelMm, int pixels)
    {
        var first = (int)Math.Floor(((centre - reach) / pixelMm) + (pixels / 2.0));
        var last = (int)Math.Ceiling(((centre + reach) / pixelMm) + (pixels / 2.0));
        return (Math.Max(0, first), Math.Min(pixels - 1, last));
    }

    static double Distance(PhantomEllipsoid other, double x, double y, double z) =>
        Math.Sqrt(Math.Pow(other.X - x, 2) + Math.Pow(other.Y - y, 2) + Math.Pow(other.Z - z, 2));
}

/// <summary>How a scan is taken.</summary>
public sealed record TomographyScan
{
    /// <summary>Rows.</summary>
    public int Height { get; init; } = 160;

    /// <summary>Columns.</summary>
    public int Width { get; init; } = 200;

    /// <summary>Projections over half a turn.</summary>
    public int Projections { get; init; } = 91;

    /// <summary>Frames without sample, taken before the projections.</summary>
    public int Flats { get; init; } = 5;

    /// <summary>Frames without beam, taken after the projections.</summary>
    public int Darks { get; init; } = 5;

    /// <summary>Pixel edge in mm.</summary>
    public double PixelMm { get; init; } = 0.005;

    /// <summary>Mean photons per pixel in the brightest part of a flat.</summary>
    public double Photons { get; init; } = 24_000;

    /// <summary>Digital level without light.</summary>
    public double DarkLevel { get; init; } = 110;

    /// <summary>Deviation of the readout in digital levels.</summary>
    public double ReadoutNoise { get; init; } = 3;

    /// <summary>Share of the pixels that are hot.</summary>
    public double HotShare { get; init; } = 2e-4;
}

/// <summary>The frames of a scan in the order they were taken: flats, projections, darks.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
/// <param name="Frames">Digital levels as uint16, shape <c>[frame, y, x]</c>.</param>
/// <param name="ImageKey">Per frame 0 projection, 1 flat, 2 dark, as NXtomo numbers them.</param>
/// <param name="RotationDeg">Per frame the angle in degrees.</param>
public sealed record TomographyFrames(int Height, int Width, ushort[] Frames, int[] ImageKey, double[] RotationDeg)
{
    /// <summary>Frames.</summary>
    public int Count => ImageKey.Length;

    /// <summary>One frame, shape <c>[y, x]</c>.</summary>
    public ReadOnlySpan<ushort> this[int frame] => Frames.AsSpan(frame * Height * Width, Height * Width);
}

/// <summary>Parallel-beam projections by the law of Beer and Lambert.</summary>
public static class Tomography
{
    /// <summary>Takes a scan of a phantom.</summary>
    public static TomographyFrames Scan(Phantom phantom, TomographyScan scan, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(phantom);
        ArgumentNullException.ThrowIfNull(scan);
        var pixels = scan.Height * scan.Width;
        int[] keys =
        [
            .. Enumerable.Repeat(1, scan.Flats),
            .. Enumerable.Repeat(0, scan.Projections),
            .. Enumerable.Repeat(2, scan.Darks),
        ];
        var angles = new double[keys.Length];
        var frames = new ushort[keys.Length * pixels];
        var flat = FlatField(scan, seed);
        var hot = HotPixels(scan, seed);
        var path = new double[pixels];
        for (var frame = 0; frame < keys.Length; frame++)
        {
            Array.Clear(path);
            if (keys[frame] == 0)
            {
                angles[frame] = 180.0 * (frame - scan.Flats) / Math.Max(1, scan.Projections - 1);
                phantom.Project(angles[frame] * Math.PI / 180, scan.PixelMm, scan.Height, scan.Width, path);
            }

            var target = frames.AsSpan(frame * pixels, pixels);
            Read(target, path, flat, scan, isDark: keys[frame] == 2, new Pcg32(seed, (ulong)frame + 10));
            foreach (var (pixel, level) in hot)
                target[pixel] = level;
        }

        return new TomographyFrames(scan.Height, scan.Width, frames, keys, angles);
    }

    static void Read(Span<ushort> target, double[] path, double[] flat, TomographyScan scan, bool isDark, Pcg32 random)
    {
        for (var i = 0; i < target.Length; i++)
        {
            var photons = isDark ? 0 : Poisson.Draw(random, flat[i] * Math.Exp(-path[i]));
            var level = photons + scan.DarkLevel + (scan.ReadoutNoise * random.NextGaussian());
            target[i] = (ushort)Math.Clamp(Math.Round(level), 0, ushort.MaxValue);
        }
    }

    /// <summary>Mean photons without sample: the beam is a band, a multilayer gives it stripes, the scintillator has stains.</summary>
    static double[] FlatField(TomographyScan scan, ulong seed)
    {
        var random = new Pcg32(seed, 1);
        var stripes = Enumerable
            .Range(0, 6)
            .Select(_ => (Period: random.NextDouble(6, 40), Phase: random.NextDouble(0, 6.28)))
            .ToArray();
        var stains = Enumerable
            .Range(0, 12)
            .Select(_ =>
                (X: random.NextInt32(scan.Width), Y: random.NextInt32(scan.Height), Size: random.NextDouble(1, 5))
            )
            .ToArray();
        var flat = new double[scan.Height * scan.Width];
        for (var y = 0; y < scan.Height; y++)
        {
            var band = Math.Exp(-0.5 * Math.Pow(((y + 0.5) - (scan.Height / 2.0)) / (0.55 * scan.Height), 2));
            var stripe = 1 + stripes.Sum(s => 0.015 * Math.Sin((2 * Math.PI * y / s.Period) + s.Phase));
            for (var x = 0; x < scan.Width; x++)
            {
                var dim = stains.Sum(s =>
                    0.15 * Math.Exp(-0.5 * (Math.Pow(x - s.X, 2) + Math.Pow(y - s.Y, 2)) / (s.Size * s.Size))
                );
                flat[(y * scan.Width) + x] = scan.Photons * 0.92 * band * stripe * Math.Max(0.3, 1 - dim);
            }
        }

        return flat;
    }

    static (int Pixel, ushort Level)[] HotPixels(TomographyScan scan, ulong seed)
    {
        var random = new Pcg32(seed, 2);
        var count = (int)Math.Round(scan.HotShare * scan.Height * scan.Width);
        return
        [
            .. Enumerable
                .Range(0, count)
                .Select(_ => (random.NextInt32(scan.Height * scan.Width), (ushort)(60_000 + random.NextInt32(5_000)))),
        ];
    }
}
