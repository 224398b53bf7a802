using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;

namespace Harima.Sequences;

/// <summary>Closes a sequence for good: from then on nothing of it changes. Those who may write it may.</summary>
public sealed class CloseSequence(CatalogueWriter writer, SequenceAccess access, Audit audit, TimeProvider time)
{
    /// <exception cref="FaultException">NotFound; Forbidden; Conflict while parts of a file are still being uploaded. Closing twice is no fault.</exception>
    public async Task<Sequence> HandleAsync(
        string proposalId,
        string sequenceId,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        if (principal.Limit is not null)
            throw Fault.Forbidden(
                "session-limited",
                "These credentials only move files. Close the sequence as yourself."
            );
        var view = await access.RequireAsync(principal, proposalId, sequenceId, Right.Write, cancellationToken);
        return await writer.WriteAsync(
            transaction =>
            {
                var sequence = SequenceRows.Find(transaction, view.Proposal.Id, view.Sequence.Id)!;
                if (sequence.State == SequenceState.Closed)
                    return sequence;
                RefuseUnfinished(transaction, view);
                var at = time.Now();
                transaction.Connection!.Execute(
                    "UPDATE sequence SET state = 'closed', closed_at = @at WHERE row = @Row",
                    new { at, sequence.Row },
                    transaction
                );
                audit.Add(
                    transaction,
                    principal,
                    "sequence.closed",
                    sequence.Ref,
                    new { files = sequence.FileCount, sizeBytes = sequence.SizeBytes }
                );
                return sequence with { State = SequenceState.Closed, ClosedAt = at };
            },
            cancellationToken
        );
    }

    static void RefuseUnfinished(System.Data.Common.DbTransaction transaction, SequenceView view)
    {
        var prefix = view.Sequence.Id + "/";
        var unfinished = transaction.Connection!.QueryFirstOrDefault<string>(
            "SELECT key FROM upload WHERE bucket_id = @BucketId AND key >= @prefix AND key < @end ORDER BY key LIMIT 1",
            // '0' follows '/': everything that starts with the prefix lies between.
            new
            {
                view.Proposal.BucketId,
                prefix,
                end = view.Sequence.Id + "0",
            },
            transaction
        );
        if (unfinished is not null)
            throw Fault.Conflict(
                "upload-unfinished",
                $"'{unfinished}' is still being uploaded. Finish or abort that upload, then close the sequence.",
                ("key", unfinished)
            );
    }
}
