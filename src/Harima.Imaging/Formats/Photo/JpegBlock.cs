using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;

namespace Harima.Imaging.Formats.Photo;

/// <summary>What three components of a JPEG are, where another format says so.</summary>
enum JpegColours
{
    AsTheyAre = 0,
    YCbCr = 1,
}

/// <summary>A part of a picture as a JPEG of its own, the tables of which may stand elsewhere.</summary>
static class JpegBlock
{
    /// <param name="jpeg">From its start marker to its end marker.</param>
    /// <param name="tables">The same with tables only, or nothing.</param>
    /// <param name="width">Columns that it must have.</param>
    /// <param name="height">Rows that it may have; fewer are those of the last strip of a picture.</param>
    /// <param name="samples">1, or 3 for red, green and blue.</param>
    /// <param name="colours">What it says itself goes before this.</param>
    /// <returns>Bytes, shape <c>[y, x, sample]</c>.</returns>
    /// <exception cref="DamagedFileException">It is none, of another size, or damaged.</exception>
    public static byte[] Decode(byte[] jpeg, byte[] tables, int width, int height, int samples, JpegColours colours)
    {
        if (samples is not (1 or 3))
            throw Broken($"of {samples} samples is not read; of 1 and 3 it is");
        if (!jpeg.AsSpan().StartsWith(Start) || (tables.Length > 0 && !IsWhole(tables)))
            throw Broken("has no start, or its tables no end");
        if ((long)width * height > PhotoFile.MaxPixels)
            throw Broken($"may have {width} x {height} pixels, more than the {PhotoFile.MaxPixels} that are drawn");
        // Adobe's marker (technical note 5116) tells a decoder what the components are.
        byte[] told = [0xFF, 0xEE, 0, 14, .. "Adobe"u8, 0, 100, 0, 0, 0, 0, (byte)colours];
        byte[] whole =
        [
            .. jpeg.AsSpan(0, 2),
            .. samples == 3 ? told : [],
            .. tables.Length > 0 ? tables.AsSpan(2, tables.Length - 4) : [],
            .. jpeg.AsSpan(2),
        ];
        return PhotoFile.Guarded(() =>
        {
            var size = Image.Identify(PhotoFile.Settings, new MemoryStream(whole));
            if (size is null || size.Width != width || size.Height <= 0 || size.Height > height)
                throw Broken($"of {size?.Width} x {size?.Height} pixels stands where {width} x {height} should");
            return samples == 1 ? Pixels<L8>(whole, width) : Pixels<Rgb24>(whole, width);
        });
    }

    static unsafe byte[] Pixels<T>(byte[] whole, int width)
        where T : unmanaged, IPixel<T>
    {
        using var image = Image.Load<T>(PhotoFile.Settings, whole);
        var pixels = new byte[image.Height * width * sizeof(T)];
        image.CopyPixelDataTo(pixels);
        return pixels;
    }

    static ReadOnlySpan<byte> Start => [0xFF, 0xD8];

    static ReadOnlySpan<byte> End => [0xFF, 0xD9];

    static bool IsWhole(byte[] jpeg) =>
        jpeg.Length >= 4 && jpeg.AsSpan().StartsWith(Start) && jpeg.AsSpan().EndsWith(End);

    static DamagedFileException Broken(string why) => new("TIFF", $"a JPEG in it {why}.");
}
