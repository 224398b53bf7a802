using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace Harima.Metadata.Schemas;

/// <summary>Regular expressions of ECMA-262, as JSON Schema uses them, on those of .NET.</summary>
static class SchemaPattern
{
    // A pattern comes from a schema, the text from anybody: neither may keep a thread.
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);
    static readonly ConcurrentDictionary<string, Regex?> Compiled = new(StringComparer.Ordinal);

    public static bool IsMatch(string pattern, string text)
    {
        if (Compiled.Count > 5000)
            Compiled.Clear();
        var regex = Compiled.GetOrAdd(pattern, TryCompile);
        try
        {
            return regex?.IsMatch(text) ?? true;
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    public static Regex? TryCompile(string pattern)
    {
        var translated = Translate(pattern);
        try
        {
            // Takes time in proportion to the text, but has no look-around and no back references.
            return new Regex(translated, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Patience);
        }
        catch (NotSupportedException)
        {
            return new Regex(translated, RegexOptions.CultureInvariant, Patience);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    /// <summary>ECMA's \d, \w and $ are narrower than .NET's; long names of Unicode categories are unknown to it.</summary>
    static string Translate(string pattern)
    {
        var text = new StringBuilder(pattern.Length + 16);
        var inClass = false;
        for (var at = 0; at < pattern.Length; at++)
        {
            var c = pattern[at];
            if (c == '\\' && at + 1 < pattern.Length)
            {
                c = pattern[++at];
                if (
                    c is 'p' or 'P'
                    && pattern.AsSpan(at).StartsWith([c, '{'])
                    && pattern.IndexOf('}', at) is > 0 and var end
                )
                {
                    text.Append('\\').Append(c).Append('{').Append(Category(pattern[(at + 2)..end])).Append('}');
                    at = end;
                    continue;
                }
                text.Append(
                    (c, inClass) switch
                    {
                        ('d', true) => "0-9",
                        ('d', false) => "[0-9]",
                        ('D', false) => "[^0-9]",
                        ('w', true) => "A-Za-z0-9_",
                        ('w', false) => "[A-Za-z0-9_]",
                        ('W', false) => "[^A-Za-z0-9_]",
                        _ => "\\" + c,
                    }
                );
                continue;
            }
            if (c == '[')
                inClass = true;
            else if (c == ']')
                inClass = false;
            text.Append(c == '$' && !inClass ? "\\z" : c.ToString());
        }
        return text.ToString();
    }

    static string Category(string name) =>
        name switch
        {
            "Letter" => "L",
            "Uppercase_Letter" => "Lu",
            "Lowercase_Letter" => "Ll",
            "Number" => "N",
            "Decimal_Number" or "digit" => "Nd",
            "Punctuation" => "P",
            "Symbol" => "S",
            _ => name,
        };
}
