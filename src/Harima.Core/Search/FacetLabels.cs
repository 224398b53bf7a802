using Dapper;
using Harima.Catalogue;
using Harima.Search.Text;

namespace Harima.Search;

/// <summary>What people call the ids that a facet counts. Asked only for ids of sequences the caller may see.</summary>
sealed class FacetLabels(Database database)
{
    static readonly Dictionary<string, string> Sources = new(StringComparer.Ordinal)
    {
        [IndexField.Owner] = "SELECT id, display_name, NULL FROM app_user WHERE id IN @ids",
        [IndexField.Proposal] = "SELECT id, title, title_ja FROM proposal WHERE id IN @ids",
        [IndexField.Beamline] = "SELECT id, title, title_ja FROM beamline WHERE id IN @ids",
    };

    public async Task<IReadOnlyDictionary<string, (string? Label, string? LabelJa)>> OfAsync(
        string index,
        IReadOnlyList<string> ids,
        CancellationToken cancellationToken
    )
    {
        if (index == IndexField.Element)
            return Elements
                .All.Where(element => ids.Contains(element.Symbol, StringComparer.Ordinal))
                .ToDictionary(
                    element => element.Symbol,
                    element => ((string?)element.English[0], (string?)element.Japanese[0])
                );
        if (ids.Count == 0 || !Sources.TryGetValue(index, out var sql))
            return new Dictionary<string, (string?, string?)>();
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<(string Id, string? Label, string? LabelJa)>(
            sql.ForDapper(database.Dialect, "ids"),
            new { ids = ids.ToArray() }
        );
        return rows.ToDictionary(row => row.Id, row => (row.Label, Empty(row.LabelJa)), StringComparer.Ordinal);
    }

    static string? Empty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
