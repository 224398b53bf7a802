using Dapper;
using Harima.Catalogue;

namespace Harima.Search;

/// <summary>What people call the ids that a facet counts. Asked only for ids of sequences the caller may see.</summary>
sealed class FacetLabels(Database database)
{
    static readonly Dictionary<string, string> Sources = new(StringComparer.Ordinal)
    {
        [IndexField.Owner] = "SELECT id, display_name FROM app_user WHERE id IN @ids",
        [IndexField.Proposal] = "SELECT id, title FROM proposal WHERE id IN @ids",
        [IndexField.Beamline] = "SELECT id, title FROM beamline WHERE id IN @ids",
    };

    public async Task<IReadOnlyDictionary<string, string>> OfAsync(
        string index,
        IReadOnlyList<string> ids,
        CancellationToken cancellationToken
    )
    {
        if (ids.Count == 0 || !Sources.TryGetValue(index, out var sql))
            return new Dictionary<string, string>();
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<(string Id, string Label)>(
            sql.ForDapper(database.Dialect, "ids"),
            new { ids = ids.ToArray() }
        );
        return rows.ToDictionary(row => row.Id, row => row.Label, StringComparer.Ordinal);
    }
}
