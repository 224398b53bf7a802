using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;

namespace Harima.Proposals;

/// <param name="MyRight">What the caller may do; None where only some of its sequences are visible to them.</param>
/// <param name="SequenceCount">Sequences of it that the caller may see.</param>
public sealed record ProposalSummary(Proposal Proposal, Right MyRight, long SequenceCount, long SizeBytes);

/// <summary>Finds proposals. A proposal exists for those who hold a right on it or may see one of its sequences.</summary>
public sealed class ProposalQueries(Database database, Policy policy, Users users)
{
    internal const string Columns =
        "p.id, p.title, p.title_ja, p.beamline_id, p.starts_on, p.ends_on, p.bucket_id, p.created_at";

    /// <summary>Proposals the caller may see, newest id first.</summary>
    public async Task<Page<ProposalSummary>> ListAsync(
        Principal principal,
        string? text,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var visible = await policy.VisibleToAsync(principal, cancellationToken);
        var parameters = new DynamicParameters();
        var conditions = new List<string> { Condition(visible, parameters) };
        if (!string.IsNullOrWhiteSpace(text))
        {
            parameters.Add("pattern", DialectSql.LikePattern(text.Trim()));
            string[] columns = ["p.id", "p.title", "p.title_ja", "p.beamline_id"];
            conditions.Add(
                "(" + string.Join(" OR ", columns.Select(column => database.Dialect.Contains(column, "@pattern"))) + ")"
            );
        }
        if (cursor is not null)
        {
            parameters.Add("after", Cursor.Decode(cursor, 1)[0].GetString());
            conditions.Add("p.id < @after");
        }
        parameters.Add("limit", limit + 1);
        List<Proposal> rows;
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            rows = (
                await connection.QueryAsync<Proposal>(
                    $"SELECT {Columns} FROM proposal p WHERE {string.Join(" AND ", conditions)} ORDER BY p.id DESC LIMIT @limit",
                    parameters
                )
            ).AsList();
        }
        var more = rows.Count > limit;
        if (more)
            rows.RemoveAt(limit);
        var summaries = new List<ProposalSummary>();
        foreach (var row in rows)
            summaries.Add(await SummariseAsync(row, principal, visible, cancellationToken));
        return new Page<ProposalSummary>(summaries, more ? Cursor.Encode(rows[^1].Id) : null);
    }

    /// <exception cref="FaultException">NotFound where it does not exist for the caller.</exception>
    public async Task<ProposalSummary> GetAsync(Principal principal, string id, CancellationToken cancellationToken)
    {
        var visible = await policy.VisibleToAsync(principal, cancellationToken);
        var parameters = new DynamicParameters();
        parameters.Add("id", id.Trim().ToUpperInvariant());
        Proposal? row;
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            row = await connection.QuerySingleOrDefaultAsync<Proposal>(
                $"SELECT {Columns} FROM proposal p WHERE p.id = @id AND {Condition(visible, parameters)}",
                parameters
            );
        }
        return row is null
            ? throw Fault.NotFound("Proposal", id)
            : await SummariseAsync(row, principal, visible, cancellationToken);
    }

    /// <summary>Whether or not anybody may see it.</summary>
    internal async Task<Proposal?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<Proposal>(
            $"SELECT {Columns} FROM proposal p WHERE p.id = @id",
            new { id = id.Trim().ToUpperInvariant() }
        );
    }

    /// <summary>Leader, members and beamline staff. For those who hold a right on the proposal itself.</summary>
    public async Task<IReadOnlyList<ProposalPerson>> PeopleAsync(
        Principal principal,
        string id,
        CancellationToken cancellationToken
    )
    {
        var proposal = await FindAsync(id, cancellationToken);
        if (proposal is null || await policy.RightOnAsync(principal, proposal.Chain, cancellationToken) < Right.Read)
            throw Fault.NotFound("Proposal", id);
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = (
            await connection.QueryAsync<(string Subject, string Role)>(
                """
                SELECT subject, role FROM access_grant WHERE (kind = 'proposal' AND id = @Id) OR (kind = 'beamline' AND id = @BeamlineId)
                ORDER BY CASE role WHEN 'leader' THEN 0 WHEN 'member' THEN 1 ELSE 2 END, subject
                """,
                new { proposal.Id, proposal.BeamlineId }
            )
        ).AsList();
        var ids = rows.Select(row => Principal.UserOf(row.Subject)).OfType<string>();
        var names = await users.FindManyAsync(ids, cancellationToken);
        return
        [
            .. rows.Where(row => Principal.UserOf(row.Subject) is not null)
                .Select(row => (UserId: Principal.UserOf(row.Subject)!, row.Role))
                .Select(row => new ProposalPerson(
                    row.UserId,
                    names.GetValueOrDefault(row.UserId)?.DisplayName ?? row.UserId,
                    row.Role
                )),
        ];
    }

    /// <summary>All beamlines; they are no secret.</summary>
    public async Task<IReadOnlyList<Beamline>> BeamlinesAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return (await connection.QueryAsync<Beamline>("SELECT id, title, title_ja FROM beamline ORDER BY id")).AsList();
    }

    async Task<ProposalSummary> SummariseAsync(
        Proposal proposal,
        Principal principal,
        Visible visible,
        CancellationToken cancellationToken
    )
    {
        var parameters = new DynamicParameters();
        parameters.Add("id", proposal.Id);
        await using var connection = await database.OpenAsync(cancellationToken);
        var (count, size) = await connection.QuerySingleAsync<(long, long)>(
            $"""
            SELECT COUNT(*), CAST(COALESCE(SUM(s.size_bytes), 0) AS BIGINT) FROM sequence s
            WHERE s.proposal_id = @id AND {visible.SequenceCondition(database.Dialect, parameters)}
            """,
            parameters
        );
        var right = await policy.RightOnAsync(principal, proposal.Chain, cancellationToken);
        return new ProposalSummary(proposal, right, count, size);
    }

    string Condition(Visible visible, DynamicParameters parameters)
    {
        if (visible.Everything)
            return "1 = 1";
        var ways = new List<string>
        {
            $"EXISTS (SELECT 1 FROM sequence s WHERE s.proposal_id = p.id AND {visible.SequenceCondition(database.Dialect, parameters)})",
        };
        Visible.Add(ways, database.Dialect, parameters, "p.id", "ownProposals", visible.Proposals);
        Visible.Add(ways, database.Dialect, parameters, "p.beamline_id", "ownBeamlines", visible.Beamlines);
        return "(" + string.Join(" OR ", ways) + ")";
    }
}
