using Harima.Imaging.Frames;

namespace Harima.Imaging.Formats.Tiff;

public sealed partial record TiffFile
{
    // As a series of one measurement, and as what is worth to be counted before a picture is drawn.
    const int MaxPages = 10_000;

    /// <summary>
    /// How many pages of the size of the first a file begins with, 10,000 at most: behind them are smaller pictures of it, or what is damaged.
    /// </summary>
    /// <exception cref="DamagedFileException">It is no TIFF.</exception>
    public static int Pages(Stream file)
    {
        var directory = new TiffDirectory(file);
        var size = Size(directory);
        var seen = new HashSet<ulong> { directory.At };
        while (
            seen.Count < MaxPages
            && directory.Next() is { } next
            && Size(next) == size
            // A chain that leads back to itself has no further pages.
            && seen.Add(next.At)
        )
            directory = next;
        return seen.Count;

        static (long, long) Size(TiffDirectory page) =>
            (page.One(TiffTag.ImageWidth, 0), page.One(TiffTag.ImageLength, 0));
    }

    /// <summary>A page of whole numbers as counts.</summary>
    /// <param name="file">Can be sought.</param>
    /// <param name="page">From 0.</param>
    /// <exception cref="DamagedFileException">It is no TIFF, of another kind, or damaged; the message says where.</exception>
    public static TiffFile Read(Stream file, int page = 0)
    {
        var directory = Directory(file, page);
        var read = TiffPage.Of(directory);
        if (read.IsColour || read.IsFloating)
            throw new DamagedFileException("TIFF", "its pixels are no counts: they are colours, or not whole numbers.");
        var counts = new int[read.Width * read.Height];
        read.ReadNumbers(
            (y, x, values) =>
            {
                // 4294967295 marks what is no count, as −1 does.
                for (var i = 0; i < values.Length; i++)
                    counts[(y * read.Width) + x + i] = unchecked((int)(long)values[i]);
            }
        );
        return new TiffFile(
            new DetectorFrame(read.Height, read.Width, counts),
            directory.Text(TiffTag.ImageDescription)
        );
    }

    /// <summary>A page as a small PNG: grey as <see cref="FramePicture"/> draws numbers, or in colour.</summary>
    /// <param name="file">Can be sought; memory follows a strip of it, not its size.</param>
    /// <param name="page">From 0.</param>
    /// <param name="largestSidePixels">The picture is no wider and no higher; smaller ones stay as they are.</param>
    /// <exception cref="DamagedFileException">It is no TIFF, of another kind, or damaged; the message says where.</exception>
    public static byte[] SmallPng(Stream file, int page, int largestSidePixels)
    {
        var read = TiffPage.Of(Directory(file, page));
        if (read.IsColour)
        {
            var colours = new ColourReduction(read.Height, read.Width, largestSidePixels);
            read.ReadColours(colours.AddRow);
            return colours.Png();
        }

        var reduction = new FrameReduction(read.Height, read.Width, largestSidePixels);
        read.ReadNumbers(
            (y, x, values) =>
            {
                if (!read.IsFloating)
                    // Detectors mark what is no count with a negative number, or with the largest of 32 bits.
                    foreach (ref var value in values)
                        value = value is < 0 or uint.MaxValue ? double.NaN : value;
                reduction.AddRow(y, x, values);
            }
        );
        return FramePicture.Png(reduction);
    }

    static TiffDirectory Directory(Stream file, int page)
    {
        var directory = new TiffDirectory(file);
        for (var n = 0; n < page; n++)
            directory =
                directory.Next()
                ?? throw new DamagedFileException("TIFF", $"it has {n + 1} pages, and none with number {page}.");
        return directory;
    }
}
