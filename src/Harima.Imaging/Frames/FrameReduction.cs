namespace Harima.Imaging.Frames;

/// <summary>
/// A plane of numbers made small while it is read: of each block the largest and the mean. Memory follows the picture, not the frame.
/// </summary>
public sealed class FrameReduction
{
    const int MuchLonger = 4;

    readonly int _blockHeight;
    readonly int _blockWidth;
    readonly double[] _largest;
    readonly double[] _sums;
    readonly int[] _counts;

    /// <summary>For a plane of that size, to become a picture no wider and no higher than <paramref name="largestSidePixels"/>.</summary>
    /// <remarks>Blocks are squares; where a plane is a strip, both sides are made small on their own, or nothing would be left of it.</remarks>
    public FrameReduction(int height, int width, int largestSidePixels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(largestSidePixels);
        var isStrip = Math.Max(height, width) > MuchLonger * (long)Math.Min(height, width);
        _blockHeight = Blocks(isStrip ? height : Math.Max(height, width));
        _blockWidth = Blocks(isStrip ? width : Math.Max(height, width));
        (Height, Width) = ((height - 1) / _blockHeight + 1, (width - 1) / _blockWidth + 1);
        _largest = new double[Height * Width];
        _sums = new double[Height * Width];
        _counts = new int[Height * Width];
        Array.Fill(_largest, double.NaN);
        int Blocks(int side) => ((side - 1) / largestSidePixels) + 1;
    }

    /// <summary>Rows of the picture.</summary>
    public int Height { get; }

    /// <summary>Columns of the picture.</summary>
    public int Width { get; }

    /// <summary>Adds values of a row; NaN and infinite ones are no values.</summary>
    /// <param name="y">The row.</param>
    /// <param name="x">The column of the first value.</param>
    /// <param name="values">The values, column after column.</param>
    public void AddRow(int y, int x, ReadOnlySpan<double> values)
    {
        var row = y / _blockHeight * Width;
        for (var i = 0; i < values.Length; i++)
        {
            var value = values[i];
            if (!double.IsFinite(value))
                continue;
            var at = row + ((x + i) / _blockWidth);
            if (!(value <= _largest[at]))
                _largest[at] = value;
            _sums[at] += value;
            _counts[at]++;
        }
    }

    /// <summary>A frame of a detector.</summary>
    public static FrameReduction Of(DetectorFrame frame, int largestSidePixels)
    {
        ArgumentNullException.ThrowIfNull(frame);
        var reduction = new FrameReduction(frame.Height, frame.Width, largestSidePixels);
        var row = new double[frame.Width];
        for (var y = 0; y < frame.Height; y++)
        {
            for (var x = 0; x < row.Length; x++)
                row[x] = frame[y, x] is var count and >= 0 ? count : double.NaN;
            reduction.AddRow(y, 0, row);
        }

        return reduction;
    }

    /// <summary>The largest value of each block, shape <c>[y, x]</c>; NaN where there is none.</summary>
    public IReadOnlyList<double> Largest => _largest;

    /// <summary>The mean of each block, shape <c>[y, x]</c>; NaN where there is none.</summary>
    public double[] Means()
    {
        var means = new double[_sums.Length];
        for (var i = 0; i < means.Length; i++)
            means[i] = _counts[i] == 0 ? double.NaN : _sums[i] / _counts[i];
        return means;
    }
}
