using Harima.Search.Query;
using Harima.Search.Saved;

namespace Harima.Portal.Search;

/// <summary>Where a saved search is opened, with everything that was kept of it.</summary>
static class SavedAddress
{
    public static string Of(SavedSearch search) =>
        new FindState(QueryText.Parse(search.Query))
        {
            Sort = (search.Descending ? "-" : "") + search.Sort,
            View = search.View,
            Columns = search.Columns.Count > 0 ? search.Columns : FindState.DefaultColumns,
            NamesColumns = true,
            X = search.Plot.X,
            Y = search.Plot.Y,
            Log = search.Plot.Log,
            Saved = search.Id,
        }.Here;
}
