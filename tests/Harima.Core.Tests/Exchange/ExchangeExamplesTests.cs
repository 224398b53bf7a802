using System.Text.Json;
using System.Text.Json.Nodes;
using Harima.Exchange;
using Harima.Metadata;
using Harima.Metadata.Schemas;
using Harima.Sequences;

namespace Harima.Core.Tests.Exchange;

public sealed class ExchangeExamplesOnSqlite(SqliteFacility facility)
    : ExchangeExamplesTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class ExchangeExamplesOnPostgres(PostgresFacility facility)
    : ExchangeExamplesTests(facility),
        IClassFixture<PostgresFacility>;

/// <summary>What others publish comes in and goes out again, and what goes out is valid by their own schemas. See Examples/README.md.</summary>
public abstract class ExchangeExamplesTests(TestFacility facility) : FacilityTests(facility)
{
    const string Measurement = """
        {"data_info": {"title": "Ag foil", "title_ja": "銀箔", "description": "Standard", "license": {"name": "CC BY 4.0"}, "data_depositor": {"name": "Hironori", "affiliation": {"organization": "JASRI"}}},
         "measurement": {"energy": 11.50, "energy_unit": "keV", "method": {"sub_category": "XAFS"}, "date": {"start_time": "2016-04-12T00:54:00+09:00", "end_time": "2016-04-12T00:59:00+09:00"}}}
        """;
    const string Sample =
        """{"sample": [{"name": "Silver", "chemical_formula": "Ag", "SMILES": "[Ag]", "thickness": 10, "thickness_unit": "um"}]}""";

    static string Example(string name) =>
        File.ReadAllText(Path.Combine(House.Repository.Root, "tests/Harima.Core.Tests/Exchange/Examples", name));

    static List<string> Problems(string schema, string text) =>
        [
            .. JsonSchema
                .Parse(Example(schema))
                .Check(PlacedJson.Parse(text))
                .Select(problem => $"{problem.Path} {problem.Keyword}"),
        ];

    async Task<string> ImportedAsync(string format, string text)
    {
        var id = NewId();
        await Get<OpenSequence>().HandleAsync(new(TestFacility.Proposal, id), TestFacility.Leader, Token);
        await ImportAsync(id, format, text);
        return id;
    }

    Task<ImportResult> ImportAsync(string id, string format, string text) =>
        Get<ExchangeMetadata>()
            .ImportAsync(TestFacility.Leader, TestFacility.Proposal, id, format, text, isTrial: false, null, Token);

    async Task<string> ExportAsync(string id, string format) =>
        (await Get<ExchangeMetadata>().ExportAsync(TestFacility.Leader, TestFacility.Proposal, id, format, Token)).Text;

