using Harima.Imaging.Formats.Png;

namespace Harima.Imaging.Frames;

/// <summary>A picture in colour made small while it is read: of each block the mean. Memory follows the small picture, not the large one.</summary>
public sealed class ColourReduction
{
    readonly int _block;
    readonly int _height;
    readonly int _width;
    readonly long[] _sums;
    readonly int[] _counts;

    /// <summary>For a picture of that size, to become one no wider and no higher than <paramref name="largestSidePixels"/>.</summary>
    public ColourReduction(int height, int width, int largestSidePixels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(largestSidePixels);
        _block = ((Math.Max(width, height) - 1) / largestSidePixels) + 1;
        (_height, _width) = (((height - 1) / _block) + 1, ((width - 1) / _block) + 1);
        _sums = new long[_height * _width * 3];
        _counts = new int[_height * _width];
    }

    /// <summary>Adds pixels of a row.</summary>
    /// <param name="y">The row.</param>
    /// <param name="x">The column of the first pixel.</param>
    /// <param name="colours">Red, green and blue, column after column.</param>
    public void AddRow(int y, int x, ReadOnlySpan<byte> colours)
    {
        for (var i = 0; i < colours.Length / 3; i++)
        {
            var at = (y / _block * _width) + ((x + i) / _block);
            for (var colour = 0; colour < 3; colour++)
                _sums[(3 * at) + colour] += colours[(3 * i) + colour];
            _counts[at]++;
        }
    }

    /// <summary>The bytes of a PNG file; black where nothing was added.</summary>
    public byte[] Png()
    {
        var pixels = new byte[_sums.Length];
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)(_sums[i] / Math.Max(1, _counts[i / 3]));
        return PngWriting.Write(_width, _height, pixels);
    }
}
