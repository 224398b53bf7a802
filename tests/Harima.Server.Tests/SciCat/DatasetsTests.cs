using System.Text.Json.Nodes;
using Harima.Metadata;
using Harima.Sequences;

namespace Harima.SciCat;

public sealed class DatasetsOnSqlite(SqliteHarima harima) : DatasetsTests(harima);

public sealed class DatasetsOnPostgres(PostgresHarima harima) : DatasetsTests(harima);

/// <summary>Datasets of SciCat are sequences: made, found, read and changed as SciCat's clients do it.</summary>
public abstract class DatasetsTests(RunningHarima harima) : SciCatTests(harima)
{
    /// <summary>Such a text is JSON, and nothing that anybody could read.</summary>
    [Theory]
    [InlineData("POST", "/v3/datasets", """{"datasetName": "\ud83d"}""")]
    [InlineData("POST", "/v4/datasets/isValid", """{"\ud83d": 1}""")]
    [InlineData("GET", "/v3/datasets?filter=%7B%22where%22%3A%7B%22pid%22%3A%22%5Cud83d%22%7D%7D", null)]
    public async Task Half_a_character_is_refused(string method, string path, string? body)
    {
        var answer = await SendAsync("leader", method, "//api" + path, body);
        Assert.Equal(400, (int)answer.Status);
    }

    [Fact]
    public async Task What_a_client_registers_comes_back_and_is_a_sequence_of_the_proposal()
    {
        var body = Minimal("Fe foil at the K edge");
        body["description"] = "reference before the series";
        body["keywords"] = new JsonArray("XAFS", "reference");
        body["techniques"] = new JsonArray(
            new JsonObject { ["pid"] = "http://purl.org/pan-science/PaNET/PaNET01196", ["name"] = "XAFS" }
        );
        body["scientificMetadata"] = JsonNode.Parse(
            """
            {"energy": {"value": 7.112, "unit": "keV"}, "detector": {"name": "Lytle", "gain": {"v": 8, "u": "dB"}},
             "sample": {"name": "鉄箔", "chemical_formula": "Fe"}, "flags": [1, 2, {"deep": true}], "empty": {"value": 3, "unit": ""}}
            """
        );
        body["inputDatasets"] = new JsonArray("20.500/abc");
        body["sourceFolderHost"] = "nfs://file.example.jp";

        var made = await OkAsync("leader", "POST", "/v4/datasets", body, 201);

        var pid = made["pid"]!.ToString();
        var read = await OkAsync("member", "GET", "/v4/Datasets/" + Esc(pid));
        foreach (var (name, value) in body)
            Assert.True(
                JsonNode.DeepEquals(value, read[name]),
                $"{name}: {read[name]?.ToJsonString()} instead of {value?.ToJsonString()}"
            );
        Assert.Equal([Proposal], read["proposalIds"]!.AsArray().Select(id => id!.ToString()));
        Assert.Equal(["BL14B2"], read["instrumentIds"]!.AsArray().Select(id => id!.ToString()));
        Assert.False(read["isPublished"]!.GetValue<bool>());
        Assert.Equal("datasetCreated", read["datasetlifecycle"]!["archiveStatusMessage"]!.ToString());
        Assert.Equal("leader", read["createdBy"]!.ToString());
        foreach (var only3 in (string[])["proposalId", "sampleId", "instrumentId", "principalInvestigator"])
            Assert.False(read.ContainsKey(only3), only3);
        var v3 = await OkAsync("member", "GET", "/v3/datasets/" + Esc(pid));
        Assert.Equal(Proposal, v3["proposalId"]!.ToString());

        var id = pid.Split('/')[1];
        var metadata = await Harima
            .Get<MetadataQueries>()
            .OfAsync(RunningHarima.PrincipalOf("member"), Proposal, id, Token);
        var measurement = JsonNode.Parse(metadata.Single(one => one.Kind == MetadataKind.Measurement).Json)!;
        Assert.Equal("Fe foil at the K edge", measurement["data_info"]!["title"]!.ToString());
        Assert.Equal("keV", measurement["energy_unit"]!.ToString());
        Assert.Equal("XAFS", measurement["measurement"]!["method"]!["sub_category"]!.ToString());
        var sample = JsonNode.Parse(metadata.Single(one => one.Kind == MetadataKind.Sample).Json)!;
        Assert.Equal("Fe", sample["sample"]!["chemical_formula"]!.ToString());
    }

