using System.Text.Json;
using Harima.Extraction;
using Harima.Metadata;
using Harima.Metadata.Schemas;

namespace Harima.Core.Tests.Extraction;

public sealed class RealMeasurementsOnSqlite(SqliteFacility facility)
    : RealMeasurementsTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class RealMeasurementsOnPostgres(PostgresFacility facility)
    : RealMeasurementsTests(facility),
        IClassFixture<PostgresFacility>;

/// <summary>
/// Real measurements are catalogued: what their files say is accepted as a whole into the schema that suits them best, and nothing of it
/// is wrong by that schema; what is missing then is what no file says.
/// </summary>
public abstract class RealMeasurementsTests(TestFacility facility) : FacilityTests(facility)
{
    /// <param name="Accepted">How many values.</param>
    /// <param name="Missing">What a person still has to type.</param>
    sealed record Catalogued(string Schema, int Proposed, int Accepted, IReadOnlyList<string> Wrong, string Missing)
    {
        public required string Json { get; init; }
        public required string? Sample { get; init; }
    }

    [Theory]
    [InlineData("diffraction/phi_scan_001.cbf", "measurement", 10, "title, beamline, method")]
    [InlineData("nexus/chopper.nxs", "measurement", 8, "method")]
    [InlineData("nexus/mm.nxs", "measurement", 10, "title, start_time, beamline, unit, unit")]
    [InlineData("nexus/xrd_test.nxs", "measurement", 10, "title, start_time, beamline, unit, unit")]
    [InlineData("saxs/BAM_2D.h5", "saxs", 3, "instrument, start_time")]
    [InlineData("spring8-fuel-cell/haxpes_VB_10VE_0001.txt", "measurement", 8, "title")]
    [InlineData("spring8-fuel-cell/haxpes_Pt4f_TEC10E50E_H_0001.csv", "measurement", 3, "instrument, start_time")]
    [InlineData("spring8-fuel-cell/xafs_TEC10E50E_H_03.k2", "xafs", 5, "title, instrument, start_time, detection")]
    [InlineData("test-only/538039.nxs", "single-crystal-diffraction", 10, "start_time, unit")]
    [InlineData("test-only/Therm_6_2.nxs", "single-crystal-diffraction", 13, "title, beamline, unit")]
    [InlineData("test-only/CeO2_Pilatus1M.tif", "measurement", 8, "title, beamline, method, start_time")]
    [InlineData("test-only/CeO2_Pilatus1M.xy", "measurement", 3, "title, beamline, start_time")]
    [InlineData("test-only/nexus-example.hdf5", "saxs", 16, "")]
    [InlineData(
        "test-only/lambda/testasapo1_1009_00002_m1_part00000.nxs",
        "measurement",
        4,
        "title, measurement, beamline"
    )]
    [InlineData("tomography/k11-18014.nxs", "imaging", 7, "title, unit")]
    [InlineData("tomography/tooth.h5", "imaging", 5, "start_time, beamline")]
    [InlineData("xafs-spectra/Se/Se_CoSe_rt_01.xdi", "xafs", 16, "title, detection")]
    public async Task What_a_real_file_says_fits_the_schema_that_suits_it(
        string path,
        string schema,
        int accepted,
        string missing
    )
    {
        var told = await CatalogueAsync([PathOf(path)]);
        Assert.Empty(told.Wrong);
        Assert.Equal((schema, accepted, missing), (told.Schema, told.Accepted, told.Missing));
    }

    [Fact]
    public async Task Units_become_those_of_the_schema_and_names_those_of_its_vocabulary()
    {
        var scan = Parsed((await CatalogueAsync([PathOf("diffraction/phi_scan_001.cbf")])).Json);
        var (beam, detector) = (
            scan.GetProperty("instrument").GetProperty("beam"),
            scan.GetProperty("instrument").GetProperty("detector")
        );
        Assert.Equal("""{"value":0.68937,"unit":"Å"}""", Plain(beam.GetProperty("wavelength")));
        Assert.Equal("""{"value":172,"unit":"µm"}""", Plain(detector.GetProperty("pixel_size")));
        Assert.Equal("""{"value":0.5,"unit":"s"}""", Plain(detector.GetProperty("exposure_time")));
        var tooth = Parsed((await CatalogueAsync([PathOf("tomography/tooth.h5")])).Json);
        Assert.Equal(
            "tomography",
            tooth.GetProperty("measurement").GetProperty("method").GetProperty("technique").GetString()
        );
        var spectrum = await CatalogueAsync([PathOf("xafs-spectra/Se/Se_CoSe_rt_01.xdi")]);
        var method = Parsed(spectrum.Json).GetProperty("measurement").GetProperty("method");
        Assert.Equal(
            ("Se", "K", "Se K-edge"),
            (
                method.GetProperty("element").GetString(),
                method.GetProperty("edge").GetString(),
                method.GetProperty("absorption_edge").GetString()
            )
        );
        Assert.Equal("""["cobalt selenide"]""", Plain(Parsed(spectrum.Sample!).GetProperty("names")));
    }

