namespace Harima.Imaging.Frames;

/// <summary>Values over an axis, to be drawn as a line.</summary>
public sealed class Curve
{
    /// <summary>Longer ones are not drawn.</summary>
    public const int MaxPoints = 4_000_000;

    /// <summary>Wraps both arrays; where <paramref name="x"/> is null the number of the point stands for it.</summary>
    /// <exception cref="ArgumentException">They are not equally long.</exception>
    public Curve(double[]? x, double[] y)
    {
        ArgumentNullException.ThrowIfNull(y);
        x ??= [.. Enumerable.Range(0, y.Length).Select(n => (double)n)];
        if (x.Length != y.Length)
            throw new ArgumentException($"{y.Length} values cannot stand over {x.Length} places.");
        (X, Y) = (x, y);
    }

    /// <summary>Places.</summary>
    public IReadOnlyList<double> X { get; }

    /// <summary>Values; NaN where there is none.</summary>
    public IReadOnlyList<double> Y { get; }
}
