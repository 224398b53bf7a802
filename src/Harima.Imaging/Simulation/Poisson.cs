namespace Harima.Imaging.Simulation;

/// <summary>Counts of photons that arrive independently.</summary>
/// <remarks>
/// Below <see cref="InversionLimit"/> by inversion; above by the transformed rejection PTRS of
/// W. Hörmann, "The transformed rejection method for generating Poisson random variables" (1993).
/// Both are exact; neither is a normal approximation.
/// </remarks>
public static class Poisson
{
    const double InversionLimit = 12;
    static readonly double[] LogFactorials = BuildLogFactorials();

    /// <summary>A count with the given mean; 0 where the mean is not positive.</summary>
    public static int Draw(Pcg32 random, double mean)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (!(mean > 0))
            return 0;
        return mean < InversionLimit ? ByInversion(random, mean) : ByRejection(random, mean);
    }

    static int ByInversion(Pcg32 random, double mean)
    {
        var probability = Math.Exp(-mean);
        var cumulated = probability;
        var u = random.NextDouble();
        var k = 0;
        // The sum stops growing before 1 by rounding: beyond k = 100 a mean below 12 has nothing left to give.
        while (u > cumulated && k < 100)
        {
            k++;
            probability *= mean / k;
            cumulated += probability;
        }

        return k;
    }

    static int ByRejection(Pcg32 random, double mean)
    {
        var b = 0.931 + (2.53 * Math.Sqrt(mean));
        var a = -0.059 + (0.02483 * b);
        var inverseAlpha = 1.1239 + (1.1328 / (b - 3.4));
        var vr = 0.9277 - (3.6224 / (b - 2));
        var logMean = Math.Log(mean);
        while (true)
        {
            var u = random.NextDouble() - 0.5;
            var v = 1 - random.NextDouble();
            var us = 0.5 - Math.Abs(u);
            var k = Math.Floor((((2 * a / us) + b) * u) + mean + 0.43);
            if (us >= 0.07 && v <= vr)
                return (int)k;
            if (k < 0 || k > int.MaxValue || (us < 0.013 && v > us))
                continue;
            if (Math.Log(v * inverseAlpha / ((a / (us * us)) + b)) <= (k * logMean) - mean - LogFactorial((int)k))
                return (int)k;
        }
    }

    static double LogFactorial(int k)
    {
        if (k < LogFactorials.Length)
            return LogFactorials[k];
        // Stirling's series: better than 1e-12 from 256 on.
        var n = (double)k;
        return ((n + 0.5) * Math.Log(n)) - n + (0.5 * Math.Log(2 * Math.PI)) + (1 / (12 * n)) - (1 / (360 * n * n * n));
    }

    static double[] BuildLogFactorials()
    {
        var table = new double[256];
        for (var k = 1; k < table.Length; k++)
            table[k] = table[k - 1] + Math.Log(k);
        return table;
    }
}
