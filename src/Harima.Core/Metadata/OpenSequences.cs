using System.Data.Common;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Proposals;
using Harima.Sequences;

namespace Harima.Metadata;

/// <summary>A sequence to open, with what is known of it.</summary>
/// <param name="Measurement">A JSON object, its text kept as it is; null for none.</param>
/// <param name="Sample">The same for what was measured.</param>
public sealed record DescribedSequence(string SequenceId, string? Measurement, string? Sample);

/// <param name="Refusal">Why it was not opened; null where it was.</param>
public sealed record OpenedSequence(string SequenceId, FaultException? Refusal);

/// <summary>
/// Opens many sequences of a proposal with their metadata in one transaction, as when the records of years come from another
/// catalogue. What is wrong with one leaves the others.
/// </summary>
public sealed class OpenSequences(
    CatalogueWriter writer,
    Database database,
    ProposalQueries proposals,
    Policy policy,
    Audit audit,
    TimeProvider time
)
{
    public const int Most = 1_000;

    const int RowsAtOnce = 100;

    /// <returns>One for each, in order.</returns>
    /// <exception cref="FaultException">NotFound for the proposal; Forbidden; TooLarge for more than <see cref="Most"/>.</exception>
    public async Task<IReadOnlyList<OpenedSequence>> HandleAsync(
        string proposalId,
        IReadOnlyList<DescribedSequence> sequences,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var proposal = (await proposals.GetAsync(principal, proposalId, cancellationToken)).Proposal;
        if (await policy.RightOnAsync(principal, proposal.Chain, cancellationToken) < Right.Write)
            throw Fault.Forbidden(
                "no-upload",
                $"You may not add sequences to proposal {proposal.Id}. Ask its experiment leader to make you a member.",
                ("proposal", proposal.Id)
            );
        if (sequences.Count > Most)
            throw new FaultException(
                FaultCode.TooLarge,
                "too-many-sequences",
                $"At most {Most} sequences are opened at once. Send them in portions.",
                new Dictionary<string, string> { ["most"] = $"{Most}" }
            );
        var refusals = new FaultException?[sequences.Count];
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var n = 0; n < sequences.Count; n++)
            refusals[n] = ids.Add(sequences[n].SequenceId) ? Wrong(sequences[n]) : Exists(proposal, sequences[n]);
        var at = time.Now();
        return await writer.WriteAsync(
            transaction =>
            {
                var outcome = (FaultException?[])refusals.Clone();
                foreach (var some in Enumerable.Range(0, sequences.Count).Chunk(RowsAtOnce))
                    Open(transaction, proposal, sequences, some, outcome, principal, at);
                return sequences.Select((sequence, n) => new OpenedSequence(sequence.SequenceId, outcome[n])).ToList();
            },
            cancellationToken
        );
    }

    static FaultException? Wrong(DescribedSequence sequence)
    {
        try
        {
            Sequence.RequireId(sequence.SequenceId);
        }
        catch (FaultException fault)
        {
            return fault;
        }
        foreach (var json in new[] { sequence.Measurement, sequence.Sample })
        {
            if (json is not null && MetadataCheck.Check(json) is [var first, ..])
                return MetadataCheck.Refusal(first);
        }
        return null;
    }

    static FaultException Exists(Proposal proposal, DescribedSequence sequence) =>
        Fault.Conflict(
            OpenSequence.Exists,
            $"Proposal {proposal.Id} already has a sequence '{sequence.SequenceId}'. Choose another id, or continue that one.",
            ("proposal", proposal.Id),
            ("sequence", sequence.SequenceId)
        );

    void Open(
        DbTransaction transaction,
        Proposal proposal,
        IReadOnlyList<DescribedSequence> sequences,
        int[] some,
        FaultException?[] outcome,
        Principal principal,
        DateTimeOffset at
    )
    {
        var asked = some.Where(n => outcome[n] is null).ToList();
        var (created, actor) = (at.ToMicroseconds(), principal.Actor);
        // The database decides which of them are new, so that two who send the same do not fail each other.
        var rows = ManyRows
            .Insert(
                transaction,
                database.Dialect,
                "sequence",
                ["proposal_id", "id", "ref", "beamline_id", "state", "owner", "created_at", "title"],
                [
                    .. asked.Select(n =>
                        new object?[]
                        {
                            proposal.Id,
                            sequences[n].SequenceId,
                            Sequence.NameOf(proposal.Id, sequences[n].SequenceId),
                            proposal.BeamlineId,
                            "open",
                            actor,
                            created,
                            SequenceTitle.AsColumn(SequenceTitle.Of(sequences[n].Measurement)),
                        }
                    ),
                ],
                "ON CONFLICT DO NOTHING RETURNING id, row"
            )
            .ToDictionary(inserted => inserted.Id, inserted => inserted.Row, StringComparer.Ordinal);
        var documents = new List<object?[]>();
        var opened = new List<ResourceRef>();
        foreach (var n in asked)
        {
            var sequence = sequences[n];
            if (!rows.TryGetValue(sequence.SequenceId, out var row))
            {
                outcome[n] = Exists(proposal, sequence);
                continue;
            }
            if (sequence.Measurement is { } measurement)
                documents.Add([row, MetadataRows.TextOf(MetadataKind.Measurement), measurement, created, actor]);
            if (sequence.Sample is { } sample)
                documents.Add([row, MetadataRows.TextOf(MetadataKind.Sample), sample, created, actor]);
            opened.Add(new ResourceRef(ResourceKind.Sequence, Sequence.NameOf(proposal.Id, sequence.SequenceId)));
        }
        ManyRows.Insert(
            transaction,
            database.Dialect,
            "metadata",
            ["sequence_row", "kind", "json", "changed_at", "changed_by"],
            documents
        );
        ManyRows.Insert(
            transaction,
            database.Dialect,
            "metadata_change",
            ["sequence_row", "kind", "after", "at", "actor"],
            documents
        );
        audit.AddAll(transaction, principal, "sequence.opened", opened);
    }
}
