using System.Data.Common;
using Dapper;

namespace Harima.Search.Saved;

/// <summary>What the owner of a watched search knows of already.</summary>
static class SavedHits
{
    /// <summary>A search that finds more is no watch, but a river.</summary>
    public const int Most = 10_000;

    public static HashSet<long> Of(DbTransaction transaction, string searchId) =>
        transaction
            .Connection!.Query<long>(
                "SELECT sequence_row FROM saved_search_hit WHERE search_id = @searchId",
                new { searchId },
                transaction
            )
            .ToHashSet();

    public static void Add(DbTransaction transaction, string searchId, IEnumerable<long> rows) =>
        transaction.Connection!.Execute(
            "INSERT INTO saved_search_hit (search_id, sequence_row) VALUES (@searchId, @row) ON CONFLICT (search_id, sequence_row) DO NOTHING",
            rows.Select(row => new { searchId, row }),
            transaction
        );
}
