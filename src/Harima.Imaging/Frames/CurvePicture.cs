using Harima.Imaging.Formats.Png;

namespace Harima.Imaging.Frames;

/// <summary>A curve as a small picture for a glance: PNG, 8 bits, grey; without numbers, which nobody could read at this size.</summary>
/// <remarks>
/// What falls over two decades and more along a positive axis is small-angle scattering, and drawn by the logarithm of both, as is usual; all else
/// is drawn linearly.
/// </remarks>
public static class CurvePicture
{
    const int Finer = 3;
    const int MarginPixels = 6;

    /// <summary>The bytes of a PNG file.</summary>
    /// <exception cref="DamagedFileException">There are not two points.</exception>
    public static byte[] Png(Curve curve, int widthPixels, int heightPixels)
    {
        ArgumentNullException.ThrowIfNull(curve);
        var points = curve
            .X.Zip(curve.Y)
            .Where(point => double.IsFinite(point.First) && double.IsFinite(point.Second))
            .ToList();
        if (points.Count < 2)
            throw new DamagedFileException("curve", $"{points.Count} points make no line.");
        var isLogarithmic = Falls(points);
        if (isLogarithmic)
            points.RemoveAll(point => point.First <= 0 || point.Second <= 0);
        var (xs, ys) = (
            Scaled(points.Select(point => point.First), isLogarithmic, (widthPixels - (2 * MarginPixels)) * Finer),
            Scaled(points.Select(point => point.Second), isLogarithmic, (heightPixels - (2 * MarginPixels)) * Finer)
        );
        var canvas = new Canvas(widthPixels * Finer, heightPixels * Finer);
        const int Margin = MarginPixels * Finer;
        for (var i = 1; i < xs.Length; i++)
            canvas.Line(
                Margin + xs[i - 1],
                canvas.Height - Margin - ys[i - 1],
                Margin + xs[i],
                canvas.Height - Margin - ys[i]
            );
        return PngWriting.Write(widthPixels, heightPixels, canvas.Smaller(widthPixels, heightPixels));
    }

    static bool Falls(List<(double First, double Second)> points)
    {
        var part = points.Count / 10;
        if (part == 0 || points[^1].First < 8 * points[part].First || points[part].First <= 0)
            return false;
        var (first, last) = (Middle(points.Take(part)), Middle(points.TakeLast(part)));
        return first >= 100 * Math.Abs(last) && points.Count(point => point.Second > 0) >= 0.8 * points.Count;
        static double Middle(IEnumerable<(double First, double Second)> some) =>
            some.Select(point => point.Second).Order().ToArray() is var sorted ? sorted[sorted.Length / 2] : 0;
    }

    static double[] Scaled(IEnumerable<double> values, bool byLogarithm, double length)
    {
        double[] scaled = [.. byLogarithm ? values.Select(Math.Log10) : values];
        var (low, high) = (scaled.Min(), scaled.Max());
        for (var i = 0; i < scaled.Length; i++)
            scaled[i] = high > low ? (scaled[i] - low) / (high - low) * length : length / 2;
        return scaled;
    }

    /// <summary>Black on white, three times as fine as the picture; it is made grey by counting.</summary>
    sealed class Canvas(int width, int height)
    {
        readonly bool[] _isBlack = new bool[width * height];

        public int Height => height;

        public void Line(double fromX, double fromY, double toX, double toY)
        {
            // Neighbours of a long curve lie on the same dot.
            var steps = Math.Max(1, (int)Math.Ceiling(Math.Max(Math.Abs(toX - fromX), Math.Abs(toY - fromY))));
            for (var n = 0; n <= steps; n++)
                Dot(
                    (int)Math.Round(fromX + ((toX - fromX) * n / steps)),
                    (int)Math.Round(fromY + ((toY - fromY) * n / steps))
                );
        }

        void Dot(int x, int y)
        {
            for (var dy = -2; dy <= 2; dy++)
            for (var dx = -2; dx <= 2; dx++)
                if (x + dx >= 0 && x + dx < width && y + dy >= 0 && y + dy < height)
                    _isBlack[((y + dy) * width) + x + dx] = true;
        }

        public byte[] Smaller(int widthPixels, int heightPixels)
        {
            var grey = new byte[widthPixels * heightPixels];
            for (var y = 0; y < heightPixels; y++)
            for (var x = 0; x < widthPixels; x++)
            {
                var black = 0;
                for (var dy = 0; dy < Finer; dy++)
                for (var dx = 0; dx < Finer; dx++)
                    black += _isBlack[(((y * Finer) + dy) * width) + (x * Finer) + dx] ? 1 : 0;
                grey[(y * widthPixels) + x] = (byte)(255 - (black * 230 / (Finer * Finer)));
            }

            return grey;
        }
    }
}
