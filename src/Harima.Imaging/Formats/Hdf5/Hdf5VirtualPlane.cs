using System.Collections;
using System.Globalization;

namespace Harima.Imaging.Formats.Hdf5;

/// <summary>
/// A plane of a virtual dataset, put together from its sources; where none is, or it cannot be had, stands the fill value, as the library
/// gives it. Where no source at all can be had there is no plane.
/// </summary>
/// <remarks>
/// A mapping is followed where the dimensions of both selections are the same but for those of one element: then each dimension of the
/// virtual dataset is one of the source, or fixed.
/// <code>
///   virtual [frame, y, x]     block n   ← file n  [frame, y, x]     a file for each part of a scan
///   virtual [frame, y, x]     rows      ← module  [frame, y, x]     a file for each module of a detector
///   virtual [scan, y, x]      one scan  ← file    [y, x]
/// </code>
/// </remarks>
sealed class Hdf5VirtualPlane(Hdf5Objects objects, Hdf5Opened dataset, Hdf5Plane plane, Hdf5RowSink sink)
{
    /// <summary>Of one picture.</summary>
    const int MaxFiles = 128;

    /// <summary>Opens a dataset of a source; null where there is none to be had.</summary>
    public delegate (Hdf5Objects Objects, Hdf5Opened Dataset)? Open(string file, string dataset);

    readonly BitArray _known = new(checked((int)(plane.Height * plane.Width)));
    string? _missing;
    bool _isAny;

    public void Read(Open open)
    {
        var files = new HashSet<string>(StringComparer.Ordinal);
        foreach (var mapping in objects.MappingsOf(dataset))
        {
            if (Bounded(mapping) is not { } bounded)
                continue;
            files.Add(bounded.File);
            if (files.Count > MaxFiles)
                throw new DamagedFileException("HDF5", $"a plane of it lies in more than {MaxFiles} files.");
            if (open(bounded.File, bounded.Dataset) is not var (source, opened))
                _missing ??= bounded.File;
            else
                Take(bounded, source, opened);
        }

        if (!_isAny && _missing is not null)
            throw new DamagedFileException(
                "HDF5",
                $"it is put together from '{_missing}' and others, which are not beside it or may not be read."
            );
        Fill();
    }

    /// <summary>The mapping with an end to each selection, and names in place of their patterns; null where it has nothing of the plane.</summary>
    Hdf5Mapping? Bounded(Hdf5Mapping mapping)
    {
        var chosen = mapping.Virtual.IsAll ? Hdf5Selection.Of(plane.Shape) : mapping.Virtual;
        if (chosen.Rank != plane.Shape.Length)
            return chosen.Rank == 0
                ? null
                : throw new DamagedFileException("HDF5", "a source is mapped to other dimensions than it has.");
        if (chosen.Endless is var (d, steps))
        {
            var isNamed = mapping.Source.Endless is null;
            if (isNamed && (d == plane.X || d == plane.Y))
                throw new DamagedFileException("HDF5", "a source for each block of columns or rows is not read.");
            if (isNamed)
            {
                var block = (plane.At[d] - steps.Start) / steps.Stride;
                if (plane.At[d] < steps.Start)
                    return null;
                chosen = chosen.With(d, steps with { Start = steps.Start + (block * steps.Stride), Count = 1 });
                mapping = mapping with { File = Named(mapping.File, block), Dataset = Named(mapping.Dataset, block) };
            }
            else
                chosen = chosen.With(d, Ended(steps, plane.Shape[d]));
        }

        for (var n = 0; n < plane.Shape.Length; n++)
            if (n != plane.X && n != plane.Y && chosen.Find(n, plane.At[n]) < 0)
                return null;
        return mapping with { Virtual = chosen };
    }

