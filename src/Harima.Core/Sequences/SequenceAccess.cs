using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Proposals;

namespace Harima.Sequences;

/// <summary>A sequence as one caller may use it.</summary>
public sealed record SequenceView(Sequence Sequence, Proposal Proposal, Right MyRight, Visibility Visibility)
{
    internal IReadOnlyList<ResourceRef> Chain => [Sequence.Ref, .. Proposal.Chain];
}

/// <summary>One line of the access table: who may do what, and why.</summary>
/// <param name="Role">In which role, one of <see cref="Roles"/>.</param>
/// <param name="On">What the right is held on: the sequence itself, or something that contains it.</param>
/// <param name="Removable">Whether it was given by sharing this sequence, and so can be changed or taken back here.</param>
public sealed record AccessEntry(
    string UserId,
    string DisplayName,
    string? Email,
    Right Right,
    string Role,
    ResourceRef On,
    string GrantedBy,
    DateTimeOffset GrantedAt,
    bool Removable
);

/// <summary>Opens the door to a sequence: every use case about one asks here first.</summary>
public sealed class SequenceAccess(
    Database database,
    ProposalQueries proposals,
    Policy policy,
    Grants grants,
    Users users
)
{
    const int AskedAtOnce = 500;

    /// <exception cref="FaultException">NotFound where it does not exist for the caller.</exception>
    public async Task<SequenceView> GetAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        CancellationToken cancellationToken
    ) =>
        await FindAsync(principal, proposalId, sequenceId, cancellationToken)
        ?? throw Fault.NotFound("Sequence", Sequence.NameOf(proposalId, sequenceId));

    /// <returns>Null where it does not exist for the caller.</returns>
    internal async Task<SequenceView?> FindAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        CancellationToken cancellationToken
    )
    {
        var proposal = await proposals.FindAsync(proposalId, cancellationToken);
        if (proposal is null)
            return null;
        Sequence? sequence;
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            sequence = await Dapper.SqlMapper.QuerySingleOrDefaultAsync<Sequence>(
                connection,
                $"SELECT {SequenceRows.Columns} FROM sequence s WHERE s.proposal_id = @Id AND s.id = @sequenceId",
                new { proposal.Id, sequenceId }
            );
        }
        if (sequence is null)
            return null;
        var right = await policy.RightOnAsync(principal, [sequence.Ref, .. proposal.Chain], cancellationToken);
        if (principal.Limit?.Reaches(proposal.Id, sequenceId + "/") == false)
            right = Right.None;
        if (right < Right.Read)
            return null;
        var everyone = (await grants.OnAsync([sequence.Ref], cancellationToken)).Any(grant =>
            grant.Subject == Principal.EveryoneSubject
        );
        return new SequenceView(sequence, proposal, right, everyone ? Visibility.Everyone : Visibility.Limited);
    }

    /// <summary>As <see cref="FindAsync"/>, of many asked at once.</summary>
    /// <returns>In the order asked for; null for each that does not exist for the caller.</returns>
    internal async Task<IReadOnlyList<SequenceView?>> FindManyAsync(
        Principal principal,
        IReadOnlyList<(string ProposalId, string SequenceId)> names,
        CancellationToken cancellationToken
    )
    {
        var views = new SequenceView?[names.Count];
        foreach (var ofProposal in Enumerable.Range(0, names.Count).GroupBy(n => names[n].ProposalId))
        {
            if (await proposals.FindAsync(ofProposal.Key, cancellationToken) is not { } proposal)
                continue;
            foreach (var some in ofProposal.Chunk(AskedAtOnce))
            {
                List<Sequence> sequences;
                await using (var connection = await database.OpenAsync(cancellationToken))
                {
                    sequences = Dapper.SqlMapper.AsList(
                        await Dapper.SqlMapper.QueryAsync<Sequence>(
                            connection,
                            $"SELECT {SequenceRows.Columns} FROM sequence s WHERE s.proposal_id = @Id AND s.id IN @ids".ForDapper(
                                database.Dialect,
                                "ids"
                            ),
                            new { proposal.Id, ids = some.Select(n => names[n].SequenceId).Distinct().ToArray() }
                        )
                    );
                }
                if (sequences.Count == 0)
                    continue;
                var rights = await policy.RightsOnAsync(
                    principal,
                    [.. sequences.Select(sequence => (IReadOnlyList<ResourceRef>)[sequence.Ref, .. proposal.Chain])],
                    cancellationToken
                );
                var everyone = await grants.ForEveryoneAsync(
                    ResourceKind.Sequence,
                    [.. sequences.Select(sequence => sequence.Ref.Id)],
                    cancellationToken
                );
                var found = new Dictionary<string, SequenceView>(StringComparer.Ordinal);
                foreach (var (sequence, right) in sequences.Zip(rights))
                    if (right >= Right.Read && principal.Limit?.Reaches(proposal.Id, sequence.Id + "/") != false)
                        found[sequence.Id] = new SequenceView(
                            sequence,
                            proposal,
                            right,
                            everyone.Contains(sequence.Ref.Id) ? Visibility.Everyone : Visibility.Limited
                        );
                foreach (var n in some)
                    views[n] = found.GetValueOrDefault(names[n].SequenceId);
            }
        }
        return views;
    }

    /// <exception cref="FaultException">NotFound; Forbidden where the caller may read but not <paramref name="needed"/>.</exception>
    internal async Task<SequenceView> RequireAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        Right needed,
        CancellationToken cancellationToken
    )
    {
        var view = await GetAsync(principal, proposalId, sequenceId, cancellationToken);
        return view.MyRight >= needed ? view : throw Needs(needed, view);
    }

    /// <summary>The refusal of whoever may read a sequence but not do this to it.</summary>
    internal static FaultException Needs(Right needed, SequenceView view)
    {
        var sequenceId = view.Sequence.Id;
        return needed == Right.Manage
            ? Fault.Forbidden(
                "needs-manage",
                $"Only the experiment leader of {view.Proposal.Id} and those given Manage may do this to '{sequenceId}'.",
                ("proposal", view.Proposal.Id),
                ("sequence", sequenceId)
            )
            : Fault.Forbidden(
                "needs-write",
                $"You may read sequence '{sequenceId}' but not change it. Ask the experiment leader of {view.Proposal.Id}.",
                ("proposal", view.Proposal.Id),
                ("sequence", sequenceId)
            );
    }

    /// <summary>For changing what describes a sequence: Write, and it is not closed.</summary>
    /// <exception cref="FaultException">NotFound; Forbidden; Closed.</exception>
    internal async Task<SequenceView> RequireOpenAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        CancellationToken cancellationToken
    )
    {
        var view = await RequireAsync(principal, proposalId, sequenceId, Right.Write, cancellationToken);
        return view.Sequence.State == SequenceState.Closed
            ? throw Fault.Closed(view.Sequence.ProposalId, view.Sequence.Id)
            : view;
    }

    /// <summary>Everybody who holds a right on the sequence and why; strongest first. For those who manage it.</summary>
    /// <exception cref="FaultException">NotFound; Forbidden.</exception>
    public async Task<IReadOnlyList<AccessEntry>> EntriesAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        CancellationToken cancellationToken
    )
    {
        var view = await RequireAsync(principal, proposalId, sequenceId, Right.Manage, cancellationToken);
        var held = await grants.OnAsync(view.Chain, cancellationToken);
        var people = held.Where(grant => Principal.UserOf(grant.Subject) is not null).ToList();
        var names = await users.FindManyAsync(
            people.Select(grant => Principal.UserOf(grant.Subject)!),
            cancellationToken
        );
        return
        [
            .. people
                .Select(grant =>
                {
                    var id = Principal.UserOf(grant.Subject)!;
                    var user = names.GetValueOrDefault(id);
                    return new AccessEntry(
                        id,
                        user?.DisplayName ?? id,
                        user?.Email,
                        grant.Access,
                        grant.Role,
                        grant.On,
                        grant.GrantedBy,
                        grant.GrantedAt,
                        grant.On == view.Sequence.Ref && grant.Role == Roles.Shared
                    );
                })
                .OrderByDescending(entry => entry.Right)
                .ThenBy(entry => entry.Removable)
                .ThenBy(entry => entry.UserId, StringComparer.Ordinal),
        ];
    }
}
