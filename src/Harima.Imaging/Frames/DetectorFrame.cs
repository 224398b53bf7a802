namespace Harima.Imaging.Frames;

/// <summary>One detector frame: counts as int32, shape <c>[y, x]</c>, row-major, row 0 first.</summary>
/// <remarks>Negative counts are no counts: −1 is a gap between modules and −2 a bad pixel, as PILATUS writes them.</remarks>
public sealed class DetectorFrame
{
    /// <summary>The value of a pixel that lies between modules.</summary>
    public const int Gap = -1;

    /// <summary>Wraps <paramref name="counts"/> without copying.</summary>
    /// <exception cref="ArgumentException">The array does not hold height × width counts.</exception>
    public DetectorFrame(int height, int width, int[] counts)
    {
        ArgumentNullException.ThrowIfNull(counts);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        if (counts.Length != (long)height * width)
            throw new ArgumentException(
                $"{height} x {width} pixels need {(long)height * width} counts, got {counts.Length}."
            );
        (Height, Width, Counts) = (height, width, counts);
    }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Columns.</summary>
    public int Width { get; }

    /// <summary>Counts, shape <c>[y, x]</c>, row-major.</summary>
    public int[] Counts { get; }

    /// <summary>The count at column <paramref name="x"/> of row <paramref name="y"/>.</summary>
    public int this[int y, int x] => Counts[(y * Width) + x];

    /// <summary>Sum of all counts, gaps left out.</summary>
    public long Total()
    {
        long total = 0;
        foreach (var count in Counts)
            total += Math.Max(count, 0);
        return total;
    }

    /// <summary>Counts as uint16, shape <c>[y, x]</c>: saturates at 65534, and 65535 marks what is no count, as EIGER writes it.</summary>
    public void CopyTo(Span<ushort> target)
    {
        for (var i = 0; i < Counts.Length; i++)
            target[i] = Counts[i] < 0 ? ushort.MaxValue : (ushort)Math.Min(Counts[i], ushort.MaxValue - 1);
    }

    /// <summary>Counts as uint32, shape <c>[y, x]</c>: 4294967295 marks what is no count.</summary>
    public void CopyTo(Span<uint> target)
    {
        for (var i = 0; i < Counts.Length; i++)
            target[i] = Counts[i] < 0 ? uint.MaxValue : (uint)Counts[i];
    }
}