    [Fact]
    public async Task A_measurement_of_several_techniques_proposes_each_of_them()
    {
        var id = await StoreAsync([PathOf("nexus/mm.nxs")]);
        var result = await ResultAsync(id);
        Assert.Equal(
            ["\"XRF\"", "\"STXM\"", "\"XRD\""],
            result
                .Values.Where(value => value.Extracted.Path == "measurement.method.sub_category")
                .Select(value => value.Extracted.Value)
        );
    }

    /// <summary>Every directory as a whole, so that nothing of the collection is passed over.</summary>
    [Fact]
    public async Task Nothing_that_any_of_them_says_is_wrong_by_the_schema_it_is_accepted_into()
    {
        var root = PathOf("");
        var wrong = new List<string>();
        foreach (var folder in Directory.GetDirectories(root, "*", SearchOption.AllDirectories).Order())
        {
            var files = Directory.GetFiles(folder).Order(StringComparer.Ordinal).ToList();
            if (files.Count == 0)
                continue;
            var told = await CatalogueAsync(files);
            var name = Path.GetRelativePath(root, folder);
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{name}: {files.Count} files, {told.Proposed} proposed, {told.Accepted} accepted into {told.Schema}, missing: {told.Missing}"
            );
            wrong.AddRange(told.Wrong.Select(one => $"{name}: {one}"));
        }
        Assert.Empty(wrong);
    }

    static JsonElement Parsed(string json) => JsonDocument.Parse(json).RootElement;

    static string Plain(JsonElement value) =>
        System.Text.Json.Nodes.JsonNode.Parse(value.GetRawText())!.ToJsonString(Relaxed);

    static readonly JsonSerializerOptions Relaxed = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    async Task<string> StoreAsync(IReadOnlyList<string> files)
    {
        var id = NewId();
        foreach (var file in files)
            await Facility.PutAsync($"{id}/{Path.GetFileName(file)}", await File.ReadAllBytesAsync(file, Token));
        await Get<ExtractMetadata>().HandleAsync($"{TestFacility.Proposal}/{id}", Token);
        return id;
    }

    Task<ExtractionResult> ResultAsync(string id) =>
        Get<ExtractionQueries>().OfAsync(TestFacility.Leader, TestFacility.Proposal, id, Token);

    async Task<Catalogued> CatalogueAsync(IReadOnlyList<string> files)
    {
        var id = await StoreAsync(files);
        var techniques = (await ResultAsync(id))
            .Values.Where(value => value.Extracted.Path == "measurement.method.sub_category")
            .Select(value => JsonSerializer.Deserialize<string>(value.Extracted.Value)!)
            .ToList();
        foreach (var kind in Enum.GetValues<MetadataKind>())
        {
            // Of a proposal that has followed none before: what suits the technique, or the general one.
            var offers = await Get<FollowSchema>().OffersAsync("2026A0000", "BL00", kind, techniques, Token);
            await Get<FollowSchema>()
                .HandleAsync(TestFacility.Proposal, id, kind, offers[0].Schema.Id, null, TestFacility.Leader, Token);
        }
        var proposed = (await ResultAsync(id)).Values.Count;
        var accepted = await Get<AcceptExtracted>()
            .HandleAsync(TestFacility.Proposal, id, null, null, TestFacility.Leader, Token);
        var standings = await Get<FollowSchema>().StandingAsync(TestFacility.Leader, TestFacility.Proposal, id, Token);
        var documents = await Get<MetadataQueries>().OfAsync(TestFacility.Leader, TestFacility.Proposal, id, Token);
        string? Json(MetadataKind kind) => documents.FirstOrDefault(document => document.Kind == kind)?.Json;
        var measurement = standings.Single(standing => standing.Kind == MetadataKind.Measurement);
        return new Catalogued(
            measurement.Schema!.Id,
            proposed,
            accepted.Count,
            [.. standings.SelectMany(standing => standing.Wrong).Select(one => $"{one.Path}: {one.Message}")],
            string.Join(", ", measurement.Missing.Select(one => one.Message.Split('"')[1]))
        )
        {
            Json = Json(MetadataKind.Measurement) ?? "{}",
            Sample = Json(MetadataKind.Sample),
        };
    }

    static string PathOf(string path)
    {
        var root = Environment.GetEnvironmentVariable("HARIMA_TEST_DATA");
        for (
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            string.IsNullOrEmpty(root) && folder is not null;
            folder = folder.Parent
        )
            if (File.Exists(Path.Combine(folder.FullName, "Harima.slnx")))
                root = Path.GetFullPath(Path.Combine(folder.FullName, "..", "shared", "data"));
        var full = Path.Combine(root ?? "", path);
        Assert.SkipUnless(Path.Exists(full), $"The real measurement {path} is not here (set HARIMA_TEST_DATA).");
        return full;
    }
}
