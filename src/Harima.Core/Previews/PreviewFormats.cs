using System.Text;
using Harima.Imaging;
using Harima.Imaging.Formats.Cbf;
using Harima.Imaging.Formats.Edf;
using Harima.Imaging.Formats.Hdf5;
using Harima.Imaging.Formats.Photo;
using Harima.Imaging.Formats.Text;
using Harima.Imaging.Formats.Tiff;
using Harima.Imaging.Frames;

namespace Harima.Previews;

/// <summary>Which files a picture is made of, and how.</summary>
static class PreviewFormats
{
    const int WidthPixels = 320;
    const int HeightPixels = 200;

    // Of formats that are read as a whole: a frame of 16 million pixels.
    const long LargestWholeBytes = 64 << 20;

    /// <param name="Rank">Of several files those of the lowest rank are drawn.</param>
    sealed record Format(int Rank, long LargestBytes, Draw Draw);

    /// <param name="Frames">How many the file has.</param>
    /// <param name="Frame">Which of them it shows, from 0.</param>
    public sealed record Drawing(byte[] Png, long Frames, long Frame);

    delegate Drawing Draw(Stream file, long? frame, Hdf5Signal.Beside beside);

    static readonly Format Nexus = new(0, long.MaxValue, DrawHdf5);
    static readonly Format Table = new(2, long.MaxValue, (file, frame, _) => Single(frame, () => DrawTable(file)));
    static readonly Format Photo = new(
        1,
        LargestWholeBytes,
        (file, frame, _) => Single(frame, () => PhotoFile.SmallPng(file, WidthPixels))
    );
    static readonly Format Tiff = new(0, long.MaxValue, (file, frame, _) => DrawTiff(file, frame));

    static readonly Dictionary<string, Format> Formats = new(StringComparer.OrdinalIgnoreCase)
    {
        ["h5"] = Nexus,
        ["hdf5"] = Nexus,
        ["hdf"] = Nexus,
        ["nxs"] = Nexus,
        ["nx5"] = Nexus,
        ["nexus"] = Nexus,
        ["cxi"] = Nexus,
        ["cbf"] = Whole(bytes => CbfFile.Read(bytes).Frame),
        ["tif"] = Tiff,
        ["tiff"] = Tiff,
        ["edf"] = new(
            0,
            long.MaxValue,
            (file, frame, _) => Single(frame, () => FramePicture.Png(EdfFile.Read(file, WidthPixels)))
        ),
        ["png"] = Photo,
        ["jpg"] = Photo,
        ["jpeg"] = Photo,
        ["xdi"] = Table,
        ["csv"] = Table,
        ["tsv"] = Table,
        ["dat"] = Table,
        ["txt"] = Table,
        ["xy"] = Table,
        ["chi"] = Table,
        ["nor"] = Table,
        ["chik"] = Table,
        ["chir"] = Table,
        ["k2"] = Table,
        ["rmag"] = Table,
    };

    /// <summary>File types, as search has them, that a picture may be made of.</summary>
    public static bool IsDrawn(string fileType) => Formats.ContainsKey(fileType);

    /// <summary>The lower the better; null where none is made of a file of this name and size.</summary>
    public static int? RankOf(string key, long sizeBytes) =>
        Of(key) is { } format && sizeBytes > 0 && sizeBytes <= format.LargestBytes ? format.Rank : null;

    /// <exception cref="DamagedFileException">None can be made; the message says why.</exception>
    public static Drawing Picture(string key, Stream file, long? frame, Hdf5Signal.Beside beside)
    {
        var format =
            Of(key) ?? throw new DamagedFileException("picture", "pictures are not made of files of this kind.");
        if (file.Length > format.LargestBytes)
            throw new DamagedFileException(
                "picture",
                $"{file.Length} bytes are more than the {format.LargestBytes >> 20} MiB that are read of this kind."
            );
        try
        {
            return format.Draw(file, frame, beside);
        }
        catch (EndOfStreamException fault)
        {
            throw new DamagedFileException("picture", "it ends before it should.", fault);
        }
    }

    static Format? Of(string key) =>
        Path.GetExtension(key) is { Length: > 1 } ending ? Formats.GetValueOrDefault(ending[1..]) : null;

    static Format Whole(Func<byte[], DetectorFrame> read) =>
        new(
            0,
            LargestWholeBytes,
            (file, frame, _) => Single(frame, () => FramePicture.Png(read(All(file)), WidthPixels))
        );

    static Drawing Single(long? frame, Func<byte[]> draw) =>
        frame is null or 0
            ? new Drawing(draw(), 1, 0)
            : throw new DamagedFileException("frame", $"there is no frame {frame}; it has one, 0.");

    static Drawing DrawHdf5(Stream file, long? frame, Hdf5Signal.Beside beside)
    {
        var shown = Hdf5Signal.Read(file, frame, WidthPixels, beside);
        var png = shown.Plane is { } plane
            ? FramePicture.Png(plane)
            : CurvePicture.Png(shown.Curve!, WidthPixels, HeightPixels);
        return new Drawing(png, shown.Frames, shown.Frame);
    }

    static Drawing DrawTiff(Stream file, long? frame)
    {
        var pages = TiffFile.Pages(file);
        if (frame is < 0 || frame >= pages)
            throw new DamagedFileException("frame", $"there is no frame {frame}; it has {pages}, from 0.");
        var shown = (int)(frame ?? pages / 2);
        return new Drawing(TiffFile.SmallPng(file, shown, WidthPixels), pages, shown);
    }

    static byte[] DrawTable(Stream file)
    {
        var bytes = new byte[(int)Math.Min(NumberTable.MaxBytes, file.Length)];
        file.Position = 0;
        file.ReadExactly(bytes);
        return CurvePicture.Png(NumberTable.Read(Encoding.UTF8.GetString(bytes)), WidthPixels, HeightPixels);
    }

    static byte[] All(Stream file)
    {
        var bytes = new byte[file.Length];
        file.Position = 0;
        file.ReadExactly(bytes);
        return bytes;
    }
}
