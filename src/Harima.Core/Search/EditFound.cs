using Harima.Faults;
using Harima.Identity;
using Harima.Metadata;
using Harima.Sequences;

namespace Harima.Search;

/// <param name="Total">How many sequences the question finds.</param>
/// <param name="Looked">What would be done to the first of them, at most <see cref="EditFound.LookedAt"/>.</param>
public sealed record EditPreview(long Total, IReadOnlyList<EditOutcome> Looked)
{
    /// <summary>All were looked at: the counts are exact, and not of the first only.</summary>
    public bool IsWhole => Looked.Count >= Total;
    public SearchCount Found => SearchCount.Of(Total);
    public IEnumerable<EditOutcome> Some => Looked.Take(EditFound.Shown);
    public int Changing => Looked.Count(outcome => outcome.Documents.Count > 0);
    public int Refused => Looked.Count(outcome => outcome.Refusal is not null);

    /// <summary>They are already as the edit would make them.</summary>
    public int Unchanged => Looked.Count - Changing - Refused;
}

/// <summary>Changes values of everything that a question finds, however much that is: shows some of it first, then does it by a worker.</summary>
public sealed class EditFound
{
    /// <summary>How many outcomes an answer shows.</summary>
    public const int Shown = 50;

    /// <summary>How many a preview looks at and counts.</summary>
    public const int LookedAt = BulkEdit.MaxPreviewed;
    const int RowsAtOnce = 1_000;

    readonly SearchSession _session;
    readonly SequenceQueries _sequences;
    readonly BulkEdit _bulk;
    readonly LargeEdits _large;

    internal EditFound(SearchSession session, SequenceQueries sequences, BulkEdit bulk, LargeEdits large) =>
        (_session, _sequences, _bulk, _large) = (session, sequences, bulk, large);

    /// <summary>Changes nothing.</summary>
    /// <exception cref="FaultException">Invalid for the question, a path or a value.</exception>
    public async Task<EditPreview> PreviewAsync(
        FindRequest question,
        IReadOnlyList<MetadataEdit> edits,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        using var asked = await _session.AskAsync(question.Query, question.Text, principal, cancellationToken);
        var names = new List<SequenceSummary>();
        foreach (var some in asked.Matches.Rows().Take(LookedAt).Chunk(RowsAtOnce))
            names.AddRange(await NamesAsync(asked, some, cancellationToken));
        var outcomes = await _bulk.PreviewManyAsync(
            names.ConvertAll(name => new SequenceEdit(name.ProposalId, name.Id, edits)),
            principal,
            cancellationToken
        );
        return new EditPreview(asked.Matches.Count, outcomes);
    }

    /// <summary>What is found now is what will be changed; what is found later is not.</summary>
    /// <exception cref="FaultException">Invalid for the question, a path or a value; where nothing or too much is found; Forbidden.</exception>
    public async Task<LargeEdit> StartAsync(
        FindRequest question,
        IReadOnlyList<MetadataEdit> edits,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        if (edits.Count == 0)
            throw Fault.Invalid("edit-nothing", "No value is named that should be set or removed. Name at least one.");
        var all = await AllAsync(question, principal, cancellationToken);
        var what = string.Join(", ", edits.Take(5).Select(edit => (edit.Json is null ? "− " : "") + edit.Path));
        return await _large.StartAsync(
            [.. all.Select(name => new SequenceEdit(name.ProposalId, name.SequenceId, edits))],
            what,
            principal,
            cancellationToken
        );
    }

    /// <summary>Everything that a question finds, by name.</summary>
    /// <exception cref="FaultException">Invalid for the question; where nothing or more than a large edit may hold is found.</exception>
    public async Task<IReadOnlyList<(string ProposalId, string SequenceId)>> AllAsync(
        FindRequest question,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        using var asked = await _session.AskAsync(question.Query, question.Text, principal, cancellationToken);
        if (asked.Matches.Count is 0 or > LargeEdits.MaxSequences)
            throw Fault.Invalid(
                "large-edit-size",
                asked.Matches.Count == 0
                    ? "The question finds no sequence."
                    : $"The question finds more than {LargeEdits.MaxSequences} sequences. Narrow it, and change them in parts.",
                ("most", $"{LargeEdits.MaxSequences}")
            );
        var all = new List<(string, string)>();
        foreach (var some in asked.Matches.Rows().Chunk(RowsAtOnce))
            all.AddRange((await NamesAsync(asked, some, cancellationToken)).Select(name => (name.ProposalId, name.Id)));
        return all;
    }

    async Task<List<SequenceSummary>> NamesAsync(
        SearchAsked asked,
        IReadOnlyList<long> rows,
        CancellationToken cancellationToken
    ) => [.. await _sequences.OfRowsAsync(asked.Rights, rows, cancellationToken)];
}
