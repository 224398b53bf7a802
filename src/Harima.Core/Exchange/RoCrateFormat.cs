using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harima.Metadata;

namespace Harima.Exchange;

/// <summary>RO-Crate 1.1 and 1.2: <c>ro-crate-metadata.json</c>, every value of metadata a PropertyValue of the root.</summary>
static class RoCrateFormat
{
    public static MetadataFormat Version11 { get; } = New("ro-crate", "1.1");

    public static MetadataFormat Version12 { get; } = New("ro-crate-1.2", "1.2");

    static MetadataFormat New(string name, string version) =>
        new(name, "application/ld+json", "ro-crate-metadata.json", sequence => Write(sequence, version), Read);

    static (string, IReadOnlyList<string>) Write(ExchangedSequence sequence, string version)
    {
        var (whole, notCarried) = MetadataFormat.Join(sequence);
        var graph = new JsonArray
        {
            new JsonObject
            {
                ["@id"] = "ro-crate-metadata.json",
                ["@type"] = "CreativeWork",
                ["conformsTo"] = Ref("https://w3id.org/ro/crate/" + version),
                ["about"] = Ref("./"),
            },
        };
        var license = sequence.Text("data_info", "license", "name");
        var root = new JsonObject
        {
            ["@id"] = "./",
            ["@type"] = "Dataset",
            ["name"] = sequence.Title,
            ["description"] =
                sequence.Text("data_info", "description")
                ?? $"Sequence {sequence.Sequence.Id} of proposal {sequence.Proposal.Id}",
            ["identifier"] = sequence.Sequence.Name,
            ["datePublished"] = sequence.Sequence.CreatedAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["license"] = license is not null && IsAddress(license) ? Ref(license) : license ?? "not stated",
            ["author"] = Ref("#owner"),
            ["hasPart"] = new JsonArray([.. sequence.Files.Select(file => Ref(IdOf(file.Path)))]),
        };
        graph.Add(root);
        if (license is not null && IsAddress(license))
            graph.Add(
                new JsonObject
                {
                    ["@id"] = license,
                    ["@type"] = "CreativeWork",
                    ["name"] = license,
                }
            );
        graph.Add(
            new JsonObject
            {
                ["@id"] = "#owner",
                ["@type"] = "Person",
                ["name"] = sequence.OwnerName,
            }
        );
        foreach (var (path, sizeBytes, contentType) in sequence.Files)
        {
            var file = new JsonObject
            {
                ["@id"] = IdOf(path),
                ["@type"] = "File",
                ["name"] = path,
                ["contentSize"] = sizeBytes.ToString(CultureInfo.InvariantCulture),
            };
            if (contentType is not null)
                file["encodingFormat"] = contentType;
            graph.Add(file);
        }
        if (
            sequence.Text("measurement", "method", "sub_category") is { } method
            && Techniques.Find(method) is { } technique
        )
        {
            root["measurementTechnique"] = Ref(technique.Iri);
            graph.Add(
                new JsonObject
                {
                    ["@id"] = technique.Iri,
                    ["@type"] = "DefinedTerm",
                    ["name"] = technique.Label,
                }
            );
        }
        var measured = new JsonArray();
        foreach (var value in FlatValues.Of(whole))
        {
            var id = FormattableString.Invariant($"#metadata-{measured.Count}");
            measured.Add(Ref(id));
            var property = new JsonObject
            {
                ["@id"] = id,
                ["@type"] = "PropertyValue",
                ["name"] = value.Path,
                ["propertyID"] = value.Path,
                // Empty objects and lists have no form in JSON-LD: they go as their text.
                ["value"] = value.Value is JsonObject or JsonArray
                    ? value.Value.ToJsonString()
                    : value.Value?.DeepClone(),
            };
            if (value.Value is JsonObject or JsonArray)
                property["encodingFormat"] = "application/json";
            if (value.Unit is not null)
                property["unitText"] = value.Unit;
            graph.Add(property);
        }
        root["variableMeasured"] = measured;
        if (sequence.Files.Count < sequence.Sequence.FileCount)
            notCarried.Add($"files: the first {sequence.Files.Count} of {sequence.Sequence.FileCount}.");
        var crate = new JsonObject
        {
            ["@context"] = $"https://w3id.org/ro/crate/{version}/context",
            ["@graph"] = graph,
        };
        return (crate.ToJsonString(MetadataFormat.Readable), notCarried);
    }

