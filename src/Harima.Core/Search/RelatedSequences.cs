using Harima.Identity;
using Harima.Search.Feed;
using Harima.Search.Index;
using Harima.Search.Query;
using Harima.Sequences;

namespace Harima.Search;

/// <summary>Why something is related.</summary>
public enum Relation
{
    /// <summary>A sample of the same name or formula.</summary>
    SameSample,

    /// <summary>One was made from the other, as its metadata says (<c>derived_from</c> and the like).</summary>
    Derived,

    /// <summary>The same technique, the same elements, at about the same energy.</summary>
    SimilarConditions,
    SameProposal,
}

/// <param name="Count">How many there are in all.</param>
public sealed record RelatedGroup(Relation Relation, SearchCount Count, IReadOnlyList<SequenceSummary> Sequences);

/// <summary>What else may interest somebody who looks at a sequence; of what they may see.</summary>
public sealed class RelatedSequences
{
    static readonly string[] SampleNames = ["sample.name", "sample.id", "sample.identifier", "sample.lot_number"];
    static readonly string[] Origins = ["derived_from", "source_sequence", "input_sequence", "inputs"];

    readonly SearchSession _session;
    readonly SequenceAccess _access;
    readonly SequenceQueries _sequences;
    readonly SequenceReading _reading;
    readonly KnownPaths _paths;

    internal RelatedSequences(
        SearchSession session,
        SequenceAccess access,
        SequenceQueries sequences,
        SequenceReading reading,
        KnownPaths paths
    ) => (_session, _access, _sequences, _reading, _paths) = (session, access, sequences, reading, paths);

    /// <exception cref="Faults.FaultException">NotFound where the sequence does not exist for the caller.</exception>
    public async Task<IReadOnlyList<RelatedGroup>> OfAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        int mostOfEach,
        CancellationToken cancellationToken
    )
    {
        var view = await _access.GetAsync(principal, proposalId, sequenceId, cancellationToken);
        var document = (await _reading.OfRowsAsync([view.Sequence.Row], cancellationToken)).FirstOrDefault();
        if (document is null)
            return [];
        using var asked = await _session.AskAsync(SearchQuery.Everything, null, principal, cancellationToken);
        var groups = new List<RelatedGroup>();
        var self = IndexQuery.Not(IndexQuery.Rows([document.Row]));
        foreach (
            var (relation, query) in new[]
            {
                (Relation.SameSample, SameSample(document)),
                (Relation.Derived, Derived(document, view.Sequence)),
                (Relation.SimilarConditions, Similar(document)),
                (Relation.SameProposal, Same(document, IndexField.Proposal)),
            }
        )
        {
            if (query is null)
                continue;
            using var matches = asked.Also(IndexQuery.And(query, self));
            var page = matches.Page(IndexSort.ByNumber(IndexField.Date, descending: true), null, mostOfEach);
            if (page.Rows.Count > 0)
                groups.Add(
                    new RelatedGroup(
                        relation,
                        SearchCount.Of(matches.Count),
                        await _sequences.OfRowsAsync(asked.Rights, page.Rows, cancellationToken)
                    )
                );
        }
        return groups;
    }

    static IndexQuery? SameSample(IndexDocument document) =>
        Any([.. SampleNames.Select(path => Same(document, IndexField.KeywordOf(path)))]);

    /// <summary>Both ways: what names this sequence as its origin, and what this one names.</summary>
    IndexQuery? Derived(IndexDocument document, Sequence sequence)
    {
        var fields = Origins
            .SelectMany(_paths.Resolve)
            .Select(IndexField.KeywordOf)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        var ways = new List<IndexQuery?>();
        foreach (var field in fields)
        {
            ways.Add(IndexQuery.Prefix(field, KeywordTerm.PrefixOf(sequence.Name)));
            foreach (
                var named in ValuesOf(document, field).Select(name => name.Split('/')).Where(parts => parts.Length == 2)
            )
                ways.Add(
                    IndexQuery.And(
                        IndexQuery.Prefix(IndexField.Proposal, KeywordTerm.PrefixOf(named[0])),
                        IndexQuery.Prefix(IndexField.Id, KeywordTerm.PrefixOf(named[1]))
                    )
                );
        }
        return Any(ways);
    }

    static IndexQuery? Similar(IndexDocument document)
    {
        var conditions = new List<IndexQuery>();
        if (Same(document, IndexField.Technique) is { } technique)
            conditions.Add(technique);
        if (Same(document, IndexField.Element) is { } elements)
            conditions.Add(elements);
        var energies = document
            .Numbers.Where(number => number.Field == "energy")
            .Select(number => number.Number)
            .ToList();
        if (energies.Count > 0)
            conditions.Add(IndexQuery.Range("energy", energies.Min() * 0.98, energies.Max() * 1.02));
        // A technique alone is half of the facility.
        return conditions.Count >= 2 ? IndexQuery.And(conditions) : null;
    }

    static IndexQuery? Same(IndexDocument document, string field)
    {
        var values = ValuesOf(document, field).ToList();
        return values.Count == 0
            ? null
            : IndexQuery.Or([.. values.Select(value => IndexQuery.Prefix(field, KeywordTerm.PrefixOf(value)))]);
    }

    static IEnumerable<string> ValuesOf(IndexDocument document, string field) =>
        document
            .Terms.Where(term => term.Field == field)
            .Select(term => KeywordTerm.ValueOf(term.Term))
            .Distinct(StringComparer.Ordinal)
            .Take(20);

    static IndexQuery? Any(IReadOnlyList<IndexQuery?> ways)
    {
        var those = ways.OfType<IndexQuery>().ToList();
        return those.Count == 0 ? null : IndexQuery.Or(those);
    }
}
