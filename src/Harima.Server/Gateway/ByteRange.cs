using System.Globalization;

namespace Harima.Gateway;

/// <summary>A part of an object: <paramref name="Start"/> and how many bytes.</summary>
readonly record struct ByteRange(long Start, long LengthBytes)
{
    public long End => Start + LengthBytes - 1;

    /// <summary>
    /// Reads a <c>Range</c> header. S3 answers with the whole object where it cannot make sense of the header or where
    /// it names several ranges.
    /// </summary>
    /// <param name="header">Such as <c>bytes=0-9</c>, <c>bytes=10-</c> or <c>bytes=-5</c>.</param>
    /// <param name="sizeBytes">Length of the object.</param>
    /// <param name="range">The range, cut at the object's end.</param>
    /// <returns>Null when there is nothing to obey, false when it lies outside the object.</returns>
    public static bool? TryParse(string? header, long sizeBytes, out ByteRange range)
    {
        range = default;
        var text = header.AsSpan().Trim();
        if (!text.StartsWith("bytes=") || text.Contains(','))
            return null;
        text = text["bytes=".Length..].Trim();
        var dash = text.IndexOf('-');
        if (dash < 0)
            return null;
        var first = text[..dash].Trim();
        var last = text[(dash + 1)..].Trim();
        if (first.IsEmpty)
        {
            if (!TryNumber(last, out var suffix))
                return null;
            if (suffix == 0 || sizeBytes == 0)
                return false;
            var length = Math.Min(suffix, sizeBytes);
            range = new ByteRange(sizeBytes - length, length);
            return true;
        }
        if (!TryNumber(first, out var start))
            return null;
        var end = long.MaxValue;
        if (!last.IsEmpty && (!TryNumber(last, out end) || end < start))
            return null;
        if (start >= sizeBytes)
            return false;
        range = new ByteRange(start, Math.Min(end, sizeBytes - 1) - start + 1);
        return true;
    }

    static bool TryNumber(ReadOnlySpan<char> text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
