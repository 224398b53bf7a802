using Harima.Catalogue;
using Harima.Search.Index;
using Harima.Search.Query;
using Harima.Search.Text;

namespace Harima.Search;

/// <summary>Turns a question into one for the index. Says where what is wrong with a value.</summary>
/// <param name="everyone">Which sequences are open to everyone now.</param>
/// <param name="paths">The paths of the metadata that were seen, to find them by their ends and in any case.</param>
/// <param name="narrower">The techniques a technique includes, folded, itself among them.</param>
/// <param name="clock">Says which moments a date without a zone means.</param>
/// <param name="descendants">The ids of samples that come from what is named, of those that the asker may see.</param>
sealed partial class QueryPlan(
    ParsedQuery parsed,
    IndexQuery everyone,
    KnownPaths paths,
    Func<string, IReadOnlyList<string>> narrower,
    FacilityClock clock,
    Func<QueryValue, IReadOnlyList<string>> descendants
)
{
    /// <summary>Paths that the question names and no short name is; with what they were taken for.</summary>
    public Dictionary<string, IReadOnlyList<string>> PathsAsked { get; } = new(StringComparer.Ordinal);

    public IndexQuery Build() => Build(parsed.Query);

    IndexQuery Build(SearchQuery query) =>
        query switch
        {
            AllOf all => IndexQuery.And([.. all.Parts.Select(Build)]),
            AnyOf any => IndexQuery.Or([.. any.Parts.Select(Build)]),
            Not not => IndexQuery.Not(Build(not.Part)),
            TextIs text => Text(text.Value),
            FieldIs field => SearchFields.Find(field.Path) is { } known
                ? Is(field, known)
                : IsAt(field, Resolve(field.Path)),
            FieldWithin within => Ends(within, within.Path, within.From, within.To, Side.Within),
            FieldAbove above => Ends(above, above.Path, above.Value, null, Side.Above),
            FieldBelow below => Ends(below, below.Path, null, below.Value, Side.Below),
            FieldExists exists => Exists(exists),
            _ => throw new InvalidOperationException($"no plan for {query.GetType().Name}"),
        };

    static IndexQuery Text(QueryValue value)
    {
        var words = Words(IndexField.AllText, value);
        if (value.IsExact || value.HasWildcard)
            return words;
        // 鉄, iron and Fe are also what is made of it, whatever its formula.
        var element = Elements.FindBySymbol(value.Text) ?? Elements.FindByName(value.Text);
        return element is null
            ? words
            : IndexQuery.Or(words, IndexQuery.Prefix(IndexField.Element, KeywordTerm.PrefixOf(element.Symbol)));
    }

    /// <summary>The words one after the other, in a field with positions.</summary>
    static IndexQuery Words(string field, QueryValue value)
    {
        if (value.HasWildcard)
            return WordsWithWildcard(field, value.Text);
        var tokens = TextTokens.ForQuery(value.Text);
        if (tokens.Count == 0)
            return IndexQuery.None;
        var terms = tokens.Select(token => value.IsExact ? token.Text : token.Or ?? token.Text).ToList();
        if (tokens.Count == 1)
            return tokens[0].IsPrefix ? IndexQuery.Prefix(field, terms[0]) : IndexQuery.Term(field, terms[0]);
        if (!tokens.Any(token => token.IsPrefix))
            return IndexQuery.Phrase(field, terms);
        // A single sign between Latin words ("Pt 膜 A"): the index has no phrase with a prefix, so the order is not asked for.
        return IndexQuery.And([
            .. tokens.Zip(
                terms,
                (token, term) => token.IsPrefix ? IndexQuery.Prefix(field, term) : IndexQuery.Term(field, term)
            ),
        ]);
    }

    static IndexQuery WordsWithWildcard(string field, string text)
    {
        var parts = text.Split('*');
        // "tomo*" is the usual one, and cheap.
        if (parts is [var stem, ""] && TextTokens.ForQuery(stem) is { Count: > 0 } tokens)
        {
            var last = IndexQuery.Prefix(field, tokens[^1].Text);
            return tokens.Count == 1
                ? last
                : IndexQuery.And([.. tokens.SkipLast(1).Select(token => IndexQuery.Term(field, token.Text)), last]);
        }
        var pattern = string.Join('*', parts.Select(TextFolding.Fold)).Replace("?", "\\?", StringComparison.Ordinal);
        return pattern.Trim('*').Length == 0 ? IndexQuery.All : IndexQuery.Wildcard(field, pattern);
    }

    IndexQuery Is(FieldIs asked, SearchField field)
    {
        var (value, text) = (asked.Value, asked.Value.Text);
        switch (field.Kind)
        {
            case FieldKind.Text when field.Index == IndexField.SampleId:
                return IndexQuery.AnyOf(field.Index, [.. descendants(value).Select(KeywordTerm.Of)]);
            // A path of the metadata may end so too, and was found by it before people could comment.
            case FieldKind.Text when field.Index == IndexField.Comment:
                return IndexQuery.Or(Words(field.Index, value), IsAt(asked, paths.Resolve(asked.Path)));
            case FieldKind.Text:
                return Words(field.Index, value);
            case FieldKind.Element:
                var element =
                    Elements.Find(text)
                    ?? throw Wrong(
                        asked,
                        "element",
                        $"'{text}' is no chemical element. Write a symbol such as Fe, or a name.",
                        ("value", text)
                    );
                return IndexQuery.Prefix(field.Index, KeywordTerm.PrefixOf(element.Symbol));
            case FieldKind.File:
                return File(value);
            case FieldKind.Keyword:
                return Keyword(asked, field, value);
            default:
                return Ends(asked, asked.Path, text, text, Side.Within);
        }
    }

    IndexQuery Keyword(FieldIs asked, SearchField field, QueryValue value)
    {
        switch (field.Index)
        {
            case IndexField.Visibility:
                var isEveryone = OneOf(asked, value.Text, EveryoneWords, LimitedWords);
                return isEveryone ? everyone : IndexQuery.Not(everyone);
            case IndexField.Status:
                var isOpen = OneOf(asked, value.Text, OpenWords, ClosedWords);
                return IndexQuery.Prefix(field.Index, KeywordTerm.PrefixOf(isOpen ? "open" : "closed"));
            case IndexField.Valid:
                var isValid = OneOf(asked, value.Text, YesWords, NoWords);
                return IndexQuery.Prefix(field.Index, KeywordTerm.PrefixOf(isValid ? "yes" : "no"));
            case IndexField.Schema:
                // xafs is any version of it, xafs/2 is that one.
                return Whole(
                    value.Text.Contains('/', StringComparison.Ordinal) ? IndexField.SchemaVersion : field.Index,
                    value
                );
            case IndexField.Owner when !value.HasWildcard:
                // By user id, or by name as people know each other.
                return IndexQuery.Or(Whole(field.Index, value), Words(IndexField.OwnerName, value));
            // Most terms of PaNET are several words, which only quotation marks hold together: those say nothing against what is narrower.
            case IndexField.Technique when !value.HasWildcard && (!value.IsExact || value.Text.Any(char.IsWhiteSpace)):
                return IndexQuery.Or([
                    .. narrower(TextFolding.Fold(value.Text))
                        .Select(term => IndexQuery.Prefix(field.Index, KeywordTerm.PrefixOf(term))),
                ]);
            default:
                return Whole(field.Index, value);
        }
    }

    static IndexQuery Whole(string field, QueryValue value) =>
        value.HasWildcard
            ? IndexQuery.Wildcard(field, KeywordTerm.PatternOf(value.Text))
            : IndexQuery.Prefix(field, KeywordTerm.PrefixOf(value.Text));

    static IndexQuery File(QueryValue value)
    {
        var text = value.Text;
        // By far the most frequent question, and one term.
        if (
            value.HasWildcard
            && text.StartsWith("*.", StringComparison.Ordinal)
            && text.Length > 2
            && !text.AsSpan(2).ContainsAny('*', '.', '/')
        )
            return IndexQuery.Prefix(IndexField.FileType, KeywordTerm.PrefixOf(text[2..]));
        return Whole(IndexField.File, value);
    }

    /// <summary>A value at a path of the metadata: whole, as words, or as a number or time.</summary>
    IndexQuery IsAt(FieldIs asked, IReadOnlyList<string> at)
    {
        var value = asked.Value;
        var ways = new List<IndexQuery>();
        foreach (var path in at)
        {
            ways.Add(Whole(IndexField.KeywordOf(path), value));
            if (value.HasWildcard)
                continue;
            if (!value.IsExact && TextTokens.SingularOf(TextFolding.Fold(value.Text)) is { } singular)
                ways.Add(Whole(IndexField.KeywordOf(path), new QueryValue(singular, true)));
            ways.Add(Words(IndexField.TextOf(path), value));
            if (NumberEnd(value.Text, "", path) is { } end)
                ways.Add(IndexQuery.Range(end.Field, Below(end.Value), Above(end.Value)));
            if (QueryDates.TryParse(value.Text, withYear: false, clock, out var span))
                ways.Add(
                    IndexQuery.Range(IndexField.TimeOf(path), Seconds(span.From), Seconds(span.Before), excludeTo: true)
                );
        }
        return IndexQuery.Or(ways);
    }

    IndexQuery Exists(FieldExists asked)
    {
        if (SearchFields.Find(asked.Path) is { } field)
            return field.Index switch
            {
                IndexField.Visibility => IndexQuery.All,
                IndexField.SampleId => IndexQuery.AnyOf(
                    field.Index,
                    [.. descendants(new QueryValue("*", false)).Select(KeywordTerm.Of)]
                ),
                _ => IndexQuery.Exists(field.Index),
            };
        var resolved = Resolve(asked.Path);
        return IndexQuery.AnyOf(
            IndexField.Path,
            [.. resolved.Concat(paths.Under(asked.Path)).Distinct(StringComparer.Ordinal).Select(KeywordTerm.Of)]
        );
    }

    IReadOnlyList<string> Resolve(string path) => PathsAsked[path] = paths.Resolve(path);

    bool OneOf(FieldIs asked, string text, string[] first, string[] second)
    {
        var folded = TextFolding.Fold(text);
        return first.Contains(folded) ? true
            : second.Contains(folded) ? false
            : throw Wrong(
                asked,
                "choice",
                $"'{asked.Path}' is {first[0]} or {second[0]}, not '{text}'.",
                ("field", asked.Path),
                ("value", text),
                ("choices", $"{first[0]}, {second[0]}")
            );
    }

    Faults.FaultException Wrong(SearchQuery asked, string reason, string message, params (string, string)[] fields) =>
        QueryFault.At(reason, parsed.PlaceOf(asked), message, fields);

    static readonly string[] EveryoneWords = ["everyone", "public", "全員に公開", "全員", "公開"];
    static readonly string[] LimitedWords = ["limited", "限定公開", "限定"];
    static readonly string[] OpenWords = ["open", "受付中"];
    static readonly string[] ClosedWords = ["closed", "確定済み", "確定"];
    static readonly string[] YesWords = ["yes", "true", "はい"];
    static readonly string[] NoWords = ["no", "false", "いいえ"];
}
