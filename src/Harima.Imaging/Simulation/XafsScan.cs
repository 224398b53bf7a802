namespace Harima.Imaging.Simulation;

/// <summary>An absorption edge.</summary>
/// <param name="Element">Symbol of the element.</param>
/// <param name="Edge">K, L3 and so on.</param>
/// <param name="EnergyEv">Edge energy in eV (Bearden and Burr 1967, as the X-ray Data Booklet lists it).</param>
/// <param name="CoreHoleEv">Width of the core hole in eV (Krause and Oliver 1979).</param>
public sealed record AbsorptionEdge(string Element, string Edge, double EnergyEv, double CoreHoleEv)
{
    /// <summary>Fe K, 7112 eV.</summary>
    public static AbsorptionEdge FeK { get; } = new("Fe", "K", 7112.0, 1.25);

    /// <summary>Ni K, 8333 eV.</summary>
    public static AbsorptionEdge NiK { get; } = new("Ni", "K", 8333.0, 1.44);

    /// <summary>Cu K, 8979 eV.</summary>
    public static AbsorptionEdge CuK { get; } = new("Cu", "K", 8979.0, 1.55);

    /// <summary>Pt L3, 11564 eV.</summary>
    public static AbsorptionEdge PtL3 { get; } = new("Pt", "L3", 11564.0, 5.2);

    /// <summary>Ce L3, 5723 eV.</summary>
    public static AbsorptionEdge CeL3 { get; } = new("Ce", "L3", 5723.0, 3.5);
}

/// <summary>A coordination shell around the absorbing atom.</summary>
/// <param name="Neighbours">How many atoms.</param>
/// <param name="DistanceAngstrom">R in Å.</param>
/// <param name="Sigma2Angstrom2">Mean square relative displacement in Å².</param>
/// <param name="Electrons">Atomic number of the neighbours; heavy ones scatter back at larger k.</param>
public sealed record CoordinationShell(
    double Neighbours,
    double DistanceAngstrom,
    double Sigma2Angstrom2,
    int Electrons
);

/// <summary>What is measured and how.</summary>
public sealed record XafsMeasurement
{
    /// <summary>The edge.</summary>
    public required AbsorptionEdge Edge { get; init; }

    /// <summary>The surroundings of the absorber.</summary>
    public required IReadOnlyList<CoordinationShell> Shells { get; init; }

    /// <summary>Chemical shift of the edge in eV; positive for oxidised states.</summary>
    public double ShiftEv { get; init; }

    /// <summary>Height of the white line relative to the edge step.</summary>
    public double WhiteLine { get; init; } = 0.3;

    /// <summary>Edge step Δμt.</summary>
    public double EdgeStep { get; init; } = 1.0;

    /// <summary>μt of everything else just below the edge.</summary>
    public double OtherAbsorption { get; init; } = 0.6;

    /// <summary>Photons per point in the first chamber at the edge.</summary>
    public double Photons { get; init; } = 2e7;

    /// <summary>Largest photoelectron wave number in 1/Å.</summary>
    public double MaxWaveNumber { get; init; } = 14;
}

/// <summary>A scan; every array has one value per point, in order of energy.</summary>
/// <param name="EnergyEv">Photon energy in eV.</param>
/// <param name="I0">Counts of the chamber before the sample.</param>
/// <param name="I1">Counts of the chamber behind it.</param>
/// <param name="Mu">ln(I0/I1), that is μt.</param>
public sealed record XafsSpectrum(double[] EnergyEv, double[] I0, double[] I1, double[] Mu);

/// <summary>A transmission XAFS scan: edge, white line, EXAFS of single scattering.</summary>
public static class XafsScan
{
    /// <summary>ħ²/2m in eV Å²: E − E₀ = 3.81 k².</summary>
    const double EvAngstrom2 = 3.80998;

