using System.Globalization;
using Dapper;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;

namespace Harima.Registration;

/// <summary>What was registered and how far it is, for administrators; for the staff of a beamline what lies below its folders.</summary>
public sealed class RegistrationQueries(Database database, RegistrationFolders folders, TimeProvider time)
{
    const long MostCountedAnew = 20_000;
    static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);
    Sums? _sums;

    /// <summary>The newest first.</summary>
    /// <exception cref="FaultException">Forbidden.</exception>
    public async Task<Page<RegisteredTree>> ListAsync(
        Principal principal,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var scope = await folders.RequireAsync(principal, cancellationToken);
        var after = cursor is null ? null : Cursor.Decode(cursor, 2);
        var parameters = new DynamicParameters(
            new
            {
                at = after is null ? long.MaxValue : after[0].GetInt64(),
                id = after is null ? "" : after[1].GetString(),
                limit = limit + 1,
            }
        );
        var exists = scope.Condition(parameters);
        await using var connection = await database.OpenAsync(cancellationToken);
        var found = (
            await connection.QueryAsync<RegisteredTree>(
                $"""
                SELECT {RegistrationRows.Columns} FROM registration r JOIN proposal p ON p.id = r.proposal_id
                WHERE {exists} AND (r.created_at < @at OR (r.created_at = @at AND r.id < @id))
                ORDER BY r.created_at DESC, r.id DESC LIMIT @limit
                """,
                parameters
            )
        ).AsList();
        var more = found.Count > limit;
        if (more)
            found.RemoveAt(limit);
        return new Page<RegisteredTree>(
            await WithSumsAsync(found, cancellationToken),
            more ? Cursor.Encode(found[^1].CreatedAt.ToMicroseconds(), found[^1].Id) : null
        );
    }

    /// <exception cref="FaultException">Forbidden; NotFound.</exception>
    public async Task<RegisteredTree> GetAsync(string id, Principal principal, CancellationToken cancellationToken)
    {
        var scope = await folders.RequireAsync(principal, cancellationToken);
        var parameters = new DynamicParameters(new { id });
        var exists = scope.Condition(parameters);
        await using var connection = await database.OpenAsync(cancellationToken);
        var tree =
            await connection.QuerySingleOrDefaultAsync<RegisteredTree>(
                $"""
                SELECT {RegistrationRows.Columns} FROM registration r JOIN proposal p ON p.id = r.proposal_id
                WHERE r.id = @id AND {exists}
                """,
                parameters
            ) ?? throw Fault.NotFound("Registration", id);
        return (await WithSumsAsync([tree], cancellationToken))[0];
    }

    internal async Task<RegisteredTree?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<RegisteredTree>(
            $"SELECT {RegistrationRows.Columns} FROM registration r WHERE r.id = @id",
            new { id }
        );
    }

    /// <summary>What scans found, the last first: problems of the last scan; what changed or has gone, of all.</summary>
    /// <exception cref="FaultException">Forbidden; NotFound.</exception>
    public async Task<Page<Finding>> FindingsAsync(
        string id,
        Principal principal,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        await GetAsync(id, principal, cancellationToken);
        var before = cursor is null ? long.MaxValue : Cursor.Decode(cursor, 1)[0].GetInt64();
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = (
            await connection.QueryAsync<FindingRow>(
                """
                SELECT id, kind, path, size_bytes, etag, crc64_nvme AS Crc64Nvme FROM registration_finding
                WHERE registration_id = @id AND id < @before ORDER BY id DESC LIMIT @limit
                """,
                new
                {
                    id,
                    before,
                    limit = limit + 1,
                }
            )
        ).AsList();
        var more = rows.Count > limit;
        if (more)
            rows.RemoveAt(limit);
        return new Page<Finding>(
            [
                .. rows.Select(row => new Finding(
                    Enum.Parse<FindingKind>(row.Kind, ignoreCase: true),
                    row.Path,
                    row.SizeBytes,
                    row.ETag,
                    row.Crc64Nvme
                )
                {
                    Id = row.Id,
                }),
            ],
            more ? Cursor.Encode(rows[^1].Id) : null
        );
    }

    /// <summary>How many registered files of what they see there are whose checksums are not known yet.</summary>
    /// <exception cref="FaultException">Forbidden.</exception>
    public async Task<long> WithoutSumsAsync(Principal principal, CancellationToken cancellationToken)
    {
        var scope = await folders.RequireAsync(principal, cancellationToken);
        var parameters = new DynamicParameters();
        var exists = scope.Condition(parameters);
        var without = await WithoutSumsByFolderAsync(cancellationToken);
        if (without.Count == 0)
            return 0;
        await using var connection = await database.OpenAsync(cancellationToken);
        var own = await connection.QueryAsync<long>(
            $"""
            SELECT DISTINCT s.folder_id FROM registration_sequence s JOIN registration r ON r.id = s.registration_id
                JOIN proposal p ON p.id = r.proposal_id
            WHERE {exists}
            """,
            parameters
        );
        return own.Sum(folder => without.GetValueOrDefault(folder));
    }

    async Task<List<RegisteredTree>> WithSumsAsync(List<RegisteredTree> trees, CancellationToken cancellationToken)
    {
        var without = await WithoutSumsByFolderAsync(cancellationToken);
        if (without.Count == 0 || trees.Count == 0)
            return trees;
        await using var connection = await database.OpenAsync(cancellationToken);
        var folders = (
            await connection.QueryAsync<(string Tree, long Folder)>(
                "SELECT registration_id, folder_id FROM registration_sequence WHERE registration_id IN @ids".ForDapper(
                    database.Dialect,
                    "ids"
                ),
                new { ids = trees.Select(tree => tree.Id).ToArray() }
            )
        ).ToLookup(row => row.Tree, row => row.Folder);
        return
        [
            .. trees.Select(tree =>
                tree with
                {
                    FilesWithoutSums = folders[tree.Id].Sum(folder => without.GetValueOrDefault(folder)),
                }
            ),
        ];
    }

    /// <summary>Read from the rows themselves: a file without checksums bears its folder in its name. One pass over those, and none over others.</summary>
    async Task<Dictionary<long, long>> WithoutSumsByFolderAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_sums is { } known && now - known.At < Fresh)
            return known.ByFolder;
        var folder =
            database.Dialect == Dialect.Sqlite
                ? "substr(blob, 2, instr(blob, '.') - 2)"
                : "substr(split_part(blob, '.', 1), 2)";
        await using var connection = await database.OpenAsync(cancellationToken);
        var found = (
            await connection.QueryAsync<(string Folder, long Files)>(
                $"SELECT {folder} AS folder, COUNT(*) FROM data_file WHERE crc32 = '' GROUP BY 1"
            )
        ).ToDictionary(
            row => long.Parse(row.Folder, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
            row => row.Files
        );
        // Of a million files it takes most of a second, and a page that shows them asks again and again.
        if (found.Values.Sum() > MostCountedAnew)
            _sums = new Sums(now, found);
        return found;
    }

    sealed record Sums(DateTimeOffset At, Dictionary<long, long> ByFolder);

    /// <summary>The folders of the server under which files may be registered.</summary>
    /// <exception cref="FaultException">Forbidden.</exception>
    public async Task<IReadOnlyList<string>> RootsAsync(Principal principal, CancellationToken cancellationToken)
    {
        return (await folders.RequireAsync(principal, cancellationToken)).Roots;
    }

    /// <summary>Whether there is anything here for somebody.</summary>
    public async Task<bool> MayRegisterAsync(Principal principal, CancellationToken cancellationToken) =>
        !(await folders.ScopeOfAsync(principal, cancellationToken)).IsNothing;

    sealed class FindingRow
    {
        public long Id { get; init; }
        public required string Kind { get; init; }
        public required string Path { get; init; }
        public long? SizeBytes { get; init; }
        public string? ETag { get; init; }
        public string? Crc64Nvme { get; init; }
    }
}
