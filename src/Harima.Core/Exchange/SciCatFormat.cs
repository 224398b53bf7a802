using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Harima.Metadata;

namespace Harima.Exchange;

/// <summary>A raw dataset of SciCat (v3/v4 body): <c>scientificMetadata</c> holds both documents, numbers with their unit as <c>{value, unit}</c>.</summary>
static partial class SciCatFormat
{
    public static MetadataFormat Dataset { get; } = new("scicat", "application/json", "dataset.json", Write, Read);

    static (string, IReadOnlyList<string>) Write(ExchangedSequence sequence)
    {
        var (dataset, notCarried) = DatasetOf(sequence);
        foreach (var (key, path) in Times)
            // SciCat takes a time without offset for one of its own server's zone.
            if (
                sequence.Text("measurement", "date", path) is { } time
                && StatesZone().IsMatch(time)
                && DateTimeOffset.TryParse(time, System.Globalization.CultureInfo.InvariantCulture, out _)
            )
                dataset[key] = time;
        if (sequence.Text("data_info", "license", "name") is { } license)
            dataset["license"] = license;
        return (dataset.ToJsonString(MetadataFormat.Readable), notCarried);
    }

    /// <summary>What a sequence is as a dataset: for the export, and for SciCat's interface (<c>SciCat/</c>).</summary>
    internal static (JsonObject Dataset, IReadOnlyList<string> NotCarried) DatasetOf(ExchangedSequence sequence)
    {
        var (whole, notCarried) = MetadataFormat.Join(sequence);
        var technique = sequence.Text("measurement", "method", "sub_category") is { } named
            ? Techniques.Find(named)
            : null;
        var dataset = new JsonObject
        {
            ["pid"] = sequence.Sequence.Name,
            ["type"] = "raw",
            ["datasetName"] = sequence.Title,
            ["description"] = sequence.Text("data_info", "description"),
            ["owner"] = sequence.OwnerName,
            ["ownerGroup"] = sequence.Proposal.Id,
            ["principalInvestigator"] = sequence.OwnerName,
            ["contactEmail"] = sequence.OwnerEmail ?? "",
            ["proposalId"] = sequence.Proposal.Id,
            ["creationTime"] = TextOf(sequence.Sequence.CreatedAt),
            ["creationLocation"] = sequence.Sequence.BeamlineId,
            ["sourceFolder"] = "/" + sequence.Sequence.Name,
            ["size"] = sequence.Sequence.SizeBytes,
            ["numberOfFiles"] = sequence.Sequence.FileCount,
            ["keywords"] = new JsonArray(),
            ["techniques"] = technique is null
                ? new JsonArray()
                : new JsonArray(new JsonObject { ["pid"] = technique.Iri, ["name"] = technique.Label }),
            ["scientificMetadata"] = Measured(whole),
        };
        return (dataset, notCarried);
    }

    /// <summary>As SciCat writes points in time.</summary>
    internal static string TextOf(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", System.Globalization.CultureInfo.InvariantCulture);

    static readonly (string Key, string Path)[] Times = [("startTime", "start_time"), ("endTime", "end_time")];

    [GeneratedRegex(@"T.*(Z|[+-]\d{2}(:?\d{2})?)$")]
    private static partial Regex StatesZone();

    static JsonNode? Measured(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject from:
                var to = new JsonObject();
                foreach (var (key, value) in from)
                    if (key.EndsWith("_unit", StringComparison.Ordinal) && FlatValues.IsMeasured(from, key[..^5]))
                        continue;
                    else if (FlatValues.IsMeasured(from, key))
                        to[key] = new JsonObject
                        {
                            ["value"] = value!.DeepClone(),
                            ["unit"] = from[key + "_unit"]!.DeepClone(),
                        };
                    else
                        to[key] = Measured(value);
                return to;
            case JsonArray list:
                return new JsonArray([.. list.Select(Measured)]);
            default:
                return node?.DeepClone();
        }
    }

    static ImportedMetadata Read(string text) => DocumentsOf(MetadataFormat.ParseObject(text, "a dataset of SciCat"));

    /// <summary>The metadata documents that a dataset speaks of.</summary>
    internal static ImportedMetadata DocumentsOf(JsonObject dataset)
    {
        var whole = Plain(dataset["scientificMetadata"]) as JsonObject ?? [];
        var notCarried = new List<LeftOut>();
        var values = new List<FlatValue>();
        void Take(string key, string path, params ReadOnlySpan<string> keys)
        {
            JsonNode? at = whole;
            foreach (var step in keys)
                at = (at as JsonObject)?[step];
            if (
                at is null
                && dataset[key]?.GetValueKind() == JsonValueKind.String
                && dataset[key]!.ToString().Length > 0
            )
                values.Add(new FlatValue(path, dataset[key], null));
        }
        // A dataset without a title bears its own id, which says nothing.
        if (dataset["datasetName"]?.ToString() != dataset["pid"]?.ToString())
            Take("datasetName", "data_info.title", "data_info", "title");
        Take("description", "data_info.description", "data_info", "description");
        foreach (var (key, path) in Times)
            Take(key, "measurement.date." + path, "measurement", "date", path);
        Take("license", "data_info.license.name", "data_info", "license", "name");
        if (dataset["techniques"] is JsonArray { Count: > 0 } techniques && techniques[0]?["name"] is { } name)
            if (((whole["measurement"] as JsonObject)?["method"] as JsonObject)?["sub_category"] is null)
                values.Add(new FlatValue("measurement.method.sub_category", name, null));
        notCarried.AddRange(FlatValues.Set(whole, values));
        string[] read =
        [
            "scientificMetadata",
            "datasetName",
            "description",
            "techniques",
            "license",
            .. Times.Select(time => time.Key),
        ];
        foreach (var (key, value) in dataset)
            if (!read.Contains(key) && value is not null && value.ToString() is not ("" or "[]" or "{}"))
                notCarried.Add(LeftOut.Of(key, "of-dataset", "it belongs to the dataset, not to its metadata."));
        return MetadataFormat.Split(whole, notCarried);
    }

    static JsonNode? Plain(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject from:
                var to = new JsonObject();
                foreach (var (key, value) in from)
                    if (
                        value is JsonObject { Count: 2 } measured
                        && measured["value"]?.GetValueKind() == JsonValueKind.Number
                        && measured["unit"]?.GetValueKind() == JsonValueKind.String
                        // It would take the place of another value.
                        && !from.ContainsKey(key + "_unit")
                    )
                    {
                        to[key] = measured["value"]!.DeepClone();
                        to[key + "_unit"] = measured["unit"]!.DeepClone();
                    }
                    else
                        to[key] = Plain(value);
                return to;
            case JsonArray list:
                return new JsonArray([.. list.Select(Plain)]);
            default:
                return node?.DeepClone();
        }
    }
}
