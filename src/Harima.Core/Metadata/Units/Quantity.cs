using System.Globalization;
using System.Text;

namespace Harima.Metadata.Units;

/// <summary>A number with a unit in one text, as people type it: <c>11.5 keV</c>, <c>-190℃</c>, <c>1.2e-3 mbar</c>.</summary>
public static class Quantity
{
    /// <param name="unit">What follows the number, trimmed; empty where nothing does. It need not be a known unit.</param>
    /// <returns>False where the text does not begin with a number.</returns>
    public static bool TrySplit(string text, out double number, out string unit)
    {
        var folded = text.Normalize(NormalizationForm.FormKC).Trim().Replace('−', '-');
        var end = LengthOfNumber(folded);
        unit = "";
        if (
            !double.TryParse(folded.AsSpan(0, end), NumberStyles.Float, CultureInfo.InvariantCulture, out number)
            || !double.IsFinite(number)
        )
            return false;
        unit = folded[end..].Trim();
        return true;
    }

    static int LengthOfNumber(string text)
    {
        var at = 0;
        bool Digit(int place) => place < text.Length && char.IsAsciiDigit(text[place]);
        if (at < text.Length && text[at] is '-' or '+')
            at++;
        while (Digit(at))
            at++;
        if (at < text.Length && text[at] == '.')
            for (at++; Digit(at); )
                at++;
        // 1e3 is a thousand, but 1 eV and 5eV are not: an exponent has digits.
        if (at > 0 && at < text.Length && text[at] is 'e' or 'E')
        {
            var digits = at + 1 < text.Length && text[at + 1] is '-' or '+' ? at + 2 : at + 1;
            if (Digit(digits))
                for (at = digits; Digit(at); )
                    at++;
        }
        return at;
    }
}
