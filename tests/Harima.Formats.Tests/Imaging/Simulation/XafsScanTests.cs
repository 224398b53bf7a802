namespace Harima.Imaging.Simulation;

public sealed class XafsScanTests
{
    static readonly CoordinationShell[] Copper =
    [
        new(12, 2.556, 0.0086, 29),
        new(6, 3.615, 0.012, 29),
        new(24, 4.427, 0.013, 29),
    ];
    static readonly XafsMeasurement Foil = new() { Edge = AbsorptionEdge.CuK, Shells = Copper };

    [Theory]
    [InlineData("Cu", 8979)]
    [InlineData("Fe", 7112)]
    [InlineData("Pt", 11564)]
    public void The_steepest_rise_is_at_the_edge(string element, double energyEv)
    {
        AbsorptionEdge[] edges = [AbsorptionEdge.CuK, AbsorptionEdge.FeK, AbsorptionEdge.PtL3];
        var scan = XafsScan.Scan(Foil with { Edge = edges.Single(e => e.Element == element) }, 1);
        var steepest = Enumerable
            .Range(1, scan.Mu.Length - 1)
            .MaxBy(i => (scan.Mu[i] - scan.Mu[i - 1]) / (scan.EnergyEv[i] - scan.EnergyEv[i - 1]));
        Assert.InRange(scan.EnergyEv[steepest], energyEv - 2, energyEv + 3);
    }

    [Fact]
    public void The_step_has_the_height_that_was_asked_for()
    {
        var scan = XafsScan.Scan(Foil with { Shells = [], WhiteLine = 0, EdgeStep = 0.8 }, 1);
        var below = Mean(scan, 8900, 8960);
        var above = Mean(scan, 9060, 9100);
        Assert.InRange(above - below, 0.72, 0.8);
    }

    [Fact]
    public void Mu_is_the_logarithm_of_the_counts_and_energies_rise()
    {
        var scan = XafsScan.Scan(Foil, 1);
        for (var i = 0; i < scan.Mu.Length; i++)
            Assert.Equal(Math.Log(scan.I0[i] / scan.I1[i]), scan.Mu[i], 12);
        Assert.All(Enumerable.Range(1, scan.Mu.Length - 1), i => Assert.True(scan.EnergyEv[i] > scan.EnergyEv[i - 1]));
        Assert.InRange(scan.EnergyEv.Length, 400, 900);
    }

    [Fact]
    public void The_oscillation_has_the_frequency_of_the_first_shell()
    {
        var single = Foil with { Shells = [new(12, 2.556, 0.0086, 29)] };
        // Sine transform of k²χ with the model's own linear phase taken off: the crest stands at R.
        double[] distances = [.. Enumerable.Range(0, 200).Select(i => 1.5 + (0.02 * i))];
        var crest = distances.MaxBy(r => Magnitude(single, r));
        Assert.InRange(crest, 2.556 - 0.45 - 0.15, 2.556 - 0.45 + 0.15);
    }

    [Fact]
    public void The_same_seed_gives_the_same_scan()
    {
        Assert.Equal(XafsScan.Scan(Foil, 2).I1, XafsScan.Scan(Foil, 2).I1);
        Assert.NotEqual(XafsScan.Scan(Foil, 2).I1, XafsScan.Scan(Foil, 3).I1);
    }

    static double Magnitude(XafsMeasurement measurement, double r)
    {
        double real = 0;
        double imaginary = 0;
        for (var k = 3.0; k < 13; k += 0.05)
        {
            var chi = k * k * XafsScan.Chi(measurement, k) * Math.Sin(Math.PI * (k - 3) / 10);
            real += chi * Math.Cos(2 * k * r);
            imaginary += chi * Math.Sin(2 * k * r);
        }

        return Math.Sqrt((real * real) + (imaginary * imaginary));
    }

    static double Mean(XafsSpectrum scan, double from, double to) =>
        Enumerable
            .Range(0, scan.Mu.Length)
            .Where(i => scan.EnergyEv[i] > from && scan.EnergyEv[i] < to)
            .Average(i => scan.Mu[i]);
}
