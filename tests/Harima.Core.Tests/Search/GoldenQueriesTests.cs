using System.Globalization;
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
        ("technique:\"x-ray absorption spectroscopy\"", Xafs),
        ("technique:\"XAS\"", ""),
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
    [InlineData("a energy:12..11keV", "query-range-order", 3)]
    [InlineData("energy:12keV..11500eV", "query-range-order", 1)]
    [InlineData("date:2026-05..2026-04", "query-range-order", 1)]
    [InlineData("size:2GB..1GB", "query-range-order", 1)]
    [InlineData("measurement.energy:9000..7000eV", "query-range-order", 1)]
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
