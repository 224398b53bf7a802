using System.Net;
using System.Text.Json;
using Harima.Metadata.Tables;
using Harima.Search.Feed;

namespace Harima.Api;

public sealed class SearchOnSqlite(SqliteHarima harima) : SearchTests(harima);

public sealed class SearchOnPostgres(PostgresHarima harima) : SearchTests(harima);

/// <summary>The routes of search; what is found is tested in Core.</summary>
public abstract class SearchTests(RunningHarima harima) : ApiTests(harima)
{
    async Task<string> FilledAsync()
    {
        var id = await NewSequenceAsync();
        (
            await SendAsync(
                "leader",
                "PUT",
                $"/proposals/{Proposal}/sequences/{id}/metadata/measurement",
                """{"measurement": {"method": {"sub_category": "XAFS"}, "energy": 7112, "energy_unit": "eV"}}"""
            )
        ).IsOk(HttpStatusCode.NoContent);
        await Harima.Get<SearchFeed>().CatchUpAsync(Token);
        return id;
    }

    [Fact]
    public async Task A_question_is_answered_with_hits_counts_facets_and_columns()
    {
        var id = await FilledAsync();
        var found = (
            await SendAsync(
                "member",
                "GET",
                $"/search?q=id:{id}%20energy:7..8keV&facets=technique,visibility&histograms=energy&columns=technique,measurement.energy"
            )
        )
            .IsOk()
            .Json();
        Assert.Equal($"id:{id} energy:7..8keV", found.GetProperty("text").GetString());
        Assert.Equal(1, found.GetProperty("count").GetInt32());
        Assert.Equal("ready", found.GetProperty("state").GetString());
        var hit = found.GetProperty("items")[0];
        Assert.Equal(id, hit.GetProperty("sequence").GetProperty("id").GetString());
        Assert.Equal("7112 eV", hit.GetProperty("columns").GetProperty("measurement.energy").GetString());
        Assert.Equal("XAFS", found.GetProperty("facets")[0].GetProperty("values")[0].GetProperty("value").GetString());
        Assert.Equal("keV", found.GetProperty("histograms")[0].GetProperty("unit").GetString());
        var stranger = (await SendAsync("stranger", "GET", $"/search?q=id:{id}&facets=technique")).IsOk().Json();
        Assert.Equal(0, stranger.GetProperty("count").GetInt32());
        Assert.Empty(stranger.GetProperty("facets")[0].GetProperty("values").EnumerateArray());
    }

    [Fact]
    public async Task A_question_as_a_tree_finds_the_same_and_both_forms_turn_into_each_other()
    {
        var id = await FilledAsync();
        var tree = $$"""{"all": [{"path": "id", "is": "{{id}}"}, {"path": "energy", "above": "7keV"}]}""";
        var found = (await SendAsync("member", "POST", "/search", $$"""{"query": {{tree}}}""")).IsOk().Json();
        Assert.Equal(1, found.GetProperty("count").GetInt32());
        var text = (await SendAsync("member", "POST", "/search/query", tree))
            .IsOk()
            .Json()
            .GetProperty("text")
            .GetString()!;
        Assert.Equal($"id:{id} energy:>7keV", text);
        var back = (await SendAsync("member", "GET", "/search/query?q=" + Uri.EscapeDataString(text))).IsOk().Json();
        using var expected = JsonDocument.Parse(tree);
        Assert.True(JsonElement.DeepEquals(expected.RootElement, back.GetProperty("query")));
    }

    [Theory]
    [InlineData("/search?q=(a", "query-bracket-open")]
    [InlineData("/search?q=energy:5parsec", "query-unit")]
    [InlineData("/search?limit=501", "limit")]
    [InlineData("/search?cursor=nonsense", "bad-cursor")]
    [InlineData("/search/points?x=owner&y=date", "query-no-numbers")]
    [InlineData("/search?facets=a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r,s,t,u", "search-facets")]
    [InlineData("/search?facets=size", "query-no-facet")]
    [InlineData("/search?sort=file", "query-no-sort")]
    public async Task What_cannot_be_asked_is_refused(string path, string reason)
    {
        await Harima.Get<SearchFeed>().CatchUpAsync(Token);
        (await SendAsync("leader", "GET", path)).IsProblem(400, reason);
    }

