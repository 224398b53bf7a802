namespace Harima.Imaging.Simulation;

public sealed class TomographyTests
{
    static readonly Phantom Grain = Phantom.PorousGrain(0.2, 30, 1.5, 5);
    static readonly TomographyScan Small = new()
    {
        Height = 40,
        Width = 64,
        Projections = 90,
        PixelMm = 0.008,
        Photons = 20_000,
    };

    [Fact]
    public void A_projection_of_a_ball_is_its_chords()
    {
        var ball = new Phantom([new PhantomEllipsoid(0, 0, 0, 0.1, 0.1, 0.1, 0, 2)]);
        var image = new double[41 * 41];
        ball.Project(0.7, 0.01, 41, 41, image);
        Assert.Equal(2 * 0.1 * 2, image[(20 * 41) + 20], 10);
        Assert.Equal(2 * Math.Sqrt(0.01 - 0.0025) * 2, image[(20 * 41) + 25], 10);
        Assert.Equal(0, image[0]);
    }

    [Fact]
    public void Projections_equal_the_sum_over_the_phantom_along_the_beam()
    {
        const double angle = 0.9;
        var image = new double[21 * 31];
        Grain.Project(angle, 0.016, 21, 31, image);
        var (sine, cosine) = Math.SinCos(angle);
        foreach (var (y, x) in new[] { (10, 15), (8, 12), (12, 20) })
        {
            var (s, z) = ((x + 0.5 - 15.5) * 0.016, (y + 0.5 - 10.5) * 0.016);
            double sum = 0;
            for (var t = -0.25; t < 0.25; t += 0.0005)
                sum += Grain.At((s * cosine) - (t * sine), (s * sine) + (t * cosine), z) * 0.0005;
            Assert.Equal(sum, image[(y * 31) + x], 0.004);
        }
    }

    [Fact]
    public void Every_projection_sees_the_same_mass()
    {
        var masses = new List<double>();
        for (var angle = 0.0; angle < 3; angle += 0.3)
        {
            var image = new double[128 * 128];
            Grain.Project(angle, 0.004, 128, 128, image);
            masses.Add(image.Sum());
        }

        Assert.All(masses, mass => Assert.InRange(mass, masses[0] * 0.995, masses[0] * 1.005));
    }

    [Fact]
    public void Flats_projections_and_darks_come_in_order_and_are_told_apart()
    {
        var frames = Tomography.Scan(Grain, Small with { Flats = 3, Darks = 2 }, 1);
        Assert.Equal(95, frames.Count);
        Assert.Equal([1, 1, 1, 0], frames.ImageKey[..4]);
        Assert.Equal([0, 2, 2], frames.ImageKey[^3..]);
        Assert.Equal(180, frames.RotationDeg[92], 10);
        Assert.InRange(Mean(frames[94]), 100, 140);
        Assert.True(Mean(frames[0]) > 10_000);
        Assert.True(Mean(frames[40]) < Mean(frames[0]));
    }

    [Fact]
    public void Filtered_back_projection_finds_the_phantom_again()
    {
        var frames = Tomography.Scan(Grain, Small with { HotShare = 0 }, 1);
        var row = Small.Height / 2;
        var slice = Reconstruct(frames, row);
        var truth = new double[slice.Length];
        for (var y = 0; y < Small.Width; y++)
        for (var x = 0; x < Small.Width; x++)
            truth[(y * Small.Width) + x] = Grain.At(Centre(x), Centre(y), 0.5 * Small.PixelMm);
        Assert.True(Correlation(slice, truth) > 0.85, $"correlation {Correlation(slice, truth)}");
    }

    [Fact]
    public void The_flat_field_is_uneven_and_hot_pixels_stay_hot_in_the_dark()
    {
        var frames = Tomography.Scan(Grain, Small with { HotShare = 2e-3 }, 1);
        var flat = frames[0].ToArray().Select(level => (double)level).ToArray();
        Assert.True(flat.Max() > 1.3 * flat.Min());
        Assert.Equal(5, frames[frames.Count - 1].ToArray().Count(level => level > 59_000));
    }

    [Fact]
    public void The_same_seed_gives_the_same_scan() =>
        Assert.Equal(Tomography.Scan(Grain, Small, 8).Frames, Tomography.Scan(Grain, Small, 8).Frames);

    static double Centre(int pixel) => (pixel + 0.5 - (Small.Width / 2.0)) * Small.PixelMm;

    static double Mean(ReadOnlySpan<ushort> frame)
    {
        double sum = 0;
        foreach (var level in frame)
            sum += level;
        return sum / frame.Length;
    }

    /// <summary>Flat and dark correction, ramp filter, back-projection of one row.</summary>
    static double[] Reconstruct(TomographyFrames frames, int row)
    {
        var width = frames.Width;
        var flat = Enumerable.Range(0, width).Select(x => Average(frames, 1, row, x)).ToArray();
        var dark = Enumerable.Range(0, width).Select(x => Average(frames, 2, row, x)).ToArray();
        var slice = new double[width * width];
        for (var frame = 0; frame < frames.Count; frame++)
        {
            if (frames.ImageKey[frame] != 0)
                continue;
            var line = new double[width];
            for (var x = 0; x < width; x++)
                line[x] = -Math.Log(Math.Max(1e-3, (frames[frame][(row * width) + x] - dark[x]) / (flat[x] - dark[x])));
            var filtered = Ramp(line);
            var (sine, cosine) = Math.SinCos(frames.RotationDeg[frame] * Math.PI / 180);
            for (var y = 0; y < width; y++)
            for (var x = 0; x < width; x++)
            {
                var s = (((Centre(x) * cosine) + (Centre(y) * sine)) / Small.PixelMm) + (width / 2.0) - 0.5;
                var left = (int)Math.Floor(s);
                if (left >= 0 && left < width - 1)
                    slice[(y * width) + x] += filtered[left] + ((s - left) * (filtered[left + 1] - filtered[left]));
            }
        }

        return slice;
    }

    /// <summary>The band-limited ramp of Ramachandran and Lakshminarayanan in real space.</summary>
    static double[] Ramp(double[] line)
    {
        var filtered = new double[line.Length];
        for (var i = 0; i < line.Length; i++)
        for (var j = 0; j < line.Length; j++)
        {
            var n = i - j;
            filtered[i] +=
                line[j]
                * (
                    n == 0 ? 0.25
                    : n % 2 == 0 ? 0
                    : -1 / (Math.PI * Math.PI * n * n)
                );
        }

        return filtered;
    }

    static double Average(TomographyFrames frames, int key, int row, int x) =>
        Enumerable
            .Range(0, frames.Count)
            .Where(i => frames.ImageKey[i] == key)
            .Average(i => frames[i][(row * frames.Width) + x]);

    static double Correlation(double[] a, double[] b)
    {
        var (meanA, meanB) = (a.Average(), b.Average());
        var covariance = a.Zip(b, (x, y) => (x - meanA) * (y - meanB)).Sum();
        return covariance / Math.Sqrt(a.Sum(x => Math.Pow(x - meanA, 2)) * b.Sum(y => Math.Pow(y - meanB, 2)));
    }
}
