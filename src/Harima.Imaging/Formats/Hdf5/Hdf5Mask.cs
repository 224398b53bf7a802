using System.Collections;

namespace Harima.Imaging.Formats.Hdf5;

/// <summary>The pixels of a detector that say nothing, as <c>pixel_mask</c> of NXdetector tells them.</summary>
/// <remarks>
/// Source: NXdetector, field pixel_mask: bit 0 gap, 1 dead, 2 under- and 3 over-responding, 4 noisy, 6 cluster, 8 masked by the user, 31 a virtual
/// pixel, which has a value.
/// </remarks>
sealed class Hdf5Mask
{
    const long Tells = 0x7FFFFFFF;

    readonly BitArray _masked;
    readonly int _width;

    Hdf5Mask(int height, int width) => (_masked, _width) = (new BitArray(height * width), width);

    /// <summary>The mask that belongs to a frame of that size; null where there is none, or it is not told which.</summary>
    public static Hdf5Mask? Of(
        IReadOnlyList<Hdf5Entry> entries,
        string path,
        Hdf5Plane plane,
        Func<string, Hdf5Opened?> open,
        Hdf5Objects objects
    )
    {
        if (plane.Y < 0)
            return null;
        var fitting = entries
            .Where(entry =>
                entry is { Kind: Hdf5EntryKind.Dataset, Name: "pixel_mask", Shape.Count: >= 2 }
                && entry.Shape[^1] == plane.Width
                && entry.Shape[^2] == plane.Height
            )
            .ToList();
        // Of a detector beside the data; or of the only detector that fits, as masters of EIGER have it.
        var own = fitting.Where(entry => Parent(entry.Path) == Parent(path)).ToList();
        if ((own.Count > 0 ? own : fitting) is not [var told])
            return null;
        try
        {
            return open(told.Path) is { } dataset ? Read(objects, dataset, plane) : null;
        }
        catch (DamagedFileException)
        {
            // Without it there is still a picture.
            return null;
        }
    }

    static string Parent(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];

    static Hdf5Mask? Read(Hdf5Objects objects, Hdf5Opened dataset, Hdf5Plane frame)
    {
        if (!objects.HasNumbers(dataset) || dataset.IsVirtual || objects.ShapesOf(dataset) is not var (shape, max))
            return null;
        var mask = new Hdf5Mask((int)frame.Height, (int)frame.Width);
        objects.ReadPlane(
            dataset,
            new Hdf5Plane(shape, max, new long[shape.Length], shape.Length - 2, shape.Length - 1),
            (y, x, values) =>
            {
                for (var n = 0; n < values.Length; n++)
                    // What the reader takes for no count has all bits, or the highest of a signed number, and others.
                    mask._masked[(y * mask._width) + x + n] = double.IsNaN(values[n]) || ((long)values[n] & Tells) != 0;
            }
        );
        return mask;
    }

    /// <summary>Leaves masked pixels out of what goes on to <paramref name="sink"/>.</summary>
    public Hdf5RowSink Before(Hdf5RowSink sink) =>
        (y, x, values) =>
        {
            var kept = values.ToArray();
            for (var n = 0; n < kept.Length; n++)
                if (_masked[(y * _width) + x + n])
                    kept[n] = double.NaN;
            sink(y, x, kept);
        };
}
