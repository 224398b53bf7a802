using System.Text;
using System.Text.Json.Nodes;
using Harima.Access;

namespace Harima.SciCat;

public sealed class SciCatAccessOnSqlite(SqliteHarima harima) : SciCatAccessTests(harima);

public sealed class SciCatAccessOnPostgres(PostgresHarima harima) : SciCatAccessTests(harima);

/// <summary>
/// Which status each kind of person meets, after the expectations SciCat's own tests have (<c>test/TestData.js</c>, <c>DatasetV4.js</c>),
/// and hostile requests.
/// </summary>
public abstract class SciCatAccessTests(RunningHarima harima) : SciCatTests(harima)
{
    [Fact]
    public async Task Statuses_are_those_SciCats_own_tests_expect()
    {
        var pid = Esc(await NewDatasetAsync());
        var derived = Minimal();
        derived["type"] = "derived";
        derived["inputDatasets"] = new JsonArray("20.500/1");
        derived["usedSoftware"] = new JsonArray("https://example.jp/software");
        var custom = Minimal();
        custom["type"] = "custom";
        var wrong = Minimal();
        wrong.Remove("datasetName");
        wrong["proposalId"] = "should be proposalIds";
        var strangePid = Minimal();
        strangePid["pid"] = "strange-pid";
        var explicitPid = Minimal();
        explicitPid["pid"] = $"{Proposal}/{NewId("E")}";
        var taken = (JsonObject)explicitPid.DeepClone();
        var wrongGroup = Minimal(group: PrivateProposal);
        var noGroup = Minimal(group: "group-of-nobody");

        (string User, string Method, string Path, JsonObject? Body, int Status)[] table =
        [
            (Anonymous, "POST", "/v4/datasets/isValid", Minimal(), 403),
            ("leader", "POST", "/v4/datasets/isValid", Minimal(), 200),
            ("leader", "POST", "/v4/datasets/isValid", wrong, 200),
            (Anonymous, "POST", "/v4/datasets", Minimal(), 403),
            ("leader", "POST", "/v4/datasets", Minimal(), 201),
            ("member", "POST", "/v4/datasets", derived, 201),
            ("staff", "POST", "/v4/datasets", custom, 201),
            ("leader", "POST", "/v4/datasets", explicitPid, 201),
            ("leader", "POST", "/v4/datasets", taken, 409),
            ("leader", "POST", "/v4/datasets", strangePid, 400),
            ("leader", "POST", "/v4/datasets", wrong, 400),
            ("stranger", "POST", "/v4/datasets", Minimal(), 403),
            ("stranger", "POST", "/v4/datasets", wrongGroup, 403),
            ("leader", "POST", "/v4/datasets", noGroup, 403),
            (Anonymous, "GET", "/v4/datasets", null, 403),
            ("member", "GET", "/v4/datasets", null, 200),
            (Anonymous, "GET", "/v4/datasets/public", null, 200),
            (Anonymous, "GET", "/v3/datasets", null, 200),
            (Anonymous, "GET", "/v4/datasets/findOne", null, 403),
            (Anonymous, "GET", "/v4/datasets/count", null, 403),
            ("member", "GET", "/v4/datasets/count", null, 200),
            (Anonymous, "GET", "/v4/datasets/" + pid, null, 403),
            ("member", "GET", "/v4/datasets/" + pid, null, 200),
            ("stranger", "GET", "/v4/datasets/" + pid, null, 404),
            ("member", "GET", "/v4/datasets/" + Esc(Proposal + "/not-there"), null, 404),
            ("member", "GET", "/v4/datasets/nonsense", null, 404),
            (Anonymous, "GET", "/v4/datasets/public/" + pid, null, 404),
            (Anonymous, "PATCH", "/v4/datasets/" + pid, new JsonObject { ["comment"] = "x" }, 403),
            ("stranger", "PATCH", "/v4/datasets/" + pid, new JsonObject { ["comment"] = "x" }, 404),
            ("member", "PATCH", "/v4/datasets/" + pid, new JsonObject { ["comment"] = "x" }, 200),
            ("member", "PATCH", "/v4/datasets/" + pid, new JsonObject { ["noSuchField"] = "x" }, 400),
            ("member", "PATCH", "/v4/datasets/" + pid, new JsonObject { ["ownerGroup"] = PrivateProposal }, 400),
            ("member", "PATCH", "/v4/datasets/" + pid, new JsonObject { ["isPublished"] = true }, 403),
            ("leader", "PATCH", "/v4/datasets/" + pid, new JsonObject { ["isPublished"] = true }, 200),
            (Anonymous, "GET", "/v4/datasets/public/" + pid, null, 200),
            (Anonymous, "GET", "/v3/datasets/" + pid, null, 200),
            ("stranger", "GET", "/v4/datasets/" + pid, null, 200),
            ("stranger", "PATCH", "/v4/datasets/" + pid, new JsonObject { ["comment"] = "x" }, 403),
            ("leader", "PATCH", "/v4/datasets/" + pid, new JsonObject { ["isPublished"] = false }, 200),
            (Anonymous, "GET", "/v4/datasets/public/" + pid, null, 404),
            (Anonymous, "DELETE", "/v4/datasets/" + pid, null, 403),
            ("stranger", "DELETE", "/v4/datasets/" + pid, null, 404),
            ("member", "DELETE", "/v4/datasets/" + pid, null, 200),
            ("member", "DELETE", "/v4/datasets/" + pid, null, 404),
            ("leader", "POST", "/v3/RawDatasets", MinimalV3(), 201),
            ("leader", "POST", "/v3/datasets", Minimal(), 400),
        ];
        foreach (var (user, method, path, body, status) in table)
        {
            var (got, answer) = await CallAsync(user, method, path, body?.DeepClone());
            Assert.True(
                status == got,
                $"{user} {method} {path} {body?.ToJsonString()}: {got} {answer?.ToJsonString()}"
            );
        }
        Assert.False((await OkAsync("leader", "POST", "/v4/datasets/isValid", wrong))["valid"]!.GetValue<bool>());
    }