    static string Named(string pattern, long block) =>
        pattern
            .Replace("%b", block.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("%%", "%", StringComparison.Ordinal);

    static Hdf5Steps Ended(Hdf5Steps steps, long side) =>
        steps with
        {
            Count = Math.Max(0, (side - steps.Start + steps.Stride - steps.Block) / steps.Stride),
        };

    void Take(Hdf5Mapping mapping, Hdf5Objects source, Hdf5Opened opened)
    {
        if (opened.IsGroup || !source.HasNumbers(opened) || source.ShapesOf(opened) is not var (shape, max))
            throw new DamagedFileException("HDF5", $"'{mapping.Dataset}' of '{mapping.File}' is no array of numbers.");
        if (opened.IsVirtual)
            throw new DamagedFileException("HDF5", "a source that is a virtual dataset itself is not read.");
        var (from, to) = (mapping.Source.IsAll ? Hdf5Selection.Of(shape) : mapping.Source, mapping.Virtual);
        if (from.Endless is var (d, steps))
            from = from.With(d, Ended(steps, shape[d]));
        if (from.Rank != shape.Length)
            throw new DamagedFileException("HDF5", $"'{mapping.Dataset}' of '{mapping.File}' has other dimensions.");

        var theirs = Enumerable.Range(0, from.Rank).Where(n => from.Places(n) != 1).ToList();
        var ours = Enumerable.Range(0, to.Rank).Where(n => to.Places(n) != 1).ToList();
        var isEndless = mapping.Source.Endless is not null;
        if (
            theirs.Count != ours.Count
            || theirs.Zip(ours).Any(pair => !isEndless && from.Places(pair.First) != to.Places(pair.Second))
        )
            throw new DamagedFileException("HDF5", "a source whose elements stand in another shape is not read.");
        int SourceOf(int dimension) => ours.IndexOf(dimension) is var n and >= 0 ? theirs[n] : -1;

        var at = new long[from.Rank];
        for (var n = 0; n < at.Length; n++)
            at[n] = theirs.Contains(n) ? 0 : from.At(n, 0);
        for (var n = 0; n < to.Rank; n++)
            if (n != plane.X && n != plane.Y && SourceOf(n) is var along and >= 0)
            {
                var place = to.Find(n, plane.At[n]);
                // A source that has not grown so far yet.
                if (place >= from.Places(along))
                    return;
                at[along] = from.At(along, place);
            }

        for (var n = 0; n < at.Length; n++)
            if (at[n] >= shape[n])
                return;
        var (x, y) = (SourceOf(plane.X), plane.Y < 0 ? -1 : SourceOf(plane.Y));
        // A column of a single element: any dimension of one element stands for it.
        if (x < 0)
            x = Enumerable.Range(0, at.Length).Reverse().FirstOrDefault(n => !theirs.Contains(n) && n > y, -1);
        if (x < 0)
            throw new DamagedFileException("HDF5", "a source of single columns is not read.");
        Copy(source, opened, new Hdf5Plane(shape, max, at, y, x), from, to);
    }

    void Copy(Hdf5Objects source, Hdf5Opened opened, Hdf5Plane theirs, Hdf5Selection from, Hdf5Selection to)
    {
        var columns = Targets(from, theirs.X, theirs.Shape[theirs.X], to, plane.X, plane.Width);
        int[] rows =
            theirs.Y < 0
                ? [plane.Y < 0 ? 0 : (int)to.At(plane.Y, 0)]
                : Targets(from, theirs.Y, theirs.Shape[theirs.Y], to, plane.Y, plane.Height);
        _isAny = true;
        source.ReadPlane(
            opened,
            theirs,
            (y, x, values) =>
            {
                var row = rows[y];
                if (row < 0 || row >= plane.Height)
                    return;
                for (var n = 0; n < values.Length; )
                {
                    var first = columns[x + n];
                    var length = 1;
                    while (n + length < values.Length && first >= 0 && columns[x + n + length] == first + length)
                        length++;
                    if (first >= 0)
                        Give(row, first, values.Slice(n, length));
                    n += length;
                }
            }
        );
    }

    /// <summary>Which column or row of the plane each one of the source is; −1 for none.</summary>
    static int[] Targets(Hdf5Selection from, int theirs, long side, Hdf5Selection to, int ours, long most)
    {
        var targets = new int[side];
        Array.Fill(targets, -1);
        var places = Math.Min(from.Places(theirs), to.Places(ours));
        for (long place = 0; place < places; place++)
            if (
                from.At(theirs, place) is var index
                && index < side
                && to.At(ours, place) is var target
                && target < most
            )
                targets[index] = (int)target;
        return targets;
    }

    void Give(int y, int x, ReadOnlySpan<double> values)
    {
        var first = (y * plane.Width) + x;
        for (var n = 0; n < values.Length; n++)
            _known[(int)first + n] = true;
        sink(y, x, values);
    }

    void Fill()
    {
        var fill = objects.FillOf(dataset);
        if (!double.IsFinite(fill))
            return;
        var row = new double[plane.Width];
        Array.Fill(row, fill);
        for (var y = 0; y < plane.Height; y++)
        {
            var first = (int)(y * plane.Width);
            for (var x = 0; x < row.Length; )
            {
                var length = 1;
                var isKnown = _known[first + x];
                while (x + length < row.Length && _known[first + x + length] == isKnown)
                    length++;
                if (!isKnown)
                    sink(y, x, row.AsSpan(0, length));
                x += length;
            }
        }
    }
}
