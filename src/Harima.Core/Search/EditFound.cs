using Harima.Faults;
using Harima.Identity;
using Harima.Metadata;
using Harima.Sequences;

namespace Harima.Search;

/// <param name="Found">How many sequences the question finds.</param>
/// <param name="Some">What would be done to the first of them.</param>
public sealed record EditPreview(SearchCount Found, IReadOnlyList<EditOutcome> Some);

/// <summary>Changes values of everything that a question finds, however much that is: shows some of it first, then does it by a worker.</summary>
public sealed class EditFound
{
    public const int Shown = 50;
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
        var names = await NamesAsync(asked, [.. asked.Matches.Rows().Take(Shown)], cancellationToken);
        var outcomes = await _bulk.PreviewAsync(
            names.ConvertAll(name => new SequenceEdit(name.ProposalId, name.Id, edits)),
            principal,
            cancellationToken
        );
        return new EditPreview(SearchCount.Of(asked.Matches.Count), outcomes);
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
        using var asked = await _session.AskAsync(question.Query, question.Text, principal, cancellationToken);
        if (asked.Matches.Count is 0 or > LargeEdits.MaxSequences)
            throw Fault.Invalid(
                "large-edit-size",
                asked.Matches.Count == 0
                    ? "The question finds no sequence."
                    : $"The question finds more than {LargeEdits.MaxSequences} sequences. Narrow it, and change them in parts.",
                ("most", $"{LargeEdits.MaxSequences}")
            );
        var all = new List<SequenceEdit>();
        foreach (var some in asked.Matches.Rows().Chunk(RowsAtOnce))
        {
            var names = await NamesAsync(asked, some, cancellationToken);
            all.AddRange(names.Select(name => new SequenceEdit(name.ProposalId, name.Id, edits)));
        }
        var what = string.Join(", ", edits.Take(5).Select(edit => (edit.Json is null ? "− " : "") + edit.Path));
        return await _large.StartAsync(all, what, principal, cancellationToken);
    }

    async Task<List<SequenceSummary>> NamesAsync(
        SearchAsked asked,
        IReadOnlyList<long> rows,
        CancellationToken cancellationToken
    ) => [.. await _sequences.OfRowsAsync(asked.Rights, rows, cancellationToken)];
}