    /// <summary>Scans once.</summary>
    public static XafsSpectrum Scan(XafsMeasurement measurement, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(measurement);
        var random = new Pcg32(seed);
        var energies = Energies(measurement);
        var i0 = new double[energies.Length];
        var i1 = new double[energies.Length];
        var mu = new double[energies.Length];
        var drift = random.NextDouble(0.02, 0.06);
        for (var i = 0; i < energies.Length; i++)
        {
            // The ring loses current between two top-ups.
            var current = 1 - (drift * ((i % 140) / 140.0));
            var photons = measurement.Photons * current * Math.Pow(energies[i] / measurement.Edge.EnergyEv, -0.7);
            i0[i] = Poisson.Draw(random, photons);
            i1[i] = Poisson.Draw(random, photons * Math.Exp(-Absorption(measurement, energies[i])));
            mu[i] = Math.Log(i0[i] / i1[i]);
        }

        return new XafsSpectrum(energies, i0, i1, mu);
    }

    /// <summary>μt without noise at a photon energy in eV.</summary>
    public static double Absorption(XafsMeasurement measurement, double energyEv)
    {
        ArgumentNullException.ThrowIfNull(measurement);
        var edge = measurement.Edge;
        var threshold = edge.EnergyEv + measurement.ShiftEv;
        var above = energyEv - threshold;
        // Victoreen's law falls with the third power and is the same for the edge's own step.
        var victoreen = Math.Pow(edge.EnergyEv / energyEv, 3);
        var step = 0.5 + (Math.Atan(above / (edge.CoreHoleEv / 2)) / Math.PI);
        var width = edge.CoreHoleEv + 1.5;
        var line = (above - (0.8 * width)) / width;
        var whiteLine = measurement.WhiteLine / (1 + (line * line));
        var chi = above > 0 ? Chi(measurement, Math.Sqrt(above / EvAngstrom2)) : 0;
        return victoreen * (measurement.OtherAbsorption + (measurement.EdgeStep * (step * (1 + chi) + whiteLine)));
    }

    /// <summary>χ(k), k in 1/Å: the EXAFS equation of Sayers, Stern and Lytle (1971) with smooth model amplitudes and phases.</summary>
    public static double Chi(XafsMeasurement measurement, double k)
    {
        ArgumentNullException.ThrowIfNull(measurement);
        // Below about 2.5 1/Å single scattering does not hold; the oscillation fades in.
        var fadeIn = 1 - Math.Exp(-Math.Pow(k / 2.5, 4));
        var freePathAngstrom = 4 + (0.4 * k);
        double chi = 0;
        foreach (var shell in measurement.Shells)
        {
            var r = shell.DistanceAngstrom;
            var crest = 2.5 + (0.07 * shell.Electrons);
            var backscattering =
                (0.25 + (0.006 * shell.Electrons)) * 3 * Math.Exp(-0.5 * Math.Pow((k - crest) / 4.5, 2));
            var phase = (-0.9 * k) + 1.2 + (0.012 * shell.Electrons);
            chi +=
                shell.Neighbours
                * 0.9
                * backscattering
                / (Math.Max(k, 0.5) * r * r)
                * Math.Exp(-2 * shell.Sigma2Angstrom2 * k * k)
                * Math.Exp(-2 * r / freePathAngstrom)
                * Math.Sin((2 * k * r) + phase);
        }

        return fadeIn * chi;
    }

    /// <summary>Coarse below the edge, 0.3 eV across it, then 0.05 1/Å steps of the wave number.</summary>
    static double[] Energies(XafsMeasurement measurement)
    {
        var edge = measurement.Edge.EnergyEv;
        var energies = new List<double>();
        for (var e = edge - 200; e < edge - 20; e += 5)
            energies.Add(e);
        for (var i = 0; i < 200; i++)
            energies.Add(edge - 20 + (0.3 * i));
        for (var k = Math.Sqrt(40.25 / EvAngstrom2); k <= measurement.MaxWaveNumber; k += 0.05)
            energies.Add(edge + (EvAngstrom2 * k * k));
        return [.. energies.Select(e => Math.Round(e, 4))];
    }
}
