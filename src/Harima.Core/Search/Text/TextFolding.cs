using System.Buffers;
using System.Text;

namespace Harima.Search.Text;

/// <summary>One spelling for what is the same to a reader.</summary>
public static class TextFolding
{
    /// <summary>
    /// NFKC (full and half width, half-width kana, ligatures, superscripts, ㎜ and Å), lower case, and one kind of dash. Kana and
    /// kanji stay as written: かな and カナ are different words.
    /// </summary>
    public static string Fold(string text)
    {
        if (IsPlain(text))
            return text.ToLowerInvariant();
        var folded = Normalize(text).ToLowerInvariant();
        if (!folded.AsSpan().ContainsAny(Dashes))
            return folded;
        return string.Create(
            folded.Length,
            folded,
            static (to, from) =>
            {
                for (var n = 0; n < to.Length; n++)
                    to[n] = Dash(from[n]);
            }
        );
    }

    /// <summary>Half a surrogate pair, which JSON can carry, cannot be normalised and becomes U+FFFD.</summary>
    static string Normalize(string text)
    {
        try
        {
            return text.Normalize(NormalizationForm.FormKC);
        }
        catch (ArgumentException)
        {
            return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Normalize(NormalizationForm.FormKC);
        }
    }

    // The long vowel mark ー is a letter and stays.
    static readonly SearchValues<char> Dashes = SearchValues.Create("‐‑‒–—―−");

    static char Dash(char c) => Dashes.Contains(c) ? '-' : c;

    static bool IsPlain(string text) => Ascii.IsValid(text);
}
