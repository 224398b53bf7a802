namespace Harima.Imaging.Simulation;

/// <summary>PCG-XSH-RR 64/32: small, seeded, and the same on every runtime and machine, unlike <see cref="Random"/>.</summary>
/// <remarks>
/// Source: M. E. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms" (2014).
/// A stream per frame lets frames be computed in any order, or in parallel, with the same result.
/// </remarks>
public sealed class Pcg32
{
    const ulong Multiplier = 6364136223846793005;
    readonly ulong _increment;
    ulong _state;

    /// <summary>Starts the generator of a seed; different streams of one seed are independent.</summary>
    public Pcg32(ulong seed, ulong stream = 0)
    {
        _increment = (stream << 1) | 1;
        NextUInt32();
        _state += seed;
        NextUInt32();
    }

    /// <summary>Uniform over all 32-bit numbers.</summary>
    public uint NextUInt32()
    {
        var old = _state;
        _state = unchecked((old * Multiplier) + _increment);
        var shifted = (uint)(((old >> 18) ^ old) >> 27);
        return uint.RotateRight(shifted, (int)(old >> 59));
    }

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double NextDouble()
    {
        var bits = ((ulong)(NextUInt32() >> 5) << 26) | (NextUInt32() >> 6);
        return bits * (1.0 / (1UL << 53));
    }

    /// <summary>Uniform in [low, high).</summary>
    public double NextDouble(double low, double high) => low + ((high - low) * NextDouble());

    /// <summary>Uniform integer in [0, bound).</summary>
    public int NextInt32(int bound) => (int)(((ulong)NextUInt32() * (uint)bound) >> 32);

    /// <summary>Normal with mean 0 and deviation 1 (Marsaglia's polar method; the second value of the pair is dropped).</summary>
    public double NextGaussian()
    {
        while (true)
        {
            var u = (2 * NextDouble()) - 1;
            var v = (2 * NextDouble()) - 1;
            var s = (u * u) + (v * v);
            if (s is > 0 and < 1)
                return u * Math.Sqrt(-2 * Math.Log(s) / s);
        }
    }

    /// <summary>Exponential with mean 1.</summary>
    public double NextExponential() => -Math.Log(1 - NextDouble());

    /// <summary>A uniformly random rotation, as a 3 × 3 matrix, row-major (Shoemake's random quaternion).</summary>
    public double[] NextRotation()
    {
        var u = NextDouble();
        var (sin1, cos1) = Math.SinCos(2 * Math.PI * NextDouble());
        var (sin2, cos2) = Math.SinCos(2 * Math.PI * NextDouble());
        var (a, b) = (Math.Sqrt(1 - u), Math.Sqrt(u));
        var (x, y, z, w) = (a * sin1, a * cos1, b * sin2, b * cos2);
        return
        [
            1 - (2 * ((y * y) + (z * z))),
            2 * ((x * y) - (z * w)),
            2 * ((x * z) + (y * w)),
            2 * ((x * y) + (z * w)),
            1 - (2 * ((x * x) + (z * z))),
            2 * ((y * z) - (x * w)),
            2 * ((x * z) - (y * w)),
            2 * ((y * z) + (x * w)),
            1 - (2 * ((x * x) + (y * y))),
        ];
    }
}
