using Harima.Imaging.Frames;

namespace Harima.Imaging.Formats.Hdf5;

/// <summary>What a file shows: a plane made small, or a curve.</summary>
/// <param name="Path">The dataset, as the file names it.</param>
/// <param name="Frames">How many planes or curves the dataset holds.</param>
/// <param name="Frame">Which of them it is, from 0.</param>
public sealed record Hdf5Shown(string Path, FrameReduction? Plane, Curve? Curve, long Frames, long Frame);

/// <summary>
/// Finds what an HDF5 file is about and reads one plane or curve of it: what NeXus says by <c>@default</c>, <c>@signal</c> and <c>NXdata</c>, then
/// what lies where detectors write, then the largest array.
/// </summary>
/// <remarks>
/// Source: NeXus manual, "Associating plottable data" (versions 1 to 3). Links out of the file are followed once, and only where the caller opens them;
/// so are the sources of a virtual dataset. Pixels that a detector's mask names are no values.
/// </remarks>
public static class Hdf5Signal
{
    const int Tries = 8;
    const int MaxHops = 16;
    const int CurveAtMostRows = 8;

    /// <summary>Opens a file that an external link names, relative to the one that is read; null where there is none to be had.</summary>
    public delegate Stream? Beside(string file);

    /// <summary>Reads what is to be shown.</summary>
    /// <param name="file">Can be sought; is read in parts.</param>
    /// <param name="frame">Which plane of a stack, from 0; null for the one in the middle.</param>
    /// <param name="largestSidePixels">No picture is wider or higher.</param>
    /// <param name="beside">For external links.</param>
    /// <exception cref="DamagedFileException">There is nothing to be shown; the message says why.</exception>
    public static Hdf5Shown Read(Stream file, long? frame, int largestSidePixels, Beside beside)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(beside);
        try
        {
            var entries = Hdf5Header.Contents(file);
            DamagedFileException? first = null;
            foreach (var path in Candidates(entries).Distinct(StringComparer.Ordinal).Take(Tries))
                try
                {
                    if (Show(file, entries, path, frame, largestSidePixels, beside) is { } shown)
                        return shown;
                }
                catch (DamagedFileException fault)
                {
                    first ??= fault;
                }

            throw first ?? new DamagedFileException("HDF5", "it holds no array of numbers to show.");
        }
        catch (Hdf5BudgetException fault)
        {
            throw new DamagedFileException("HDF5", "more would have to be read than a picture is worth.", fault);
        }
    }

    /// <summary>Paths that may be shown, the likeliest first.</summary>
    static IEnumerable<string> Candidates(IReadOnlyList<Hdf5Entry> entries)
    {
        var byPath = new Dictionary<string, Hdf5Entry>(StringComparer.Ordinal);
        foreach (var entry in entries)
            byPath.TryAdd(entry.Path, entry);

        var at =
            entries[0].Default is null
            && entries.FirstOrDefault(entry => entry is { NexusClass: "NXentry", Default: not null }) is { } measured
                ? measured
                : entries[0];
        for (var n = 0; n < 6 && at.Default is { } next && byPath.TryGetValue(Below(at.Path, next), out var named); n++)
            at = named;
        if (at.Path.Length > 0 && SignalOf(at, byPath) is { } plotted)
            yield return plotted;

        var plots = entries
            .Where(entry => entry is { Kind: Hdf5EntryKind.Group, NexusClass: "NXdata" })
            .Select(group => SignalOf(group, byPath))
            .OfType<string>()
            .ToList();
        var images = plots.Where(path => IsImage(byPath.GetValueOrDefault(path))).ToList();
        foreach (var path in images.Concat(plots))
            yield return path;

        foreach (var entry in entries.Where(entry => entry is { Kind: Hdf5EntryKind.Dataset, Signal: "1" }))
            yield return entry.Path;

        string[] usual = ["data", "detector", "frames", "images", "image"];
        foreach (
            var entry in entries.Where(entry =>
                (entry.Kind == Hdf5EntryKind.Link || (IsImage(entry) && entry.Numbers is null))
                && (usual.Contains(entry.Name) || entry.Name.StartsWith("data_0", StringComparison.Ordinal))
                && byPath.GetValueOrDefault(Parent(entry.Path))?.NexusClass is "NXdata" or "NXdetector" or null
            )
        )
            yield return entry.Path;

        // Where a file says what it is about and that cannot be read, another array of it would be shown in its place.
        if (plots.Count > 0)
            yield break;
        var isNexus = entries.Any(entry => entry.NexusClass is not null);
        var arrays = entries
            .Where(entry =>
                entry.Kind == Hdf5EntryKind.Dataset && (IsImage(entry) || (!isNexus && entry.Shape.Count == 1))
            )
            .OrderByDescending(IsImage)
            .ThenByDescending(entry => entry.Shape.Aggregate(1.0, (all, side) => all * side));
        foreach (var entry in arrays)
            yield return entry.Path;
    }

    static string Below(string path, string name) => name.StartsWith('/') ? name.TrimEnd('/') : path + "/" + name;

    static string Parent(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];

    /// <summary>The signal of a group for plotting; in old files the member that is marked, or the one called data.</summary>
    static string? SignalOf(Hdf5Entry group, Dictionary<string, Hdf5Entry> byPath)
    {
        if (group.Signal is { Length: > 0 } signal && byPath.ContainsKey(Below(group.Path, signal)))
            return Below(group.Path, signal);
        var members = byPath.Values.Where(entry => entry.Path.Length > 0 && Parent(entry.Path) == group.Path).ToList();
        return (
            members.Find(entry => entry.Signal == "1")
            ?? members.Find(entry => entry.Name == "data")
            ?? members.Find(entry => entry.Name.StartsWith("data_0", StringComparison.Ordinal))
        )?.Path;
    }

    static bool IsImage(Hdf5Entry? entry) =>
        entry is { Interpretation: not ("spectrum" or "scalar") }
        && (entry.Kind == Hdf5EntryKind.Link || entry.Shape.Count(side => side >= CurveAtMostRows) >= 2);

    static Hdf5Shown? Show(
        Stream file,
        IReadOnlyList<Hdf5Entry> entries,
        string path,
        long? frame,
        int largestSidePixels,
        Beside beside
    )
    {
        var objects = new Hdf5Objects(new Hdf5Bytes(file, Hdf5Header.BudgetBytes));
        var (opened, outside) = Resolve(objects, path);
        if (outside is not var (linked, linkedPath))
            return opened is null
                ? null
                : Show(new Place(objects, beside), opened, entries, path, frame, largestSidePixels, MaskOf);

        using var other =
            beside(linked)
            ?? throw new DamagedFileException(
                "HDF5",
                $"'{path}' lies in '{linked}', which is not beside it or may not be read."
            );
        var outer = new Hdf5Objects(new Hdf5Bytes(other, Hdf5Header.BudgetBytes));
        var (target, further) = Resolve(outer, linkedPath);
        if (further is not null)
            throw new DamagedFileException("HDF5", $"'{path}' leads from file to file.");
        return target is null
            ? throw new DamagedFileException(
                "HDF5",
                $"'{path}' leads to '{linkedPath}' of '{linked}', which is not there."
            )
            : Show(new Place(outer, beside), target, [], path, frame, largestSidePixels, MaskOf);

        // The mask lies with what describes the detector, wherever the frames lie.
        Hdf5Mask? MaskOf(Hdf5Plane plane) =>
            Hdf5Mask.Of(entries, path, plane, found => Resolve(objects, found).Opened, objects);
    }

    /// <summary>A file, and how those beside it are opened.</summary>
    sealed record Place(Hdf5Objects Objects, Beside Beside)
    {
        public void ReadPlane(Hdf5Opened dataset, Hdf5Plane plane, Hdf5RowSink sink)
        {
            if (!dataset.IsVirtual || plane.Height * plane.Width > Hdf5Objects.MaxElementsAtOnce)
            {
                Objects.ReadPlane(dataset, plane, sink);
                return;
            }

            using var sources = new Hdf5Sources(Objects, Beside);
            new Hdf5VirtualPlane(Objects, dataset, plane, sink).Read(sources.Open);
        }
    }

    internal static (Hdf5Opened? Opened, (string File, string Path)? Outside) Resolve(Hdf5Objects objects, string path)
    {
        var at = objects.OpenRoot();
        var rest = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var groups = new Stack<Hdf5Opened>();
        for (var hops = 0; rest.TryPop(out var name); )
        {
            if (name == ".")
                continue;
            if (objects.LinksOf(at).FirstOrDefault(link => link.Name == name) is not { } child)
                return (null, null);
            if (child.Outside is var (linked, linkedPath))
                return (null, (linked, string.Join('/', [linkedPath, .. rest])));
            if (child.Target is { } target)
            {
                if (++hops > MaxHops)
                    throw new DamagedFileException("HDF5", $"the links of '{path}' do not end.");
                if (target.StartsWith('/'))
                    at = objects.OpenRoot();
                foreach (var part in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
                    rest.Push(part);
                continue;
            }

            groups.Push(at);
            at = objects.Open(child.Address);
        }

        return (at, null);
    }

    static Hdf5Shown? Show(
        Place place,
        Hdf5Opened dataset,
        IReadOnlyList<Hdf5Entry> entries,
        string path,
        long? frame,
        int largestSidePixels,
        Func<Hdf5Plane, Hdf5Mask?> maskOf
    )
    {
        var objects = place.Objects;
        if (dataset.IsGroup || !objects.HasNumbers(dataset) || objects.ShapesOf(dataset) is not var (shape, max))
            return null;
        var wide = Enumerable.Range(0, shape.Length).Where(d => shape[d] > 1).ToArray();
        if (wide.Length == 0 || shape.Contains(0))
            return null;
        var entry = objects.Describe(dataset, path);
        var x = wide[^1];
        var isCurve =
            wide.Length == 1
            || entry.Interpretation == "spectrum"
            || (shape[wide[^2]] < CurveAtMostRows && shape[x] >= 4 * CurveAtMostRows);
        var y = isCurve ? -1 : wide[^2];
        var stacked = wide.Where(d => d != x && d != y).ToArray();
        var frames = stacked.Aggregate(1L, (all, d) => checked(all * shape[d]));
        if (frame is < 0 || frame >= frames)
            throw new DamagedFileException("HDF5", $"there is no frame {frame}; it has {frames}, from 0.");
        var at = new long[shape.Length];
        var shown = frame ?? frames / 2;
        var left = shown;
        foreach (var d in stacked.Reverse())
            (left, at[d]) = Math.DivRem(left, shape[d]);

        var plane = new Hdf5Plane(shape, max, at, y, x);
        if (!isCurve)
        {
            var reduction = new FrameReduction((int)plane.Height, (int)plane.Width, largestSidePixels);
            place.ReadPlane(dataset, plane, maskOf(plane)?.Before(reduction.AddRow) ?? reduction.AddRow);
            return new Hdf5Shown(path, reduction, null, frames, shown);
        }

        var values = Line(place, dataset, plane);
        return new Hdf5Shown(
            path,
            null,
            new Curve(AxisOf(place, entries, entry, path, x, values.Length), values),
            frames,
            shown
        );
    }

    static double[] Line(Place place, Hdf5Opened dataset, Hdf5Plane plane)
    {
        if (plane.Width > Curve.MaxPoints)
            throw new DamagedFileException("HDF5", $"a curve of {plane.Width} points is not drawn.");
        var values = new double[plane.Width];
        Array.Fill(values, double.NaN);
        place.ReadPlane(dataset, plane, (_, from, row) => row.CopyTo(values.AsSpan(from)));
        return values;
    }

    /// <summary>What the curve is drawn over; null for the number of the point.</summary>
    static double[]? AxisOf(
        Place place,
        IReadOnlyList<Hdf5Entry> entries,
        Hdf5Entry dataset,
        string path,
        int dimension,
        int length
    )
    {
        var group = entries.FirstOrDefault(entry => entry.Path == Parent(path));
        var names = group is { Axes.Count: > 0 }
            ? group.Axes
            : [.. dataset.Axes.SelectMany(axes => axes.Split([':', ','], StringSplitOptions.TrimEntries))];
        var name =
            dimension < names.Count ? names[dimension]
            : names.Count == 1 ? names[0]
            : null;
        if (name is null or ".")
            return null;
        var objects = place.Objects;
        try
        {
            if (
                Resolve(objects, Below(Parent(path), name)).Opened is { } axis
                && objects.HasNumbers(axis)
                && objects.ShapesOf(axis) is ([var size], var max)
                && (size == length || size == length + 1)
            )
                return Line(place, axis, new Hdf5Plane([size], max, [0], -1, 0))[..length];
        }
        catch (DamagedFileException)
        {
            // A curve over the number of the point is still a curve.
        }

        return null;
    }
}
