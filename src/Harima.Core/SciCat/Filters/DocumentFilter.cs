using System.Text.Json.Nodes;

namespace Harima.SciCat.Filters;

/// <summary>A filter on documents that are at hand: related things, and what there are few of.</summary>
static class DocumentFilter
{
    public static IEnumerable<JsonObject> Apply(IEnumerable<JsonObject> documents, SciCatFilter? filter)
    {
        if (filter is null)
            return documents;
        var found = documents.Where(document => filter.Where.Holds(document)).ToList();
        foreach (var (field, descending) in filter.Sort.Reverse())
            found =
            [
                .. descending
                    ? found.OrderByDescending(document => KeyOf(document, field), KeyOrder)
                    : found.OrderBy(document => KeyOf(document, field), KeyOrder),
            ];
        return found
            .Skip(filter.Skip)
            .Take(filter.Limit)
            .Select(document => Projection.Of(document, filter.Fields, []));
    }

    static readonly Comparer<JsonNode?> KeyOrder = Comparer<JsonNode?>.Create(
        (left, right) =>
            left is null || right is null
                ? (left is null ? 0 : 1).CompareTo(right is null ? 0 : 1)
                : MongoValues.Compare(left, right, "") ?? 0
    );

    static JsonNode? KeyOf(JsonObject document, string field) => MongoValues.At(document, field).FirstOrDefault();
}
