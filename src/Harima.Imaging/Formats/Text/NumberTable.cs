using System.Globalization;
using System.Text.RegularExpressions;
using Harima.Imaging.Frames;

namespace Harima.Imaging.Formats.Text;

/// <summary>Columns of numbers in a text file: XDI, csv, and what programs of beamlines write; whatever stands above or between is left out.</summary>
public static partial class NumberTable
{
    /// <summary>As much of a file is read at most, in bytes.</summary>
    public const int MaxBytes = 8 << 20;

    const int MaxColumns = 512;
    static readonly char[] Separators = [',', ';', '\t', ' '];

    /// <summary>The curve that a table is about: its first column, and of the others the one that its labels speak for.</summary>
    /// <remarks>Of absorption with counts only, μ is ln(I₀/I₁) in transmission and I_f/I₀ in fluorescence (XDI 1.0, "column labels").</remarks>
    /// <exception cref="DamagedFileException">It holds no table of two columns and two rows.</exception>
    public static Curve Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var labels = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var rows = new List<double[]>();
        var isReversed = false;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var trimmed = line.Trim();
            if (trimmed.Length == 0)
                continue;
            if (
                trimmed[0] is '#' or '%' or ';' or '"'
                || !(char.IsAsciiDigit(trimmed[0]) || trimmed[0] is '-' or '+' or '.')
            )
            {
                if (trimmed.Length < 256 && ColumnLabel().Match(trimmed.ToString()) is { Success: true } label)
                    labels.TryAdd(
                        label.Groups[2].Value,
                        int.Parse(label.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) - 1
                    );
                isReversed |= trimmed.StartsWith("#x,") && trimmed.EndsWith(",reverse");
                continue;
            }

            if (Numbers(trimmed) is { Length: >= 2 } row)
                rows.Add(row);
        }

        // Lines of other lengths are headers that begin with a number, or the remains of a broken one.
        var columns = rows.CountBy(row => row.Length).OrderByDescending(group => group.Value).FirstOrDefault().Key;
        rows.RemoveAll(row => row.Length != columns);
        if (rows.Count < 2)
            throw new DamagedFileException("text", "it has no table of at least two columns and two rows of numbers.");
        // Binding energies run from right to left.
        var sign = isReversed ? -1 : 1;
        return new Curve([.. rows.Select(row => sign * row[0])], Values(rows, labels, columns));
    }

    static double[] Values(List<double[]> rows, Dictionary<string, int> labels, int columns)
    {
        int? Column(params ReadOnlySpan<string> names)
        {
            foreach (var name in names)
                if (labels.TryGetValue(name, out var column) && column > 0 && column < columns)
                    return column;
            return null;
        }

        if (Column("norm", "flat", "mutrans", "mufluor", "xmu", "mu", "normtrans", "normfluor") is { } ready)
            return [.. rows.Select(row => row[ready])];
        if (Column("i0") is { } before)
        {
            if (Column("itrans", "i1") is { } behind)
                return [.. rows.Select(row => Math.Log(row[before] / row[behind]))];
            if (Column("ifluor", "fluor", "if") is { } beside)
                return [.. rows.Select(row => row[beside] / row[before])];
        }

        // A column of one value is a width, an error or a marker.
        var shown = Enumerable
            .Range(1, columns - 1)
            .FirstOrDefault(n => rows.Exists(row => !row[n].Equals(rows[0][n])), 1);
        return [.. rows.Select(row => row[shown])];
    }

    /// <returns>Null where something in the line is no number.</returns>
    static double[]? Numbers(ReadOnlySpan<char> line)
    {
        var numbers = new List<double>();
        while (line.Length > 0)
        {
            var end = line.IndexOfAny(Separators);
            var part = end < 0 ? line : line[..end];
            line = end < 0 ? [] : line[(end + 1)..];
            if (part.Length == 0)
                continue;
            if (
                numbers.Count == MaxColumns
                || !double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            )
                return null;
            numbers.Add(number);
        }

        return [.. numbers];
    }

    [GeneratedRegex(@"^#\s*Column\.(\d{1,3}):\s*(\S+)", RegexOptions.IgnoreCase)]
    private static partial Regex ColumnLabel();
}
