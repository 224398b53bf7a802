using System.Data.Common;
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
                if (WhyNotEmpty(transaction, view.Proposal.BucketId, sequence) is { } refusal)
                    throw refusal;
                Delete(transaction, view.Proposal.BucketId, sequence, principal, audit);
            },
            cancellationToken
        );
    }

    static object RangeOf(long bucketId, Sequence sequence) =>
        new
        {
            bucketId,
            start = sequence.Id + "/",
            end = sequence.Id + "0",
        };

    /// <summary>Why it cannot be deleted; null where nothing is left in it.</summary>
    internal static FaultException? WhyNotEmpty(DbTransaction transaction, long bucketId, Sequence sequence)
    {
        var range = RangeOf(bucketId, sequence);
        // Not by its count, which follows a registration some seconds later.
        if (IsAny("data_file", "TRUE") || IsAny("upload", "TRUE"))
            return Fault.Conflict(
                "sequence-not-empty",
                $"Sequence '{sequence.Id}' still holds files or unfinished uploads. Remove them first.",
                ("sequence", sequence.Id)
            );
        return IsAny("file_version", "NOT is_marker")
            ? Fault.Conflict(
                "sequence-has-versions",
                $"Sequence '{sequence.Id}' still holds older versions of deleted files. Remove them first.",
                ("sequence", sequence.Id)
            )
            : null;

        bool IsAny(string table, string which) =>
            transaction.Connection!.ExecuteScalar<int?>(
                $"SELECT 1 FROM {table} WHERE bucket_id = @bucketId AND key >= @start AND key < @end AND {which} LIMIT 1",
                range,
                transaction
            )
                is not null;
    }

    /// <summary>Deletes an empty one, with what belongs to it.</summary>
    internal static void Delete(
        DbTransaction transaction,
        long bucketId,
        Sequence sequence,
        Principal principal,
        Audit audit
    )
    {
        // What is left are delete markers, which say nothing any more.
        transaction.Connection!.Execute(
            "DELETE FROM file_version WHERE bucket_id = @bucketId AND key >= @start AND key < @end",
            RangeOf(bucketId, sequence),
            transaction
        );
        Grants.RemoveAllOn(transaction, sequence.Ref);
        transaction.Connection!.Execute(
            "DELETE FROM sequence_sample WHERE sequence_row = @Row",
            new { sequence.Row },
            transaction
        );
        transaction.Connection!.Execute("DELETE FROM sequence WHERE row = @Row", new { sequence.Row }, transaction);
        audit.Add(transaction, principal, "sequence.deleted", sequence.Ref);
    }
}
