using System.Text.Json.Nodes;

namespace Harima.SciCat;

public sealed class OthersOnSqlite(SqliteHarima harima) : OthersTests(harima);

public sealed class OthersOnPostgres(PostgresHarima harima) : OthersTests(harima);

/// <summary>Samples, proposals and instruments; and what SciCat has and Harima does not.</summary>
public abstract class OthersTests(RunningHarima harima) : SciCatTests(harima)
{
    [Fact]
    public async Task Samples_are_registered_described_and_referred_to()
    {
        var sampleId = NewId("sci-sample-");
        var made = await OkAsync(
            "member",
            "POST",
            "/v3/Samples",
            new JsonObject
            {
                ["sampleId"] = sampleId,
                ["owner"] = "Max",
                ["ownerGroup"] = Proposal,
                ["description"] = "This is a very important sample",
                ["sampleCharacteristics"] = new JsonObject { ["chemical_formula"] = "LiFePO4", ["mass"] = 2 },
            },
            201
        );
        var id = made["sampleId"]!.ToString();
        Assert.Equal(sampleId, id, ignoreCase: true);
        await RefusedAsync(
            409,
            "member",
            "POST",
            "/v3/samples",
            new JsonObject
            {
                ["sampleId"] = sampleId,
                ["ownerGroup"] = Proposal,
                ["sampleName"] = "again",
            }
        );
        var read = await OkAsync("member", "GET", "/v3/samples/" + sampleId);
        Assert.Equal("LiFePO4", read["sampleCharacteristics"]!["chemical_formula"]!.ToString());
        Assert.Equal("Max", read["owner"]!.ToString());
        await RefusedAsync(404, "stranger", "GET", "/v3/samples/" + sampleId);
        Assert.Single(await FilterAsync("member", new { where = new { sampleId = id } }, "/v3/Samples"));

        var changed = await OkAsync(
            "member",
            "PATCH",
            "/v3/samples/" + sampleId,
            new JsonObject { ["sampleCharacteristics"] = new JsonObject { ["names"] = "theirs" } }
        );
        Assert.Equal("""{"names":"theirs"}""", changed["sampleCharacteristics"]!.ToJsonString());

        var body = Minimal();
        body["sampleIds"] = new JsonArray(id);
        var pid = await NewDatasetAsync(body);
        var with = await OkAsync(
            "member",
            "GET",
            $"/v4/datasets/{Esc(pid)}?include=samples&include=proposals&include=instruments"
        );
        Assert.Equal(id, with["samples"]![0]!["sampleId"]!.ToString());
        Assert.Equal(Proposal, with["proposals"]![0]!["proposalId"]!.ToString());
        Assert.Equal("XAFS", with["instruments"]![0]!["name"]!.ToString());
        Assert.Equal([pid], Pids(await ListAsync("member", $"/v3/samples/{sampleId}/datasets")));
        await RefusedAsync(404, "stranger", "GET", $"/v3/samples/{sampleId}/datasets");
        body["sampleIds"] = new JsonArray("no-such-sample");
        await RefusedAsync(400, "leader", "POST", "/v4/datasets", body, "no sample");
    }

    [Fact]
    public async Task Proposals_and_instruments_are_listed_read_and_made_by_administrators()
    {
        var proposal = await OkAsync("member", "GET", "/v3/proposals/" + Proposal);
        Assert.Equal("BL14B2", proposal["MeasurementPeriodList"]![0]!["instrument"]!.ToString());
        Assert.Equal("leader", proposal["pi_lastname"]!.ToString());
        await RefusedAsync(404, "stranger", "GET", "/v3/proposals/" + PrivateProposal);
        await RefusedAsync(404, "stranger", "GET", $"/v3/proposals/{PrivateProposal}/datasets");
        var mine = await NewDatasetAsync(Minimal(group: PrivateProposal), "member");
        var theirs = Pids(await ListAsync("member", $"/v3/proposals/{PrivateProposal}/datasets"));
        Assert.Contains(mine, theirs);
        Assert.All(theirs, pid => Assert.StartsWith(PrivateProposal + "/", pid, StringComparison.Ordinal));
        await RefusedAsync(501, "admin", "PATCH", "/v3/proposals/" + Proposal, new JsonObject { ["title"] = "x" });
        await RefusedAsync(501, "admin", "PATCH", "/v3/instruments/BL14B2", new JsonObject { ["name"] = "x" });
        Assert.Equal("BL14B2", (await OkAsync("stranger", "GET", "/v3/instruments/BL14B2"))["pid"]!.ToString());
        await RefusedAsync(404, "stranger", "GET", "/v3/instruments/BL99");
        var found = await CallAsync(
            "stranger",
            "GET",
            "/v3/Instruments/findOne?filter=" + Uri.EscapeDataString("""{"where":{"name":{"like":"XAF"}}}""")
        );
        Assert.Equal("BL14B2", found.Body!["pid"]!.ToString());

        var id = NewId("2026B8");
        var body = new JsonObject
        {
            ["proposalId"] = id,
            ["email"] = "leader@example.jp",
            ["title"] = "From another system",
            ["ownerGroup"] = id,
            ["startTime"] = "2026-10-01T00:00:00Z",
            ["endTime"] = "2027-03-31T00:00:00Z",
            ["instrumentIds"] = new JsonArray("BL14B2"),
        };
        await RefusedAsync(403, "leader", "POST", "/v3/proposals", body.DeepClone());
        await OkAsync("admin", "POST", "/v3/proposals", body.DeepClone(), 201);
        await RefusedAsync(409, "admin", "POST", "/v3/proposals", body.DeepClone());
        body["createdBy"] = "This should not be here";
        await RefusedAsync(400, "admin", "POST", "/v3/proposals", body);
        Assert.Equal(
            "From another system",
            (await OkAsync("leader", "GET", "/v3/proposals/" + id))["title"]!.ToString()
        );
    }

    [Fact]
    public async Task What_SciCat_has_and_Harima_does_not_is_answered_plainly()
    {
        Assert.Equal("ok", (await OkAsync(Anonymous, "GET", "/v3/health"))["status"]!.ToString());
        await OkAsync(Anonymous, "GET", "/v3/admin/config");
        Assert.Empty(await FilterAsync("member", new { where = new { } }, "/v3/PublishedData"));
        await RefusedAsync(404, "member", "GET", "/v3/PublishedData/10.5072%2Fabc");
        Assert.Empty(await FilterAsync("member", new { where = new { } }, "/v3/Policies"));
        await RefusedAsync(501, "member", "POST", "/v4/jobs", new JsonObject { ["type"] = "retrieve" });
        await RefusedAsync(404, "member", "GET", "/v3/nothing/of/that/name");
        await RefusedAsync(405, "member", "PUT", "/v3/health");
    }
}