    [Fact]
    public async Task A_sequence_made_in_Harima_is_a_dataset_with_all_of_its_metadata()
    {
        var id = await NewSequenceAsync();
        await Harima
            .Get<SetMetadata>()
            .HandleAsync(
                Proposal,
                id,
                MetadataKind.Measurement,
                """{"data_info": {"title": "Native", "title_ja": "日本"}, "energy": 12.4, "energy_unit": "keV"}""",
                RunningHarima.PrincipalOf("leader"),
                Token
            );
        var read = await OkAsync("member", "GET", $"/v4/datasets/{Esc($"{Proposal}/{id}")}?include=origdatablocks");
        Assert.Equal("Native", read["datasetName"]!.ToString());
        Assert.Equal("raw", read["type"]!.ToString());
        Assert.Equal("Native", read["scientificMetadata"]!["data_info"]!["title"]!.ToString());
        Assert.Equal("keV", read["scientificMetadata"]!["energy"]!["unit"]!.ToString());
        Assert.Equal(1, read["numberOfFiles"]!.GetValue<int>());
        Assert.Equal(4, read["size"]!.GetValue<int>());
        var file = read["origdatablocks"]![0]!["dataFileList"]![0]!;
        Assert.Equal("a.txt", file["path"]!.ToString());
        Assert.Equal(4, file["size"]!.GetValue<int>());
        Assert.Equal(32, file["chk"]!.ToString().Length);
    }

    [Fact]
    public async Task A_change_says_only_what_changes_and_the_rest_stays()
    {
        var body = Minimal("before");
        body["scientificMetadata"] = JsonNode.Parse("""{"a": {"value": 1, "unit": "mm"}, "b": {"c": 1, "d": 2}}""");
        body["keywords"] = new JsonArray("one", "two");
        body["comment"] = "kept";
        var pid = await NewDatasetAsync(body);
        var at = "/v4/datasets/" + Esc(pid);

        var changed = await OkAsync(
            "member",
            "PATCH",
            at,
            new JsonObject { ["datasetName"] = "after", ["keywords"] = new JsonArray("two", "three") }
        );
        Assert.Equal("after", changed["datasetName"]!.ToString());
        Assert.Equal("kept", changed["comment"]!.ToString());
        Assert.Equal(["three", "two"], changed["keywords"]!.AsArray().Select(word => word!.ToString()));
        Assert.True(JsonNode.DeepEquals(body["scientificMetadata"], changed["scientificMetadata"]));

        var (status, merged) = await MergeAsync("member", at, """{"scientificMetadata": {"b": {"d": null, "f": 4}}}""");
        Assert.Equal(200, status);
        Assert.Equal(4, merged!["scientificMetadata"]!["b"]!["f"]!.GetValue<int>());
        Assert.Null(merged["scientificMetadata"]!["b"]!["d"]);

        var replaced = await OkAsync(
            "member",
            "PATCH",
            at,
            JsonNode.Parse("""{"scientificMetadata": {"only": "this"}}""")
        );
        Assert.Equal("""{"only":"this"}""", replaced["scientificMetadata"]!.ToJsonString());
        Assert.Equal("after", replaced["datasetName"]!.ToString());

        var whole = Minimal("whole");
        whole.Remove("type");
        var put = await OkAsync("member", "PUT", at, whole);
        Assert.Equal("whole", put["datasetName"]!.ToString());
        Assert.Equal("{}", put["scientificMetadata"]!.ToJsonString());
        Assert.Empty(put["keywords"]!.AsArray());
        Assert.Null(put["comment"]);
        Assert.Equal("raw", put["type"]!.ToString());
    }

