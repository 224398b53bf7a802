using System.Text.Json;
using Dapper;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;

namespace Harima.Search.Saved;

/// <summary>Columns of a table of results, kept by a person under a name.</summary>
/// <param name="Columns">Short names or paths of the metadata, from left to right.</param>
public sealed record ColumnSet(string Title, IReadOnlyList<string> Columns)
{
    /// <summary>The title under which the portal keeps what its reader saw last.</summary>
    public const string LastUsed = "last-used";
}

/// <summary>The column sets of people; each sees only their own.</summary>
public sealed class ColumnSets(Database database, CatalogueWriter writer, TimeProvider time)
{
    public const int MostOfOne = 100;
    const int LongestTitle = 100;

    /// <summary>The caller's, by title.</summary>
    /// <exception cref="FaultException">Unauthenticated.</exception>
    public async Task<IReadOnlyList<ColumnSet>> ListAsync(Principal principal, CancellationToken cancellationToken)
    {
        var owner = principal.UserId ?? throw Fault.LoginNeeded();
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<(string Title, string Columns)>(
            "SELECT title, columns FROM column_set WHERE owner = @owner ORDER BY title",
            new { owner }
        );
        return
        [
            .. rows.Select(row => new ColumnSet(row.Title, JsonSerializer.Deserialize<string[]>(row.Columns) ?? [])),
        ];
    }

    /// <summary>Keeps columns under a name; what was kept under it before is replaced.</summary>
    /// <exception cref="FaultException">Unauthenticated; Invalid; Conflict where one has too many.</exception>
    public Task PutAsync(
        Principal principal,
        string title,
        IReadOnlyList<string> columns,
        CancellationToken cancellationToken
    )
    {
        var owner = principal.UserId ?? throw Fault.LoginNeeded();
        var name = title.Trim();
        if (name.Length is 0 or > LongestTitle || name.Any(char.IsControl))
            throw Fault.Invalid("column-set-title", $"A column set has a name of 1 to {LongestTitle} characters.");
        SearchColumns.Require(columns);
        return writer.WriteAsync(
            transaction =>
            {
                var others = transaction.Connection!.ExecuteScalar<long>(
                    "SELECT COUNT(*) FROM column_set WHERE owner = @owner AND title <> @name",
                    new { owner, name },
                    transaction
                );
                if (others >= MostOfOne)
                    throw Fault.Conflict(
                        "too-many-column-sets",
                        $"You have {MostOfOne} column sets already. Delete one first."
                    );
                transaction.Connection!.Execute(
                    """
                    INSERT INTO column_set (owner, title, columns, changed_at) VALUES (@owner, @name, @json, @at)
                    ON CONFLICT (owner, title) DO UPDATE SET columns = excluded.columns, changed_at = excluded.changed_at
                    """,
                    new
                    {
                        owner,
                        name,
                        json = JsonSerializer.Serialize(columns),
                        at = time.Now(),
                    },
                    transaction
                );
            },
            cancellationToken
        );
    }

    /// <exception cref="FaultException">Unauthenticated; NotFound.</exception>
    public Task DeleteAsync(Principal principal, string title, CancellationToken cancellationToken)
    {
        var owner = principal.UserId ?? throw Fault.LoginNeeded();
        return writer.WriteAsync(
            transaction =>
            {
                var deleted = transaction.Connection!.Execute(
                    "DELETE FROM column_set WHERE owner = @owner AND title = @title",
                    new { owner, title = title.Trim() },
                    transaction
                );
                if (deleted == 0)
                    throw Fault.NotFound("Column set", title);
            },
            cancellationToken
        );
    }
}
