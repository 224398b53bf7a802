using Harima.Imaging.Formats.Tiff;
using Harima.Imaging.Frames;
using Harima.Imaging.Neighbours;

namespace Harima.Imaging.Analysis;

public sealed class AzimuthalIntegrationTests
{
    static readonly DetectorShape Shape = new("test", 100, 80, 0.1, 100, 80, 1, 1, 0.3, 1000);

    [Fact]
    public void An_even_frame_gives_an_even_profile_and_every_pixel_is_counted_once()
    {
        var frame = new DetectorFrame(80, 100, [.. Enumerable.Repeat(7, 8000)]);
        var profile = AzimuthalIntegration.Integrate(frame, new FlatDetector(Shape, 1, 100, 50, 40), 50);
        Assert.Equal(8000, profile.Pixels.Sum());
        Assert.All(
            Enumerable.Range(0, 50).Where(i => profile.Pixels[i] > 0),
            i => Assert.Equal(7, profile.Intensity[i])
        );
    }

    [Fact]
    public void Gaps_are_left_out()
    {
        var counts = Enumerable.Repeat(7, 8000).ToArray();
        Array.Fill(counts, DetectorFrame.Gap, 0, 4000);
        var profile = AzimuthalIntegration.Integrate(
            new DetectorFrame(80, 100, counts),
            new FlatDetector(Shape, 1, 100, 50, 40),
            50
        );
        Assert.Equal(4000, profile.Pixels.Sum());
        Assert.Equal(7, profile.Intensity[10]);
    }

    /// <summary>
    /// A real frame whose answer is known: the calibration's rows count from the bottom, so rows are flipped first.
    /// The detector is tilted by a degree, so the first rings are compared, to half a percent.
    /// </summary>
    [Theory]
    [InlineData(3.124)]
    [InlineData(2.706)]
    [InlineData(1.913)]
    [InlineData(1.632)]
    public void A_real_frame_of_ceria_shows_its_rings(double spacingAngstrom)
    {
        var frame = Flip(TiffFile.Read(new MemoryStream(RealData.Read("test-only/CeO2_Pilatus1M.tif"))).Frame);
        // From the .poni file; a small tilt moves the beam centre away from the foot of the perpendicular by distance × tan(tilt).
        var detector = new FlatDetector(
            DetectorShape.Pilatus1M,
            0.4066,
            208.65,
            (79.960 + (208.65 * Math.Tan(0.0184422))) / 0.172,
            (87.295 + (208.65 * Math.Tan(0.0041376))) / 0.172
        );
        var profile = AzimuthalIntegration.Integrate(frame, detector, 1000);
        var expected = 2 * Math.Asin(0.4066 / (2 * spacingAngstrom)) * 180 / Math.PI;
        var crest = Enumerable
            .Range(0, 1000)
            .Where(i => Math.Abs(profile.TwoThetaDeg[i] - expected) < 0.35)
            .MaxBy(i => profile.Intensity[i]);
        Assert.InRange(profile.TwoThetaDeg[crest], expected * 0.995, expected * 1.005);
    }

    static DetectorFrame Flip(DetectorFrame frame)
    {
        var counts = new int[frame.Counts.Length];
        for (var y = 0; y < frame.Height; y++)
            frame
                .Counts.AsSpan(y * frame.Width, frame.Width)
                .CopyTo(counts.AsSpan((frame.Height - 1 - y) * frame.Width));
        return new DetectorFrame(frame.Height, frame.Width, counts);
    }
}
