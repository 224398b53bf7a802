using Harima.Imaging.Frames;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.PixelFormats;

namespace Harima.Imaging.Formats.Photo;

/// <summary>Pictures that cameras, microscopes and programs write: PNG and JPEG, decoded and made small, never passed on as they are.</summary>
public static class PhotoFile
{
    internal const long MaxPixels = 30_000_000;

    // Texts and profiles of a picture are not read: they may be packed a thousandfold, and say where somebody was.
    internal static readonly Configuration Settings = Configured();

    /// <summary>A small PNG in colour.</summary>
    /// <param name="file">Can be sought.</param>
    /// <param name="largestSidePixels">The picture is no wider and no higher; smaller ones stay as they are.</param>
    /// <exception cref="DamagedFileException">It is neither, damaged, or too large.</exception>
    public static byte[] SmallPng(Stream file, int largestSidePixels)
    {
        ArgumentNullException.ThrowIfNull(file);
        return Guarded(() =>
        {
            file.Position = 0;
            var size =
                Image.Identify(Settings, file)
                ?? throw new DamagedFileException("picture", "it begins neither like a PNG nor like a JPEG.");
            if (size.Width <= 0 || size.Height <= 0 || (long)size.Width * size.Height > MaxPixels)
                throw new DamagedFileException(
                    "picture",
                    $"{size.Width} x {size.Height} pixels are more than the {MaxPixels} that are drawn."
                );
            file.Position = 0;
            using var image = Image.Load<Rgba32>(Settings, file);
            return Smaller(image, largestSidePixels);
        });
    }

    /// <summary>Whatever a decoder stumbles over, it is the file that is wrong.</summary>
    internal static byte[] Guarded(Func<byte[]> decode)
    {
        try
        {
            return decode();
        }
        catch (Exception fault) when (fault is not (DamagedFileException or OperationCanceledException or IOException))
        {
            throw new DamagedFileException("picture", "it cannot be decoded.", fault);
        }
    }

    static Configuration Configured()
    {
        var settings = new Configuration { MaxDegreeOfParallelism = 1 };
        settings.ImageFormatsManager.SetDecoder(PngFormat.Instance, new PngDecoder { IgnoreMetadata = true });
        settings.ImageFormatsManager.SetDecoder(JpegFormat.Instance, new JpegDecoder { IgnoreMetadata = true });
        settings.ImageFormatsManager.AddImageFormatDetector(new PngImageFormatDetector());
        settings.ImageFormatsManager.AddImageFormatDetector(new JpegImageFormatDetector());
        return settings;
    }

    /// <summary>The mean of each block; what is transparent shows white.</summary>
    static byte[] Smaller(Image<Rgba32> image, int largestSidePixels)
    {
        var reduction = new ColourReduction(image.Height, image.Width, largestSidePixels);
        var colours = new byte[3 * image.Width];
        image.ProcessPixelRows(rows =>
        {
            for (var y = 0; y < rows.Height; y++)
            {
                var row = rows.GetRowSpan(y);
                for (var x = 0; x < row.Length; x++)
                {
                    var (pixel, white) = (row[x], 255 - row[x].A);
                    colours[3 * x] = (byte)((pixel.R * pixel.A / 255) + white);
                    colours[(3 * x) + 1] = (byte)((pixel.G * pixel.A / 255) + white);
                    colours[(3 * x) + 2] = (byte)((pixel.B * pixel.A / 255) + white);
                }

                reduction.AddRow(y, 0, colours);
            }
        });
        return reduction.Png();
    }
}
