using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;

namespace Harima.Proposals;

/// <summary>That somebody read a file on one day.</summary>
public sealed record FileRead
{
    public long Id { get; init; }

    /// <summary>User id, or <c>anonymous</c>.</summary>
    public required string Actor { get; init; }

    /// <summary><c>s3</c>, <c>rest</c>, or <c>archive</c> for a whole sequence.</summary>
    public required string Door { get; init; }
    public required string SequenceId { get; init; }

    /// <summary>The key in the proposal's bucket; for an archive the sequence with a slash.</summary>
    public required string Path { get; init; }
    public DateTimeOffset FirstAt { get; init; }
    public DateTimeOffset LastAt { get; init; }
    public long Requests { get; init; }

    /// <summary>Announced in the answers together.</summary>
    public long SizeBytes { get; init; }
}

/// <summary>Who read what, for those who answer for the data: the experiment leader and administrators.</summary>
public sealed class AccessQueries(Database database, ProposalQueries proposals, Policy policy)
{
    /// <summary>Newest first.</summary>
    /// <exception cref="FaultException">NotFound where the proposal does not exist for the caller; Forbidden without the right to manage it.</exception>
    public async Task<Page<FileRead>> ListAsync(
        Principal principal,
        string proposalId,
        string? sequenceId,
        string? userId,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var proposal = (await proposals.GetAsync(principal, proposalId, cancellationToken)).Proposal;
        if (await policy.RightOnAsync(principal, proposal.Chain, cancellationToken) < Right.Manage)
            throw Fault.Forbidden(
                "needs-manage",
                $"Who read the data of proposal '{proposal.Id}' is shown to its experiment leader and to administrators."
            );
        var parameters = new
        {
            bucket = proposal.Id.ToLowerInvariant(),
            sequenceId,
            userId,
            before = Cursor.IdOf(cursor) ?? long.MaxValue,
            limit = limit + 1,
        };
        await using var connection = await database.OpenAsync(cancellationToken);
        var found = (
            await connection.QueryAsync<FileRead>(
                $"""
                SELECT id, actor, door, sequence_id, path, first_at, last_at, requests, size_bytes FROM access_read
                WHERE bucket = @bucket AND id < @before
                {(sequenceId is null ? "" : "AND sequence_id = @sequenceId")}
                {(userId is null ? "" : "AND actor = @userId")}
                ORDER BY id DESC LIMIT @limit
                """,
                parameters
            )
        ).AsList();
        return Page.Of(found, limit, last => [last.Id]);
    }
}
