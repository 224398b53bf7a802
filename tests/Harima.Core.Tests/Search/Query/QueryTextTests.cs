using System.Text.Json;
using CsCheck;
using Harima.Faults;
using Harima.Search.Query;

namespace Harima.Core.Tests.Search.Query;

public sealed class QueryTextTests
{
    static QueryValue Word(string text) => new(text, IsExact: false);

    static QueryValue Quoted(string text) => new(text, IsExact: true);

    [Fact]
    public void The_example_of_the_documentation_reads_as_meant()
    {
        var query = QueryText.Parse(
            "technique:XAFS energy:11.5..12.1keV beamline:BL14B2 sample.chemical_formula:\"LiFePO4\" date:2026-04.. AND NOT status:open"
        );
        Assert.Equal(
            new AllOf([
                new FieldIs("technique", Word("XAFS")),
                new FieldWithin("energy", "11.5", "12.1keV"),
                new FieldIs("beamline", Word("BL14B2")),
                new FieldIs("sample.chemical_formula", Quoted("LiFePO4")),
                new FieldWithin("date", "2026-04", null),
                new Not(new FieldIs("status", Word("open"))),
            ]),
            query
        );
    }

    [Theory]
    [InlineData("a b OR c", "a b OR c")]
    [InlineData("a AND (b OR c)", "a (b OR c)")]
    [InlineData("a AND b AND c", "a b c")]
    [InlineData("(a b) c", "(a b) c")]
    [InlineData("-status:open", "NOT status:open")]
    [InlineData("NOT (a OR b)", "NOT (a OR b)")]
    [InlineData("size:>=1GB size:<2GB", "size:1GB.. size:<2GB")]
    [InlineData("energy>12keV", "energy:>12keV")]
    [InlineData("temperature:-20..-5", "temperature:-20..-5")]
    [InlineData("technique:(XAFS OR SAXS)", "technique:XAFS OR technique:SAXS")]
    [InlineData("sample.name:*", "has:sample.name")]
    [InlineData("file:*.cbf", "file:*.cbf")]
    [InlineData("file:a..b", "file:a..b")]
    [InlineData("白金　触媒", "白金 触媒")]
    [InlineData("試料：（白金　OR　“鉄 箔”）", "試料:白金 OR 試料:\"鉄 箔\"")]
    [InlineData("energy:11.5～12.1keV", "energy:11.5..12.1keV")]
    [InlineData("date:2026-04-01T09:30..", "date:2026-04-01T09:30..")]
    [InlineData("date:\"2026-04-01 09:30\"..\"2026-04-02\"", "date:\"2026-04-01 09:30\"..2026-04-02")]
    [InlineData("\"表面 処理\":yes", "表面\\ 処理:yes")]
    [InlineData("  ", "")]
    [InlineData("NOTE ORDER ANDES", "NOTE ORDER ANDES")]
    [InlineData("\\OR", "\\OR")]
    [InlineData("10.1107\\:S1600", "10.1107\\:S1600")]
    public void Text_is_read_and_written_in_one_spelling(string text, string written)
    {
        var query = QueryText.Parse(text);
        Assert.Equal(written, QueryText.Print(query));
        Assert.Equal(query, QueryText.Parse(written));
    }

    [Theory]
    [InlineData("a (b OR c", "query-bracket-open", 3)]
    [InlineData("a)", "query-bracket-closed", 2)]
    [InlineData("\"open", "query-quote-open", 1)]
    [InlineData("a OR", "query-incomplete", 5)]
    [InlineData("AND a", "query-incomplete", 1)]
    [InlineData("a NOT", "query-incomplete", 6)]
    [InlineData("()", "query-incomplete", 2)]
    [InlineData("energy:", "query-no-value", 8)]
    [InlineData("energy:>", "query-no-value", 8)]
    [InlineData("x :5", "query-no-field", 3)]
    [InlineData("energy:..", "query-incomplete", 1)]
    [InlineData("a <", "query-no-field", 3)]
    [InlineData("a \\", "query-incomplete", 3)]
    public void What_cannot_be_read_is_refused_with_its_place(string text, string reason, int position)
    {
        var refusal = Assert.Throws<FaultException>(() => QueryText.Parse(text));
        Assert.Equal(FaultCode.Invalid, refusal.Code);
        Assert.Equal(reason, refusal.Reason);
        Assert.Equal($"{position}", refusal.Fields["position"]);
    }

