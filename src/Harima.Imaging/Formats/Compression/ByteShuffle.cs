namespace Harima.Imaging.Formats.Compression;

/// <summary>Bytes of equal weight side by side: all first bytes of the elements, then all second ones, and so on.</summary>
static class ByteShuffle
{
    /// <param name="planes">As many planes as an element has bytes; what is left over stands behind them as it is.</param>
    /// <param name="elements">As long; elements one after another.</param>
    /// <param name="elementBytes">Bytes of an element.</param>
    public static void Undo(ReadOnlySpan<byte> planes, Span<byte> elements, int elementBytes)
    {
        var count = planes.Length / elementBytes;
        for (var b = 0; b < elementBytes; b++)
        {
            var plane = planes.Slice(b * count, count);
            for (var (i, at) = (0, b); i < plane.Length; i++, at += elementBytes)
                elements[at] = plane[i];
        }

        var whole = count * elementBytes;
        planes[whole..].CopyTo(elements[whole..]);
    }
}
