using System.Data.Common;
using Dapper;
using Harima.Catalogue;

namespace Harima.Access;

/// <summary>Keeps the grants. Who may change them is decided by the use cases that call this.</summary>
public sealed class Grants(Database database, TimeProvider time)
{
    const string Columns = "kind, id, subject, role, access, granted_by, granted_at";

    /// <summary>All grants on any of <paramref name="chain"/>, from the thing itself outwards.</summary>
    public async Task<IReadOnlyList<Grant>> OnAsync(
        IReadOnlyList<ResourceRef> chain,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var found = new List<Grant>();
        foreach (var resource in chain)
        {
            var rows = await connection.QueryAsync<Row>(
                $"SELECT {Columns} FROM access_grant WHERE kind = @KindText AND id = @Id ORDER BY granted_at, subject",
                new { resource.KindText, resource.Id }
            );
            found.AddRange(rows.Select(row => row.ToGrant()));
        }
        return found;
    }

    /// <summary>All grants that any of <paramref name="subjects"/> holds, on whatever.</summary>
    internal async Task<IReadOnlyList<Grant>> HeldByAsync(
        IReadOnlyList<string> subjects,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>(
            $"SELECT {Columns} FROM access_grant WHERE subject IN @subjects".ForDapper(database.Dialect, "subjects"),
            new { subjects = subjects.ToArray() }
        );
        return [.. rows.Select(row => row.ToGrant())];
    }

    /// <summary>Which of these things everyone holds a right on.</summary>
    internal async Task<IReadOnlySet<string>> ForEveryoneAsync(
        ResourceKind kind,
        IReadOnlyList<string> ids,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var found = await connection.QueryAsync<string>(
            "SELECT DISTINCT id FROM access_grant WHERE kind = @KindText AND subject = @EveryoneSubject AND id IN @ids".ForDapper(
                database.Dialect,
                "ids"
            ),
            new
            {
                new ResourceRef(kind, "").KindText,
                Identity.Principal.EveryoneSubject,
                ids = ids.ToArray(),
            }
        );
        return found.ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Gives, changes or (with <see cref="Right.None"/>) takes back one right.</summary>
    internal void Put(
        DbTransaction transaction,
        ResourceRef on,
        string subject,
        string role,
        Right right,
        string grantedBy
    )
    {
        var key = new
        {
            Kind = on.KindText,
            on.Id,
            subject,
            role,
            access = TextOf(right),
            grantedBy,
            at = time.Now(),
        };
        if (right == Right.None)
            transaction.Connection!.Execute(
                "DELETE FROM access_grant WHERE kind = @Kind AND id = @Id AND subject = @subject AND role = @role",
                key,
                transaction
            );
        else
            transaction.Connection!.Execute(
                """
                INSERT INTO access_grant (kind, id, subject, role, access, granted_by, granted_at)
                VALUES (@Kind, @Id, @subject, @role, @access, @grantedBy, @at)
                ON CONFLICT (kind, id, subject, role) DO UPDATE
                SET access = excluded.access, granted_by = excluded.granted_by, granted_at = excluded.granted_at
                """,
                key,
                transaction
            );
    }

    /// <summary>Takes back all that is held in one role.</summary>
    internal static void RemoveRole(DbTransaction transaction, ResourceRef on, string role) =>
        transaction.Connection!.Execute(
            "DELETE FROM access_grant WHERE kind = @KindText AND id = @Id AND role = @role",
            new
            {
                on.KindText,
                on.Id,
                role,
            },
            transaction
        );

    internal static void RemoveRole(DbTransaction transaction, string role) =>
        transaction.Connection!.Execute("DELETE FROM access_grant WHERE role = @role", new { role }, transaction);

    internal async Task<bool> AnyInRoleAsync(string role, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long>(
                "SELECT COUNT(*) FROM (SELECT 1 FROM access_grant WHERE role = @role LIMIT 1) g",
                new { role }
            ) > 0;
    }

    internal static void RemoveAllOn(DbTransaction transaction, ResourceRef on) =>
        transaction.Connection!.Execute(
            "DELETE FROM access_grant WHERE kind = @KindText AND id = @Id",
            new { on.KindText, on.Id },
            transaction
        );

    static string TextOf(Right right) => right.ToString().ToLowerInvariant();

    sealed class Row
    {
        public required string Kind { get; init; }
        public required string Id { get; init; }
        public required string Subject { get; init; }
        public required string Role { get; init; }
        public required string Access { get; init; }
        public required string GrantedBy { get; init; }
        public DateTimeOffset GrantedAt { get; init; }

        public Grant ToGrant() =>
            new()
            {
                On = new ResourceRef(Enum.Parse<ResourceKind>(Kind, ignoreCase: true), Id),
                Subject = Subject,
                Role = Role,
                Access = Enum.Parse<Right>(Access, ignoreCase: true),
                GrantedBy = GrantedBy,
                GrantedAt = GrantedAt,
            };
    }
}
