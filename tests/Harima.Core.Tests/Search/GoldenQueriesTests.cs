using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Harima.Access;
using Harima.Catalogue;
using Harima.Identity;
using Harima.Metadata;
using Harima.Metadata.Annotations;
using Harima.Metadata.Schemas;
using Harima.Samples;
using Harima.Search;
using Harima.Search.Feed;
using Harima.Search.Query;
using Harima.Sequences;

namespace Harima.Core.Tests.Search;

public sealed class GoldenQueriesOnSqlite(GoldenOnSqlite facility)
    : GoldenQueriesTests(facility),
        IClassFixture<GoldenOnSqlite>;

public sealed class GoldenQueriesOnPostgres(GoldenOnPostgres facility)
    : GoldenQueriesTests(facility),
        IClassFixture<GoldenOnPostgres>;

public sealed class GoldenOnSqlite : GoldenFacility
{
    protected override Task<string> CreateDatabaseAsync() => Task.FromResult("sqlite");
}

public sealed class GoldenOnPostgres : GoldenFacility
{
    readonly PostgresDatabase _database = new();

    public override string? Missing => PostgresDatabase.Missing;

    protected override Task<string> CreateDatabaseAsync() => _database.CreateAsync();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _database.DropAsync();
    }
}

/// <summary>Twenty sequences as a facility has them, described as its people do: after the SPring-8 schema, in two languages.</summary>
public abstract class GoldenFacility : TestFacility
{
    bool _isFilled;

    sealed record Kept(
        string Id,
        string Technique,
        string SampleName,
        string? Formula,
        string MeasuredAt,
        double? EnergyKeV = null,
        string? Edge = null,
        double? TemperatureK = null,
        string? Comment = null,
        string? Keywords = null,
        string? Files = null,
        string Proposal = TestFacility.Proposal,
        bool IsClosed = false,
        bool IsForEveryone = false
    );