    static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";

    static JsonObject Ref(string id) => new() { ["@id"] = id };

    static string IdOf(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    static ImportedMetadata Read(string text)
    {
        var crate = MetadataFormat.ParseObject(text, "an RO-Crate");
        var entities = (crate["@graph"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        var byId = entities
            .Where(entity => entity["@id"] is JsonValue)
            .DistinctBy(entity => entity["@id"]!.ToString())
            .ToDictionary(entity => entity["@id"]!.ToString(), StringComparer.Ordinal);
        // The descriptor says which entity the crate is about.
        var about = entities.FirstOrDefault(entity =>
            entity["@id"]?.ToString().EndsWith("ro-crate-metadata.json", StringComparison.Ordinal) == true
        );
        if (
            about?["about"] is not JsonObject target
            || byId.GetValueOrDefault(target["@id"]?.ToString() ?? "") is not { } root
        )
            throw Faults.Fault.Invalid(
                "import-invalid",
                "This is no RO-Crate: its graph has no ro-crate-metadata.json that is about a root.",
                ("what", "crate")
            );
        var values = new List<FlatValue>();
        var used = new HashSet<string>(StringComparer.Ordinal) { root["@id"]!.ToString(), about["@id"]!.ToString() };
        foreach (var property in Many(root["variableMeasured"]).Concat(Many(root["additionalProperty"])))
        {
            if (property["@id"] is JsonValue id)
                used.Add(id.ToString());
            var entity = property["@id"] is JsonValue named ? byId.GetValueOrDefault(named.ToString()) : property;
            if ((entity?["propertyID"] ?? entity?["name"])?.ToString() is not { Length: > 0 } path)
                continue;
            var value = entity!["value"];
            if (entity["encodingFormat"]?.ToString() == "application/json" && value?.ToString() is "{}" or "[]")
                value = JsonNode.Parse(value!.ToString());
            values.Add(
                new FlatValue(
                    path,
                    value,
                    value?.GetValueKind() == JsonValueKind.Number ? entity["unitText"]?.ToString() : null
                )
            );
        }
        void Add(string path, JsonNode? value)
        {
            if (value?.GetValueKind() == JsonValueKind.String && !values.Exists(known => known.Path == path))
                values.Add(new FlatValue(path, value, null));
        }
        // A crate of somebody else describes itself in schema.org's words only.
        if (values.Count == 0)
        {
            Add("data_info.title", root["name"]);
            Add("data_info.description", root["description"]);
            Add("data_info.license.name", root["license"] is JsonObject license ? license["@id"] : root["license"]);
            foreach (var author in Many(root["author"]).Concat(Many(root["creator"])))
                Add(
                    "data_info.data_depositor.name",
                    (byId.GetValueOrDefault(author["@id"]?.ToString() ?? "") ?? author)["name"]
                );
        }
        var whole = new JsonObject();
        var notCarried = FlatValues.Set(whole, values);
        var left = byId.Keys.Count(id => !used.Contains(id));
        if (left > 0)
            notCarried.Add(
                LeftOut.Of(
                    "",
                    "other-entities",
                    $"{left} other entities of the crate, such as its files and people.",
                    left
                )
            );
        return MetadataFormat.Split(whole, notCarried);
    }

    static IEnumerable<JsonObject> Many(JsonNode? node) =>
        node is JsonArray list ? list.OfType<JsonObject>()
        : node is JsonObject one ? [one]
        : [];
}
