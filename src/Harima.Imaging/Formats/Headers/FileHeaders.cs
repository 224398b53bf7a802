using System.Globalization;
using System.Text;
using Harima.Imaging.Formats.Edf;
using Harima.Imaging.Formats.Hdf5;
using Harima.Imaging.Formats.Tiff;

namespace Harima.Imaging.Formats.Headers;

/// <summary>Reads headers of measured files of every known format. The content decides, the name only where text has no mark.</summary>
public static class FileHeaders
{
    /// <summary>As much of the beginning is read, of every format but HDF5 and TIFF, which say where to look.</summary>
    public const int StartBytes = 64 * 1024;

    static readonly string[] TextEndings =
    [
        ".csv",
        ".dat",
        ".txt",
        ".xdi",
        ".xxdi",
        ".nor",
        ".chi",
        ".chik",
        ".chir",
        ".k2",
        ".rmag",
        ".xy",
        ".poni",
        ".ex3",
        ".ras",
    ];

    /// <summary>Whether a file of this name may have a header that is read. HDF5, CBF, TIFF and EDF by their usual endings.</summary>
    public static bool MayHave(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var ending = Path.GetExtension(name);
        string[] binary = [".h5", ".hdf5", ".hdf", ".nxs", ".nx5", ".nexus", ".cxi", ".cbf", ".tif", ".tiff", ".edf"];
        return binary.Concat(TextEndings).Contains(ending, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Reads the header of a file.</summary>
    /// <param name="file">Can be sought; is read in parts, never as a whole.</param>
    /// <param name="name">With its ending.</param>
    /// <returns>Null where the format is none of those known.</returns>
    /// <exception cref="DamagedFileException">It begins like a known format and is damaged.</exception>
    public static FileHeader? Read(Stream file, string name)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(name);
        file.Position = 0;
        var start = new byte[(int)Math.Min(StartBytes, file.Length)];
        file.ReadExactly(start);
        var ending = Path.GetExtension(name).ToLowerInvariant();
        if (Hdf5Header.Is(start) || ending is ".h5" or ".hdf5" or ".nxs" or ".hdf" or ".nx5" or ".nexus" or ".cxi")
            return NexusHeader.Read(Hdf5Header.Read(file));
        if (start.AsSpan().StartsWith("###CBF"u8) || ending == ".cbf")
            return DectrisHeader.ReadCbf(start, file.Length);
        if (TiffDirectory.Is(start) || ending is ".tif" or ".tiff")
            return DectrisHeader.ReadTiff(file);
        if (ending == ".edf" || (start.Length > 0 && start[0] == (byte)'{' && start.AsSpan().IndexOf("HeaderID"u8) > 0))
            return EdfFields.Of(EdfHeader.Read(start, file.Length));
        if (!TextEndings.Contains(ending, StringComparer.Ordinal) || start.AsSpan().Contains((byte)0))
            return null;
        return TextHeader.Read(TextOf(start), name);
    }

    /// <summary>UTF-8 where it is that, else one character a byte: a header is mostly ASCII.</summary>
    static string TextOf(byte[] start)
    {
        // A character may be cut at the end of what was read.
        for (var cut = 0; cut < 4 && cut <= start.Length; cut++)
            try
            {
                return new UTF8Encoding(false, true).GetString(start, 0, start.Length - cut).TrimStart('\uFEFF');
            }
            catch (DecoderFallbackException) { }

        return Encoding.Latin1.GetString(start);
    }

    /// <summary>A number as people write it; null for everything else, infinities too.</summary>
    internal static double? Number(string text) =>
        double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && double.IsFinite(number)
            ? number
            : null;

    internal static string Plain(double number) => number.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>A number with a unit behind it, such as <c>0.5000000 s</c>; otherwise text.</summary>
    internal static HeaderField Measured(Quantity quantity, string path, string text, string? unit = null)
    {
        var words = text.Split(
            (char[]?)null,
            2,
            StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries
        );
        if (words.Length == 0 || Number(words[0]) is not { } number)
            return new HeaderField(quantity, path, text.Trim());
        // EPICS writes the name of the process variable behind two bars, after the value or its unit.
        var said = words.Length > 1 ? words[1].Split("||")[0].TrimEnd('.', ';', ' ') : "";
        return new HeaderField(quantity, path, Plain(number), number, said.Length > 0 ? said : unit);
    }

    /// <summary>Whether a text says nothing: what writers put where nobody told them.</summary>
    internal static bool IsPlaceholder(string text) =>
        text.Trim().ToLowerInvariant() is "" or "-" or "n/a" or "none" or "unknown" or "undefined" or "default sample";
}