    [Fact]
    public async Task Fields_paths_values_and_points_are_offered()
    {
        var id = await FilledAsync();
        var fields = (await SendAsync("member", "GET", "/search/fields")).IsOk().Json();
        Assert.Contains(
            fields.GetProperty("items").EnumerateArray(),
            field => field.GetProperty("name").GetString() == "technique" && field.GetProperty("facet").GetBoolean()
        );
        var paths = (await SendAsync("member", "GET", "/search/paths?text=sub_cat")).IsOk().Json();
        Assert.Equal("measurement.method.sub_category", paths.GetProperty("items")[0].GetProperty("path").GetString());
        var values = (await SendAsync("member", "GET", $"/search/values?path=technique&text=xa&q=id:{id}"))
            .IsOk()
            .Json();
        Assert.Equal("XAFS", values.GetProperty("items")[0].GetProperty("value").GetString());
        var plot = (await SendAsync("member", "GET", $"/search/points?x=created&y=energy&q=id:{id}")).IsOk().Json();
        Assert.Equal(7.112, plot.GetProperty("points")[0].GetProperty("y").GetDouble(), 1e-9);
        var hidden = (await SendAsync("stranger", "GET", "/search/paths?text=sub_cat")).IsOk().Json();
        Assert.Empty(hidden.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task What_is_seen_is_exported_as_csv_xlsx_and_json()
    {
        var id = await FilledAsync();
        var csv = (await SendAsync("member", "GET", $"/search/export?format=csv&q=id:{id}&columns=energy")).IsOk().Text;
        Assert.Contains($"{Proposal},{id},", csv, StringComparison.Ordinal);
        Assert.EndsWith(",7.112 keV", csv.TrimEnd(), StringComparison.Ordinal);
        var json = (await SendAsync("member", "GET", $"/search/export?format=json&q=id:{id}")).IsOk().Json();
        Assert.Equal(id, json[0].GetProperty("sequence").GetProperty("id").GetString());
        var xlsx = (await SendAsync("member", "GET", $"/search/export?format=xlsx&q=id:{id}&columns=energy")).IsOk();
        var table = XlsxFile.Read(new MemoryStream(xlsx.Body), 10);
        Assert.Equal([Proposal, id], table[1].Take(2).Select(cell => cell.Text));
        Assert.Equal("7.112 keV", table[1][^1].Text);
        (await SendAsync("member", "GET", "/search/export?format=pdf")).IsProblem(400, "bad-word");
        var stranger = (await SendAsync("stranger", "GET", $"/search/export?format=json&q=id:{id}")).IsOk().Json();
        Assert.Equal(0, stranger.GetArrayLength());
    }

    [Fact]
    public async Task A_search_is_saved_passed_on_changed_and_deleted()
    {
        var saved = (
            await SendAsync(
                "leader",
                "POST",
                "/saved-searches",
                """{"title": "鉄の XAFS", "q": "technique:XAFS AND element:Fe", "columns": ["energy"], "view": "plot"}"""
            )
        )
            .IsOk(HttpStatusCode.Created)
            .Json();
        var place = "/saved-searches/" + saved.GetProperty("id").GetString();
        Assert.Equal("technique:XAFS element:Fe", saved.GetProperty("q").GetString());
        Assert.Equal(
            "鉄の XAFS",
            (await SendAsync("member", "GET", place)).IsOk().Json().GetProperty("title").GetString()
        );
        (await SendAsync("member", "PUT", place, """{"title": "mine", "q": ""}""")).IsProblem(404, "not-found");
        (await SendAsync("member", "DELETE", place)).IsProblem(404, "not-found");
        (await SendAsync("leader", "PUT", place, """{"title": "Fe", "q": "element:Fe"}""")).IsOk();
        Assert.Contains(
            (await SendAsync("leader", "GET", "/saved-searches")).IsOk().Json().GetProperty("items").EnumerateArray(),
            search => search.GetProperty("title").GetString() == "Fe"
        );
        (await SendAsync("leader", "POST", "/saved-searches", """{"title": "a", "q": "(b"}""")).IsProblem(
            400,
            "query-bracket-open"
        );
        (
            await SendAsync(
                "leader",
                "POST",
                "/saved-searches",
                """{"title": "a", "q": "b", "notify": "webhook", "target": "https://127.0.0.1/"}"""
            )
        ).IsProblem(400, "webhook-address");
        (await SendAsync(Anonymous, "GET", "/saved-searches")).IsProblem(401, "login-needed");
        (await SendAsync("leader", "DELETE", place)).IsOk(HttpStatusCode.NoContent);
        (await SendAsync("leader", "GET", place)).IsProblem(404, "not-found");
    }

    [Fact]
    public async Task Related_sequences_say_why()
    {
        var (one, other) = (await FilledAsync(), await FilledAsync());
        var related = (await SendAsync("member", "GET", $"/proposals/{Proposal}/sequences/{one}/related"))
            .IsOk()
            .Json();
        Assert.Contains(
            related.GetProperty("items").EnumerateArray(),
            group =>
                group.GetProperty("relation").GetString() == "similarConditions"
                && group.GetProperty("items").EnumerateArray().Any(item => item.GetProperty("id").GetString() == other)
        );
        (await SendAsync("stranger", "GET", $"/proposals/{Proposal}/sequences/{one}/related")).IsProblem(
            404,
            "not-found"
        );
    }

    [Fact]
    public async Task Administrators_see_how_the_index_stands_and_make_it_again()
    {
        await FilledAsync();
        var asked = (await SendAsync("admin", "POST", "/search/rebuild")).IsOk().Json();
        Assert.Equal("building", asked.GetProperty("state").GetString());
        await Harima.Get<SearchFeed>().CatchUpAsync(Token);
        var state = (await SendAsync("admin", "GET", "/search/state")).IsOk().Json();
        Assert.Equal("ready", state.GetProperty("state").GetString());
        Assert.True(state.GetProperty("documents").GetInt64() > 0);
        (await SendAsync("leader", "GET", "/search/state")).IsProblem(403, "facility-only");
    }
}
