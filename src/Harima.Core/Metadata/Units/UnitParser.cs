using System.Globalization;
using System.Text;

namespace Harima.Metadata.Units;

/// <summary>
/// unit := term { ('*' | '.' | '·' | ' ' | '/' | 'per') term }; term := factor [ ['^' | '**'] integer ]; factor := name | number | '(' unit ')'.
/// A quotient takes one term, as in UCUM: <c>a/b.c</c> is (a/b)·c.
/// </summary>
ref struct UnitParser
{
    readonly string _text;
    int _at;

    UnitParser(string text) => _text = text;

    public static bool TryParse(string written, out UnitScale scale)
    {
        var text = Normalised(written);
        if (UnitTable.TryFind(text, out scale))
            return true;
        // A lone power of A is an inverse (or square, cubic) ångström; nobody measures in inverse ampere.
        if (IsPowerOfA(text))
            text = text.Replace("A", "Å", StringComparison.Ordinal);
        var parser = new UnitParser(text);
        try
        {
            return parser.Product(0, out scale) && parser._at == text.Length;
        }
        catch (OverflowException)
        {
            scale = default;
            return false;
        }
    }

    bool Product(int depth, out UnitScale scale)
    {
        scale = new UnitScale(default);
        if (depth > 8)
            return false;
        var first = true;
        while (true)
        {
            Skip();
            if (_at == _text.Length || _text[_at] == ')')
                return !first;
            var power = 1;
            if (!first || _text[_at] == '/')
                power = Operator();
            Skip();
            if (!Term(depth, out var term))
                return false;
            // Alone, a temperature keeps its zero; in a product it is a difference.
            scale = first && power == 1 ? term : scale.Times(term, power);
            first = false;
        }
    }

    /// <summary>A missing operator means a product.</summary>
    int Operator()
    {
        var c = _text[_at];
        if (c == '/')
        {
            _at++;
            return -1;
        }
        if (_text.AsSpan(_at).StartsWith("per ", StringComparison.OrdinalIgnoreCase))
        {
            _at += 4;
            return -1;
        }
        if (c is '*' or '.' or '·')
            _at++;
        return 1;
    }

    bool Term(int depth, out UnitScale scale)
    {
        scale = default;
        if (_at == _text.Length)
            return false;
        if (_text[_at] == '(')
        {
            _at++;
            if (!Product(depth + 1, out scale) || _at == _text.Length || _text[_at] != ')')
                return false;
            _at++;
        }
        else if (char.IsAsciiDigit(_text[_at]))
        {
            if (!Number(out scale))
                return false;
        }
        else if (!Name(out scale))
            return false;
        if (!Exponent(out var power))
            return false;
        if (power != 1)
            scale = new UnitScale(default).Times(scale, power);
        return true;
    }

    bool Number(out UnitScale scale)
    {
        scale = default;
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiDigit(_text[_at]) || IsPointIn(_at)))
            _at++;
        if (
            _at + 1 < _text.Length
            && _text[_at] is 'e' or 'E'
            && (char.IsAsciiDigit(_text[_at + 1]) || (_text[_at + 1] is '-' or '+' && DigitAt(_at + 2)))
        )
        {
            _at += 2;
            while (DigitAt(_at))
                _at++;
        }
        var number = double.Parse(_text.AsSpan(start, _at - start), NumberStyles.Float, CultureInfo.InvariantCulture);
        if (number == 0)
            return false;
        // Ten stays a power of ten, so that 10^-3 mm is exactly a micrometre.
        scale = number == 10 ? new UnitScale(default, 1, 1) : new UnitScale(default, number);
        return true;
    }

    bool IsPointIn(int at) => _text[at] == '.' && DigitAt(at + 1) && at > 0 && char.IsAsciiDigit(_text[at - 1]);

    bool DigitAt(int at) => at < _text.Length && char.IsAsciiDigit(_text[at]);

    bool Name(out UnitScale scale)
    {
        var start = _at;
        if (_text[_at] == '[')
        {
            // UCUM writes customary units in brackets: [degF], [in_i].
            while (_at < _text.Length && _text[_at] != ']')
                _at++;
            if (_at < _text.Length)
                _at++;
        }
        else
            while (_at < _text.Length && IsNameCharacter(_text[_at]))
                _at++;
        return UnitTable.TryFind(_text[start.._at], out scale);
    }

    static bool IsNameCharacter(char c) =>
        char.IsLetter(c)
        || c is '%' or '‰' or '°' or '\'' or '"' or '_' or '$' or 'ー'
        || char.IsSymbol(c) && c is not ('^' or '+' or '·');

    bool Exponent(out int power)
    {
        power = 1;
        var start = _at;
        var marked = false;
        if (_text.AsSpan(_at).StartsWith("**"))
            (_at, marked) = (_at + 2, true);
        else if (_at < _text.Length && _text[_at] == '^')
            (_at, marked) = (_at + 1, true);
        var parenthesis = marked && _at < _text.Length && _text[_at] == '(';
        if (parenthesis)
            _at++;
        var digits = _at;
        if (_at < _text.Length && _text[_at] is '-' or '+')
            _at++;
        if (!DigitAt(_at))
        {
            _at = start;
            return !marked;
        }
        while (DigitAt(_at))
            _at++;
        if (
            !int.TryParse(
                _text.AsSpan(digits, _at - digits),
                NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture,
                out power
            )
        )
            return false;
        if (parenthesis)
        {
            if (_at == _text.Length || _text[_at] != ')')
                return false;
            _at++;
        }
        return power is not 0 and >= -20 and <= 20;
    }

    void Skip()
    {
        while (_at < _text.Length && _text[_at] == ' ')
            _at++;
    }

    static bool IsPowerOfA(string text) =>
        text
            is "1/A"
                or "/A"
                or "A-1"
                or "A^-1"
                or "A^(-1)"
                or "A**-1"
                or "1/A^2"
                or "1/A2"
                or "A-2"
                or "A^-2"
                or "A^2"
                or "A2"
                or "A^3"
                or "A3"
                or "1/A^3"
                or "A-3"
                or "A^-3";

    /// <summary>One way of writing: half-width, superscripts as ^n, one kind of minus, dot and space.</summary>
    static string Normalised(string written)
    {
        var text = new StringBuilder(written.Length + 8);
        var raised = false;
        foreach (var c in written.Trim())
        {
            const string superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";
            var digit = superscripts.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0 && c is not ('⁻' or '⁺'))
            {
                text.Append(c);
                raised = false;
                continue;
            }
            if (!raised)
                text.Append('^');
            raised = true;
            text.Append(
                digit >= 0 ? (char)('0' + digit)
                : c == '⁻' ? '-'
                : '+'
            );
        }
        var folded = text.ToString().Normalize(NormalizationForm.FormKC);
        text.Clear();
        foreach (var c in folded)
            text.Append(
                c switch
                {
                    '−' or '‐' or '‑' or '–' => '-',
                    '⋅' or '・' or '∙' or '×' or '•' => '·',
                    '∕' or '÷' => '/',
                    '′' => '\'',
                    '″' => '"',
                    _ when char.IsWhiteSpace(c) => ' ',
                    _ => c,
                }
            );
        return text.ToString();
    }
}
