using System.Text.Json.Nodes;
using Harima.Exchange;
using Harima.Extraction;
using Harima.Faults;
using Harima.Metadata;
using Harima.Sequences;

namespace Harima.Core.Tests.Exchange;

public sealed class ExchangeMetadataOnSqlite(SqliteFacility facility)
    : ExchangeMetadataTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class ExchangeMetadataOnPostgres(PostgresFacility facility)
    : ExchangeMetadataTests(facility),
        IClassFixture<PostgresFacility>;

public abstract class ExchangeMetadataTests(TestFacility facility) : FacilityTests(facility)
{
    const string Measurement = """
        {"data_info": {"title": "Ag foil", "title_ja": "銀箔", "license": {"name": "CC BY 4.0"}, "data_depositor": {"name": "Hironori", "affiliation": {"organization": "JASRI"}}},
         "measurement": {"energy": 11.50, "energy_unit": "keV", "method": {"sub_category": "XAFS"}, "date": {"start_time": "2016-04-12 00:54:00", "end_time": "2016-04-12 00:59:00"},
           "step": -6.0e-05, "note": "no", "number_text": "34445605", "empty": {}, "none": null, "list": [], "ok": true},
         "instrument": {"slit": [{"name": "4D.slit", "size": 1.0, "size_unit": "mm"}, {"name": "b"}]}}
        """;
    const string Sample =
        """{"sample": [{"name": "Silver", "chemical_formula": "Ag", "lot_number": "34445605", "SMILES": "[Ag]", "thickness": 10, "thickness_unit": "um"}, {"name": "backing"}]}""";

