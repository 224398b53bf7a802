using System.Globalization;
using System.Text;

namespace Harima.Search.Query;

/// <summary>A number as written, and what stands behind it: its unit, or nothing.</summary>
public readonly record struct WrittenNumber(double Number, string Unit);

/// <summary>Numbers of a question.</summary>
public static class QueryNumbers
{
    static readonly Dictionary<string, double> BytesOf = new(StringComparer.OrdinalIgnoreCase)
    {
        [""] = 1,
        ["B"] = 1,
        ["k"] = 1e3,
        ["kB"] = 1e3,
        ["M"] = 1e6,
        ["MB"] = 1e6,
        ["G"] = 1e9,
        ["GB"] = 1e9,
        ["T"] = 1e12,
        ["TB"] = 1e12,
        ["PB"] = 1e15,
        ["KiB"] = 1L << 10,
        ["MiB"] = 1L << 20,
        ["GiB"] = 1L << 30,
        ["TiB"] = 1L << 40,
    };

    public static bool TryParse(string text, out WrittenNumber number)
    {
        number = default;
        var plain = text.Normalize(NormalizationForm.FormKC).Trim().Replace('−', '-');
        var end = plain.Length;
        // The longest beginning that is a number: "1e3eV" is 1e3, "1eV" is 1.
        while (end > 0 && !IsNumber(plain.AsSpan(0, end)))
            end--;
        if (
            end == 0
            || !double.TryParse(plain.AsSpan(0, end), NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
        )
            return false;
        number = new WrittenNumber(value, plain[end..].Trim());
        return double.IsFinite(value);
    }

    /// <summary>The bytes of "1.5GB", "100 MiB", "5000".</summary>
    public static bool TryParseBytes(string text, out double bytes)
    {
        bytes = 0;
        if (!TryParse(text, out var number) || !BytesOf.TryGetValue(number.Unit, out var factor))
            return false;
        bytes = number.Number * factor;
        return true;
    }

    static bool IsNumber(ReadOnlySpan<char> text) =>
        (char.IsAsciiDigit(text[^1]) || text[^1] == '.')
        && double.TryParse(
            text,
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture,
            out _
        );
}