    async Task<string> DescribedAsync()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/raw/a b.dat", [1, 2, 3]);
        foreach (var (kind, text) in new[] { (MetadataKind.Measurement, Measurement), (MetadataKind.Sample, Sample) })
            await Get<SetMetadata>().HandleAsync(TestFacility.Proposal, id, kind, text, TestFacility.Leader, Token);
        return id;
    }

    [Fact]
    public async Task An_invoice_of_RDE_goes_out_as_it_came_but_for_empty_fields_and_is_valid_by_RDEs_schemas()
    {
        var text = Example("rde-invoice.json");
        var exported = await ExportAsync(await ImportedAsync("rde-invoice", text), "rde-invoice");
        Assert.Empty(Problems("rde-invoice.schema.json", exported));
        // The example breaks its own template: "20:20:39" is no time of RFC 3339, which "format": "time" asks for.
        Assert.Equal(["$.custom.sample4 format"], Problems("rde-template.schema.json", text));
        Assert.Equal(["$.custom.sample4 format"], Problems("rde-template.schema.json", exported));
        var (before, after) = (JsonNode.Parse(text)!, JsonNode.Parse(exported)!);
        foreach (
            var path in new[]
            {
                "datasetId",
                "basic.dataOwnerId",
                "basic.dataName",
                "basic.instrumentId",
                "basic.description",
                "custom",
                "sample.sampleId",
                "sample.names",
                "sample.composition",
                "sample.ownerId",
                "sample.specificAttributes",
            }
        )
            Assert.True(
                JsonNode.DeepEquals(At(before, path), At(after, path)),
                $"{path}: {At(before, path)} became {At(after, path)}"
            );
        // Terms without a value say nothing and are left out; a day of submission that is empty becomes that of the sequence.
        Assert.Empty(after["sample"]!["generalAttributes"]!.AsArray());
        Assert.NotEqual("", (string?)after["basic"]!["dateSubmitted"]);
    }

    [Fact]
    public async Task An_invoice_of_a_sequence_of_ours_lacks_only_the_ids_that_RDE_gives()
    {
        var exported = await ExportAsync(await DescribedAsync(), "rde-invoice");
        Assert.Equal(
            ["$.basic.dataOwnerId pattern"],
            Problems("rde-invoice.schema.json", exported)
                .Where(problem => !problem.StartsWith("$.sample", StringComparison.Ordinal))
        );
        var filled = JsonNode.Parse(exported)!;
        filled["basic"]!["dataOwnerId"] = new string('a', 56);
        filled["sample"]!["ownerId"] = new string('b', 56);
        Assert.Empty(Problems("rde-invoice.schema.json", filled.ToJsonString()));
    }

    [Fact]
    public async Task What_we_say_to_DataCite_is_valid_by_the_schema_of_kernel_45()
    {
        Assert.Empty(Problems("datacite-v4.5.schema.json", Example("datacite-dataset.json")));
        Assert.Empty(Problems("datacite-v4.5.schema.json", await ExportAsync(await DescribedAsync(), "datacite")));
        var bare = NewId();
        await Get<OpenSequence>().HandleAsync(new(TestFacility.Proposal, bare), TestFacility.Leader, Token);
        Assert.Empty(Problems("datacite-v4.5.schema.json", await ExportAsync(bare, "datacite")));
    }

    [Theory]
    [InlineData(
        "datacite-dataset.json",
        "External Environmental Data, 2010-2020, National Gallery",
        "National Gallery"
    )]
    [InlineData("datacite-multilingual.json", null, null)]
    public async Task A_record_of_DataCite_keeps_title_creator_publisher_and_dates(
        string file,
        string? title,
        string? creator
    )
    {
        var id = await ImportedAsync("datacite", Example(file));
        var exported = await ExportAsync(id, "datacite");
        Assert.Empty(Problems("datacite-v4.5.schema.json", exported));
        var (before, after) = (JsonNode.Parse(Example(file))!, JsonNode.Parse(exported)!);
        Assert.Equal(title ?? (string?)before["titles"]![0]!["title"], (string?)after["titles"]![0]!["title"]);
        Assert.Equal(creator ?? (string?)before["creators"]![0]!["name"], (string?)after["creators"]![0]!["name"]);
        Assert.Equal((string?)before["publisher"]!["name"], (string?)after["publisher"]!["name"]);
        Assert.Equal(Collected(before), Collected(after));

        static string? Collected(JsonNode record) =>
            record["dates"]!
                .AsArray()
                .Where(date => (string?)date!["dateType"] == "Collected")
                .Select(date => (string?)date!["date"])
                .FirstOrDefault();
    }

    [Fact]
    public async Task A_raw_dataset_of_SciCat_keeps_its_scientific_metadata_times_title_and_licence()
    {
        var text = Example("scicat-dataset.json");
        var exported = JsonNode.Parse(await ExportAsync(await ImportedAsync("scicat", text), "scicat"))!;
        var before = JsonNode.Parse(text)!;
        var science = exported["scientificMetadata"]!.AsObject();
        foreach (var (key, value) in before["scientificMetadata"]!.AsObject())
            Assert.True(JsonNode.DeepEquals(value, science[key]), $"{key}: {value} became {science[key]}");
        foreach (var key in new[] { "datasetName", "description", "startTime", "endTime", "license", "type" })
            Assert.Equal((string?)before[key], (string?)exported[key]);
        Exchangeable(exported);
    }

    [Fact]
    public async Task A_dataset_for_SciCat_has_what_its_interface_demands() =>
        Exchangeable(JsonNode.Parse(await ExportAsync(await DescribedAsync(), "scicat"))!);

    /// <summary>The required fields and types of SciCat's CreateRawDatasetObsoleteDto (v3) and CreateDatasetDto (v4).</summary>
    static void Exchangeable(JsonNode dataset)
    {
        foreach (
            var key in new[]
            {
                "owner",
                "ownerGroup",
                "contactEmail",
                "sourceFolder",
                "creationTime",
                "datasetName",
                "type",
                "principalInvestigator",
                "creationLocation",
            }
        )
            Assert.NotEqual("", (string?)dataset[key] ?? "");
        Assert.Matches("^[^@ ]+@[^@ ]+$", (string?)dataset["contactEmail"]!);
        Assert.True(DateTimeOffset.TryParse((string?)dataset["creationTime"], out _));
        Assert.Equal(JsonValueKind.Number, dataset["size"]!.GetValueKind());
        Assert.Equal(JsonValueKind.Object, dataset["scientificMetadata"]!.GetValueKind());
        foreach (var technique in dataset["techniques"]!.AsArray())
            Assert.NotEqual("", (string?)technique!["pid"]);
    }

    [Theory]
    [InlineData("ro-crate-1.1.json", "Example crate", "An example RO-Crate")]
    [InlineData(
        "ro-crate-1.2.json",
        "Example dataset for RO-Crate specification",
        "Official rainfall readings for Katoomba, NSW 2022, Australia"
    )]
    public async Task A_crate_of_somebody_else_says_what_it_is_about(string file, string title, string description)
    {
        var id = await ImportedAsync("ro-crate", Example(file));
        foreach (var format in new[] { "ro-crate", "ro-crate-1.2" })
        {
            var root = Root(await ExportAsync(id, format), format == "ro-crate" ? "1.1" : "1.2");
            Assert.Equal((title, description), ((string?)root["name"], (string?)root["description"]));
            Assert.Equal("http://spdx.org/licenses/CC0-1.0", (string?)root["license"]?["@id"]);
        }
    }

    [Theory]
    [InlineData("ro-crate", "1.1")]
    [InlineData("ro-crate-1.2", "1.2")]
    public async Task A_crate_of_ours_has_what_the_specification_demands(string format, string version)
    {
        var text = await ExportAsync(await DescribedAsync(), format);
        var root = Root(text, version);
        Assert.Equal("raw/a%20b.dat", (string?)Assert.Single(root["hasPart"]!.AsArray())!["@id"]);
    }

    /// <summary>
    /// The MUSTs of RO-Crate 1.1, Root Data Entity and JSON-LD: a descriptor that conforms and is about the root, a root with name,
    /// description, date and licence, a flat graph, and nothing spoken of that is not in it.
    /// </summary>
    static JsonNode Root(string text, string version)
    {
        var crate = JsonNode.Parse(text)!;
        Assert.Equal($"https://w3id.org/ro/crate/{version}/context", (string?)crate["@context"]);
        var graph = crate["@graph"]!.AsArray();
        var ids = graph.Select(entity => (string?)entity!["@id"]).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        var descriptor = graph.Single(entity => (string?)entity!["@id"] == "ro-crate-metadata.json")!;
        Assert.Equal("CreativeWork", (string?)descriptor["@type"]);
        Assert.Equal($"https://w3id.org/ro/crate/{version}", (string?)descriptor["conformsTo"]!["@id"]);
        var root = graph.Single(entity => (string?)entity!["@id"] == (string?)descriptor["about"]!["@id"])!;
        Assert.Equal("Dataset", (string?)root["@type"]);
        foreach (var key in new[] { "name", "description", "datePublished" })
            Assert.NotEqual("", (string?)root[key] ?? "");
        Assert.True(DateOnly.TryParse((string?)root["datePublished"], out _));
        Assert.NotNull(root["license"]);
        foreach (var entity in graph)
        foreach (var (key, value) in entity!.AsObject())
        foreach (var one in value is JsonArray list ? list.ToArray() : [value])
        {
            if (one is not JsonObject reference || key == "conformsTo")
                continue;
            // Flat: an object is a reference, and nothing but.
            Assert.Equal(["@id"], reference.Select(member => member.Key));
            Assert.Contains((string?)reference["@id"], ids);
        }
        return root;
    }

    static JsonNode? At(JsonNode node, string path)
    {
        JsonNode? at = node;
        foreach (var key in path.Split('.'))
            at = at?[key];
        return at;
    }
}
