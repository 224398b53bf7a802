using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harima.Metadata;

namespace Harima.Exchange;

/// <summary>The JSON of DataCite's REST interface, fields of kernel 4; no DOI is made here.</summary>
static class DataCiteFormat
{
    public static MetadataFormat Json { get; } =
        new("datacite", "application/vnd.datacite.datacite+json", "datacite.json", Write, Read);

    static (string, IReadOnlyList<string>) Write(ExchangedSequence sequence)
    {
        var titles = new JsonArray();
        foreach (var (key, language) in (ReadOnlySpan<(string, string)>)[("title", "en"), ("title_ja", "ja")])
            if (sequence.Text("data_info", key) is { } title)
                titles.Add(new JsonObject { ["title"] = title, ["lang"] = language });
        if (titles.Count == 0)
            titles.Add(new JsonObject { ["title"] = sequence.Title });
        var creator = new JsonObject
        {
            ["name"] = sequence.Text("data_info", "data_depositor", "name") ?? sequence.OwnerName,
            ["nameType"] = "Personal",
        };
        if (sequence.Text("data_info", "data_depositor", "affiliation", "organization") is { } organization)
            creator["affiliation"] = new JsonArray(new JsonObject { ["name"] = organization });
        var dates = new JsonArray(
            Date("Created", sequence.Sequence.CreatedAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))
        );
        if (sequence.Text("measurement", "date", "start_time") is { } start)
            dates.Add(
                Date(
                    "Collected",
                    Day(start) + (sequence.Text("measurement", "date", "end_time") is { } end ? "/" + Day(end) : "")
                )
            );
        var subjects = new JsonArray();
        if (sequence.Text("measurement", "method", "sub_category") is { } method)
        {
            var technique = Techniques.Find(method);
            subjects.Add(
                technique is null
                    ? new JsonObject { ["subject"] = method }
                    : new JsonObject
                    {
                        ["subject"] = technique.Label,
                        ["subjectScheme"] = "PaNET",
                        ["schemeUri"] = "http://purl.org/pan-science/PaNET",
                        ["valueUri"] = technique.Iri,
                    }
            );
        }
        foreach (var sample in sequence.Samples)
            if (sample["chemical_formula"]?.GetValueKind() == JsonValueKind.String)
                subjects.Add(new JsonObject { ["subject"] = sample["chemical_formula"]!.DeepClone() });
        var document = new JsonObject
        {
            ["types"] = new JsonObject { ["resourceTypeGeneral"] = "Dataset", ["resourceType"] = "Measurement" },
            ["creators"] = new JsonArray(creator),
            ["titles"] = titles,
            ["publisher"] = new JsonObject
            {
                ["name"] = sequence.Text("data_info", "facility") ?? sequence.Sequence.BeamlineId,
            },
            // A text: the schema of kernel 4.5 takes no number.
            ["publicationYear"] = sequence.Sequence.CreatedAt.ToString("yyyy", CultureInfo.InvariantCulture),
            ["dates"] = dates,
            ["subjects"] = subjects,
            ["contributors"] = new JsonArray(
                new JsonObject
                {
                    ["name"] = sequence.Sequence.BeamlineId,
                    ["nameType"] = "Organizational",
                    ["contributorType"] = "DataCollector",
                }
            ),
            ["alternateIdentifiers"] = new JsonArray(
                new JsonObject
                {
                    ["alternateIdentifierType"] = "sequence",
                    ["alternateIdentifier"] = sequence.Sequence.Name,
                }
            ),
            ["sizes"] = new JsonArray(
                string.Create(CultureInfo.InvariantCulture, $"{sequence.Sequence.SizeBytes} bytes")
            ),
            ["descriptions"] = new JsonArray(),
            ["rightsList"] = new JsonArray(),
            ["schemaVersion"] = "http://datacite.org/schema/kernel-4",
        };
        if (sequence.Text("data_info", "description") is { } description)
            ((JsonArray)document["descriptions"]!).Add(
                new JsonObject { ["description"] = description, ["descriptionType"] = "Abstract" }
            );
        if (sequence.Text("data_info", "license", "name") is { } license)
            ((JsonArray)document["rightsList"]!).Add(new JsonObject { ["rights"] = license });
        string[] carried = ["data_info"];
        return (
            document.ToJsonString(MetadataFormat.Readable),
            [
                .. (sequence.Measurement ?? [])
                    .Select(child => child.Key)
                    .Except(carried)
                    .Select(key => $"{key}: DataCite describes whose data it is, not how it was measured."),
                .. sequence.Sample is null ? (string[])[] : ["sample: only its formula, as a subject."],
            ]
        );
    }

    static JsonObject Date(string type, string date) => new() { ["date"] = date, ["dateType"] = type };

    static string Day(string time) => time.Length >= 10 ? time[..10] : time;

    static ImportedMetadata Read(string text)
    {
        var document = MetadataFormat.ParseObject(text, "DataCite's JSON");
        // As the REST interface wraps it.
        if (document["data"] is JsonObject data && data["attributes"] is JsonObject attributes)
            document = attributes;
        else if (document["attributes"] is JsonObject inner)
            document = inner;
        var values = new List<FlatValue>();
        void Add(string path, JsonNode? value)
        {
            if (value is not null && !values.Exists(known => known.Path == path))
                values.Add(new FlatValue(path, value, null));
        }
        foreach (var title in Objects(document["titles"]))
            Add(
                title["lang"]?.ToString().StartsWith("ja", StringComparison.Ordinal) == true
                    ? "data_info.title_ja"
                    : "data_info.title",
                title["title"]
            );
        foreach (var creator in Objects(document["creators"]))
        {
            Add("data_info.data_depositor.name", creator["name"]);
            if (creator["affiliation"] is JsonArray { Count: > 0 } affiliations)
                Add(
                    "data_info.data_depositor.affiliation.organization",
                    affiliations[0] is JsonObject named ? named["name"] : affiliations[0]
                );
        }
        foreach (var rights in Objects(document["rightsList"]))
            Add("data_info.license.name", rights["rights"]);
        foreach (var description in Objects(document["descriptions"]))
            Add("data_info.description", description["description"]);
        Add(
            "data_info.facility",
            document["publisher"] is JsonObject publisher ? publisher["name"] : document["publisher"]
        );
        foreach (var date in Objects(document["dates"]).Where(date => date["dateType"]?.ToString() == "Collected"))
        {
            var range = (date["date"]?.ToString() ?? "").Split('/');
            Add("measurement.date.start_time", range[0]);
            if (range.Length > 1)
                Add("measurement.date.end_time", range[1]);
        }
        foreach (var subject in Objects(document["subjects"]))
            if (
                Techniques.Find(subject["valueUri"]?.ToString() ?? subject["subject"]?.ToString() ?? "") is
                { } technique
            )
                Add("measurement.method.sub_category", technique.Synonyms is [var name, ..] ? name : technique.Label);
        var whole = new JsonObject();
        var notCarried = FlatValues.Set(whole, values);
        if (document["creators"] is JsonArray { Count: > 1 } creators)
            notCarried.Add(LeftOut.Of("creators", "first-only", $"the first of {creators.Count}.", creators.Count));
        string[] read =
        [
            "titles",
            "creators",
            "rightsList",
            "descriptions",
            "publisher",
            "dates",
            "subjects",
            "types",
            "schemaVersion",
        ];
        notCarried.AddRange(
            document
                .Where(child =>
                    !read.Contains(child.Key)
                    && child.Value is not null
                    && child.Value.ToString() is not ("" or "[]" or "{}")
                )
                .Select(child => LeftOut.Of(child.Key, "of-publication", "it belongs to the publication."))
        );
        return MetadataFormat.Split(whole, notCarried);
    }

    static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();
}
