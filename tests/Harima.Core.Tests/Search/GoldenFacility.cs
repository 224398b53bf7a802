using System.Text;
using System.Text.Json.Nodes;
using Harima.Access;
using Harima.Catalogue;
using Harima.Identity;
using Harima.Metadata;
using Harima.Metadata.Annotations;
using Harima.Metadata.Schemas;
using Harima.Samples;
using Harima.Search.Feed;
using Harima.Sequences;

namespace Harima.Core.Tests.Search;

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
