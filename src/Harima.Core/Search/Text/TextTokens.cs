namespace Harima.Search.Text;

/// <param name="Text">Folded.</param>
/// <param name="Position">Counted in tokens from 0; tokens that stand for the same place share it.</param>
public readonly record struct TextToken(string Text, int Position);

/// <summary>
/// Cuts text into what is looked up. Latin letters and digits that belong together are one token (BL14B2, LiFePO4, Ni0.8Co0.1,
/// 2026A1234); text without spaces (Japanese, Chinese, Korean) is every two neighbours, and its last sign alone, so that any part of
/// a word is found as a phrase.
/// </summary>
/// <remarks>
/// Signs such as '-' or '_' stand between tokens: "Ag-foil" is found by "Ag-foil", "ag foil" and "foil", because a word of several
/// tokens is asked for as a phrase. A plural is also its singular; nothing else is stemmed, so that no id or formula breaks.
/// </remarks>
public static class TextTokens
{
    /// <summary>What is longer is no word, but base64 or the like.</summary>
    public const int MaxTokenLength = 64;

    /// <param name="text">As written.</param>
    /// <param name="into">Called for each token, in order.</param>
    /// <param name="position">Of the first token.</param>
    /// <returns>The position after the last.</returns>
    public static int Cut(string text, Action<TextToken> into, int position = 0)
    {
        var folded = TextFolding.Fold(text);
        var at = 0;
        while (at < folded.Length)
        {
            var end = RunFrom(folded, at, out var kind);
            var run = folded.AsSpan(at, end - at);
            if (kind == Kind.Joined)
                position = CutJoined(run, into, position);
            else if (kind == Kind.Word && run.Length <= MaxTokenLength)
            {
                var word = SeenStrings.Of(run);
                into(new TextToken(word, position));
                if (SingularOf(word) is { } singular)
                    into(new TextToken(singular, position));
                position++;
            }
            at = end;
        }
        return position;
    }

    public static IReadOnlyList<TextToken> Cut(string text)
    {
        var tokens = new List<TextToken>();
        Cut(text, tokens.Add);
        return tokens;
    }

    /// <summary>
    /// The tokens a document must have one after the other to contain the word. A single sign of Japanese is a prefix:
    /// it begins some pair.
    /// </summary>
    public static IReadOnlyList<QueryToken> ForQuery(string text)
    {
        var folded = TextFolding.Fold(text);
        var tokens = new List<QueryToken>();
        var at = 0;
        while (at < folded.Length)
        {
            var end = RunFrom(folded, at, out var kind);
            var run = folded[at..end];
            if (kind == Kind.Word && run.Length <= MaxTokenLength)
                tokens.Add(new QueryToken(run, SingularOf(run), IsPrefix: false));
            else if (kind == Kind.Joined)
                AddJoined(run, tokens);
            at = end;
        }
        return tokens;
    }

    /// <summary>"foils" is also "foil", "batteries" "battery". Null for what is no English plural.</summary>
    /// <remarks>The S-stemmer of D. Harman (1991), for words of letters only: "gas" and "as" end in s and stay.</remarks>
    internal static string? SingularOf(string word)
    {
        if (word.Length < 4 || word[^1] != 's' || word.Any(c => c is < 'a' or > 'z'))
            return null;
        if (word.EndsWith("ies", StringComparison.Ordinal))
            return word.EndsWith("eies", StringComparison.Ordinal) || word.EndsWith("aies", StringComparison.Ordinal)
                ? null
                : word[..^3] + "y";
        if (word.EndsWith("es", StringComparison.Ordinal))
            return word[^3] is 'a' or 'e' or 'o' ? null : word[..^1];
        return word[^2] is 'u' or 's' ? null : word[..^1];
    }

    static int CutJoined(ReadOnlySpan<char> run, Action<TextToken> into, int position)
    {
        for (var n = 0; n < run.Length; )
        {
            var width = WidthAt(run, n);
            var next = n + width;
            var end = next < run.Length ? next + WidthAt(run, next) : next;
            into(new TextToken(SeenStrings.Of(run[n..end]), position++));
            n = next;
        }
        return position;
    }

    static void AddJoined(string run, List<QueryToken> tokens)
    {
        if (WidthAt(run, 0) == run.Length)
        {
            tokens.Add(new QueryToken(run, null, IsPrefix: true));
            return;
        }
        for (var n = 0; ; )
        {
            var next = n + WidthAt(run, n);
            if (next >= run.Length)
                return;
            tokens.Add(new QueryToken(run[n..(next + WidthAt(run, next))], null, IsPrefix: false));
            n = next;
        }
    }

    static int WidthAt(ReadOnlySpan<char> text, int at) =>
        char.IsHighSurrogate(text[at]) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]) ? 2 : 1;

    static int RunFrom(string text, int at, out Kind kind)
    {
        kind = KindOf(text, at);
        var end = at;
        while (end < text.Length)
        {
            var here = KindOf(text, end);
            // The point of a decimal belongs to it, and so to the formula around it.
            if (here != kind && !(kind == Kind.Word && IsDecimalPoint(text, end)))
                break;
            end += WidthAt(text, end);
        }
        return end;
    }

    static bool IsDecimalPoint(string text, int at) =>
        text[at] == '.'
        && at > 0
        && char.IsAsciiDigit(text[at - 1])
        && at + 1 < text.Length
        && char.IsAsciiDigit(text[at + 1]);

    static Kind KindOf(string text, int at)
    {
        var c = text[at];
        if (char.IsAsciiLetterOrDigit(c))
            return Kind.Word;
        if (c < 0x80)
            return Kind.Between;
        if (char.IsSurrogate(c))
            // Kanji beyond the first plane.
            return WidthAt(text, at) == 2 && char.IsLetter(text, at) ? Kind.Joined : Kind.Between;
        if (IsJoined(c))
            return Kind.Joined;
        return
            char.IsLetterOrDigit(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.NonSpacingMark
            ? Kind.Word
            : Kind.Between;
    }

    // Hiragana, katakana with ー, kanji, 々〆〇, bopomofo, Hangul.
    static bool IsJoined(char c) =>
        c
            is >= '\u3041'
                and <= '\u312f'
                and not ('\u30fb' or '\u30a0')
                or >= '\u3005'
                and <= '\u3007'
                or >= '\u31f0'
                and <= '\u31ff'
                or >= '\u3400'
                and <= '\u4dbf'
                or >= '\u4e00'
                and <= '\u9fff'
                or >= '\uac00'
                and <= '\ud7af'
                or >= '\uf900'
                and <= '\ufaff';

    enum Kind
    {
        Between,
        Word,
        Joined,
    }
}

/// <summary>One token of a question.</summary>
/// <param name="Or">Another token that does as well; null for none.</param>
/// <param name="IsPrefix">Any token that begins so.</param>
public readonly record struct QueryToken(string Text, string? Or, bool IsPrefix);
