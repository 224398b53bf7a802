namespace Harima.Search.Index;

/// <summary>Finds the documents of one segment that fit a query, deleted ones too.</summary>
/// <param name="remembered">Of <see cref="IndexQuery.Remembered"/>.</param>
/// <param name="parts">Of dear parts of questions, for everybody.</param>
/// <param name="again">The dear parts that were asked before: they are found whole, and remembered.</param>
readonly ref struct Evaluation(
    Segment segment,
    RememberedSets remembered,
    RememberedSets parts,
    IReadOnlySet<string> again
)
{
    // A beginning with fewer terms is as quickly found again.
    const int ManyTerms = 32;

    /// <param name="within">Only what is in here matters; what lies outside may be found or not.</param>
    /// <returns>To be disposed.</returns>
    public DocumentSet Find(IndexQuery query, DocumentSet? within = null)
    {
        if (query is IndexQuery.AndQuery and)
            return All(and.Operands, within);
        var set = DocumentSet.Rent(segment.Documents);
        switch (query)
        {
            case IndexQuery.AllQuery:
                set.AddAll();
                break;
            case IndexQuery.NoneQuery:
                break;
            case IndexQuery.TermQuery term:
                if (TryFind(term, out var field, out var entry))
                    field.Postings(entry).AddTo(set);
                break;
            case IndexQuery.AnyOfQuery any:
                AddAnyOf(any, set);
                break;
            case IndexQuery.PrefixQuery or IndexQuery.WildcardQuery or IndexQuery.PhraseQuery:
                if (Known(query) is { } known)
                    set.CopyFrom(known);
                else
                    AddDear(query, within, set);
                break;
            case IndexQuery.RangeQuery range:
                AddRange(range, set);
                break;
            case IndexQuery.ExistsQuery exists:
                AddExisting(exists.Field, set);
                break;
            case IndexQuery.OrQuery or:
                AddAny(or.Operands, within, set);
                break;
            case IndexQuery.NotQuery not:
                using (var found = Find(not.Operand, within))
                    set.CopyFrom(found);
                set.Invert();
                break;
            case IndexQuery.RowsQuery rows:
                AddRows(rows.Ascending, set);
                break;
            case IndexQuery.RememberedQuery kept:
                set.CopyFrom(Remembered(kept));
                break;
            default:
                throw new NotSupportedException(query.GetType().Name);
        }
        return set;
    }

    DocumentSet? Known(IndexQuery query) => query.WhatIsDear is { } part ? parts.Find(part, segment) : null;

    bool IsAskedAgain(IndexQuery query) => query.WhatIsDear is { } part && again.Contains(part);

    void AddDear(IndexQuery query, DocumentSet? within, DocumentSet set)
    {
        var keep = IsAskedAgain(query);
        switch (query)
        {
            case IndexQuery.PrefixQuery prefix:
                keep &= AddPrefix(prefix.Field, TermText.Encode(prefix.Text), pattern: null, set) >= ManyTerms;
                break;
            case IndexQuery.WildcardQuery wildcard:
                var pattern = new WildcardPattern(wildcard.Pattern);
                AddPrefix(wildcard.Field, pattern.Prefix, pattern, set);
                break;
            case IndexQuery.PhraseQuery phrase when segment.Find(phrase.Field) is { } withPositions:
                PhraseSearch.Add(withPositions, phrase.Terms, keep ? null : within, set);
                break;
            default:
                break;
        }
        if (keep)
            parts.Keep(query.WhatIsDear!, segment, set.Copy());
    }

    DocumentSet Remembered(IndexQuery.RememberedQuery query)
    {
        if (remembered.Find(query, segment) is { } known)
            return known;
        using var found = Find(query.Operand);
        var set = found.Copy();
        remembered.Keep(query, segment, set);
        return set;
    }

    DocumentSet All(IReadOnlyList<IndexQuery> operands, DocumentSet? within)
    {
        var flat = new List<IndexQuery>();
        Flatten(operands, flat);
        DocumentSet? set = null;
        var phrases = flat.OfType<IndexQuery.PhraseQuery>().ToList();
        // Cheap ones first: what they leave out, the dear ones need not look at.
        foreach (var operand in flat.OrderBy(Cost))
        {
            if (operand is IndexQuery.PhraseQuery && phrases.Count > 1)
            {
                set ??= Everything();
                LeaveCandidates(phrases, set);
                phrases.Clear();
            }
            if (set is null)
                set = Find(operand, within);
            else
                Restrict(set, operand);
            if (set.IsEmpty())
                break;
        }
        return set ?? Everything();
    }

    DocumentSet Everything()
    {
        var set = DocumentSet.Rent(segment.Documents);
        set.AddAll();
        return set;
    }

    /// <summary>Of several phrases: a document without one word of one of them need not be looked at for the others.</summary>
    void LeaveCandidates(List<IndexQuery.PhraseQuery> phrases, DocumentSet set)
    {
        foreach (var phrase in phrases)
        {
            if (Known(phrase) is { } known)
                set.And(known);
            else if (segment.Find(phrase.Field) is not { } field)
                set.Clear();
            else
                PhraseSearch.RestrictToCandidates(field, phrase.Terms, set);
        }
    }

    /// <summary>Keeps in the set only what fits the query too.</summary>
    public void Restrict(DocumentSet set, IndexQuery operand)
    {
        switch (operand)
        {
            case IndexQuery.TermQuery term:
                if (TryFind(term, out var field, out var entry))
                    field.Postings(entry).Restrict(set);
                else
                    set.Clear();
                break;
            case IndexQuery.RememberedQuery kept:
                set.And(Remembered(kept));
                break;
            case IndexQuery.NotQuery not:
                using (var without = Find(not.Operand, set))
                    set.AndNot(without);
                break;
            default:
                if (Known(operand) is { } known)
                {
                    set.And(known);
                    break;
                }
                using (var other = Find(operand, set))
                    set.And(other);
                break;
        }
    }

    static void Flatten(IReadOnlyList<IndexQuery> operands, List<IndexQuery> flat)
    {
        foreach (var operand in operands)
        {
            if (operand is IndexQuery.AndQuery inner)
                Flatten(inner.Operands, flat);
            else
                flat.Add(operand);
        }
    }

    static int Cost(IndexQuery query) =>
        query switch
        {
            IndexQuery.AllQuery or IndexQuery.NoneQuery => 0,
            IndexQuery.RememberedQuery => 1,
            IndexQuery.TermQuery or IndexQuery.RowsQuery => 2,
            IndexQuery.ExistsQuery or IndexQuery.RangeQuery or IndexQuery.AnyOfQuery => 3,
            IndexQuery.OrQuery or IndexQuery.NotQuery => 4,
            IndexQuery.PrefixQuery or IndexQuery.WildcardQuery => 5,
            _ => 6,
        };

    void AddAny(IReadOnlyList<IndexQuery> operands, DocumentSet? within, DocumentSet set)
    {
        // Cheap ones first: what they found, the dear ones need not look at.
        foreach (var operand in operands.OrderBy(Cost))
        {
            if (operand is IndexQuery.TermQuery term)
            {
                if (TryFind(term, out var field, out var entry))
                    field.Postings(entry).AddTo(set);
                continue;
            }
            if (operand is IndexQuery.RememberedQuery kept)
            {
                set.Or(Remembered(kept));
                continue;
            }
            if (operand is not IndexQuery.PhraseQuery)
            {
                using var found = Find(operand, within);
                set.Or(found);
                continue;
            }
            using var left = DocumentSet.Rent(segment.Documents);
            left.CopyFrom(set);
            left.Invert();
            if (within is not null)
                left.And(within);
            using var more = Find(operand, left);
            set.Or(more);
        }
    }

    bool TryFind(IndexQuery.TermQuery query, out SegmentField field, out TermEntry entry)
    {
        entry = default;
        field = segment.Find(query.Field)!;
        if (field is null)
            return false;
        Span<byte> term = stackalloc byte[IndexTerm.MaxTermBytes];
        return field.TryFind(term[..TermText.Encode(query.Text, term)], out entry);
    }

    void AddAnyOf(IndexQuery.AnyOfQuery query, DocumentSet set)
    {
        if (segment.Find(query.Field) is not { } field)
            return;
        Span<byte> term = stackalloc byte[IndexTerm.MaxTermBytes];
        foreach (var text in query.Terms)
        {
            if (field.TryFind(term[..TermText.Encode(text, term)], out var entry))
                field.Postings(entry).AddTo(set);
        }
    }

    /// <returns>How many terms that were.</returns>
    int AddPrefix(string name, ReadOnlySpan<byte> prefix, WildcardPattern? pattern, DocumentSet set)
    {
        if (segment.Find(name) is not { } field)
            return 0;
        var added = 0;
        var cursor = field.Terms();
        for (var more = cursor.Seek(prefix); more && cursor.Term.StartsWith(prefix); more = cursor.MoveNext())
        {
            if (pattern is not null && !pattern.Fits(cursor.Term))
                continue;
            field.Postings(cursor.Entry).AddTo(set);
            added++;
        }
        return added;
    }

    void AddRange(IndexQuery.RangeQuery range, DocumentSet set)
    {
        if (segment.Find(range.Field) is not { Entry.Numbers: > 0 } field)
            return;
        var numbers = field.Numbers;
        var documents = field.NumberDocuments;
        var from = range.From is { } low ? Runs.From(numbers, low, after: range.ExcludeFrom) : 0;
        var to = range.To is { } high ? Runs.From(numbers, high, after: !range.ExcludeTo) : numbers.Length;
        if (from >= to)
            return;
        // A range that holds nearly all is quicker found by what lies outside.
        if (field.Entry.OneNumberEach && to - from > numbers.Length / 2)
        {
            field.WithNumbers.AddTo(set);
            foreach (var document in documents[..from])
                set.Remove(document);
            foreach (var document in documents[to..])
                set.Remove(document);
            return;
        }
        foreach (var document in documents[from..to])
            set.Add(document);
    }

    void AddExisting(string name, DocumentSet set)
    {
        if (segment.Find(name) is not { } field)
            return;
        field.WithTerms.AddTo(set);
        field.WithNumbers.AddTo(set);
    }

    void AddRows(IReadOnlyList<long> ascending, DocumentSet set)
    {
        var rows = segment.Rows;
        if (rows.IsEmpty)
            return;
        foreach (var row in ascending)
        {
            var document = rows.BinarySearch(row);
            if (document >= 0)
                set.Add(document);
            else if (~document == rows.Length)
                return;
        }
    }
}
