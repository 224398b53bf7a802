namespace Harima.Imaging.Formats.Hdf5;

/// <summary>What stands under a path of an HDF5 file.</summary>
public enum Hdf5EntryKind
{
    /// <summary>A group.</summary>
    Group,

    /// <summary>A dataset.</summary>
    Dataset,

    /// <summary>A soft or external link; it is named, not followed.</summary>
    Link,

    /// <summary>Something that could not be read.</summary>
    Damaged,
}

/// <summary>One line of the table of contents.</summary>
public sealed record Hdf5Entry(string Path, Hdf5EntryKind Kind)
{
    /// <summary>The attribute <c>NX_class</c>; null where there is none.</summary>
    public string? NexusClass { get; init; }

    /// <summary>The attribute <c>units</c>; null where there is none.</summary>
    public string? Units { get; init; }

    /// <summary>The attribute <c>signal</c>: of a group the name of what it shows, of a dataset a mark.</summary>
    public string? Signal { get; init; }

    /// <summary>The attribute <c>axes</c>; empty where there is none.</summary>
    public IReadOnlyList<string> Axes { get; init; } = [];

    /// <summary>The attribute <c>default</c> of a group; null where there is none.</summary>
    public string? Default { get; init; }

    /// <summary>The attribute <c>interpretation</c>, such as image or spectrum; null where there is none.</summary>
    public string? Interpretation { get; init; }

    /// <summary>Dimensions of a dataset, slowest first; empty for a scalar.</summary>
    public IReadOnlyList<long> Shape { get; init; } = [];

    /// <summary>The values of a small dataset of text; null for others.</summary>
    public IReadOnlyList<string>? Texts { get; init; }

    /// <summary>The values of a small dataset of numbers; null for others.</summary>
    public IReadOnlyList<double>? Numbers { get; init; }

    /// <summary>Where a link leads (<c>file:path</c> for an external one), or what is wrong with what is damaged.</summary>
    public string? Note { get; init; }

    /// <summary>The last part of the path.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];
}

/// <summary>
/// Reads the table of contents and the small values of an HDF5 file: what a header says, without the data, without a native library.
/// </summary>
/// <remarks>
/// Source: HDF5 File Format Specification 3.0. Whatever the bytes are, it ends: objects, depth and bytes are limited, links out of
/// the file are never followed, and a damaged branch is told as such while the others are read.
/// </remarks>
public static class Hdf5Header
{
    /// <summary>The first bytes of the format.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A];

    const int MaxEntries = 5000;
    const int MaxDepth = 12;

    /// <summary>Values of datasets up to this many elements are read.</summary>
    public const int MaxElements = 64;

    /// <summary>How much of a file is read at most, in bytes.</summary>
    public const long BudgetBytes = 16 << 20;

    /// <summary>Whether the bytes of the beginning are those of an HDF5 file without a user block.</summary>
    public static bool Is(ReadOnlySpan<byte> start) => start.StartsWith(Signature);

    /// <summary>Entries in the order of the file, parents first.</summary>
    /// <exception cref="DamagedFileException">It is no HDF5 file, or its root cannot be read.</exception>
    public static IReadOnlyList<Hdf5Entry> Read(Stream file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return [.. Contents(file).Skip(1)];
    }

    /// <summary>As <see cref="Read"/>, with the root itself first, under an empty path.</summary>
    internal static IReadOnlyList<Hdf5Entry> Contents(Stream file)
    {
        var entries = new List<Hdf5Entry>();
        try
        {
            var objects = new Hdf5Objects(new Hdf5Bytes(file, BudgetBytes));
            var root = objects.OpenRoot();
            entries.Add(objects.Describe(root, ""));
            Walk(objects, root, "", 0, [root.Address], entries);
        }
        catch (Hdf5BudgetException)
        {
            if (entries.Count <= 1)
                throw new DamagedFileException("HDF5", $"nothing was found in {BudgetBytes} bytes.");
        }

        return entries;
    }

    static void Walk(
        Hdf5Objects objects,
        Hdf5Opened group,
        string path,
        int depth,
        HashSet<ulong> groups,
        List<Hdf5Entry> entries
    )
    {
        foreach (var link in objects.LinksOf(group))
        {
            if (entries.Count >= MaxEntries)
                return;
            var below = path + "/" + link.Name;
            if (link.Target is not null || link.Address == Hdf5Cursor.Undefined)
            {
                entries.Add(new Hdf5Entry(below, Hdf5EntryKind.Link) { Note = link.Target });
                continue;
            }

            Hdf5Opened opened;
            try
            {
                opened = objects.Open(link.Address);
                entries.Add(objects.Describe(opened, below));
            }
            catch (DamagedFileException fault)
            {
                entries.Add(new Hdf5Entry(below, Hdf5EntryKind.Damaged) { Note = fault.Message });
                continue;
            }

            // A group that contains itself, by a hard link, is entered once.
            if (!opened.IsGroup || depth >= MaxDepth || !groups.Add(opened.Address))
                continue;
            try
            {
                Walk(objects, opened, below, depth + 1, groups, entries);
            }
            catch (DamagedFileException fault)
            {
                entries.Add(new Hdf5Entry(below + "/?", Hdf5EntryKind.Damaged) { Note = fault.Message });
            }
        }
    }
}
