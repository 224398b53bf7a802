using Harima.Access;
using Harima.Faults;
using Harima.Identity;

namespace Harima.Sequences;

/// <summary>Where an upload begins: the sequence of that id if it can still be added to, a new one if there is none.</summary>
public sealed class OpenOrContinueSequence(SequenceAccess access, OpenSequence open)
{
    /// <exception cref="FaultException">
    /// Closed; NotFound for the proposal; Forbidden where the caller may not write; Invalid for the id of a new one.
    /// </exception>
    public async Task<Sequence> HandleAsync(
        OpenSequenceRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var wanted = request with { SequenceId = request.SequenceId.Trim() };
        // Not there, or hidden: to somebody it is hidden from, opening answers the same in both cases.
        if (await access.FindAsync(principal, wanted.ProposalId, wanted.SequenceId, cancellationToken) is not null)
            return await ContinueAsync(wanted, principal, cancellationToken);
        try
        {
            return await open.HandleAsync(wanted, principal, cancellationToken);
        }
        catch (FaultException fault) when (fault.Reason == OpenSequence.Exists)
        {
            // A second tab, or a client's retry, was faster.
            return await ContinueAsync(wanted, principal, cancellationToken);
        }
    }

    async Task<Sequence> ContinueAsync(
        OpenSequenceRequest wanted,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var (id, proposalId) = (wanted.SequenceId, wanted.ProposalId);
        var view = await access.RequireAsync(principal, proposalId, id, Right.Write, cancellationToken);
        return view.Sequence.State == SequenceState.Closed
            ? throw Fault.Closed(view.Sequence.ProposalId, view.Sequence.Id)
            : view.Sequence;
    }
}