    [Fact]
    public void Brackets_without_end_and_endless_text_are_refused_and_nothing_overflows()
    {
        Assert.Equal("query-too-deep", Refusal(new string('(', 5_000)).Reason);
        Assert.Equal("query-too-deep", Refusal(string.Concat(Enumerable.Repeat("NOT ", 1_000)) + "a").Reason);
        Assert.Equal("query-too-long", Refusal(new string('a', 10_000)).Reason);
    }

    [Fact]
    public void Every_tree_is_the_same_after_text_and_after_json() =>
        Queries.Sample(
            query =>
            {
                var text = QueryText.Print(query);
                Assert.Equal(query, QueryText.Parse(text));
                var json = QueryJson.Write(query).ToJsonString();
                using var document = JsonDocument.Parse(json);
                Assert.Equal(query, QueryJson.Read(document.RootElement));
            },
            iter: 5_000
        );

    [Fact]
    public void Any_text_is_read_or_refused_and_what_is_read_keeps_its_meaning() =>
        Gen.String[Gen.Char["ab:.*()\"\\-<>=　：（）“”～AND OR NOT 鉄1"], 0, 40]
            .Sample(
                text =>
                {
                    SearchQuery query;
                    try
                    {
                        query = QueryText.Parse(text);
                    }
                    catch (FaultException refusal) when (refusal.Code == FaultCode.Invalid)
                    {
                        return;
                    }
                    Assert.Equal(query, QueryText.Parse(QueryText.Print(query)));
                },
                iter: 20_000
            );

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"all": {}}""")]
    [InlineData("""{"path": "energy"}""")]
    [InlineData("""{"path": "energy", "is": ""}""")]
    [InlineData("""{"text": ["a"]}""")]
    [InlineData("""{"any": [{"text": "a"}, 5]}""")]
    public void Json_that_is_no_question_is_refused_with_its_place(string json)
    {
        using var document = JsonDocument.Parse(json);
        var refusal = Assert.Throws<FaultException>(() => QueryJson.Read(document.RootElement));
        Assert.Equal("query-json", refusal.Reason);
        Assert.StartsWith("$", refusal.Fields["at"], StringComparison.Ordinal);
    }

    [Fact]
    public void Half_filled_groups_of_the_builder_are_left_out()
    {
        using var document = JsonDocument.Parse(
            """{"all": [{"any": []}, {"not": {"all": []}}, {"all": [{"text": "a"}]}]}"""
        );
        Assert.Equal(new TextIs(Word("a")), QueryJson.Read(document.RootElement));
    }

    static FaultException Refusal(string text) => Assert.Throws<FaultException>(() => QueryText.Parse(text));

    static readonly Gen<string> Texts = Gen.String[Gen.OneOf(Gen.Char["ab鉄 .:*()\"\\-<>～“：　ORN1"], Gen.Char), 1, 8];

    static readonly Gen<string> Paths = Texts.Where(path => !path.Equals("has", StringComparison.OrdinalIgnoreCase));

    static readonly Gen<QueryValue> Values = Gen.OneOf(
        Texts.Select(text => new QueryValue(text, false)),
        Gen.String[Gen.Char, 0, 6].Select(text => new QueryValue(text, true))
    );

    static readonly Gen<SearchQuery> Conditions = Gen.OneOf<SearchQuery>(
        Values.Select(value => (SearchQuery)new TextIs(value)),
        Gen.Select(Paths, Values, QueryText.Make),
        Gen.Select(Paths, Texts, Texts, (path, from, to) => (SearchQuery)new FieldWithin(path, from, to)),
        Gen.Select(Paths, Texts, (path, from) => (SearchQuery)new FieldWithin(path, from, null)),
        Gen.Select(Paths, Texts, (path, to) => (SearchQuery)new FieldWithin(path, null, to)),
        Gen.Select(Paths, Texts, (path, value) => (SearchQuery)new FieldAbove(path, value)),
        Gen.Select(Paths, Texts, (path, value) => (SearchQuery)new FieldBelow(path, value)),
        Paths.Select(path => (SearchQuery)new FieldExists(path))
    );

    static readonly Gen<SearchQuery> Queries = Gen.Recursive<SearchQuery>(
        (depth, inner) =>
            depth > 4
                ? Conditions
                : Gen.Frequency(
                    (4, Conditions),
                    (2, inner.Array[1, 4].Select(parts => SearchQuery.Of(parts, all: true))),
                    (2, inner.Array[1, 4].Select(parts => SearchQuery.Of(parts, all: false))),
                    (1, inner.Select(SearchQuery.Without))
                )
    );
}