    async Task<string> DescribedAsync()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/raw/a b.dat", [1, 2, 3]);
        foreach (var (kind, text) in new[] { (MetadataKind.Measurement, Measurement), (MetadataKind.Sample, Sample) })
            await Get<SetMetadata>().HandleAsync(TestFacility.Proposal, id, kind, text, TestFacility.Leader, Token);
        return id;
    }

    Task<ExportedMetadata> ExportAsync(string id, string format) =>
        Get<ExchangeMetadata>().ExportAsync(TestFacility.Leader, TestFacility.Proposal, id, format, Token);

    Task<ImportResult> ImportAsync(string id, string format, string text) =>
        Get<ExchangeMetadata>()
            .ImportAsync(TestFacility.Leader, TestFacility.Proposal, id, format, text, isTrial: false, null, Token);

    [Fact]
    public async Task An_import_is_refused_whole_where_somebody_changed_one_of_the_documents_it_replaces()
    {
        var from = await DescribedAsync();
        var exported = await ExportAsync(from, "benten-yaml");
        var to = await DescribedAsync();
        Task<ImportResult> SendAsync(bool isTrial, SeenVersions? seen) =>
            Get<ExchangeMetadata>()
                .ImportAsync(
                    TestFacility.Leader,
                    TestFacility.Proposal,
                    to,
                    "benten-yaml",
                    exported.Text,
                    isTrial,
                    seen,
                    Token
                );
        var trial = await SendAsync(true, null);
        Assert.NotNull(trial.Measurement);
        Assert.NotNull(trial.Sample);
        await Get<SetMetadata>()
            .HandleAsync(TestFacility.Proposal, to, MetadataKind.Sample, "{}", TestFacility.Member, Token);
        var refusal = await RefusedAsync(() => SendAsync(false, trial.Versions));
        Assert.Equal("metadata-changed", refusal.Reason);
        var documents = await Get<MetadataQueries>().OfAsync(TestFacility.Leader, TestFacility.Proposal, to, Token);
        Assert.Equal([Measurement, "{}"], documents.Select(document => document.Json));
        var done = await SendAsync(false, (await SendAsync(true, null)).Versions);
        documents = await Get<MetadataQueries>().OfAsync(TestFacility.Leader, TestFacility.Proposal, to, Token);
        Assert.Equal([done.Versions.Measurement, done.Versions.Sample], documents.Select(document => document.Version));
    }

    /// <summary>Nothing is lost on the way out and in again where the format can hold it.</summary>
    [Theory]
    [InlineData("benten-yaml")]
    [InlineData("benten-json")]
    [InlineData("scicat")]
    [InlineData("rde-metadata")]
    [InlineData("rde-invoice")]
    [InlineData("ro-crate")]
    [InlineData("ro-crate-1.2")]
    public async Task What_goes_out_comes_in_again(string format)
    {
        var from = await DescribedAsync();
        var to = NewId();
        await Get<OpenSequence>().HandleAsync(new(TestFacility.Proposal, to), TestFacility.Leader, Token);
        var exported = await ExportAsync(from, format);
        // The format is not named: it is found out.
        Assert.Equal(format, (await ImportAsync(to, ExchangeMetadata.Auto, exported.Text)).Format);
        var documents = await Get<MetadataQueries>().OfAsync(TestFacility.Leader, TestFacility.Proposal, to, Token);
        foreach (var (kind, text) in new[] { (MetadataKind.Measurement, Measurement), (MetadataKind.Sample, Sample) })
        {
            var found = JsonNode.Parse(documents.Single(document => document.Kind == kind).Json);
            Assert.True(
                JsonNode.DeepEquals(JsonNode.Parse(text), found),
                $"{format} {kind}:\n{JsonNode.Parse(text)}\nbecame\n{found}"
            );
        }
    }

    [Fact]
    public async Task DataCite_says_whose_data_it_is_and_that_it_cannot_hold_the_rest()
    {
        var exported = await ExportAsync(await DescribedAsync(), "datacite");
        var document = JsonNode.Parse(exported.Text)!;
        Assert.Equal("Dataset", (string?)document["types"]!["resourceTypeGeneral"]);
        Assert.Equal(["Ag foil", "銀箔"], document["titles"]!.AsArray().Select(title => (string?)title!["title"]));
        Assert.Equal("Hironori", (string?)document["creators"]![0]!["name"]);
        Assert.Contains("http://purl.org/pan-science/PaNET/PaNET01197", exported.Text, StringComparison.Ordinal);
        Assert.Contains(exported.NotCarried, sentence => sentence.StartsWith("instrument:", StringComparison.Ordinal));
        var to = NewId();
        await Get<OpenSequence>().HandleAsync(new(TestFacility.Proposal, to), TestFacility.Leader, Token);
        var imported = JsonNode.Parse((await ImportAsync(to, "datacite", exported.Text)).Measurement!)!;
        Assert.Equal("銀箔", (string?)imported["data_info"]!["title_ja"]);
        Assert.Equal("XAFS", (string?)imported["measurement"]!["method"]!["sub_category"]);
    }

    /// <summary>The published examples of SPring-8's schema: in as YAML, out as flat JSON and back, and as YAML again.</summary>
    [Theory]
    [InlineData(
        "sp8_xafs/metadata.all.yml",
        "data_info.identifier.register_name",
        "/SPring-8/BL14B2/XAFS_Standard/Ag/K/111/Ag-foil"
    )]
    [InlineData("rksr_xafs/metadata.yml", "data_info.id", "BL-10_P-K_008")]
    public async Task Real_metadata_of_SPring_8_goes_through_every_form_of_BENTEN(
        string file,
        string path,
        string value
    )
    {
        var folder =
            Environment.GetEnvironmentVariable("HARIMA_TEST_DATA")
            ?? Path.Combine(House.Repository.Root, "..", "shared", "data");
        var real = Path.Combine(folder, "spring8-metadata-schema/example", file);
        Assert.SkipUnless(File.Exists(real), $"{file} is not here (set HARIMA_TEST_DATA).");
        var id = NewId();
        await Get<OpenSequence>().HandleAsync(new(TestFacility.Proposal, id), TestFacility.Leader, Token);
        var first = await ImportAsync(id, "benten-yaml", await File.ReadAllTextAsync(real, Token));
        Assert.Empty(first.NotCarried);
        JsonNode? at = JsonNode.Parse(first.Measurement!);
        foreach (var key in path.Split('.'))
            at = at?[key];
        Assert.Equal(value, (string?)at);
        foreach (var format in new[] { "benten-json", "benten-yaml", "scicat", "rde-metadata" })
        {
            var exported = await ExportAsync(id, format);
            if (format == "benten-json")
                Assert.Contains("\"@" + path.Replace('.', '@') + "\"", exported.Text, StringComparison.Ordinal);
            var again = await ImportAsync(id, format, exported.Text);
            Assert.True(
                JsonNode.DeepEquals(JsonNode.Parse(first.Measurement!), JsonNode.Parse(again.Measurement!)),
                $"{format}:\n{first.Measurement}\nbecame\n{again.Measurement}"
            );
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(first.Sample!), JsonNode.Parse(again.Sample!)), format);
        }
    }

    [Theory]
    [InlineData("benten-yaml", "a: [1, 2")]
    [InlineData("benten-yaml", "- a\n- b")]
    [InlineData("rde-invoice", """{"x": 1}""")]
    [InlineData("datacite", "{}")]
    [InlineData("benten-json", "{\"@a\": 1, \"@a@b\": 2}")]
    [InlineData("rde-invoice", "[]")]
    [InlineData("scicat", "{")]
    [InlineData("ro-crate", "{\"@graph\": []}")]
    public async Task A_text_that_is_not_the_format_is_refused_and_nothing_changes(string format, string text)
    {
        var id = await DescribedAsync();
        Assert.Equal("import-invalid", (await RefusedAsync(() => ImportAsync(id, format, text))).Reason);
        var documents = await Get<MetadataQueries>().OfAsync(TestFacility.Leader, TestFacility.Proposal, id, Token);
        Assert.Equal(Sample, documents.Single(document => document.Kind == MetadataKind.Sample).Json);
    }

    [Fact]
    public async Task A_small_yaml_that_stands_for_endless_values_is_refused()
    {
        var bomb =
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
            + string.Concat(
                "bcdefghi".Select(
                    (c, n) => $"{c}: &{c} [{string.Join(',', Enumerable.Repeat("*" + "abcdefgh"[n], 9))}]\n"
                )
            );
        var id = await DescribedAsync();
        Assert.Equal("import-invalid", (await RefusedAsync(() => ImportAsync(id, "benten-yaml", bomb))).Reason);
    }

    [Fact]
    public async Task Foreign_formats_and_strangers_are_refused()
    {
        var id = await DescribedAsync();
        Assert.Equal("no-such-format", (await RefusedAsync(() => ExportAsync(id, "docx"))).Reason);
        foreach (var format in new[] { "docx", "scicat" })
            Assert.Equal(
                FaultCode.NotFound,
                (
                    await RefusedAsync(() =>
                        Get<ExchangeMetadata>()
                            .ExportAsync(TestFacility.Stranger, TestFacility.Proposal, id, format, Token)
                    )
                ).Code
            );
    }
}
