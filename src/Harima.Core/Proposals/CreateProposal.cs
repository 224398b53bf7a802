using System.Globalization;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Storage;

namespace Harima.Proposals;

/// <param name="Leader">User id of the experiment leader (実験責任者).</param>
public sealed record CreateProposalRequest(
    string Id,
    string Title,
    string TitleJa,
    string BeamlineId,
    DateOnly StartsOn,
    DateOnly EndsOn,
    string Leader,
    IReadOnlyList<string> Members
);

/// <summary>Registers a proposal with its people and its bucket. Only those who manage the facility may.</summary>
public sealed class CreateProposal(
    Database database,
    CatalogueWriter writer,
    Policy policy,
    Grants grants,
    Audit audit,
    Users users,
    TimeProvider time
)
{
    /// <exception cref="FaultException">Forbidden; Invalid for a bad id, period, beamline or person; Conflict if it exists.</exception>
    public async Task<Proposal> HandleAsync(
        CreateProposalRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        if (await policy.RightOnAsync(principal, [ResourceRef.Facility], cancellationToken) < Right.Manage)
            throw Fault.Forbidden("facility-only", "Only the facility's administrators register proposals.");
        var proposal = new Proposal
        {
            Id = Proposal.ParseId(request.Id),
            Title = request.Title.Trim(),
            TitleJa = request.TitleJa.Trim(),
            BeamlineId = request.BeamlineId,
            StartsOn = request.StartsOn.ToString("O", CultureInfo.InvariantCulture),
            EndsOn = request.EndsOn.ToString("O", CultureInfo.InvariantCulture),
            CreatedAt = time.Now(),
        };
        if (request.EndsOn < request.StartsOn)
            throw Fault.Invalid(
                "proposal-period",
                "The period of a proposal ends before it starts. Swap the two dates."
            );
        await RequireBeamlineAsync(request.BeamlineId, cancellationToken);
        var leader = await RequireUserAsync(request.Leader, cancellationToken);
        var members = new List<string>();
        foreach (var member in request.Members)
            members.Add(await RequireUserAsync(member, cancellationToken));
        return await writer.WriteAsync(
            transaction =>
            {
                var bucketId = Buckets.Create(
                    transaction,
                    BucketKind.Proposal,
                    proposal.Id,
                    proposal.Id,
                    proposal.CreatedAt
                );
                var created = proposal with { BucketId = bucketId };
                transaction.Connection!.Execute(
                    """
                    INSERT INTO proposal (id, title, title_ja, beamline_id, starts_on, ends_on, bucket_id, created_at)
                    VALUES (@Id, @Title, @TitleJa, @BeamlineId, @StartsOn, @EndsOn, @BucketId, @CreatedAt)
                    """,
                    new
                    {
                        created.Id,
                        created.Title,
                        created.TitleJa,
                        created.BeamlineId,
                        created.StartsOn,
                        created.EndsOn,
                        created.BucketId,
                        created.CreatedAt,
                    },
                    transaction
                );
                grants.Put(
                    transaction,
                    created.Ref,
                    Principal.SubjectOf(leader),
                    Roles.Leader,
                    Right.Manage,
                    principal.Actor
                );
                foreach (var member in members)
                    grants.Put(
                        transaction,
                        created.Ref,
                        Principal.SubjectOf(member),
                        Roles.Member,
                        Right.Write,
                        principal.Actor
                    );
                audit.Add(transaction, principal, "proposal.created", created.Ref);
                return created;
            },
            cancellationToken
        );
    }

    async Task RequireBeamlineAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        if (await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM beamline WHERE id = @id", new { id }) == 0)
            throw Fault.Invalid("no-such-beamline", $"There is no beamline '{id}'. Register it first.", ("id", id));
    }

    async Task<string> RequireUserAsync(string id, CancellationToken cancellationToken) =>
        (await users.FindAsync(id, cancellationToken))?.Id
        ?? throw Fault.Invalid("no-such-user", $"There is no account '{id}'.", ("id", id));
}