    static readonly Kept[] All =
    [
        new(
            "Ag-K-001",
            "XAFS",
            "Ag-foil",
            "Ag",
            "2025-05-19 18:15:10",
            25.5,
            "Ag K-edge",
            Files: "Ag-foil_001.dat",
            IsClosed: true,
            IsForEveryone: true
        ),
        new(
            "Fe-K-001",
            "XAFS",
            "鉄箔",
            "Fe",
            "2026-04-01 09:00:00",
            7.112,
            "Fe K-edge",
            298,
            "標準試料",
            "標準,operando",
            "Fe_foil.9809"
        ),
        new(
            "Fe-K-002",
            "XAFS",
            "Fe2O3 pellet",
            "Fe2O3",
            "2026-04-30 23:30:00",
            7.112,
            "Fe K-edge",
            Files: "raw/Fe2O3_01.9809"
        ),
        new(
            "Pt-L3-001",
            "XAFS",
            "白金担持カーボン触媒 TEC10E50E",
            "Pt/C",
            "2026-05-01 00:30:00",
            11.5640,
            "Pt L3-edge",
            353,
            "燃料電池カソード触媒の劣化 in situ 測定",
            "燃料電池,fuel cell",
            "TEC10E50E_H_03.k2 TEC10E50E_H_03.rmag",
            IsClosed: true
        ),
        new(
            "Pt-L3-002",
            "XAFS",
            "ＴＥＣ１０Ｖ３０Ｅ",
            "Pt/C",
            "2026-05-12 10:00:00",
            11.5640,
            "Pt L3-edge",
            353,
            "Platinum catalysts after 10000 cycles",
            "fuel cell"
        ),
        new(
            "Ce-L3-001",
            "XAFS",
            "CeO2 standard",
            "CeO2",
            "2026-06-03 08:00:00",
            5.723,
            "Ce L3-edge",
            Comment: "ｾﾘｱ標準試料"
        ),
        new(
            "LFP-001",
            "Powder XRD",
            "LiFePO4 cathode",
            "LiFePO4",
            "2026-06-10 13:00:00",
            12.4,
            TemperatureK: 300,
            Comment: "リチウムイオン電池の正極",
            Keywords: "battery,電池",
            Files: "lfp_0001.cbf lfp_0002.cbf lfp_0001.tif"
        ),
        new(
            "LFP-002",
            "Powder XRD",
            "LiFePO4 cathode",
            "LiFePO4",
            "2026-06-11 13:00:00",
            12.4,
            TemperatureK: 500,
            Comment: "高温での相変化",
            Keywords: "battery,電池",
            Files: "lfp_0003.cbf"
        ),
        new(
            "NCM-001",
            "Powder XRD",
            "NCM811",
            "Li(Ni0.8Co0.1Mn0.1)O2",
            "2026-06-20 09:30:00",
            12.4,
            Comment: "Cathode of lithium ion batteries"
        ),
        new(
            "TiO2-001",
            "Powder XRD",
            "酸化チタン（アナターゼ）",
            "TiO2",
            "2026-07-01 11:00:00",
            15,
            Comment: "ナノ粒子の粒径"
        ),
        new(
            "SiO2-SAXS",
            "SAXS",
            "シリカナノ粒子",
            "SiO2",
            "2026-07-02 12:00:00",
            8.0,
            Comment: "水溶液中, water dispersion",
            Files: "profile_0001.edf"
        ),
        new(
            "Lys-SX-01",
            "Serial crystallography",
            "卵白リゾチーム",
            null,
            "2026-07-15 20:00:00",
            10,
            Comment: "Lysozyme microcrystals, jet",
            Files: "run0042.h5 run0042_geom.h5"
        ),
        new(
            "Bat-CT-01",
            "トモグラフィー",
            "全固体電池セル",
            null,
            "2026-08-01 09:00:00",
            20,
            Comment: "投影像 1800 枚。充放電の途中",
            Files: "proj/tomo_00001.tif proj/tomo_00002.tif"
        ),
        new(
            "Tooth-CT",
            "トモグラフィー",
            "歯",
            null,
            "2026-08-02 09:00:00",
            25,
            Comment: "Tooth, tomography of enamel",
            Files: "tooth.h5"
        ),
        new(
            "Au-HAX-01",
            "HAXPES",
            "金ナノ粒子",
            "Au",
            "2026-09-10 09:00:00",
            7.94,
            Comment: "価電子帯スペクトル valence band"
        ),
        new(
            "Steel-01",
            "XRD mapping",
            "ステンレス鋼 SUS304",
            "Fe70Cr19Ni9",
            "2026-09-12 09:00:00",
            30,
            Comment: "残留応力の分布。溶接部"
        ),
        new(
            "Cu-K-001",
            "XAFS",
            "銅板",
            "Cu",
            "2026-09-15 09:00:00",
            8.979,
            "Cu K-edge",
            77,
            "低温 (液体窒素) での測定"
        ),
        new(
            "Zn-K-001",
            "XAFS",
            "酸化亜鉛",
            "ZnO",
            "2026-09-16 09:00:00",
            9.659,
            "Zn K-edge",
            Comment: "薄膜・ガラス基板"
        ),
        new(
            "Secret-01",
            "XAFS",
            "Secret alloy",
            "FePt",
            "2026-09-20 09:00:00",
            7.112,
            "Fe K-edge",
            Proposal: "2026B9999"
        ),
        new("Empty-01", "", "", null, "2026-09-30 12:00:00"),
    ];