    [Fact]
    public async Task A_refused_registration_leaves_nothing()
    {
        // Other tests make datasets at the same time: only those of this folder count.
        var folder = "/refused/" + NewId();
        JsonObject Body(string field, JsonNode value)
        {
            var body = Minimal();
            body["sourceFolder"] = folder;
            body[field] = value;
            return body;
        }
        await RefusedAsync(403, "member", "POST", "/v4/datasets", Body("isPublished", true));
        await RefusedAsync(
            400,
            "member",
            "POST",
            "/v4/datasets",
            Body("keywords", new JsonArray(new string('x', 500)))
        );
        await RefusedAsync(
            400,
            "member",
            "POST",
            "/v4/datasets",
            Body("scientificMetadata", new JsonObject { ["table"] = new string('x', 1_100_000) })
        );
        await RefusedAsync(400, "member", "POST", "/v4/datasets", Body("instrumentIds", new JsonArray("BL99")));
        Assert.Empty(await FilterAsync("leader", new { where = new { sourceFolder = folder } }));
        await OkAsync("member", "POST", "/v4/datasets", Body("comment", "taken"), 201);
        Assert.Single(await FilterAsync("leader", new { where = new { sourceFolder = folder } }));
    }

    [Fact]
    public async Task What_one_may_not_read_is_in_no_list_count_facet_or_query()
    {
        var word = NewId("secretword");
        var pid = await NewDatasetAsync(Minimal(word));
        var where = Uri.EscapeDataString($$$"""{"where":{"datasetName":"{{{word}}}"}}""");
        var fields = Uri.EscapeDataString($$"""{"text":"{{word}}"}""");
        async Task<(int, long, int, long)> SeenAsync(string user) =>
            (
                (await ListAsync(user, "/v3/datasets?filter=" + where)).Count,
                (await OkAsync(user, "GET", "/v3/datasets/count?filter=" + where))["count"]!.GetValue<long>(),
                (await ListAsync(user, "/v3/datasets/fullquery?fields=" + fields)).Count,
                (await ListAsync(user, $"/v3/datasets/fullfacet?fields={fields}&facets=[\"type\"]"))[0]!["all"]![0]![
                    "totalSets"
                ]!.GetValue<long>()
            );
        Assert.Equal((1, 1, 1, 1), await SeenAsync("member"));
        Assert.Equal((0, 0, 0, 0), await SeenAsync("stranger"));
        Assert.Equal((0, 0, 0, 0), await SeenAsync(Anonymous));
        await Harima.ShareAsync(pid.Split('/')[1], "stranger", Right.Read);
        Assert.Equal((1, 1, 1, 1), await SeenAsync("stranger"));
        Assert.Equal((0, 0, 0, 0), await SeenAsync(Anonymous));
        // Read is not more than that.
        await RefusedAsync(
            403,
            "stranger",
            "PATCH",
            "/v4/datasets/" + Esc(pid),
            new JsonObject { ["comment"] = "mine" }
        );
    }

