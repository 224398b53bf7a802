using Harima.Imaging.Analysis;
using Harima.Imaging.Frames;

namespace Harima.Imaging.Simulation;

public sealed class PowderDiffractionTests
{
    static readonly FlatDetector Detector = new(DetectorShape.Pilatus300K, 0.5, 220, 243.5, 309.5);
    static readonly PowderExposure Exposure = new() { Phases = [(CubicCrystal.CeO2, 1)] };

    [Theory]
    [InlineData("CeO2", 3.1242)]
    [InlineData("CeO2", 2.7057)]
    [InlineData("CeO2", 1.9132)]
    [InlineData("Si", 3.1356)]
    [InlineData("Si", 1.9201)]
    [InlineData("LaB6", 4.1569)]
    [InlineData("Pt", 2.2656)]
    public void Rings_lie_where_Braggs_law_puts_them(string formula, double spacingAngstrom)
    {
        CubicCrystal[] crystals = [CubicCrystal.CeO2, CubicCrystal.Silicon, CubicCrystal.LaB6, CubicCrystal.Platinum];
        var exposure = Exposure with { Phases = [(crystals.Single(c => c.Formula == formula), 1)], PeakCounts = 2000 };
        var profile = AzimuthalIntegration.Integrate(PowderDiffraction.Expose(Detector, exposure, 1), Detector, 1500);
        var expected = 2 * Math.Asin(0.5 / (2 * spacingAngstrom)) * 180 / Math.PI;
        Assert.InRange(CrestNear(profile, expected, 0.3), expected - 0.02, expected + 0.02);
    }

    [Fact]
    public void Nothing_stands_where_the_structure_forbids_a_ring()
    {
        var exposure = Exposure with { Phases = [(CubicCrystal.Silicon, 1)], GlassHaloCounts = 0 };
        var profile = AzimuthalIntegration.Integrate(PowderDiffraction.Expose(Detector, exposure, 1), Detector, 1500);
        var forbidden = 2 * Math.Asin(0.5 / (2 * 5.4310 / 2)) * 180 / Math.PI;
        var at = Near(profile, forbidden, 0.05).Average(i => profile.Intensity[i]);
        var around = Near(profile, forbidden, 0.4).Average(i => profile.Intensity[i]);
        Assert.InRange(at, around * 0.9, around * 1.1);
    }

    [Fact]
    public void The_same_seed_gives_the_same_frame_and_another_seed_another()
    {
        var one = PowderDiffraction.Expose(Detector, Exposure, 5).Counts;
        Assert.Equal(one, PowderDiffraction.Expose(Detector, Exposure, 5).Counts);
        Assert.NotEqual(one, PowderDiffraction.Expose(Detector, Exposure, 6).Counts);
        Assert.NotEqual(one, PowderDiffraction.Expose(Detector, Exposure, 5, exposureNumber: 1).Counts);
    }

    [Fact]
    public void Two_exposures_differ_by_Poisson_noise()
    {
        var one = PowderDiffraction.Expose(Detector, Exposure, 5, 0);
        var two = PowderDiffraction.Expose(Detector, Exposure, 5, 1);
        double squares = 0;
        double sums = 0;
        for (var i = 0; i < one.Counts.Length; i++)
            if (one.Counts[i] >= 0)
            {
                squares += Math.Pow(one.Counts[i] - two.Counts[i], 2);
                sums += one.Counts[i] + two.Counts[i];
            }

        // The difference of two Poisson counts has the variance of their sum.
        Assert.InRange(squares / sums, 0.99, 1.01);
    }

    [Fact]
    public void Gaps_are_marked_and_the_beamstop_is_dark()
    {
        var frame = PowderDiffraction.Expose(Detector, Exposure, 5);
        Assert.Equal(DetectorFrame.Gap, frame[200, 100]);
        Assert.True(frame[309, 243] <= 1);
        Assert.Equal(17 * 2 * 487, frame.Counts.Count(count => count == DetectorFrame.Gap));
    }

    [Fact]
    public void Small_crystallites_broaden_the_rings()
    {
        var sharp = FullWidth(Exposure with { CrystalliteNm = 500 });
        var broad = FullWidth(Exposure with { CrystalliteNm = 5 });
        Assert.True(broad > 3 * sharp, $"{broad} is not three times {sharp}");
        // Scherrer: 0.9 λ / (L cos θ) = 0.52° for 5 nm at 0.5 Å.
        Assert.InRange(broad, 0.4, 0.65);
    }

    [Fact]
    public void The_horizontal_polarisation_weakens_the_rings_to_the_sides()
    {
        var detector = Detector with { DistanceMm = 60 };
        var exposure = Exposure with { PeakCounts = 20_000, GlassHaloCounts = 0, AirScatterCounts = 0 };
        var frame = PowderDiffraction.Expose(detector, exposure, 3);
        var twoTheta = CubicCrystal.CeO2.Lines(1)[2].TwoTheta(0.5)!.Value;
        var radius = (int)(detector.DistanceMm * Math.Tan(twoTheta) / 0.172);
        var side = Sum(frame, 309, 243 + radius) + Sum(frame, 309, 243 - radius);
        var below = 2 * Sum(frame, 309 + radius, 243);
        Assert.True(side < below, $"{side} is not less than {below}");

        static long Sum(DetectorFrame frame, int y, int x)
        {
            long sum = 0;
            for (var dy = -6; dy <= 6; dy++)
            for (var dx = -6; dx <= 6; dx++)
                sum += Math.Max(0, frame[y + dy, x + dx]);
            return sum;
        }
    }

    static double FullWidth(PowderExposure exposure)
    {
        var profile = AzimuthalIntegration.Integrate(PowderDiffraction.Expose(Detector, exposure, 1), Detector, 2000);
        var centre = CubicCrystal.CeO2.Lines(3)[0].TwoTheta(0.5)!.Value * 180 / Math.PI;
        var bins = Near(profile, centre, 0.9).ToArray();
        var floor = bins.Min(i => profile.Intensity[i]);
        var half = floor + ((bins.Max(i => profile.Intensity[i]) - floor) / 2);
        return bins.Count(i => profile.Intensity[i] > half) * (profile.TwoThetaDeg[1] - profile.TwoThetaDeg[0]);
    }

    static double CrestNear(RadialProfile profile, double angleDeg, double reachDeg)
    {
        var bins = Near(profile, angleDeg, reachDeg).ToArray();
        var crest = bins.MaxBy(i => profile.Intensity[i]);
        // The centre of mass of the top finds the crest better than a bin's width.
        int[] top = [.. Enumerable.Range(crest - 2, 5)];
        return top.Sum(i => profile.TwoThetaDeg[i] * profile.Intensity[i]) / top.Sum(i => profile.Intensity[i]);
    }

    static IEnumerable<int> Near(RadialProfile profile, double angleDeg, double reachDeg) =>
        Enumerable
            .Range(0, profile.TwoThetaDeg.Length)
            .Where(i => Math.Abs(profile.TwoThetaDeg[i] - angleDeg) < reachDeg && profile.Pixels[i] > 0);
}