    public async Task FillAsync()
    {
        if (_isFilled)
            return;
        _isFilled = true;
        await AddProposalAsync("2026B9999");
        foreach (var kept in All)
        {
            await Get<OpenSequence>().HandleAsync(new(kept.Proposal, kept.Id), Leader, CancellationToken.None);
            await DescribeAsync(kept, MetadataKind.Measurement, MeasurementOf(kept));
            if (kept.SampleName.Length > 0)
                await DescribeAsync(kept, MetadataKind.Sample, SampleOf(kept));
            foreach (var file in (kept.Files ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
                await PutAsync(
                    $"{kept.Id}/{file}",
                    Encoding.UTF8.GetBytes(file),
                    bucket: kept.Proposal.ToLowerInvariant()
                );
            if (kept.IsForEveryone)
                await Get<ShareSequence>()
                    .SetVisibilityAsync(kept.Proposal, kept.Id, Visibility.Everyone, Leader, CancellationToken.None);
            if (kept.IsClosed)
                await Get<CloseSequence>().HandleAsync(kept.Proposal, kept.Id, Leader, CancellationToken.None);
        }
        await AnnotateAsync();
        // What member may not see of the other proposal stays out of every answer below.
        await Get<CatalogueWriter>()
            .WriteAsync(
                transaction =>
                    Get<Grants>()
                        .Put(
                            transaction,
                            new ResourceRef(ResourceKind.Proposal, "2026B9999"),
                            Principal.SubjectOf("member"),
                            Roles.Member,
                            Right.None,
                            "test"
                        ),
                CancellationToken.None
            );
        await Get<SearchFeed>().CatchUpAsync(CancellationToken.None);
    }

    /// <summary>What people add beside the metadata: labels, stars, comments, samples of their own and schemas.</summary>
    async Task AnnotateAsync()
    {
        Task LabelAsync(string id, LabelKind kind, string label) =>
            Get<Labels>().AddAsync(Proposal, id, kind, label, Leader, CancellationToken.None);
        Task RateAsync(string id, int stars, Principal who) =>
            Get<Ratings>().HandleAsync(Proposal, id, stars, who, CancellationToken.None);
        Task CommentAsync(string id, string text) =>
            Get<Comments>().AddAsync(Proposal, id, text, Leader, CancellationToken.None);
        await LabelAsync("Fe-K-001", LabelKind.Tag, "論文用");
        await LabelAsync("Fe-K-002", LabelKind.Tag, "論文用");
        await LabelAsync("Cu-K-001", LabelKind.Tag, "To Publish");
        await LabelAsync("Zn-K-001", LabelKind.Keyword, "太陽光パネル");
        await RateAsync("LFP-001", 5, Leader);
        await RateAsync("LFP-002", 5, Leader);
        await RateAsync("LFP-002", 2, Member);
        await CommentAsync("Cu-K-001", "ピーク位置がずれている。Check the monochromator first.");
        await CommentAsync("Steel-01", "ビームダンプの直後 after the beam dump");
        var wafer = await SampleAsync("シリコン基板 Wafer 7", []);
        var film = await SampleAsync("ZnO 薄膜 film-7A", [wafer]);
        var piece = await SampleAsync("film-7A piece", [film]);
        await ReferAsync("Zn-K-001", film);
        await ReferAsync("TiO2-001", piece);
        foreach (var id in new[] { "Cu-K-001", "Zn-K-001" })
            await Get<FollowSchema>()
                .HandleAsync(Proposal, id, MetadataKind.Measurement, "xafs", null, Leader, CancellationToken.None);
    }

    async Task<string> SampleAsync(string name, string[] parents) =>
        (
            await Get<PutSample>()
                .CreateAsync(
                    Proposal,
                    new PutSampleRequest(
                        new JsonObject { ["names"] = new JsonArray(name) }.ToJsonString(),
                        parents,
                        Id: $"GOLD{++_samples}"
                    ),
                    Leader,
                    CancellationToken.None
                )
        ).Id;

    int _samples;

    Task ReferAsync(string id, string sample) =>
        Get<SequenceSamples>().SetAsync(Proposal, id, sample, true, Leader, CancellationToken.None);

    Task DescribeAsync(Kept kept, MetadataKind kind, JsonObject json) =>
        Get<SetMetadata>()
            .HandleAsync(kept.Proposal, kept.Id, kind, json.ToJsonString(), Leader, CancellationToken.None);

    static JsonObject MeasurementOf(Kept kept)
    {
        var measurement = new JsonObject { ["date"] = new JsonObject { ["start_time"] = kept.MeasuredAt } };
        if (kept.Technique.Length > 0)
            measurement["method"] = new JsonObject { ["category"] = "x-ray", ["sub_category"] = kept.Technique };
        if (kept.Edge is not null)
            measurement["method"]!["absorption_edge"] = kept.Edge;
        // As different schemas write numbers: a sibling unit, {value, unit}, {v, u}.
        if (kept.EnergyKeV is { } energy)
        {
            if (kept.Technique == "XAFS")
                (measurement["energy"], measurement["energy_unit"]) = (Math.Round(energy * 1000, 3), "eV");
            else
                measurement["energy"] = new JsonObject { ["value"] = energy, ["unit"] = "keV" };
        }
        if (kept.TemperatureK is { } temperature)
            measurement["temperature"] = new JsonObject { ["v"] = Math.Round(temperature - 273.15, 2), ["u"] = "°C" };
        if (kept.Comment is not null)
            measurement["comment"] = kept.Comment;
        if (kept.Keywords is not null)
            measurement["keywords"] = kept.Keywords;
        return new JsonObject
        {
            ["measurement"] = measurement,
            ["facility"] = new JsonObject
            {
                ["ring"] = new JsonObject { ["energy"] = 8.0, ["energy_unit"] = "GeV" },
            },
        };
    }

    static JsonObject SampleOf(Kept kept)
    {
        var sample = new JsonObject { ["name"] = kept.SampleName };
        if (kept.Formula is not null)
            sample["chemical_formula"] = kept.Formula;
        return new JsonObject { ["sample"] = new JsonArray(sample) };
    }
}

/// <summary>What people type, and what they expect. A change of the language or of the text cutting shows here first.</summary>
public abstract class GoldenQueriesTests(GoldenFacility facility) : FacilityTests(facility)
{
    const string Xafs = "Ag-K-001 Ce-L3-001 Cu-K-001 Fe-K-001 Fe-K-002 Pt-L3-001 Pt-L3-002 Zn-K-001";

    static readonly (string Question, string Expected)[] Golden =
    [
        // Words in Japanese: parts of words, other widths, kana as written.
        ("触媒 担持", "Pt-L3-001"),
        ("白金", "Pt-L3-001 Pt-L3-002"),
        ("電池", "Bat-CT-01 LFP-001 LFP-002 Pt-L3-001"),
        ("標準試料", "Ce-L3-001 Fe-K-001"),
        ("ナノ粒子", "Au-HAX-01 SiO2-SAXS TiO2-001"),
        ("ﾅﾉ粒子", "Au-HAX-01 SiO2-SAXS TiO2-001"),
        ("セリア", "Ce-L3-001"),
        ("燃料電池　劣化", "Pt-L3-001"),
        ("\"正極\"", "LFP-001"),
        ("歯", "Tooth-CT"),
        ("りぞちーむ", ""),
        ("リゾチーム", "Lys-SX-01"),
        ("残留応力", "Steel-01"),
        ("応力の分布", "Steel-01"),
        ("分布応力", ""),
        ("電池 NOT 燃料電池", "Bat-CT-01 LFP-001 LFP-002"),
        ("トモグラフィー", "Bat-CT-01 Tooth-CT"),
        // Words in English: any case, plurals, ids and formulas whole.
        ("battery", "LFP-001 LFP-002 NCM-001"),
        ("batteries", "LFP-001 LFP-002 NCM-001"),
        ("CATHODE", "LFP-001 LFP-002 NCM-001"),
        ("\"fuel cell\"", "Pt-L3-001 Pt-L3-002"),
        ("catalyst cycles", "Pt-L3-002"),
        ("title:catalyst cycle", "Pt-L3-002"),
        ("tomo*", "Bat-CT-01 Tooth-CT"),
        ("Ag-foil", "Ag-K-001"),
        ("ag foil", "Ag-K-001"),
        ("TEC10E50E", "Pt-L3-001"),
        ("TEC10V30E", "Pt-L3-002"),
        ("LiFePO4", "LFP-001 LFP-002"),
        ("FePO4", ""),
        ("LFP-001", "LFP-001"),
        ("SUS304", "Steel-01"),
        ("run0042", "Lys-SX-01"),
        ("valence OR enamel", "Au-HAX-01 Tooth-CT"),
        ("water dispersion", "SiO2-SAXS"),
        // Elements, by symbol and name.
        ("element:Fe", "Fe-K-001 Fe-K-002 LFP-001 LFP-002 Steel-01"),
        ("元素:鉄", "Fe-K-001 Fe-K-002 LFP-001 LFP-002 Steel-01"),
        ("鉄", "Fe-K-001 Fe-K-002 LFP-001 LFP-002 Steel-01"),
        ("element:platinum", "Pt-L3-001 Pt-L3-002"),
        ("element:Li element:Ni", "NCM-001"),
        ("element:zn", "Zn-K-001"),
        ("element:Pb", ""),
        ("element:Au", "Au-HAX-01"),
        // Fields.
        ("technique:xafs", Xafs),
        ("technique:XAS", Xafs),
        ("technique:\"Powder XRD\"", "LFP-001 LFP-002 NCM-001 TiO2-001"),
        ("手法:トモグラフィー", "Bat-CT-01 Tooth-CT"),
        ("technique:小角散乱", "SiO2-SAXS"),
        ("technique:粉末Ｘ線回折", "LFP-001 LFP-002 NCM-001 TiO2-001"),
        ("technique:光電子分光 OR technique:X線小角散乱", "Au-HAX-01 SiO2-SAXS"),
        ("technique:*XRD*", "LFP-001 LFP-002 NCM-001 Steel-01 TiO2-001"),
        ("technique:(SAXS OR HAXPES)", "Au-HAX-01 SiO2-SAXS"),
        ("status:closed", "Ag-K-001 Pt-L3-001"),
        ("状態:確定済み visibility:limited", "Pt-L3-001"),
        ("visibility:everyone", "Ag-K-001"),
        ("keyword:\"fuel cell\"", "Pt-L3-001 Pt-L3-002"),
        ("キーワード:電池", "LFP-001 LFP-002"),
        ("id:lfp-*", "LFP-001 LFP-002"),
        ("absorption_edge:\"Fe K-edge\"", "Fe-K-001 Fe-K-002"),
        ("sample.chemical_formula:\"LiFePO4\"", "LFP-001 LFP-002"),
        ("試料:触媒", "Pt-L3-001"),
        ("NOT has:measurement.energy", "Empty-01"),
        ("beamline:BL14B2 NOT has:technique", "Empty-01"),
        // Numbers with units, across units.
        ("energy:11.5..12.1keV", "Pt-L3-001 Pt-L3-002"),
        ("energy:11564eV", "Pt-L3-001 Pt-L3-002"),
        ("energy>25keV", "Ag-K-001 Steel-01"),
        ("energy:>=25", "Ag-K-001 Steel-01 Tooth-CT"),
        ("measurement.energy:<7000eV", "Ce-L3-001"),
        ("temperature:75..80K", "Cu-K-001"),
        ("temperature:20～30℃", "Fe-K-001 LFP-001"),
        ("measurement.temperature:>350K NOT energy:12.4", "Pt-L3-001 Pt-L3-002"),
        // Times: months and days are whole, and Japanese.
        ("date:2026-04", "Fe-K-001 Fe-K-002"),
        ("date:2026-05-01", "Pt-L3-001"),
        ("測定日:2026年9月10日..2026年9月12日", "Au-HAX-01 Steel-01"),
        ("date:..2025", "Ag-K-001"),
        ("date:2026-09-16..", "Empty-01 Zn-K-001"),
        ("year:2025", "Ag-K-001"),
        // Files.
        ("file:*.cbf", "LFP-001 LFP-002"),
        ("file:lfp_0001.*", "LFP-001"),
        ("file:proj/*.tif", "Bat-CT-01"),
        ("file:Fe2O3_01.9809", "Fe-K-002"),
        ("type:h5", "Lys-SX-01 Tooth-CT"),
        ("files:>=3", "LFP-001"),
        ("拡張子:(cbf OR edf)", "LFP-001 LFP-002 SiO2-SAXS"),
        // What people add: labels, stars, comments.
        ("tag:論文用", "Fe-K-001 Fe-K-002"),
        ("タグ:\"to publish\"", "Cu-K-001"),
        ("tag:*publish*", "Cu-K-001"),
        ("has:tag NOT element:鉄", "Cu-K-001"),
        ("keyword:太陽光パネル", "Zn-K-001"),
        ("rating:5", "LFP-001"),
        ("評価:3..4", "LFP-002"),
        ("rating:>=1", "LFP-001 LFP-002"),
        ("comment:monochromator", "Cu-K-001"),
        ("コメント:ピーク位置", "Cu-K-001"),
        ("comment:\"beam dump\"", "Steel-01"),
        ("monochromator", ""),
        // A path of the metadata that ends so is still found by it.
        ("comment:溶接部", "Steel-01"),
        ("comment:ビーム has:comment", "Steel-01"),
        // Samples of their own, and what they come from.
        ("sample:基板", ""),
        ("sample:film-7A", "TiO2-001 Zn-K-001"),
        ("試料:薄膜", "Zn-K-001"),
        ("sample.id:GOLD2", "Zn-K-001"),
        ("ancestor:GOLD1", "TiO2-001 Zn-K-001"),
        ("祖先試料:シリコン基板", "TiO2-001 Zn-K-001"),
        ("ancestor:GOLD2", "TiO2-001"),
        ("ancestor:\"wafer 7\" technique:XAFS", "Zn-K-001"),
        ("has:ancestor", "TiO2-001 Zn-K-001"),
        // Schemas.
        ("schema:xafs", "Cu-K-001 Zn-K-001"),
        ("スキーマ:xafs valid:no", "Cu-K-001 Zn-K-001"),
        ("schema:xafs 妥当:はい", ""),
        // Together.
        ("technique:XAFS energy:11.5..12.1keV beamline:BL14B2 date:2026-04.. AND NOT status:open", "Pt-L3-001"),
        ("(battery OR 触媒) element:Li date:2026-06-11..", "LFP-002 NCM-001"),
        ("-technique:XAFS -technique:\"Powder XRD\" energy:<=10keV", "Au-HAX-01 Lys-SX-01 SiO2-SAXS"),
    ];

    [Fact]
    public async Task Questions_in_both_languages_find_what_people_expect()
    {
        await facility.FillAsync();
        Assert.True(Golden.Length >= 60);
        var wrong = new List<string>();
        foreach (var (question, expected) in Golden)
        {
            var found = await FindAsync(question);
            if (found != expected)
                wrong.Add($"{question}\n    expected {expected}\n    found    {found}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task A_question_finds_the_same_as_text_and_as_a_tree()
    {
        await facility.FillAsync();
        foreach (var (question, expected) in Golden)
        {
            var json = QueryJson.Write(QueryText.Parse(question)).ToJsonString();
            using var document = System.Text.Json.JsonDocument.Parse(json);
            var asTree = new FindRequest(QueryJson.Read(document.RootElement));
            Assert.Equal(expected, await FindAsync(asTree));
        }
    }

    [Theory]
    [InlineData("energy:12parsec", "query-unit", 1)]
    [InlineData("a energy:5mm", "query-unit-kind", 3)]
    [InlineData("date:yesterday", "query-date", 1)]
    [InlineData("size:>big", "query-bytes", 1)]
    [InlineData("element:Xx", "query-element", 1)]
    [InlineData("technique:XAFS (status:locked)", "query-choice", 17)]
    [InlineData("owner:a..b", "query-no-range", 1)]
    [InlineData("measurement.energy:low..high", "query-no-number", 1)]
    public async Task A_value_that_means_nothing_is_refused_with_its_place(string question, string reason, int position)
    {
        await facility.FillAsync();
        var refusal = await RefusedAsync(() => FindAsync(question));
        Assert.Equal(reason, refusal.Reason);
        Assert.Equal(position.ToString(CultureInfo.InvariantCulture), refusal.Fields["position"]);
    }

    [Fact]
    public async Task A_name_without_values_is_told_and_tells_nothing_of_what_is_hidden()
    {
        await facility.FillAsync();
        var result = await Get<FindSequences>()
            .HandleAsync(FindRequest.Of("absorption_egde:Fe measurement.energy:7112eV"), TestFacility.Member, Token);
        Assert.Equal(["absorption_egde"], result.UnknownPaths);
    }

    [Fact]
    public async Task Columns_show_fields_and_any_path_with_their_units()
    {
        await facility.FillAsync();
        var result = await Get<FindSequences>()
            .HandleAsync(
                FindRequest.Of("id:Fe-K-001") with
                {
                    Columns = ["technique", "energy", "measurement.temperature", "sample.name", "date", "nothing"],
                },
                TestFacility.Member,
                Token
            );
        Assert.Equal(
            ["XAFS", "7.112 keV", "24.85 °C", "鉄箔", "2026-04-01T09:00:00+09:00", null],
            result.Hits.Single().Columns.Values
        );
    }

    [Theory]
    [InlineData("energy", false)]
    [InlineData("measurement.energy", true)]
    [InlineData("date", true)]
    [InlineData("technique", false)]
    [InlineData("sample.name", false)]
    public async Task Pages_follow_each_other_though_sequences_come_in_between(string sort, bool descending)
    {
        await facility.FillAsync();
        var request = FindRequest.Of("beamline:BL14B2 proposal:2026A1000 NOT id:new*") with
        {
            Sort = sort,
            Descending = descending,
            Limit = 3,
        };
        var whole = (
            await Get<FindSequences>().HandleAsync(request with { Limit = 100 }, TestFacility.Member, Token)
        ).Hits.Select(hit => hit.Sequence.Id);
        var paged = new List<string>();
        do
        {
            var page = await Get<FindSequences>().HandleAsync(request, TestFacility.Member, Token);
            paged.AddRange(page.Hits.Select(hit => hit.Sequence.Id));
            request = request with { Cursor = page.Next };
            await Get<OpenSequence>()
                .HandleAsync(new(TestFacility.Proposal, "new" + NewId()), TestFacility.Leader, Token);
            await Get<SearchFeed>().CatchUpAsync(Token);
        } while (request.Cursor is not null);
        Assert.Equal(whole, paged);
    }

    [Fact]
    public async Task Histograms_are_in_the_unit_people_write_and_count_everything_found()
    {
        await facility.FillAsync();
        var result = await Get<FindSequences>()
            .HandleAsync(
                FindRequest.Of("technique:\"Powder XRD\" OR technique:SAXS") with
                {
                    Histograms = ["energy", "date"],
                },
                TestFacility.Member,
                Token
            );
        Assert.Equal("keV", result.Histograms[0].Unit);
        Assert.Equal(5, result.Histograms[0].Counts.Sum());
        Assert.InRange(8, result.Histograms[0].Edges[0], result.Histograms[0].Edges[^1]);
        Assert.Equal("time", result.Histograms[1].Unit);
        Assert.Equal(5, result.Histograms[1].Counts.Sum());
    }

    Task<string> FindAsync(string question) => FindAsync(FindRequest.Of(question));

    async Task<string> FindAsync(FindRequest request)
    {
        var result = await Get<FindSequences>().HandleAsync(request with { Limit = 200 }, TestFacility.Member, Token);
        Assert.Equal(result.Hits.Count, result.Count.Count);
        return string.Join(
            ' ',
            result
                .Hits.Select(hit => hit.Sequence.Id)
                .Where(id => !id.StartsWith("new", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
        );
    }
}