    [Fact]
    public async Task A_browsers_login_counts_for_nothing_here()
    {
        // A page of another site can make a browser send its cookie; it cannot make it send a token.
        var (status, _) = await CallAsync(Anonymous, "GET", "/v4/datasets", null, ("Cookie", "harima=anything"));
        Assert.Equal(403, status);
        var (bad, error) = await CallAsync(Anonymous, "GET", "/v4/datasets?access_token=hmt_no_such");
        Assert.Equal(401, bad);
        Assert.Equal(401, error!["statusCode"]!.GetValue<int>());
    }

    [Fact]
    public async Task Facets_count_as_SciCat_shows_them()
    {
        var proposal = RunningHarima.PrivateProposal;
        var mark = NewId("facetmark");
        foreach (var type in (string[])["raw", "raw", "derived"])
        {
            var body = Minimal(group: proposal);
            body["type"] = type;
            body["creationLocation"] = mark;
            body["keywords"] = new JsonArray(type, mark);
            await NewDatasetAsync(body);
        }
        var fields = Uri.EscapeDataString($$"""{"creationLocation":["{{mark}}"]}""");
        foreach (var version in (string[])["v3", "v4"])
        {
            var facet = (
                await ListAsync(
                    "leader",
                    $"/{version}/datasets/fullfacet?fields={fields}&facets={Uri.EscapeDataString("""["type","keywords","creationTime","ownerGroup"]""")}"
                )
            )[0]!;
            Assert.Equal("""[{"totalSets":3}]""", facet["all"]!.ToJsonString());
            Assert.Equal("""[{"_id":"raw","count":2},{"_id":"derived","count":1}]""", facet["type"]!.ToJsonString());
            Assert.Equal(3, facet["keywords"]!.AsArray().Count);
            Assert.Equal(
                """[{"_id":{"year":2026,"month":5,"day":1},"count":3}]""",
                facet["creationTime"]!.ToJsonString()
            );
        }
    }

    [Fact]
    public async Task Metadata_as_deep_as_it_may_be_is_read_and_searched()
    {
        const int Deep = 58;
        var json = string.Concat(Enumerable.Repeat("{\"a\":", Deep)) + "1" + new string('}', Deep);
        var body = Minimal(NewId("deep"));
        body["scientificMetadata"] = JsonNode.Parse(json);
        var pid = await NewDatasetAsync(body);
        var read = await OkAsync("member", "GET", "/v4/datasets/" + Esc(pid));
        Assert.Equal(json, read["scientificMetadata"]!.ToJsonString(new() { MaxDepth = 100 }));
        var path = "scientificMetadata" + string.Concat(Enumerable.Repeat(".a", Deep));
        Assert.Contains(pid, Pids(await FilterAsync("member", $$$"""{"where":{"{{{path}}}":1}}""")));
        // As deep as Harima's own interface takes it.
        var id = await NewSequenceAsync();
        var deepest = string.Concat(Enumerable.Repeat("{\"a\":", 63)) + "1" + new string('}', 63);
        await Harima
            .Get<Metadata.SetMetadata>()
            .HandleAsync(
                Proposal,
                id,
                Metadata.MetadataKind.Sample,
                deepest,
                RunningHarima.PrincipalOf("leader"),
                Token
            );
        var answer = await SendAsync("member", "GET", $"//api/v3/datasets/{Esc($"{Proposal}/{id}")}");
        Assert.Contains(deepest, answer.IsOk().Text, StringComparison.Ordinal);
        await FilterAsync("member", """{"where":{"owner":"nobody"}}""");
    }

    [Fact]
    public async Task Hostile_requests_are_refused_at_once()
    {
        string Filter(string json) => "/v4/datasets?filter=" + Uri.EscapeDataString(json);
        foreach (
            var json in (string[])
                [
                    "{\"limits\": {\"limit\": 1},}",
                    "nonsense",
                    "{",
                    "[]",
                    """{"where": {"$where": "while(true){}"}}""",
                    """{"where": {"datasetName": {"$regex": "(a)\\1"}}}""",
                    """{"customField": 1}""",
                    """{"limits": {"limit": 999999999999999999999}}""",
                    """{"where": {"__proto__": {"$gt": {"$gt": 1}}}, "include": ["everything"]}""",
                    new string('[', 900),
                    string.Concat(Enumerable.Repeat("{\"where\":", 90)),
                ]
        )
            await RefusedAsync(400, "member", "GET", Filter(json));
        await RefusedAsync(
            400,
            "member",
            "GET",
            Filter("{\"limits\": {\"limit\": 1},}"),
            null,
            "Invalid JSON in filter"
        );
        await RefusedAsync(
            400,
            "member",
            "GET",
            Filter("""{"customField": 1}"""),
            null,
            "Property customField should not exist in the filter object"
        );
        foreach (
            var body in (string[])
                ["", "null", "5", "[]", "{\"a\":1,\"a\":2}", "{\"ownerGroup\":", new string('[', 100_000), "\u0000"]
        )
        foreach (var path in (string[])["/v4/datasets", "/v3/samples", "/v4/origdatablocks", "/v4/attachments"])
        {
            var answer = await SendAsync("leader", "POST", "//api" + path, body);
            Assert.True(400 == (int)answer.Status, $"{path} {body[..Math.Min(20, body.Length)]}: {answer.Status}");
        }
        var large = new StringBuilder("{\"datasetName\":\"").Append('x', 17 << 20).Append("\"}").ToString();
        Assert.Equal(413, (int)(await SendAsync("leader", "POST", "//api/v4/datasets", large)).Status);
        var picture = new JsonObject { ["caption"] = "large", ["thumbnail"] = new string('x', 3 << 20) };
        var pid = await NewDatasetAsync();
        await RefusedAsync(413, "leader", "POST", $"/v3/datasets/{Esc(pid)}/attachments", picture);
        // A pattern that explodes elsewhere is answered.
        await NewDatasetAsync(Minimal(new string('a', 3_000) + "!"));
        await FilterAsync("member", """{"where": {"datasetName": {"$regex": "^(a+)+$"}}}""");
        foreach (var id in (string[])["..%2F..%2Fetc%2Fpasswd", "%00", "2026A2000%2F..", "%2F", "a%2Fb%2Fc%2Fd"])
            Assert.InRange((await CallAsync("member", "GET", "/v4/datasets/" + id)).Status, 400, 404);
    }
}
