using System.Text;
using Harima.Faults;

namespace Harima.Search.Query;

/// <summary>
/// The question as one line of text: <c>technique:XAFS energy:11.5..12.1keV NOT status:open "water splitting"</c>.
/// Grammar and meaning stand in docs/reference/search.md.
/// </summary>
public static partial class QueryText
{
    public const int MaxLength = 8_000;

    /// <summary>Deeper brackets than any person writes, and shallow enough to be walked without care.</summary>
    public const int MaxDepth = 40;

    // What a Japanese keyboard gives for the same signs means the same.
    const string Spaces = "\u3000";
    const string Opening = "(（";
    const string Closing = ")）";
    const string Colons = ":：";
    const string Quotes = "\"“”＂";
    const string Waves = "～〜";

    /// <exception cref="FaultException">Invalid, saying where.</exception>
    public static SearchQuery Parse(string text) => ParseWithPlaces(text).Query;

    internal static ParsedQuery ParseWithPlaces(string text)
    {
        if (text.Length > MaxLength)
            throw QueryFault.At("too-long", null, $"The question is longer than {MaxLength} characters.");
        return new Parser(text).Parse();
    }

    /// <summary>The text that <see cref="Parse"/> turns into the same tree.</summary>
    public static string Print(SearchQuery query)
    {
        var text = new StringBuilder();
        Print(text, query, Place.Top);
        return text.ToString();
    }

    /// <summary>A path as it is written in front of a colon.</summary>
    public static string PrintPath(string path)
    {
        var text = new StringBuilder();
        PrintWord(text, path, inValue: false);
        return text.ToString();
    }

    internal static bool IsSpace(char c) => char.IsWhiteSpace(c) || Spaces.Contains(c, StringComparison.Ordinal);

    enum Place
    {
        Top,
        InAny,
        InAll,
        InNot,
    }

    static void Print(StringBuilder text, SearchQuery query, Place place)
    {
        switch (query)
        {
            case AllOf { Parts.Count: 0 }:
                break;
            case AllOf all:
                PrintGroup(text, all.Parts, " ", Place.InAll, inBrackets: place is Place.InAll or Place.InNot);
                break;
            case AnyOf any:
                PrintGroup(text, any.Parts, " OR ", Place.InAny, inBrackets: place != Place.Top);
                break;
            case Not not:
                text.Append("NOT ");
                Print(text, not.Part, Place.InNot);
                break;
            case TextIs word:
                PrintValue(text, word.Value, inValue: false);
                break;
            case FieldIs field:
                PrintField(text, field.Path);
                PrintValue(text, field.Value, inValue: true);
                break;
            case FieldWithin within:
                PrintField(text, within.Path);
                PrintEnd(text, within.From);
                text.Append("..");
                PrintEnd(text, within.To);
                break;
            case FieldAbove above:
                PrintField(text, above.Path);
                text.Append('>');
                PrintEnd(text, above.Value);
                break;
            case FieldBelow below:
                PrintField(text, below.Path);
                text.Append('<');
                PrintEnd(text, below.Value);
                break;
            case FieldExists exists:
                text.Append("has:");
                PrintWord(text, exists.Path, inValue: true);
                break;
            default:
                throw new InvalidOperationException($"no text for {query.GetType().Name}");
        }
    }

    static void PrintGroup(
        StringBuilder text,
        IReadOnlyList<SearchQuery> parts,
        string between,
        Place place,
        bool inBrackets
    )
    {
        if (inBrackets)
            text.Append('(');
        for (var n = 0; n < parts.Count; n++)
        {
            if (n > 0)
                text.Append(between);
            Print(text, parts[n], place);
        }
        if (inBrackets)
            text.Append(')');
    }

    static void PrintField(StringBuilder text, string path)
    {
        PrintWord(text, path, inValue: false);
        text.Append(':');
    }

    static void PrintValue(StringBuilder text, QueryValue value, bool inValue)
    {
        if (value.IsExact)
            PrintQuoted(text, value.Text);
        else
            PrintWord(text, value.Text, inValue);
    }

    static void PrintEnd(StringBuilder text, string? value)
    {
        if (value is null)
            return;
        if (value.Length == 0 || value.Any(c => IsSpecial(c)) || value.Contains("..", StringComparison.Ordinal))
            PrintQuoted(text, value);
        // "1." before ".." would be read as 1 and a point too many, and "=" behind ">" as ">=".
        else if (value[0] is '.' or '=' || value[^1] == '.')
            PrintQuoted(text, value);
        else
            text.Append(value);
    }

    static void PrintQuoted(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            if (c == '\\' || Quotes.Contains(c, StringComparison.Ordinal))
                text.Append('\\');
            text.Append(c);
        }
        text.Append('"');
    }

    static void PrintWord(StringBuilder text, string word, bool inValue)
    {
        var isKeyword = word is "AND" or "OR" or "NOT";
        for (var n = 0; n < word.Length; n++)
        {
            var c = word[n];
            if (
                IsSpecial(c)
                || (!inValue && n == 0 && (isKeyword || c == '-'))
                || (!inValue && Colons.Contains(c, StringComparison.Ordinal))
                // Two points are a range, wherever they stand in a value.
                || (inValue && c == '.')
                    && ((n > 0 && word[n - 1] == '.') || (n + 1 < word.Length && word[n + 1] == '.'))
            )
                text.Append('\\');
            text.Append(c);
        }
    }

    static bool IsSpecial(char c) =>
        IsSpace(c)
        || c is '\\' or '<' or '>'
        || Opening.Contains(c, StringComparison.Ordinal)
        || Closing.Contains(c, StringComparison.Ordinal)
        || Quotes.Contains(c, StringComparison.Ordinal)
        || Waves.Contains(c, StringComparison.Ordinal);
}

/// <summary>A tree with where its conditions stand in the text.</summary>
sealed record ParsedQuery(SearchQuery Query, IReadOnlyDictionary<SearchQuery, int> Places)
{
    public static ParsedQuery Of(SearchQuery query) =>
        new(query, new Dictionary<SearchQuery, int>(ReferenceEqualityComparer.Instance));

    public int? PlaceOf(SearchQuery part) => Places.TryGetValue(part, out var place) ? place : null;
}
