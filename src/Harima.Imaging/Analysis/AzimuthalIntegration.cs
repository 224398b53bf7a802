using Harima.Imaging.Frames;

namespace Harima.Imaging.Analysis;

/// <summary>A radial profile; every array has one value per bin, smallest angle first.</summary>
/// <param name="TwoThetaDeg">Bin centres in degrees.</param>
/// <param name="Intensity">Mean counts per pixel; 0 where a bin has no pixel.</param>
/// <param name="Sigma">Poisson deviation of the mean.</param>
/// <param name="Pixels">Pixels of the bin.</param>
public sealed record RadialProfile(double[] TwoThetaDeg, double[] Intensity, double[] Sigma, int[] Pixels);

/// <summary>Averages a frame around the beam centre.</summary>
public static class AzimuthalIntegration
{
    /// <summary>The profile of equal steps in 2θ from 0 to the farthest corner; gaps and bad pixels are left out.</summary>
    public static RadialProfile Integrate(DetectorFrame frame, FlatDetector detector, int bins = 1000)
    {
        ArgumentNullException.ThrowIfNull(frame);
        ArgumentNullException.ThrowIfNull(detector);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bins);
        var sums = new long[bins];
        var pixels = new int[bins];
        var max = detector.MaxTwoTheta();
        for (var y = 0; y < frame.Height; y++)
        for (var x = 0; x < frame.Width; x++)
        {
            var count = frame[y, x];
            if (count < 0)
                continue;
            var bin = Math.Min((int)(detector.TwoTheta(y, x) / max * bins), bins - 1);
            sums[bin] += count;
            pixels[bin]++;
        }

        return Profile(sums, pixels, max * 180 / Math.PI / bins);
    }

    static RadialProfile Profile(long[] sums, int[] pixels, double stepDeg)
    {
        var angles = new double[sums.Length];
        var intensity = new double[sums.Length];
        var sigma = new double[sums.Length];
        for (var i = 0; i < sums.Length; i++)
        {
            angles[i] = (i + 0.5) * stepDeg;
            intensity[i] = pixels[i] == 0 ? 0 : (double)sums[i] / pixels[i];
            sigma[i] = pixels[i] == 0 ? 0 : Math.Sqrt(sums[i]) / pixels[i];
        }

        return new RadialProfile(angles, intensity, sigma, pixels);
    }
}
