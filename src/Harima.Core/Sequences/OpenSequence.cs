using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Proposals;

namespace Harima.Sequences;

public sealed record OpenSequenceRequest(string ProposalId, string SequenceId);

/// <summary>Opens a new sequence of a proposal, owned by the caller.</summary>
public sealed class OpenSequence(
    CatalogueWriter writer,
    ProposalQueries proposals,
    Policy policy,
    Audit audit,
    TimeProvider time
)
{
    /// <summary>The reason of the Conflict where the id is taken.</summary>
    internal const string Exists = "sequence-exists";

    /// <exception cref="FaultException">NotFound for the proposal; Forbidden; Invalid for the id; Conflict if it exists.</exception>
    public async Task<Sequence> HandleAsync(
        OpenSequenceRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var summary = await proposals.GetAsync(principal, request.ProposalId, cancellationToken);
        if (await policy.RightOnAsync(principal, summary.Proposal.Chain, cancellationToken) < Right.Write)
            throw Fault.Forbidden(
                "no-upload",
                $"You may not add sequences to proposal {summary.Proposal.Id}. Ask its experiment leader to make you a member.",
                ("proposal", summary.Proposal.Id)
            );
        var id = request.SequenceId.Trim();
        Sequence.RequireId(id);
        return await writer.WriteAsync(
            transaction =>
            {
                if (SequenceRows.Find(transaction, summary.Proposal.Id, id) is not null)
                    throw Fault.Conflict(
                        Exists,
                        $"Proposal {summary.Proposal.Id} already has a sequence '{id}'. Choose another id, or continue that one.",
                        ("proposal", summary.Proposal.Id),
                        ("sequence", id)
                    );
                var sequence = SequenceRows.Insert(transaction, summary.Proposal, id, principal.Actor, time.Now());
                audit.Add(transaction, principal, "sequence.opened", sequence.Ref);
                return sequence;
            },
            cancellationToken
        );
    }
}