    async Task<(int, JsonNode?)> MergeAsync(string user, string path, string json)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, new Uri(Harima.Portal, "/api" + path));
        request.Content = new StringContent(json, System.Text.Encoding.UTF8, "application/merge-patch+json");
        request.Headers.Authorization = new("Bearer", await TokenOfAsync(user));
        using var answer = await Harima.Http.SendAsync(request, Token);
        return ((int)answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync(Token)));
    }

    [Fact]
    public async Task A_change_of_somebody_else_is_not_written_over_where_the_client_says_what_it_read()
    {
        var body = Minimal("before");
        body["scientificMetadata"] = JsonNode.Parse("""{"a": {"value": 1, "unit": "mm"}}""");
        var pid = await NewDatasetAsync(body);
        var at = "/v4/datasets/" + Esc(pid);
        var read = (await OkAsync("member", "GET", at))["updatedAt"]!.ToString();
        JsonObject Change(int value) =>
            new() { ["scientificMetadata"] = new JsonObject { ["a"] = new JsonObject { ["value"] = value } } };
        Task<(int Status, JsonNode? Body)> PatchAsync(int value, string since) =>
            CallAsync("member", "PATCH", at, Change(value), ("If-Unmodified-Since", since));

        Assert.Equal(200, (await PatchAsync(2, read)).Status);
        var (status, error) = await PatchAsync(3, "Mon, 01 Jan 2024 00:00:00 GMT");
        Assert.Equal((412, "dataset-changed"), (status, error!["reason"]!.ToString()));
        Assert.Equal(412, (await PatchAsync(3, read)).Status);
        var now = await OkAsync("member", "GET", at);
        Assert.Equal(2, now["scientificMetadata"]!["a"]!["value"]!.GetValue<int>());
        Assert.Equal(200, (await PatchAsync(4, now["updatedAt"]!.ToString())).Status);
        // As in SciCat, what is no time is no condition.
        Assert.Equal(200, (await PatchAsync(5, "yesterday")).Status);
    }

    [Fact]
    public async Task The_lifecycle_is_kept_as_an_archive_manager_says_it()
    {
        var pid = Esc(await NewDatasetAsync());
        var set = await OkAsync(
            "leader",
            "PATCH",
            $"/v4/datasets/{pid}/datasetlifecycle",
            new JsonObject { ["archivable"] = true }
        );
        Assert.True(set["archivable"]!.GetValue<bool>());
        var again = await OkAsync(
            "leader",
            "PUT",
            $"/v3/Datasets/{pid}/datasetlifecycle",
            new JsonObject { ["archiveStatusMessage"] = "scheduleArchiveJob" }
        );
        Assert.True(again["archivable"]!.GetValue<bool>());
        Assert.Equal("scheduleArchiveJob", again["archiveStatusMessage"]!.ToString());
        Assert.Equal(
            again.ToJsonString(),
            (await OkAsync("member", "GET", $"/v4/datasets/{pid}/datasetlifecycle")).ToJsonString()
        );
    }

    [Fact]
    public async Task Deleting_gives_back_what_it_was_and_refuses_where_files_are()
    {
        var pid = await NewDatasetAsync();
        Assert.Equal(pid, (await OkAsync("leader", "DELETE", "/v4/datasets/" + Esc(pid)))["pid"]!.ToString());
        await RefusedAsync(404, "leader", "GET", "/v4/datasets/" + Esc(pid));

        var full = await NewDatasetAsync();
        await PutFileAsync(full, "a.txt", "bytes");
        await RefusedAsync(409, "leader", "DELETE", "/v4/datasets/" + Esc(full));
    }

    [Fact]
    public async Task A_closed_sequence_is_read_and_not_changed()
    {
        var pid = await NewDatasetAsync();
        await Harima
            .Get<CloseSequence>()
            .HandleAsync(Proposal, pid.Split('/')[1], RunningHarima.PrincipalOf("leader"), Token);
        await RefusedAsync(
            409,
            "leader",
            "PATCH",
            "/v4/datasets/" + Esc(pid),
            new JsonObject { ["comment"] = "too late" }
        );
        await RefusedAsync(409, "leader", "POST", $"/v3/datasets/{Esc(pid)}/origdatablocks", Block("late.tif", 5));
        Assert.Equal(pid, (await OkAsync("member", "GET", "/v4/datasets/" + Esc(pid)))["pid"]!.ToString());
    }
}
