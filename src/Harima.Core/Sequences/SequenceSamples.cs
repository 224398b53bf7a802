using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Samples;

namespace Harima.Sequences;

/// <summary>Which samples a sequence refers to.</summary>
public sealed class SequenceSamples(CatalogueWriter writer, SequenceAccess access, SampleQueries samples, Audit audit)
{
    /// <exception cref="FaultException">NotFound where the sequence does not exist for the caller.</exception>
    public async Task<IReadOnlyList<SampleLink>> OfAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        CancellationToken cancellationToken
    )
    {
        var view = await access.GetAsync(principal, proposalId, sequenceId, cancellationToken);
        return await samples.OfSequenceAsync(view.Sequence.Row, cancellationToken);
    }

    /// <summary>Lets an open sequence refer to a sample, or no more.</summary>
    /// <remarks>Whoever may read the sequence sees its samples, so only those who may change a sample may let others see it so.</remarks>
    /// <exception cref="FaultException">NotFound for either; Forbidden; Closed.</exception>
    public async Task SetAsync(
        string proposalId,
        string sequenceId,
        string sampleId,
        bool refers,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await access.RequireAsync(principal, proposalId, sequenceId, Right.Write, cancellationToken);
        var sample = await samples.GetAsync(principal, sampleId, cancellationToken);
        if (refers && !sample.MayChange)
            throw Fault.Forbidden(
                "sample-not-yours",
                $"You may see sample '{sample.Sample.Id}' but not give it to other sequences. Ask the experiment leader of {sample.Sample.ProposalId}.",
                ("sample", sample.Sample.Id),
                ("proposal", sample.Sample.ProposalId)
            );
        await writer.WriteAsync(
            transaction =>
            {
                var now = SequenceRows.Find(transaction, view.Sequence.ProposalId, view.Sequence.Id);
                if (now is null)
                    throw Fault.NotFound("Sequence", view.Sequence.Name);
                if (now.State == SequenceState.Closed)
                    throw Fault.Closed(now.ProposalId, now.Id);
                var changed = transaction.Connection!.Execute(
                    refers
                        ? "INSERT INTO sequence_sample (sequence_row, sample_row) VALUES (@Row, @Sample) ON CONFLICT DO NOTHING"
                        : "DELETE FROM sequence_sample WHERE sequence_row = @Row AND sample_row = @Sample",
                    new { now.Row, Sample = sample.Sample.Row },
                    transaction
                );
                if (changed > 0)
                    audit.Add(
                        transaction,
                        principal,
                        refers ? "sample.referred" : "sample.unreferred",
                        view.Sequence.Ref,
                        new { sample = sample.Sample.Id }
                    );
            },
            cancellationToken
        );
    }
}
