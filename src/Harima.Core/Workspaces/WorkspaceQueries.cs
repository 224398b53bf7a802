using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Storage;

namespace Harima.Workspaces;

/// <summary>Finds workspaces the caller holds a right on.</summary>
public sealed class WorkspaceQueries(Database database, Policy policy, Buckets buckets)
{
    const string Columns = "id, title, owner, bucket_id, created_at";

    public async Task<IReadOnlyList<Workspace>> ListAsync(Principal principal, CancellationToken cancellationToken)
    {
        var visible = await policy.VisibleToAsync(principal, cancellationToken);
        await using var connection = await database.OpenAsync(cancellationToken);
        var found = new List<Workspace>();
        foreach (var some in visible.Workspaces.Chunk(500))
            found.AddRange(
                await connection.QueryAsync<Workspace>(
                    $"SELECT {Columns} FROM workspace WHERE id IN @some".ForDapper(database.Dialect, "some"),
                    new { some }
                )
            );
        return [.. found.OrderBy(workspace => workspace.Id, StringComparer.Ordinal)];
    }

    /// <summary>What lies in the workspaces the caller owns.</summary>
    /// <exception cref="FaultException">Unauthenticated.</exception>
    public async Task<FileTotals> TotalsAsync(Principal principal, CancellationToken cancellationToken)
    {
        var owner = principal.UserId ?? throw Fault.LoginNeeded();
        // Credentials for one bucket tell nothing of others.
        var bucket = principal.Limit?.Bucket?.ToLowerInvariant();
        if (principal.Limit is { Prefix.Length: > 0 })
            throw Fault.Forbidden(
                "session-limited",
                "These credentials are limited to a prefix and count nothing else."
            );
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleAsync<FileTotals>(
            $"""
            SELECT COUNT(*) AS files, CAST(COALESCE(SUM(f.size_bytes), 0) AS BIGINT) AS size_bytes
            FROM workspace w JOIN data_file f ON f.bucket_id = w.bucket_id
            WHERE w.owner = @owner {(bucket is null ? "" : "AND w.id = @bucket")}
            """,
            new { owner, bucket }
        );
    }

    /// <exception cref="FaultException">NotFound where it does not exist for the caller.</exception>
    public async Task<(Workspace Workspace, Right MyRight)> GetAsync(
        Principal principal,
        string id,
        CancellationToken cancellationToken
    )
    {
        var workspace = await FindAsync(id, cancellationToken);
        var right = workspace is null ? Right.None : await RightOnAsync(principal, workspace, cancellationToken);
        return right < Right.Read ? throw Fault.NotFound("Workspace", id) : (workspace!, right);
    }

    async Task<Right> RightOnAsync(Principal principal, Workspace workspace, CancellationToken cancellationToken)
    {
        var bucket = await buckets.FindAsync(workspace.Id, cancellationToken);
        var (given, byPolicy) = await policy.HeldAsync(
            principal,
            workspace.Chain,
            bucket?.CountsEveryone ?? false,
            cancellationToken
        );
        // How far a policy's right goes is asked where something is done with it.
        return given > byPolicy ? given : byPolicy;
    }

    internal async Task<Workspace?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<Workspace>(
            $"SELECT {Columns} FROM workspace WHERE id = @id",
            new { id = id.ToLowerInvariant() }
        );
    }
}
