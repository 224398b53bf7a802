using System.Text;

namespace Harima.Search.Query;

public static partial class QueryText
{
    /// <summary>
    /// Recursive descent, one method a rule:
    /// <c>any = all {"OR" all}; all = one {["AND"] one}; one = ("NOT" | "-") one | "(" any ")" | [path (":" | "&lt;" | "&gt;")] value</c>.
    /// </summary>
    sealed class Parser(string text)
    {
        readonly Dictionary<SearchQuery, int> _places = new(ReferenceEqualityComparer.Instance);
        int _at;
        int _depth;

        public ParsedQuery Parse()
        {
            SkipSpaces();
            if (IsAtEnd)
                return new ParsedQuery(SearchQuery.Everything, _places);
            var query = ParseAny(null);
            SkipSpaces();
            if (!IsAtEnd)
                throw QueryFault.At("bracket-closed", _at, "A closing bracket has no opening one.");
            return new ParsedQuery(query, _places);
        }

        bool IsAtEnd => _at >= text.Length;

        // path is not null inside "path:( … )", whose words are values of that field.
        SearchQuery ParseAny(string? path)
        {
            var parts = new List<SearchQuery> { ParseAll(path) };
            while (TryKeyword("OR"))
                parts.Add(ParseAll(path));
            return SearchQuery.Of(parts, all: false);
        }

        SearchQuery ParseAll(string? path)
        {
            var parts = new List<SearchQuery> { ParseOne(path) };
            while (true)
            {
                if (TryKeyword("AND"))
                {
                    parts.Add(ParseOne(path));
                    continue;
                }
                SkipSpaces();
                if (IsAtEnd || Is(Closing) || IsKeyword("OR"))
                    return SearchQuery.Of(parts, all: true);
                parts.Add(ParseOne(path));
            }
        }

        SearchQuery ParseOne(string? path)
        {
            SkipSpaces();
            var start = _at;
            if (IsAtEnd || Is(Closing) || IsKeyword("AND") || IsKeyword("OR"))
                throw QueryFault.At("incomplete", _at, "Something is missing here: a word, a condition or a bracket.");
            if (TryKeyword("NOT"))
                return Deeper(start, () => SearchQuery.Without(ParseOne(path)));
            if (path is null && text[_at] == '-')
            {
                _at++;
                if (IsAtEnd || IsSpace(text[_at]))
                    throw QueryFault.At("incomplete", start, "A '-' excludes what stands directly after it.");
                return Deeper(start, () => SearchQuery.Without(ParseOne(path)));
            }
            if (Is(Opening))
                return Deeper(start, () => ParseBrackets(path));
            return path is null ? ParseCondition(start) : Placed(ParseValue(path, start), start);
        }

        SearchQuery ParseBrackets(string? path)
        {
            var open = _at++;
            SkipSpaces();
            if (!IsAtEnd && Is(Closing))
                throw QueryFault.At("incomplete", _at, "There is nothing between these brackets.");
            var inner = ParseAny(path);
            SkipSpaces();
            if (IsAtEnd || !Is(Closing))
                throw QueryFault.At("bracket-open", open, "This bracket is never closed.");
            _at++;
            return inner;
        }

        SearchQuery ParseCondition(int start)
        {
            var isExact = Is(Quotes);
            var word = isExact ? ReadQuoted() : ReadWord(inValue: false);
            if (!IsAtEnd && Is(Colons))
            {
                _at++;
                RequirePath(word, start);
                return Placed(ParseValue(word, start), start);
            }
            if (!IsAtEnd && text[_at] is '<' or '>')
            {
                RequirePath(word, start);
                return Placed(ParseValue(word, start), start);
            }
            if (!isExact && word.Length == 0)
                throw QueryFault.At(
                    "unexpected",
                    _at,
                    $"'{text[_at]}' is not expected here.",
                    ("found", $"{text[_at]}")
                );
            return Placed(new TextIs(new QueryValue(word, isExact)), start);
        }

        static void RequirePath(string path, int start)
        {
            if (path.Length == 0)
                throw QueryFault.At("no-field", start, "The name of a field is missing in front of this sign.");
        }

        SearchQuery ParseValue(string path, int start)
        {
            if (!IsAtEnd && Is(Opening))
                return Deeper(_at, () => ParseBrackets(path));
            if (!IsAtEnd && text[_at] is '<' or '>')
                return ParseComparison(path);
            var isExact = !IsAtEnd && Is(Quotes);
            var from = isExact ? ReadQuoted() : ReadWord(inValue: true);
            if (TryRange())
            {
                var to = IsValueAtEnd ? null : ReadEnd();
                var lower = isExact || from.Length > 0 ? from : null;
                if (lower is null && to is null)
                    throw QueryFault.At(
                        "incomplete",
                        start,
                        "A range needs at least one end, such as 5..10, 5.. or ..10."
                    );
                return new FieldWithin(path, lower, to);
            }
            if (!isExact && from.Length == 0)
                throw QueryFault.At("no-value", _at, $"A value for '{path}' is missing.", ("field", path));
            return Make(path, new QueryValue(from, isExact));
        }

