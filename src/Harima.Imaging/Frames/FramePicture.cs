using Harima.Imaging.Formats.Png;

namespace Harima.Imaging.Frames;

/// <summary>A frame as a small grey picture for a glance: PNG, 8 bits.</summary>
/// <remarks>
/// What scatters has few bright pixels on an empty ground: dark where many counts are, by their logarithm between the 5th and the 99.9th percentile, each
/// pixel of the picture the largest count of its block, so that a spot of one pixel is still seen. What is bright throughout, such as a
/// radiograph or a map, is drawn bright where much is, linearly between the 1st and the 99th percentile, by the mean. Where no value is, it is middle grey.
/// </remarks>
public static class FramePicture
{
    const byte GapGrey = 200;
    const int Longest = 4;
    const int FewCounts = 1_000;

    /// <summary>The bytes of a PNG file.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="largestSidePixels">The picture is no wider and no higher; smaller frames stay as they are.</param>
    public static byte[] Png(DetectorFrame frame, int largestSidePixels) =>
        Png(FrameReduction.Of(frame, largestSidePixels));

    /// <summary>The bytes of a PNG file.</summary>
    public static byte[] Png(FrameReduction frame)
    {
        ArgumentNullException.ThrowIfNull(frame);
        var means = frame.Means();
        var isBright = IsBrightThroughout(means, frame.Largest);
        var values = isBright ? means : [.. frame.Largest.Select(Logarithm)];
        var (low, high) = isBright ? Between(values, 0.01, 0.99) : Between(values, 0.05, 0.999);
        if (!(high > low))
            (low, high) = isBright ? (low - 0.5, low + 0.5) : (low, low + 1);
        var grey = new byte[values.Length];
        for (var i = 0; i < grey.Length; i++)
        {
            var part = Math.Clamp((values[i] - low) / (high - low) * 255, 0, 255);
            grey[i] = double.IsNaN(part) ? GapGrey : (byte)(isBright ? part : 255 - part);
        }

        // Of a strip nothing would be seen.
        var rows = Math.Max(1, frame.Width / (Longest * frame.Height));
        var columns = Math.Max(1, frame.Height / (Longest * frame.Width));
        return PngWriting.Write(frame.Width * columns, frame.Height * rows, Wider(grey, frame, rows, columns));
    }

    static byte[] Wider(byte[] grey, FrameReduction frame, int rows, int columns)
    {
        if (rows == 1 && columns == 1)
            return grey;
        var width = frame.Width * columns;
        var wider = new byte[grey.Length * rows * columns];
        for (var i = 0; i < wider.Length; i++)
            wider[i] = grey[(i / width / rows * frame.Width) + (i % width / columns)];
        return wider;
    }

    static double Logarithm(double value) => Math.Log(1 + Math.Max(value, 0));

    static bool IsBrightThroughout(double[] means, IReadOnlyList<double> largest)
    {
        var sorted = Sorted(means);
        if (sorted.Length == 0)
            return false;
        var top = Sorted(largest);
        // Signed throughout, such as a difference or a phase; a few negative values come of a background that was taken off.
        if (At(sorted, 0.01) < -0.05 * At(top, 0.999))
            return true;
        // Few counts everywhere are the background of what scatters weakly, not a bright field.
        if (At(top, 0.999) < FewCounts && top.All(double.IsInteger))
            return false;
        var middle = sorted[sorted.Length / 2];
        return middle > 0 && At(top, 0.999) < 5 * middle && top[^1] < 50 * middle;
    }

    static (double Low, double High) Between(double[] values, double low, double high)
    {
        var sorted = Sorted(values);
        if (sorted.Length == 0)
            return (0, 1);
        return (At(sorted, low), At(sorted, high));
    }

    static double[] Sorted(IEnumerable<double> values) => [.. values.Where(double.IsFinite).Order()];

    static double At(double[] sorted, double part) => sorted[(int)((sorted.Length - 1) * part)];
}
