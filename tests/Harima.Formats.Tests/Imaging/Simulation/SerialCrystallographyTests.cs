using Harima.Imaging.Frames;

namespace Harima.Imaging.Simulation;

public sealed class SerialCrystallographyTests
{
    static readonly FlatDetector Detector = new(DetectorShape.Eiger1M, 1.0, 120, 515, 532);
    static readonly DetectorShape SmallShape = new("small", 128, 128, 0.6, 128, 128, 1, 1, 0.32, 65_534);
    static readonly FlatDetector Small = new(SmallShape, 1.0, 120, 64, 64);

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.3)]
    [InlineData(1.0)]
    public void The_hit_rate_is_honoured(double hitRate)
    {
        var beamline = new SerialCrystallography(Small, new SerialRun { HitRate = hitRate, ResolutionAngstrom = 6 }, 9);
        const int frames = 400;
        var hits = Enumerable.Range(0, frames).Count(i => beamline.Expose(i).Truth.IsHit);
        var error = 4 * Math.Sqrt(frames * hitRate * (1 - hitRate));
        Assert.InRange(hits, (frames * hitRate) - error, (frames * hitRate) + error);
    }

    [Fact]
    public void A_hit_shows_spots_and_a_blank_none()
    {
        var beamline = new SerialCrystallography(Detector, new SerialRun { HitRate = 0.5 }, 4);
        var exposures = Enumerable.Range(0, 8).Select(beamline.Expose).ToArray();
        Assert.All(exposures.Where(e => e.Truth.IsHit), e => Assert.InRange(e.Truth.SpotCount, 15, 400));
        Assert.All(exposures.Where(e => !e.Truth.IsHit), e => Assert.Equal(0, e.Truth.SpotCount));
        Assert.Contains(exposures, e => e.Truth.IsHit);
        Assert.Contains(exposures, e => !e.Truth.IsHit);
    }

    [Fact]
    public void The_true_number_of_spots_is_what_a_simple_spot_finder_finds()
    {
        var blanks = new SerialCrystallography(Detector, new SerialRun { HitRate = 0 }, 5);
        var background = new double[Detector.Shape.PixelCount];
        for (var i = 0; i < 10; i++)
        {
            var counts = blanks.Expose(i).Frame.Counts;
            for (var pixel = 0; pixel < counts.Length; pixel++)
                background[pixel] += counts[pixel] / 10.0;
        }

        var beamline = new SerialCrystallography(Detector, new SerialRun { HitRate = 1 }, 4);
        for (var i = 0; i < 3; i++)
        {
            var (frame, truth) = beamline.Expose(i);
            var found = Crests(frame, background);
            Assert.InRange(found, truth.SpotCount * 0.6, truth.SpotCount * 1.4);
        }
    }

    [Fact]
    public void The_brightest_spots_satisfy_Bragg_for_some_plane_of_the_cell()
    {
        var (frame, _) = new SerialCrystallography(
            Detector,
            new SerialRun { HitRate = 1, SpotCounts = 5000 },
            12
        ).Expose(0);
        var brightest = Enumerable.Range(0, frame.Counts.Length).OrderByDescending(i => frame.Counts[i]).Take(5);
        foreach (var pixel in brightest)
        {
            var twoTheta = Detector.TwoTheta(pixel / frame.Width, pixel % frame.Width);
            var q = 2 * Math.Sin(twoTheta / 2) / Detector.WavelengthAngstrom;
            Assert.True(NearestPlane(q) < 0.002, $"q = {q} 1/Å belongs to no plane.");
        }
    }

    [Theory]
    [InlineData(1, 0, 0, false)]
    [InlineData(2, 0, 0, true)]
    [InlineData(0, 3, 0, false)]
    [InlineData(0, 0, 2, false)]
    [InlineData(0, 0, 4, true)]
    [InlineData(1, 1, 0, true)]
    public void Screw_axes_extinguish_reflections(int h, int k, int l, bool isPresent) =>
        Assert.Equal(isPresent, TetragonalCell.IsPresent(h, k, l));

    [Fact]
    public void A_frame_is_the_same_in_whichever_order_it_is_asked_for()
    {
        var run = new SerialRun { HitRate = 0.5, ResolutionAngstrom = 4 };
        var forward = new SerialCrystallography(Small, run, 3);
        var backward = new SerialCrystallography(Small, run, 3);
        var expected = Enumerable.Range(0, 6).Select(i => forward.Expose(i).Frame.Counts).ToArray();
        for (var i = 5; i >= 0; i--)
            Assert.Equal(expected[i], backward.Expose(i).Frame.Counts);
    }

    static double NearestPlane(double q)
    {
        var nearest = double.MaxValue;
        for (var h = 0; h <= 40; h++)
        for (var k = 0; k <= h; k++)
        for (var l = 0; l <= 20; l++)
            nearest = Math.Min(
                nearest,
                Math.Abs(q - Math.Sqrt((((h * h) + (k * k)) / (79.1 * 79.1)) + (l * l / (37.9 * 37.9))))
            );
        return nearest;
    }

    /// <summary>Pixels well above the background that no neighbour within three pixels exceeds.</summary>
    static int Crests(DetectorFrame frame, double[] background)
    {
        var crests = 0;
        for (var y = 3; y < frame.Height - 3; y++)
        for (var x = 3; x < frame.Width - 3; x++)
        {
            // Nine pixels together: single ones of a million go high by chance.
            double excess = 0;
            double mean = 0;
            for (var dy = -1; dy <= 1; dy++)
            for (var dx = -1; dx <= 1; dx++)
            {
                mean += Math.Max(0, background[((y + dy) * frame.Width) + x + dx]);
                excess += Math.Max(0, frame[y + dy, x + dx]);
            }

            if (excess - mean > Math.Max(16, 6 * Math.Sqrt(mean)) && IsCrest(frame, y, x))
                crests++;
        }

        return crests;
    }

    static bool IsCrest(DetectorFrame frame, int y, int x)
    {
        for (var dy = -3; dy <= 3; dy++)
        for (var dx = -3; dx <= 3; dx++)
        {
            var isLater = dy > 0 || (dy == 0 && dx > 0);
            var other = frame[y + dy, x + dx];
            if (other > frame[y, x] || (isLater && other == frame[y, x]))
                return false;
        }

        return true;
    }
}
