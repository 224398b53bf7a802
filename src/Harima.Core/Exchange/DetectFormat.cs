using System.Text.Json;
using System.Text.Json.Nodes;

namespace Harima.Exchange;

/// <summary>Which of the formats a text is in, by the names only that format has.</summary>
static class DetectFormat
{
    // The first that fits: an RO-Crate may well hold titles and creators.
    static readonly (string Name, Func<JsonObject, bool> Fits)[] Signs =
    [
        (
            RoCrateFormat.Version12.Name,
            json => IsCrate(json) && json.ToJsonString().Contains("ro/crate/1.2", StringComparison.Ordinal)
        ),
        (RoCrateFormat.Version11.Name, IsCrate),
        (BentenFormats.Flat.Name, json => json.Count > 0 && json.All(member => member.Key.StartsWith('@'))),
        (RdeFormats.Metadata.Name, json => json.ContainsKey("constant") && json.ContainsKey("variable")),
        (
            RdeFormats.Invoice.Name,
            json =>
                json.ContainsKey("basic")
                && (json.ContainsKey("datasetId") || json.ContainsKey("sample") || json.ContainsKey("custom"))
        ),
        (
            DataCiteFormat.Json.Name,
            json =>
                json["data"] is JsonObject data && data.ContainsKey("attributes")
                || json.ContainsKey("titles") && json.ContainsKey("creators")
        ),
        (
            SciCatFormat.Dataset.Name,
            json =>
                json.ContainsKey("scientificMetadata")
                || json.ContainsKey("ownerGroup") && json.ContainsKey("datasetName")
        ),
    ];

    /// <returns>Null where it is none that can be told from others.</returns>
    public static string? Of(string text)
    {
        JsonNode? json;
        try
        {
            json = JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { MaxDepth = 64 });
        }
        catch (JsonException)
        {
            // JSON that is broken is not YAML that means something else by accident.
            var begins = text.TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
            return
                begins.Length == 0 || begins[0] is '{' or '[' or '<' || !begins.Contains(':', StringComparison.Ordinal)
                ? null
                : BentenFormats.Yaml.Name;
        }
        return json is JsonObject found ? Signs.FirstOrDefault(sign => sign.Fits(found)).Name : null;
    }

    static bool IsCrate(JsonObject json) => json.ContainsKey("@graph") && json.ContainsKey("@context");
}
