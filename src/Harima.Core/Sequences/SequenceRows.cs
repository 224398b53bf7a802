using System.Data.Common;
using Dapper;
using Harima.Catalogue;
using Harima.Proposals;

namespace Harima.Sequences;

/// <summary>The rows of sequences, as the use cases change them inside their transactions.</summary>
static class SequenceRows
{
    public const string Columns =
        "s.row, s.proposal_id, s.id, s.beamline_id, s.state, s.owner, s.created_at, s.closed_at, s.size_bytes, s.file_count";

    public static Sequence? Find(DbTransaction transaction, string proposalId, string id) =>
        transaction.Connection!.QuerySingleOrDefault<Sequence>(
            $"SELECT {Columns} FROM sequence s WHERE s.proposal_id = @proposalId AND s.id = @id",
            new { proposalId, id },
            transaction
        );

    public static Sequence Insert(
        DbTransaction transaction,
        Proposal proposal,
        string id,
        string owner,
        DateTimeOffset at
    )
    {
        var row = transaction.Connection!.ExecuteScalar<long?>(
            """
            INSERT INTO sequence (proposal_id, id, ref, beamline_id, state, owner, created_at)
            VALUES (@ProposalId, @id, @name, @BeamlineId, 'open', @owner, @at) ON CONFLICT DO NOTHING RETURNING row
            """,
            new
            {
                ProposalId = proposal.Id,
                id,
                name = Sequence.NameOf(proposal.Id, id),
                proposal.BeamlineId,
                owner,
                at,
            },
            transaction
        );
        return new Sequence
        {
            // Another replica has opened it since it was looked for.
            Row = row ?? throw new OvertakenException(),
            ProposalId = proposal.Id,
            Id = id,
            BeamlineId = proposal.BeamlineId,
            State = SequenceState.Open,
            Owner = owner,
            CreatedAt = at,
        };
    }

    public static void AddSize(DbTransaction transaction, long row, long sizeBytes, int fileCount)
    {
        var changed = transaction.Connection!.Execute(
            "UPDATE sequence SET size_bytes = size_bytes + @sizeBytes, file_count = file_count + @fileCount WHERE row = @row",
            new
            {
                row,
                sizeBytes,
                fileCount,
            },
            transaction
        );
        // Another replica has deleted it, empty as it was, since it was looked at.
        if (changed != 1)
            throw new OvertakenException();
    }

    /// <summary>The sequence, which nobody else changes or adds to until the transaction ends; null where there is none.</summary>
    public static Sequence? FindAlone(DbTransaction transaction, string proposalId, string id)
    {
        if (transaction.MayOvertake())
            transaction.Connection!.Execute(
                "SELECT 1 FROM sequence WHERE proposal_id = @proposalId AND id = @id FOR NO KEY UPDATE",
                new { proposalId, id },
                transaction
            );
        return Find(transaction, proposalId, id);
    }
}
