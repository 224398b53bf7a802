using System.Net;
using System.Text.RegularExpressions;
using Harima.Api;
using Harima.Metadata;
using Harima.Proposals;

namespace Harima.Portal.Search;

public sealed class FindPageTestsOnSqlite(SqliteHarima harima) : FindPageTests(harima);

public sealed class FindPageTestsOnPostgres(PostgresHarima harima) : FindPageTests(harima);

public abstract class FindPageTests(RunningHarima harima) : ApiTests(harima)
{
    const int PageLength = 25;

    [Fact]
    public async Task A_word_of_the_metadata_finds_the_sequence_and_links_to_it()
    {
        var (proposal, ids) = await NewProposalAsync(1);

        var page = await PageAsync("leader", $"proposal:{proposal} lutetium");

        Assert.Contains($"href=\"/proposals/{proposal}/sequences/{ids[0]}\"", page, StringComparison.Ordinal);
        Assert.Contains("1 sequence found", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stranger_finds_neither_the_sequence_nor_its_values()
    {
        var (proposal, ids) = await NewProposalAsync(1);

        var everything = await PageAsync("stranger", "");
        var asked = await PageAsync("stranger", ids[0]);
        var anonymous = await PageAsync(Anonymous, "lutetium");

        Assert.DoesNotContain(proposal, everything, StringComparison.Ordinal);
        Assert.Contains("Nothing matches", asked, StringComparison.Ordinal);
        Assert.DoesNotContain(proposal, anonymous, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_saved_plot_opens_with_its_axes_for_whoever_has_its_address()
    {
        await NewProposalAsync(1);
        var saved = (
            await SendAsync(
                "leader",
                "POST",
                "/saved-searches",
                """{"title": "plot", "q": "lutetium", "view": "plot", "plot": {"x": "size", "y": "files", "log": "y"}}"""
            )
        )
            .IsOk(HttpStatusCode.Created)
            .Json();
        Assert.Equal("files", saved.GetProperty("plot").GetProperty("y").GetString());
        var opened = await SendAsync("leader", "GET", "//searches/" + saved.GetProperty("id").GetString());
        var address = new Uri(Harima.Portal, opened.Header("Location"));
        var page = (await SendAsync("leader", "GET", "/" + address.PathAndQuery)).IsOk().Text;
        Assert.Matches("<find-plot [^>]*x=size[^>]*y=files[^>]*data-log=\"y\"", Decoded(page));
    }

    [Fact]
    public async Task A_facet_adds_its_term_and_takes_it_away_again()
    {
        var (proposal, _) = await NewProposalAsync(2);
        var plain = await PageAsync("leader", $"proposal:{proposal}");

        var add = Assert.Single(
            Facets(plain),
            facet => facet.Address.Contains("status:open", StringComparison.Ordinal)
        );
        Assert.Equal("2", add.Count);
        Assert.False(add.Active);
        var narrowed = (await SendAsync("leader", "GET", "/" + add.Address)).IsOk().Text;
        var remove = Assert.Single(Facets(Decoded(narrowed)), facet => facet.Active && facet.Name == "Open");

        Assert.Equal($"/find?q=proposal:{proposal}", remove.Address);
    }

    [Fact]
    public async Task Each_term_is_a_chip_that_leaves_the_others()
    {
        var (proposal, _) = await NewProposalAsync(1);

        var page = await PageAsync("leader", $"proposal:{proposal} lutetium NOT file:*.cbf", "&sort=size&view=cards");

        var chips = Regex
            .Matches(page, "class=\"chip\" href=\"([^\"]*)\" aria-label=\"Remove ([^\"]*)\"")
            .ToDictionary(match => match.Groups[2].Value, match => match.Groups[1].Value);
        Assert.Equal([$"proposal:{proposal}", "lutetium", "NOT file:*.cbf"], chips.Keys);
        Assert.Equal($"/find?q=proposal:{proposal} NOT file:*.cbf&view=cards&sort=size", chips["lutetium"]);
    }

    [Fact]
    public async Task Pages_lead_forward_and_back_and_show_each_sequence_once()
    {
        var (proposal, ids) = await NewProposalAsync(PageLength * 2 + 1);
        var first = await PageAsync("leader", $"proposal:{proposal}", "&sort=id");
        var second = await FollowAsync(first, "next");
        var third = await FollowAsync(second, "next");

        Assert.Equal(ids.Order(StringComparer.Ordinal), Rows(first).Concat(Rows(second)).Concat(Rows(third)));
        Assert.DoesNotContain("rel=\"prev\"", first, StringComparison.Ordinal);
        Assert.DoesNotContain("rel=\"next\"", third, StringComparison.Ordinal);
        var back = await FollowAsync(third, "prev");
        Assert.Equal(Rows(second), Rows(back));
        Assert.Equal(Rows(first), Rows(await FollowAsync(back, "prev")));
    }

    [Theory]
    [InlineData("en", "This bracket is never closed (character 6).")]
    [InlineData("ja", "6 文字目")]
    public async Task What_is_wrong_with_a_question_is_marked_where_it_is(string language, string sentence)
    {
        var answer = await SendAsync(
            "leader",
            "GET",
            $"//find?q={Uri.EscapeDataString("XAFS (energy")}",
            null,
            ("Accept-Language", language)
        );
        var page = Decoded(answer.Text);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(sentence, page, StringComparison.Ordinal);
        Assert.Contains("<code>XAFS <mark>(</mark>energy</code>", page, StringComparison.Ordinal);
        Assert.Contains("value=\"XAFS (energy\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bar_of_the_histogram_asks_for_exactly_what_it_counted()
    {
        var (proposal, _) = await NewProposalAsync(3);
        var page = await PageAsync("leader", $"proposal:{proposal}", "&histogram=energy");

        var bins = Regex.Matches(page, "<td><a href=\"([^\"]*)\">[^<]*</a></td>\\s*<td class=\"num\">(\\d+)</td>");
        Assert.Equal(3, bins.Sum(bin => int.Parse(bin.Groups[2].Value, null)));
        foreach (Match bin in bins)
        {
            var narrowed = (await SendAsync("leader", "GET", "/" + bin.Groups[1].Value)).IsOk().Text;
            Assert.Equal(bin.Groups[2].Value, Rows(narrowed).Count.ToString(null as IFormatProvider));
        }
    }

    [Fact]
    public async Task Nobody_may_see_a_field_that_no_data_of_theirs_has()
    {
        var page = await PageAsync("leader", "no_such_field_anywhere:1");

        Assert.Contains("has this field: no_such_field_anywhere", page, StringComparison.Ordinal);
    }

    sealed record FacetLink(string Address, bool Active, string Name, string Count);

    static List<FacetLink> Facets(string page) =>
        [
            .. Regex
                .Matches(page, "<a class=\"facet\" href=\"([^\"]*)\"([^>]*)>(.*?)</a>", RegexOptions.Singleline)
                .Select(match =>
                {
                    var texts = Regex
                        .Replace(match.Groups[3].Value, "<[^>]*>", "\n")
                        .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
                    return new FacetLink(
                        match.Groups[1].Value,
                        match.Groups[2].Value.Contains("aria-current", StringComparison.Ordinal),
                        texts[0],
                        texts[1]
                    );
                }),
        ];

    static List<string> Rows(string page) =>
        [
            .. Regex
                .Matches(page, "card-title\">\\s*<a href=\"[^\"]*/sequences/([^\"]*)\"")
                .Select(match => match.Groups[1].Value),
        ];

    async Task<string> FollowAsync(string page, string relation)
    {
        var link = Regex.Match(page, $"<a [^>]*rel=\"{relation}\" href=\"([^\"]*)\"");
        Assert.True(link.Success, $"no link to {relation}");
        return Decoded((await SendAsync("leader", "GET", "/" + link.Groups[1].Value)).IsOk().Text);
    }

    async Task<string> PageAsync(string user, string question, string more = "") =>
        Decoded((await SendAsync(user, "GET", $"//find?q={Uri.EscapeDataString(question)}{more}")).IsOk().Text);

    /// <summary>As a browser understands it: addresses and texts without what HTML and URLs need.</summary>
    static string Decoded(string html) =>
        Regex.Replace(
            WebUtility.HtmlDecode(html),
            "href=\"(/find[^\"]*)\"",
            match => $"href=\"{Uri.UnescapeDataString(match.Groups[1].Value)}\""
        );

    /// <summary>A proposal of the leader's, with sequences the index has taken up.</summary>
    async Task<(string Proposal, List<string> Ids)> NewProposalAsync(int sequences)
    {
        var proposal = NewId("2026B7");
        await Harima
            .Get<CreateProposal>()
            .HandleAsync(
                new CreateProposalRequest(
                    proposal,
                    "Found in the portal",
                    "ポータルでの検索",
                    "BL14B2",
                    new DateOnly(2026, 4, 1),
                    new DateOnly(2026, 9, 30),
                    "leader",
                    []
                ),
                RunningHarima.PrincipalOf("admin"),
                Token
            );
        var ids = new List<string>();
        for (var n = 0; n < sequences; n++)
        {
            ids.Add(await NewSequenceAsync(proposal));
            await Harima
                .Get<SetMetadata>()
                .HandleAsync(
                    proposal,
                    ids[n],
                    MetadataKind.Measurement,
                    $$"""{"energy": {"value": {{11 + n}}, "unit": "keV"}, "comment": "lutetium foil"}""",
                    RunningHarima.PrincipalOf("leader"),
                    Token
                );
        }
        for (var tries = 0; ; tries++)
        {
            var answer = await SendAsync("leader", "GET", $"/search?q=proposal:{proposal}%20lutetium&limit=0");
            if (answer.IsOk().Json().GetProperty("count").GetInt32() == sequences)
                return (proposal, ids);
            Assert.True(tries < 3_000, $"the index never took up {sequences} sequences: {answer.Text}");
            await Task.Delay(100, Token);
        }
    }
}
