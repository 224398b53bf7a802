using Dapper;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;

namespace Harima.Registration;

/// <summary>What was registered and how far it is, for the facility's administrators.</summary>
public sealed class RegistrationQueries(Database database, RegistrationFolders folders)
{
    /// <summary>The newest first.</summary>
    /// <exception cref="FaultException">Forbidden.</exception>
    public async Task<Page<RegisteredTree>> ListAsync(
        Principal principal,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        await folders.RequireAdministratorAsync(principal, cancellationToken);
        var after = cursor is null ? null : Cursor.Decode(cursor, 2);
        await using var connection = await database.OpenAsync(cancellationToken);
        var found = (
            await connection.QueryAsync<RegisteredTree>(
                $"""
                SELECT {RegistrationRows.Columns} FROM registration r
                WHERE r.created_at < @at OR (r.created_at = @at AND r.id < @id)
                ORDER BY r.created_at DESC, r.id DESC LIMIT @limit
                """,
                new
                {
                    at = after is null ? long.MaxValue : after[0].GetInt64(),
                    id = after is null ? "" : after[1].GetString(),
                    limit = limit + 1,
                }
            )
        ).AsList();
        var more = found.Count > limit;
        if (more)
            found.RemoveAt(limit);
        return new Page<RegisteredTree>(
            found,
            more ? Cursor.Encode(found[^1].CreatedAt.ToMicroseconds(), found[^1].Id) : null
        );
    }

    /// <exception cref="FaultException">Forbidden; NotFound.</exception>
    public async Task<RegisteredTree> GetAsync(string id, Principal principal, CancellationToken cancellationToken)
    {
        await folders.RequireAdministratorAsync(principal, cancellationToken);
        return await FindAsync(id, cancellationToken) ?? throw Fault.NotFound("Registration", id);
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

    /// <summary>How many registered files there are in all whose checksums are not known yet.</summary>
    /// <exception cref="FaultException">Forbidden.</exception>
    public async Task<long> WithoutSumsAsync(Principal principal, CancellationToken cancellationToken)
    {
        await folders.RequireAdministratorAsync(principal, cancellationToken);
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM data_file WHERE crc32 = ''");
    }

    /// <summary>The folders of the server under which files may be registered.</summary>
    /// <exception cref="FaultException">Forbidden.</exception>
    public async Task<IReadOnlyList<string>> RootsAsync(Principal principal, CancellationToken cancellationToken)
    {
        await folders.RequireAdministratorAsync(principal, cancellationToken);
        return folders.Roots;
    }

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