        SearchQuery ParseComparison(string path)
        {
            var start = _at;
            var isAbove = text[_at++] == '>';
            var isEqualToo = !IsAtEnd && text[_at] == '=';
            if (isEqualToo)
                _at++;
            if (IsValueAtEnd)
                throw QueryFault.At("no-value", start, $"A value for '{path}' is missing.", ("field", path));
            var value = ReadEnd();
            return (isAbove, isEqualToo) switch
            {
                (true, true) => new FieldWithin(path, value, null),
                (false, true) => new FieldWithin(path, null, value),
                (true, false) => new FieldAbove(path, value),
                _ => new FieldBelow(path, value),
            };
        }

        bool IsValueAtEnd => IsAtEnd || IsSpace(text[_at]) || Is(Closing);

        string ReadEnd()
        {
            var start = _at;
            var isExact = Is(Quotes);
            var value = isExact ? ReadQuoted() : ReadWord(inValue: true);
            if (value.Length == 0 && !isExact)
                throw QueryFault.At(
                    "unexpected",
                    start,
                    $"'{text[start]}' is not expected here.",
                    ("found", $"{text[start]}")
                );
            return value;
        }

        /// <summary>Up to what ends a word; a sign after a backslash is only itself.</summary>
        string ReadWord(bool inValue)
        {
            var word = new StringBuilder();
            for (; _at < text.Length; _at++)
            {
                var c = text[_at];
                if (c == '\\')
                {
                    if (++_at >= text.Length)
                        throw QueryFault.At("incomplete", _at - 1, "A backslash needs the sign after it.");
                    word.Append(text[_at]);
                    continue;
                }
                if (IsSpecial(c) && !(Waves.Contains(c, StringComparison.Ordinal) && !inValue))
                    break;
                if (!inValue && Colons.Contains(c, StringComparison.Ordinal))
                    break;
                if (inValue && c == '.' && _at + 1 < text.Length && text[_at + 1] == '.')
                    break;
                word.Append(c);
            }
            return word.ToString();
        }

        string ReadQuoted()
        {
            var open = _at++;
            var value = new StringBuilder();
            for (; _at < text.Length; _at++)
            {
                if (text[_at] == '\\' && _at + 1 < text.Length)
                    value.Append(text[++_at]);
                else if (Is(Quotes))
                {
                    _at++;
                    return value.ToString();
                }
                else
                    value.Append(text[_at]);
            }
            throw QueryFault.At("quote-open", open, "This quotation mark is never closed.");
        }

        bool TryRange()
        {
            if (IsAtEnd)
                return false;
            if (Is(Waves))
            {
                _at++;
                return true;
            }
            if (text[_at] != '.' || _at + 1 >= text.Length || text[_at + 1] != '.')
                return false;
            _at += 2;
            return true;
        }

        bool TryKeyword(string keyword)
        {
            SkipSpaces();
            if (!IsKeyword(keyword))
                return false;
            _at += keyword.Length;
            return true;
        }

        bool IsKeyword(string keyword)
        {
            if (string.CompareOrdinal(text, _at, keyword, 0, keyword.Length) != 0)
                return false;
            var after = _at + keyword.Length;
            // "NOTE" is a word and "AND:1" a field.
            return after >= text.Length
                || IsSpace(text[after])
                || Opening.Contains(text[after], StringComparison.Ordinal)
                || Closing.Contains(text[after], StringComparison.Ordinal);
        }

        bool Is(string signs) => signs.Contains(text[_at], StringComparison.Ordinal);

        void SkipSpaces()
        {
            while (!IsAtEnd && IsSpace(text[_at]))
                _at++;
        }

        SearchQuery Deeper(int start, Func<SearchQuery> parse)
        {
            if (++_depth > MaxDepth)
                throw QueryFault.At("too-deep", start, $"There are more than {MaxDepth} brackets inside each other.");
            var query = parse();
            _depth--;
            return query;
        }

        SearchQuery Placed(SearchQuery query, int start)
        {
            _places[query] = start;
            return query;
        }
    }

    /// <summary>What <c>path:value</c> means: <c>has:path</c> and <c>path:*</c> ask whether there is any value.</summary>
    internal static SearchQuery Make(string path, QueryValue value)
    {
        if (string.Equals(path, "has", StringComparison.OrdinalIgnoreCase))
            return new FieldExists(value.Text);
        return value is { IsExact: false, Text: "*" } ? new FieldExists(path) : new FieldIs(path, value);
    }
}
