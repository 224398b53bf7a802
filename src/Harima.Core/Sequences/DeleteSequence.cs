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
                var sequence =
                    SequenceRows.FindAlone(transaction, view.Proposal.Id, view.Sequence.Id)
                    ?? throw Fault.NotFound("Sequence", view.Sequence.Id);
                if (sequence.State == SequenceState.Closed)
                    throw Fault.Closed(sequence.ProposalId, sequence.Id);
                var range = new
                {
                    view.Proposal.BucketId,
                    start = sequence.Id + "/",
                    end = sequence.Id + "0",
                };
                // Not by its count, which follows a registration some seconds later.
                var files = transaction.Connection!.ExecuteScalar<int?>(
                    "SELECT 1 FROM data_file WHERE bucket_id = @BucketId AND key >= @start AND key < @end LIMIT 1",
                    range,
                    transaction
                );
                var uploads = transaction.Connection!.ExecuteScalar<long>(
                    "SELECT COUNT(*) FROM upload WHERE bucket_id = @BucketId AND key >= @start AND key < @end",
                    range,
                    transaction
                );
                var versions = transaction.Connection!.ExecuteScalar<long>(
                    """
                    SELECT COUNT(*) FROM file_version
                    WHERE bucket_id = @BucketId AND key >= @start AND key < @end AND NOT is_marker
                    """,
                    range,
                    transaction
                );
                if (files is not null || uploads > 0)
                    throw Fault.Conflict(
                        "sequence-not-empty",
                        $"Sequence '{sequence.Id}' still holds files or unfinished uploads. Remove them first.",
                        ("sequence", sequence.Id)
                    );
                if (versions > 0)
                    throw Fault.Conflict(
                        "sequence-has-versions",
                        $"Sequence '{sequence.Id}' still holds older versions of deleted files. Remove them first.",
                        ("sequence", sequence.Id)
                    );
                // What is left are delete markers, which say nothing any more.
                transaction.Connection!.Execute(
                    "DELETE FROM file_version WHERE bucket_id = @BucketId AND key >= @start AND key < @end",
                    range,
                    transaction
                );
                Grants.RemoveAllOn(transaction, sequence.Ref);
                transaction.Connection!.Execute(
                    "DELETE FROM sequence_sample WHERE sequence_row = @Row",
                    new { sequence.Row },
                    transaction
                );
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
