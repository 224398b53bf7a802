using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;

namespace Harima.Sequences;

/// <summary>Deletes an open sequence that holds no files, such as one made by a typing mistake.</summary>
public sealed class DeleteSequence(CatalogueWriter writer, SequenceAccess access, Audit audit)
{
    /// <exception cref="FaultException">NotFound; Forbidden; Closed; Conflict while it holds files or unfinished uploads.</exception>
    public async Task HandleAsync(
        string proposalId,
        string sequenceId,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await access.RequireAsync(principal, proposalId, sequenceId, Right.Write, cancellationToken);
        await writer.WriteAsync(
            transaction =>
            {
                var sequence = SequenceRows.Find(transaction, view.Proposal.Id, view.Sequence.Id)!;
                if (sequence.State == SequenceState.Closed)
                    throw Fault.Closed(sequence.ProposalId, sequence.Id);
                var uploads = transaction.Connection!.ExecuteScalar<long>(
                    "SELECT COUNT(*) FROM upload WHERE bucket_id = @BucketId AND key >= @start AND key < @end",
                    new
                    {
                        view.Proposal.BucketId,
                        start = sequence.Id + "/",
                        end = sequence.Id + "0",
                    },
                    transaction
                );
                if (sequence.FileCount > 0 || uploads > 0)
                    throw Fault.Conflict(
                        "sequence-not-empty",
                        $"Sequence '{sequence.Id}' still holds files or unfinished uploads. Remove them first.",
                        ("sequence", sequence.Id)
                    );
                Grants.RemoveAllOn(transaction, sequence.Ref);
                transaction.Connection!.Execute(
                    "DELETE FROM sequence WHERE row = @Row",
                    new { sequence.Row },
                    transaction
                );
                audit.Add(transaction, principal, "sequence.deleted", sequence.Ref);
            },
            cancellationToken
        );
    }
}
