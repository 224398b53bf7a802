namespace Harima.Search.Index;

/// <summary>
/// Which documents. Compose with the static methods; a query is immutable and may be kept and used by many threads. What a person
/// may see is a query as well: <c>And(visible, what was asked)</c>, with <c>visible</c> remembered.
/// </summary>
public abstract record IndexQuery
{
    private protected IndexQuery() { }

    /// <summary>What is asked, in a text, where finding it takes long; null elsewhere.</summary>
    internal virtual string? WhatIsDear => null;

    public static IndexQuery All { get; } = new AllQuery();
    public static IndexQuery None { get; } = new NoneQuery();

    public static IndexQuery Term(string field, string term) => new TermQuery(field, term);

    /// <summary>Any of many terms of one field, such as the ten thousand proposals somebody may read.</summary>
    public static IndexQuery AnyOf(string field, IReadOnlyCollection<string> terms) => new AnyOfQuery(field, terms);

    /// <summary>Any term of the field that begins so.</summary>
    public static IndexQuery Prefix(string field, string prefix) => new PrefixQuery(field, prefix);

    /// <summary>
    /// Any term of the field that fits the pattern: <c>*</c> is any run of characters, <c>?</c> one character, <c>\</c> takes the
    /// next as it is. What stands before the first of them narrows the search; without it all terms of the field are looked at.
    /// </summary>
    public static IndexQuery Wildcard(string field, string pattern) => new WildcardQuery(field, pattern);

    /// <summary>Terms that follow each other, the n-th n positions behind the first.</summary>
    public static IndexQuery Phrase(string field, IReadOnlyList<string> terms) =>
        Phrase(field, [.. terms.Select((term, offset) => new PhraseTerm(term, offset))]);

    /// <summary>
    /// Terms at given distances. For a run of Japanese bigrams every second one and the last are enough: 試料, 名前 at 0 and 2 find
    /// 試料名前 without 料名.
    /// </summary>
    public static IndexQuery Phrase(string field, IReadOnlyList<PhraseTerm> terms) => new PhraseQuery(field, terms);

    /// <summary>A number of the field lies there; null is open, both ends belong to it unless excluded.</summary>
    public static IndexQuery Range(
        string field,
        double? from,
        double? to,
        bool excludeFrom = false,
        bool excludeTo = false
    ) => new RangeQuery(field, from, to, excludeFrom, excludeTo);

    /// <summary>The field has a term or a number.</summary>
    public static IndexQuery Exists(string field) => new ExistsQuery(field);

    /// <summary>Without operands everything.</summary>
    public static IndexQuery And(params IReadOnlyList<IndexQuery> operands) => new AndQuery(operands);

    /// <summary>Without operands nothing.</summary>
    public static IndexQuery Or(params IReadOnlyList<IndexQuery> operands) => new OrQuery(operands);

    public static IndexQuery Not(IndexQuery operand) => new NotQuery(operand);

    /// <param name="rows">Ascending; those the index does not know are passed over.</param>
    public static IndexQuery Rows(IReadOnlyList<long> rows) => new RowsQuery(rows);

    /// <summary>
    /// What this finds in a segment is kept, under this very object, as long as the object is used: keep one for each person whose
    /// rights have not changed. Segments never change, so an answer never grows old; only new segments are asked.
    /// </summary>
    public static IndexQuery Remembered(IndexQuery operand) => new RememberedQuery(operand);

    internal sealed record AllQuery : IndexQuery;

    internal sealed record NoneQuery : IndexQuery;

    internal sealed record TermQuery(string Field, string Text) : IndexQuery;

    internal sealed record AnyOfQuery(string Field, IReadOnlyCollection<string> Terms) : IndexQuery;

    internal sealed record PrefixQuery(string Field, string Text) : IndexQuery
    {
        internal override string? WhatIsDear => $"beginning\0{Field}\0{Text}";
    }

    internal sealed record WildcardQuery(string Field, string Pattern) : IndexQuery
    {
        internal override string? WhatIsDear => $"wildcard\0{Field}\0{Pattern}";
    }

    internal sealed record PhraseQuery(string Field, IReadOnlyList<PhraseTerm> Terms) : IndexQuery
    {
        internal override string? WhatIsDear { get; } =
            $"phrase\0{Field}\0{string.Join('\0', Terms.Select(term => FormattableString.Invariant($"{term.Offset}\0{term.Term}")))}";
    }

    internal sealed record RangeQuery(string Field, double? From, double? To, bool ExcludeFrom, bool ExcludeTo)
        : IndexQuery;

    internal sealed record ExistsQuery(string Field) : IndexQuery;

    internal sealed record AndQuery(IReadOnlyList<IndexQuery> Operands) : IndexQuery;

    internal sealed record OrQuery(IReadOnlyList<IndexQuery> Operands) : IndexQuery;

    internal sealed record NotQuery(IndexQuery Operand) : IndexQuery;

    internal sealed record RowsQuery(IReadOnlyList<long> Ascending) : IndexQuery;

    internal sealed record RememberedQuery(IndexQuery Operand) : IndexQuery;
}

/// <param name="Offset">Positions behind the first term of the phrase.</param>
public readonly record struct PhraseTerm(string Term, int Offset);
