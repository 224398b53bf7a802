using System.Text.Json;
using System.Text.Json.Nodes;
using Harima.Exchange;

namespace Harima.SciCat;

/// <summary>
/// Title, description and technique have a field of their own in a dataset and a path in the metadata of a sequence. They are written to
/// that path, so that the rest of Harima finds them, and taken out again where a client reads back what it gave.
/// </summary>
static class GivenMetadata
{
    /// <summary>Among the fields that are kept: the metadata came through SciCat's interface.</summary>
    public const string Registered = "_registered";

    public static bool IsRegistered(JsonObject given) => given.ContainsKey(Registered);

    /// <summary>The two documents of a dataset's fields.</summary>
    public static ImportedMetadata DocumentsOf(
        JsonObject? scientificMetadata,
        string? datasetName,
        string? description,
        JsonNode? techniques
    ) =>
        SciCatFormat.DocumentsOf(
            new JsonObject
            {
                ["scientificMetadata"] = scientificMetadata?.DeepClone(),
                ["datasetName"] = datasetName,
                ["description"] = description,
                ["techniques"] = techniques?.DeepClone(),
            }
        );

    /// <summary>Keeps title and description among the fields where the metadata has something else in their place.</summary>
    public static void KeepCovered(
        JsonObject given,
        ImportedMetadata documents,
        string? datasetName,
        string? description
    )
    {
        Keep(given, "datasetName", datasetName, documents.Measurement, "title");
        Keep(given, "description", description, documents.Measurement, "description");
    }

    static void Keep(JsonObject given, string field, string? said, JsonObject? measurement, string key)
    {
        given.Remove(field);
        if (!string.IsNullOrEmpty(said) && (measurement?["data_info"] as JsonObject)?[key]?.ToString() != said)
            given[field] = said;
    }

    public static void Uncover(JsonObject dataset, JsonObject given)
    {
        if (!IsRegistered(given) || dataset["scientificMetadata"] is not JsonObject metadata)
            return;
        Take(metadata, dataset["datasetName"], "data_info", "title");
        Take(metadata, dataset["description"], "data_info", "description");
        if (given["techniques"] is JsonArray { Count: > 0 } techniques)
            Take(metadata, (techniques[0] as JsonObject)?["name"], "measurement", "method", "sub_category");
    }

    static void Take(JsonObject metadata, JsonNode? value, params ReadOnlySpan<string> path)
    {
        if (value?.GetValueKind() != JsonValueKind.String || value.GetValue<string>().Length == 0)
            return;
        var parents = new List<JsonObject> { metadata };
        foreach (var step in path[..^1])
        {
            if (parents[^1][step] is not JsonObject below)
                return;
            parents.Add(below);
        }
        if (!JsonNode.DeepEquals(parents[^1][path[^1]], value))
            return;
        parents[^1].Remove(path[^1]);
        // What was made only to hold it goes with it.
        for (var n = parents.Count - 1; n > 0 && parents[n].Count == 0; n--)
            parents[n - 1].Remove(path[n - 1]);
    }
}
