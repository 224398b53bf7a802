using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Harima.Metadata.Units;

/// <summary>
/// A unit as people write it: <c>keV</c>, <c>mm/s</c>, <c>m.s-2</c>, <c>1/Å</c>, <c>°C</c>, <c>ミリ秒</c>. Understands UCUM and UDUNITS
/// spellings, SI prefixes, products, quotients and integer powers, full- and half-width.
/// </summary>
public sealed class UnitOfMeasure
{
    readonly UnitScale _scale;

    internal UnitOfMeasure(string text, UnitScale scale)
    {
        Text = text;
        _scale = scale;
    }

    /// <summary>As it was written.</summary>
    public string Text { get; }

    /// <summary>Values compare if their units' dimensions are equal.</summary>
    public Dimension Dimension => _scale.Dimension;

    /// <summary>The coherent SI unit of the same dimension, such as <c>J</c> for <c>keV</c>; <c>1</c> for a plain number.</summary>
    public string SiSymbol => Dimension.SiSymbol;

    /// <returns>False for what is no unit known here, and for empty text.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out UnitOfMeasure? unit) =>
        TryParse(text, key: null, out unit);

    /// <summary>Reads the unit of the value under <paramref name="key"/>, which decides what a letter with two meanings is.</summary>
    /// <param name="key">
    /// <c>A</c> under a key that speaks of a length (<c>wavelength</c>, <c>d_spacing</c>, <c>distance</c>) is ångström, not ampere;
    /// <c>C</c> and <c>F</c> under a temperature are degrees.
    /// </param>
    public static bool TryParse(
        [NotNullWhen(true)] string? text,
        string? key,
        [NotNullWhen(true)] out UnitOfMeasure? unit
    )
    {
        unit = null;
        if (string.IsNullOrWhiteSpace(text) || text.Length > 100)
            return false;
        var inContext = InContext(text, key);
        if (!Parsed.TryGetValue((text, inContext), out unit))
        {
            if (!UnitParser.TryParse(inContext, out var scale))
                return false;
            unit = new UnitOfMeasure(text, scale);
            if (Parsed.Count < MostParsed)
                Parsed.TryAdd((text, inContext), unit);
        }
        return true;
    }

    // The same few units stand in millions of documents. Bounded: text comes from anybody.
    const int MostParsed = 4_096;
    static readonly ConcurrentDictionary<(string, string), UnitOfMeasure> Parsed = new();

    public bool IsComparableWith(UnitOfMeasure other) => Dimension == other.Dimension;

    /// <summary>
    /// Values that mean the same under different SI prefixes (<c>11.5 keV</c>, <c>11500 eV</c>) come out as the same double.
    /// </summary>
    public double ToSi(double value) => Decimals.Scale(value, _scale.Factor, _scale.PowerOfTen) + _scale.Offset;

    public double FromSi(double si) => Decimals.Scale(si - _scale.Offset, 1 / _scale.Factor, -_scale.PowerOfTen);

    public override string ToString() => Text;

    static readonly string[] LengthWords =
    [
        "wavelength",
        "lambda",
        "spacing",
        "distance",
        "lattice",
        "length",
        "radius",
        "thickness",
        "resolution",
        "波長",
        "距離",
        "格子",
    ];

    static readonly string[] TemperatureWords = ["temp", "温度"];

    static string InContext(string text, string? key)
    {
        if (key is null)
            return text;
        var letter = text.Trim();
        bool Speaks(string[] words) => words.Any(word => key.Contains(word, StringComparison.OrdinalIgnoreCase));
        return letter switch
        {
            "A" when Speaks(LengthWords) => "angstrom",
            "C" when Speaks(TemperatureWords) => "degC",
            "F" when Speaks(TemperatureWords) => "degF",
            _ => text,
        };
    }
}

/// <summary>SI value = value × Factor × 10^PowerOfTen + Offset, in the coherent unit of Dimension.</summary>
readonly record struct UnitScale(Dimension Dimension, double Factor = 1, int PowerOfTen = 0, double Offset = 0)
{
    public UnitScale Times(UnitScale other, int power) =>
        // In a product a temperature is a difference: K/min and °C/min are the same.
        new(
            Dimension.Times(other.Dimension, power),
            Factor * Math.Pow(other.Factor, power),
            checked(PowerOfTen + other.PowerOfTen * power)
        );
}

/// <summary>Scaling by powers of ten without the rounding that a product with 1E-9 brings.</summary>
static class Decimals
{
    /// <summary>
    /// <paramref name="value"/> × <paramref name="factor"/> × 10^<paramref name="powerOfTen"/>. The factor meets the shortest decimal
    /// digits of the value, so that 0.1 and 100 with powers three apart give the same double.
    /// </summary>
    public static double Scale(double value, double factor, int powerOfTen)
    {
        if (value == 0 || !double.IsFinite(value))
            return value;
        if (factor == 1 && powerOfTen == 0)
            return value;
        var (digits, exponent) = Split(value);
        return Shift(factor == 1 ? digits : digits * factor, exponent + powerOfTen);
    }

    static (double Digits, int Exponent) Split(double value)
    {
        // "E16" would show the digits behind the shortest that still mean this double; "R" does not.
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        var e = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = e < 0 ? 0 : int.Parse(text.AsSpan(e + 1), NumberStyles.Integer, CultureInfo.InvariantCulture);
        var mantissa = e < 0 ? text : text[..e];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        if (point >= 0)
        {
            exponent -= mantissa.Length - point - 1;
            mantissa = mantissa.Remove(point, 1);
        }
        var digits = mantissa.TrimEnd('0');
        exponent += mantissa.Length - digits.Length;
        return (double.Parse(digits, NumberStyles.Integer, CultureInfo.InvariantCulture), exponent);
    }

    static double Shift(double value, int powerOfTen)
    {
        if (powerOfTen == 0)
            return value;
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        var e = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = e < 0 ? 0 : int.Parse(text.AsSpan(e + 1), NumberStyles.Integer, CultureInfo.InvariantCulture);
        return double.Parse(
            FormattableString.Invariant($"{(e < 0 ? text : text[..e])}E{exponent + powerOfTen}"),
            NumberStyles.Float,
            CultureInfo.InvariantCulture
        );
    }
}
