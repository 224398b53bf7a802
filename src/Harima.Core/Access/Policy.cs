using Dapper;
using Harima.Catalogue;
using Harima.Identity;

namespace Harima.Access;

/// <summary>
/// Decides for every surface. Two questions exist: what may this principal do with that
/// (<see cref="RightOnAsync"/>), and which may they see (<see cref="VisibleToAsync"/>).
/// </summary>
public sealed class Policy(Database database, Grants grants)
{
    /// <summary>
    /// The strongest right held anywhere on the chain, cut down to what the credentials are limited to.
    /// </summary>
    /// <param name="chain">The thing itself, then what contains it: sequence, proposal, beamline, facility.</param>
    public async Task<Right> RightOnAsync(
        Principal principal,
        IReadOnlyList<ResourceRef> chain,
        CancellationToken cancellationToken
    ) => (await HeldAsync(principal, chain, countEveryone: true, cancellationToken)).Given;

    /// <summary>As <see cref="RightOnAsync"/>, and beside it what the policy of a bucket gives, which goes only as far as that says.</summary>
    /// <param name="countEveryone">False where what is given to everyone is suspended (public-access block).</param>
    internal async Task<(Right Given, Right ByPolicy)> HeldAsync(
        Principal principal,
        IReadOnlyList<ResourceRef> chain,
        bool countEveryone,
        CancellationToken cancellationToken
    )
    {
        if (principal.IsSystem)
            return (Right.Manage, Right.None);
        var subjects = principal
            .Subjects.Where(subject => countEveryone || Principal.UserOf(subject) is not null)
            .ToList();
        if (subjects.Count == 0)
            return (Right.None, Right.None);
        await using var connection = await database.OpenAsync(cancellationToken);
        var parameters = new DynamicParameters();
        var named = subjects.Select(
            (subject, n) =>
            {
                parameters.Add($"subject{n}", subject);
                return $"@subject{n}";
            }
        );
        var conditions = chain.Select(
            (resource, n) =>
            {
                parameters.Add($"kind{n}", resource.KindText);
                parameters.Add($"id{n}", resource.Id);
                return $"(kind = @kind{n} AND id = @id{n})";
            }
        );
        var held = await connection.QueryAsync<(string Role, string Access)>(
            $"SELECT role, access FROM access_grant WHERE subject IN ({string.Join(", ", named)}) AND ({string.Join(" OR ", conditions)})",
            parameters
        );
        var (given, byPolicy) = (Right.None, Right.None);
        foreach (var (role, access) in held)
        {
            var right = Parse(access);
            if (role == Roles.Policy)
                byPolicy = right > byPolicy ? right : byPolicy;
            else
                given = right > given ? right : given;
        }
        return (Limit(principal, given), Limit(principal, byPolicy));
    }

    /// <summary>As <see cref="RightOnAsync"/>, of many things asked at once.</summary>
    /// <returns>For each chain what is held on it.</returns>
    internal async Task<IReadOnlyList<Right>> RightsOnAsync(
        Principal principal,
        IReadOnlyList<IReadOnlyList<ResourceRef>> chains,
        CancellationToken cancellationToken
    )
    {
        if (principal.IsSystem)
            return [.. chains.Select(_ => Right.Manage)];
        await using var connection = await database.OpenAsync(cancellationToken);
        var held = (
            await connection.QueryAsync<(string Kind, string Id, string Access)>(
                "SELECT kind, id, access FROM access_grant WHERE subject IN @subjects AND id IN @ids AND role <> @Policy"
                    .ForDapper(database.Dialect, "subjects")
                    .ForDapper(database.Dialect, "ids"),
                new
                {
                    subjects = principal.Subjects.ToArray(),
                    ids = chains.SelectMany(chain => chain).Select(resource => resource.Id).Distinct().ToArray(),
                    Roles.Policy,
                }
            )
        ).ToLookup(grant => (grant.Kind, grant.Id), grant => Parse(grant.Access));
        return
        [
            .. chains.Select(chain =>
                Limit(
                    principal,
                    chain
                        .SelectMany(resource => held[(resource.KindText, resource.Id)])
                        .DefaultIfEmpty(Right.None)
                        .Max()
                )
            ),
        ];
    }

    /// <summary>Which things this principal may at least read, to be composed into the SQL of a list.</summary>
    public async Task<Visible> VisibleToAsync(Principal principal, CancellationToken cancellationToken)
    {
        if (principal.IsSystem)
            return new Visible(true, [], [], [], []);
        var held = await grants.HeldByAsync(
            principal.IsAnonymous ? [] : [Principal.SubjectOf(principal.UserId!)],
            cancellationToken
        );
        string[] Ids(ResourceKind kind) =>
            [
                .. held.Where(grant => grant.On.Kind == kind)
                    .Select(grant => grant.On.Id)
                    .Distinct(StringComparer.Ordinal),
            ];
        return new Visible(
            held.Any(grant => grant.On.Kind == ResourceKind.Facility),
            Ids(ResourceKind.Beamline),
            Ids(ResourceKind.Proposal),
            Ids(ResourceKind.Workspace),
            Ids(ResourceKind.Sequence)
        );
    }

    static Right Limit(Principal principal, Right right) =>
        principal.Limit is { MayWrite: false } && right > Right.Read ? Right.Read
        // Session credentials move bytes; sharing and closing stay with the person.
        : principal.Limit is not null && right > Right.Write ? Right.Write
        : right;

    static Right Parse(string access) => Enum.Parse<Right>(access, ignoreCase: true);
}

/// <summary>What somebody may see, apart from what is shared with everyone.</summary>
/// <param name="Everything">Facility staff who administer it see all.</param>
public sealed record Visible(
    bool Everything,
    IReadOnlyList<string> Beamlines,
    IReadOnlyList<string> Proposals,
    IReadOnlyList<string> Workspaces,
    IReadOnlyList<string> Sequences
)
{
    /// <summary>
    /// The condition that a row of <c>sequence s</c> is visible. Adds its parameters to <paramref name="parameters"/>.
    /// </summary>
    internal string SequenceCondition(Dialect dialect, DynamicParameters parameters)
    {
        if (Everything)
            return "1 = 1";
        var ways = new List<string>
        {
            "EXISTS (SELECT 1 FROM access_grant e WHERE e.kind = 'sequence' AND e.id = s.ref AND e.subject = 'everyone')",
        };
        Add(ways, dialect, parameters, "s.proposal_id", "visibleProposals", Proposals);
        Add(ways, dialect, parameters, "s.beamline_id", "visibleBeamlines", Beamlines);
        Add(ways, dialect, parameters, "s.ref", "visibleSequences", Sequences);
        return "(" + string.Join(" OR ", ways) + ")";
    }

    internal static void Add(
        List<string> ways,
        Dialect dialect,
        DynamicParameters parameters,
        string column,
        string name,
        IReadOnlyList<string> ids
    )
    {
        if (ids.Count == 0)
            return;
        parameters.Add(name, ids.ToArray());
        ways.Add($"{column} IN @{name}".ForDapper(dialect, name));
    }
}
