using Dapper;
using Harima.Catalogue;
using Harima.Identity;
using Harima.Search.Index;
using Harima.Search.Query;
using Harima.Search.Text;
using Harima.Sequences;

namespace Harima.Search;

/// <summary>
/// The list of sequences with words typed into it. Without words the catalogue answers, in the order of an index of its own; with
/// words it would read every row, so the search index does.
/// </summary>
public sealed class ListSequences
{
    // People type a word or two; more would only be work.
    const int MostWords = 16;

    readonly SequenceQueries _sequences;
    readonly SearchSession _session;
    readonly Database _database;

    internal ListSequences(SequenceQueries sequences, SearchSession session, Database database) =>
        (_sequences, _session, _database) = (sequences, session, database);

    /// <param name="text">Words that all occur in the sequence, or begin a word of it; null or empty for any sequence.</param>
    /// <param name="cursor">Of an earlier page with the same text, filter and order: its Next, or its Previous to go back.</param>
    public async Task<Page<SequenceSummary>> HandleAsync(
        Principal principal,
        string? text,
        SequenceFilter filter,
        SequenceOrder order,
        bool descending,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        if (string.IsNullOrWhiteSpace(text))
            return await _sequences.ListAsync(principal, filter, order, descending, cursor, limit, cancellationToken);
        using var asked = await _session.AskAsync(QueryOf(text), null, principal, cancellationToken);
        using var found = asked.Also(await FilterAsync(asked, principal, filter, cancellationToken));
        var (backwards, after) = Decode(cursor);
        var page = found.Page(SortOf(order, descending != backwards), after, limit);
        var rows = await _sequences.OfRowsAsync(
            asked.Rights,
            backwards ? [.. page.Rows.Reverse()] : page.Rows,
            cancellationToken
        );
        if (rows.Count == 0)
            return new Page<SequenceSummary>(rows, null);
        var forth = Encode(false, CursorOf(order, rows[^1]));
        var back = Encode(true, CursorOf(order, rows[0]));
        var isMore = page.Next is not null;
        return new Page<SequenceSummary>(
            rows,
            backwards || isMore ? forth : null,
            backwards ? (isMore ? back : null)
                : after is null ? null
                : back
        );
    }

    /// <summary>How many there are, exact up to <see cref="SequenceQueries.CountedUpTo"/>; one more than that means "more".</summary>
    public async Task<long> CountAsync(
        Principal principal,
        string? text,
        SequenceFilter filter,
        CancellationToken cancellationToken
    )
    {
        if (string.IsNullOrWhiteSpace(text))
            return await _sequences.CountAsync(principal, filter, cancellationToken);
        using var asked = await _session.AskAsync(QueryOf(text), null, principal, cancellationToken);
        using var found = asked.Also(await FilterAsync(asked, principal, filter, cancellationToken));
        return Math.Min(found.Count, SequenceQueries.CountedUpTo + 1);
    }

    static SearchQuery QueryOf(string text)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        // A dash between words says nothing.
        var parts = words.Where(word => TextTokens.ForQuery(word).Count > 0).Take(MostWords).Select(Begins).ToList();
        return parts.Count == 0 ? new TextIs(new QueryValue(text, true)) : SearchQuery.Of(parts, all: true);
    }

    static SearchQuery Begins(string word) =>
        SearchQuery.Of(
            [
                new TextIs(new QueryValue(word, false)),
                new TextIs(new QueryValue(word.Replace("*", "", StringComparison.Ordinal) + "*", false)),
            ],
            all: false
        );

    async Task<IndexQuery> FilterAsync(
        SearchAsked asked,
        Principal principal,
        SequenceFilter filter,
        CancellationToken cancellationToken
    )
    {
        var conditions = new List<IndexQuery> { IndexQuery.All };
        void Is(string field, string? value)
        {
            if (!string.IsNullOrWhiteSpace(value))
                conditions.Add(IndexQuery.Prefix(field, KeywordTerm.PrefixOf(value)));
        }
        Is(IndexField.Proposal, filter.ProposalId);
        Is(IndexField.Beamline, filter.BeamlineId);
        Is(IndexField.Owner, filter.Owner);
        Is(IndexField.Status, filter.State?.ToString());
        if (filter.Visibility is { } visibility)
            conditions.Add(visibility == Visibility.Everyone ? asked.Everyone : IndexQuery.Not(asked.Everyone));
        if (filter.SharedWithMe)
            conditions.Add(IndexQuery.Rows(await SharedWithAsync(principal, cancellationToken)));
        return IndexQuery.And(conditions);
    }

    async Task<long[]> SharedWithAsync(Principal principal, CancellationToken cancellationToken)
    {
        if (principal.UserId is null)
            return [];
        await using var connection = await _database.OpenAsync(cancellationToken);
        return
        [
            .. await connection.QueryAsync<long>(
                """
                SELECT DISTINCT s.row FROM access_grant m JOIN sequence s ON s.ref = m.id
                WHERE m.kind = 'sequence' AND m.subject = @subject AND m.role = 'shared' ORDER BY s.row
                """,
                new { subject = Principal.SubjectOf(principal.UserId) }
            ),
        ];
    }

    static IndexSort SortOf(SequenceOrder order, bool descending) =>
        order switch
        {
            SequenceOrder.Id => IndexSort.ByTerm(IndexField.Id, descending),
            SequenceOrder.Owner => IndexSort.ByTerm(IndexField.Owner, descending),
            SequenceOrder.Proposal => IndexSort.ByTerm(IndexField.Proposal, descending),
            SequenceOrder.Size => IndexSort.ByNumber(IndexField.Size, descending),
            _ => IndexSort.ByNumber(IndexField.Created, descending),
        };

    // Every sequence has exactly one value for each of these orders, so a page can be walked either way.
    static IndexCursor CursorOf(SequenceOrder order, SequenceSummary row) =>
        order switch
        {
            SequenceOrder.Id => new(row.Row, Term: KeywordTerm.Of(row.Id)),
            SequenceOrder.Owner => new(row.Row, Term: KeywordTerm.Of(row.Owner)),
            SequenceOrder.Proposal => new(row.Row, Term: KeywordTerm.Of(row.ProposalId)),
            SequenceOrder.Size => new(row.Row, row.SizeBytes),
            _ => new(row.Row, QueryPlan.Seconds(row.CreatedAt)),
        };

    static string Encode(bool back, IndexCursor at) => Cursor.Encode("found", back, at.Row, at.Number!, at.Term!);

    static (bool Backwards, IndexCursor? After) Decode(string? cursor)
    {
        if (cursor is null)
            return (false, null);
        var parts = Cursor.Decode(cursor, 5);
        return (
            parts[1].GetBoolean(),
            new IndexCursor(parts[2].GetInt64(), parts[3].IsNull ? null : parts[3].GetDouble(), parts[4].FindString())
        );
    }
}
