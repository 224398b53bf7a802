using System.Data.Common;
using Dapper;
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
        var row = transaction.Connection!.ExecuteScalar<long>(
            """
            INSERT INTO sequence (proposal_id, id, ref, beamline_id, state, owner, created_at)
            VALUES (@ProposalId, @id, @name, @BeamlineId, 'open', @owner, @at) RETURNING row
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
            Row = row,
            ProposalId = proposal.Id,
            Id = id,
            BeamlineId = proposal.BeamlineId,
            State = SequenceState.Open,
            Owner = owner,
            CreatedAt = at,
        };
    }

    public static void AddSize(DbTransaction transaction, long row, long sizeBytes, int fileCount) =>
        transaction.Connection!.Execute(
            "UPDATE sequence SET size_bytes = size_bytes + @sizeBytes, file_count = file_count + @fileCount WHERE row = @row",
            new
            {
                row,
                sizeBytes,
                fileCount,
            },
            transaction
        );
}
