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
    public async Task Every_way_to_log_in_gives_a_token_that_works_until_log_out()
    {
        foreach (
            var path in (string[])
                ["/v3/auth/login", "/auth/login", "/v4/auth/login", "/v3/Users/login", "/v3/auth/Login?include=user"]
        )
        {
            var login = await OkAsync(
                Anonymous,
                "POST",
                path,
                new JsonObject { ["username"] = "member", ["password"] = "correct horse member" },
                201
            );
            var token = login["access_token"]!.ToString();
            Assert.Equal(token, login["id"]!.ToString());
            Assert.Equal("member", login["userId"]!.ToString());
            Assert.Equal("member@example.jp", login["user"]!["email"]!.ToString());
            Assert.True(login["expires_in"]!.GetValue<int>() > 600);
            var self = await OkAsync(Anonymous, "GET", "/v3/users/my/self?access_token=" + token);
            Assert.Equal("member", self["username"]!.ToString());
            Assert.Equal(201, (await CallAsync(Anonymous, "POST", "/v3/auth/logout?access_token=" + token)).Status);
            await RefusedAsync(401, Anonymous, "GET", "/v3/users/my/self?access_token=" + token);
        }
        var wrong = new JsonObject { ["username"] = "member", ["password"] = "wrong" };
        await RefusedAsync(401, Anonymous, "POST", "/v3/auth/login", wrong);
        await RefusedAsync(401, Anonymous, "POST", "/v3/auth/login", new JsonObject { ["username"] = 5 });
        await RefusedAsync(403, Anonymous, "GET", "/v3/users/my/self");
    }

    [Fact]
    public async Task Somebody_learns_their_groups_and_nothing_of_others()
    {
        var mine = await OkAsync("member", "GET", "/v3/users/my/identity");
        Assert.Contains(Proposal, mine["profile"]!["accessGroups"]!.AsArray().Select(group => group!.ToString()));
        Assert.Equal("member", (await OkAsync("member", "GET", "/v3/users/member/userIdentity"))["userId"]!.ToString());
        await RefusedAsync(403, "member", "GET", "/v3/users/leader/userIdentity");
        await RefusedAsync(403, "member", "GET", "/v3/users/nobody-of-that-name/userIdentity");
        Assert.Empty(
            (await OkAsync("stranger", "GET", "/v3/users/my/identity"))["profile"]!["accessGroups"]!.AsArray()
        );
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

    static JsonObject Block(string path, long size, string? chk = null)
    {
        var file = new JsonObject
        {
            ["path"] = path,
            ["size"] = size,
            ["time"] = "2026-05-01T08:30:00.000Z",
        };
        if (chk is not null)
            file["chk"] = chk;
        return new JsonObject
        {
            ["size"] = size,
            ["chkAlg"] = "md5",
            ["dataFileList"] = new JsonArray(file),
        };
    }

    [Fact]
    public async Task Described_files_count_until_they_arrive_and_what_arrived_is_compared()
    {
        var pid = await NewDatasetAsync();
        var blocks = $"/v3/datasets/{Esc(pid)}/origdatablocks";
        await PutFileAsync(pid, "there.txt", "there");
        const string Sum = "00000000000000000000000000000000";
        await OkAsync("leader", "POST", blocks, Block("there.txt", 5), 201);
        await RefusedAsync(409, "leader", "POST", blocks, Block("there.txt", 6), "another file");
        await RefusedAsync(409, "leader", "POST", blocks, Block("there.txt", 5, Sum), "MD5");
        var announced = await OkAsync("leader", "POST", blocks, Block("/data/2026A2000/run1/later/b.tif", 100), 201);
        Assert.Equal("later/b.tif", announced["dataFileList"]![0]!["path"]!.ToString());

        var read = await OkAsync("member", "GET", "/v4/datasets/" + Esc(pid));
        Assert.Equal(105, read["size"]!.GetValue<int>());
        Assert.Equal(2, read["numberOfFiles"]!.GetValue<int>());
        Assert.Equal(2, (await ListAsync("member", blocks)).Count);

        await PutFileAsync(pid, "later/b.tif", "arrived");
        read = await OkAsync("member", "GET", "/v4/datasets/" + Esc(pid));
        Assert.Equal(12, read["size"]!.GetValue<int>());
        Assert.Equal(2, read["numberOfFiles"]!.GetValue<int>());
        Assert.Single(await ListAsync("member", blocks));

        foreach (var bad in (string[])["/elsewhere/x", "../up", "a//b", ""])
            await RefusedAsync(400, "leader", "POST", blocks, Block(bad, 1));
        await RefusedAsync(400, "leader", "POST", blocks, Block("a", -1));
        await RefusedAsync(
            400,
            "leader",
            "POST",
            "/v4/origdatablocks",
            new JsonObject
            {
                ["datasetId"] = pid,
                ["size"] = 0,
                ["dataFileList"] = new JsonArray(),
            }
        );
    }

    [Fact]
    public async Task A_block_can_be_found_by_its_dataset_read_and_forgotten()
    {
        var pid = await NewDatasetAsync();
        var body = Block("x.h5", 77);
        body["datasetId"] = pid;
        var made = await OkAsync("leader", "POST", "/v4/origdatablocks", body, 201);
        var id = Esc(made["_id"]!.ToString());
        Assert.Equal(77, (await OkAsync("member", "GET", "/v4/origdatablocks/" + id))["size"]!.GetValue<int>());
        Assert.Single(await FilterAsync("member", new { where = new { datasetId = pid } }, "/v4/origdatablocks"));
        Assert.Empty(await FilterAsync("stranger", new { where = new { datasetId = pid } }, "/v4/origdatablocks"));
        await RefusedAsync(404, "stranger", "GET", "/v4/origdatablocks/" + id);
        await OkAsync("leader", "DELETE", "/v4/origdatablocks/" + id);
        Assert.Empty(await FilterAsync("member", new { where = new { datasetId = pid } }, "/v4/origdatablocks"));
    }

    [Fact]
    public async Task Pictures_are_attached_as_files_and_come_back_as_they_went()
    {
        var pid = await NewDatasetAsync();
        const string Picture = "data:image/png;base64,iVBORw0KGgo=";
        var made = await OkAsync(
            "leader",
            "POST",
            "/v4/attachments",
            new JsonObject
            {
                ["caption"] = "スペクトル 1",
                ["thumbnail"] = Picture,
                ["ownerGroup"] = Proposal,
                ["relationships"] = new JsonArray(
                    new JsonObject
                    {
                        ["targetId"] = pid,
                        ["targetType"] = "dataset",
                        ["relationType"] = "is attached to",
                    }
                ),
            },
            201
        );
        var aid = made["aid"]!.ToString();
        var read = await OkAsync("member", "GET", "/v4/attachments/" + Esc(aid));
        Assert.Equal(Picture, read["thumbnail"]!.ToString());
        Assert.Equal("スペクトル 1", read["caption"]!.ToString());
        await OkAsync(
            "leader",
            "POST",
            $"/v3/Datasets/{Esc(pid)}/attachments",
            new JsonObject { ["caption"] = "not an image", ["thumbnail"] = "data/abc123" },
            201
        );
        var with = await OkAsync("member", "GET", $"/v4/datasets/{Esc(pid)}?include=attachments");
        Assert.Equal(2, with["attachments"]!.AsArray().Count);
        Assert.Contains(with["attachments"]!.AsArray(), one => one!["thumbnail"]!.ToString() == "data/abc123");

        // It is a file like any other.
        var listed = (
            await SendAsync(
                "member",
                "GET",
                $"/proposals/{pid.Replace("/", "/sequences/", StringComparison.Ordinal)}/files"
            )
        )
            .IsOk()
            .Text;
        Assert.Contains("\"contentType\":\"image/png\"", listed, StringComparison.Ordinal);
        await OkAsync("leader", "PATCH", "/v4/attachments/" + Esc(aid), new JsonObject { ["caption"] = "renamed" });
        read = await OkAsync("member", "GET", "/v4/attachments/" + Esc(aid));
        Assert.Equal(("renamed", Picture), (read["caption"]!.ToString(), read["thumbnail"]!.ToString()));
        await RefusedAsync(404, "stranger", "GET", "/v4/attachments/" + Esc(aid));
        await OkAsync("leader", "DELETE", "/v4/attachments/" + Esc(aid));
        await RefusedAsync(404, "leader", "GET", "/v4/attachments/" + Esc(aid));
    }

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
    public async Task Credentials_of_a_dataset_read_it_over_S3_and_nothing_else()
    {
        var pid = await NewDatasetAsync();
        var other = await NewDatasetAsync();
        await PutFileAsync(pid, "試料 a+b.txt", "bytes");
        await PutFileAsync(other, "secret.txt", "others");

        var urls = await ListAsync("member", "/v3/datasets/urls?pid=" + Esc(pid));
        Assert.Equal("bytes", await Harima.Http.GetStringAsync(new Uri(urls.Single()!["url"]!.ToString()), Token));
        var key = await OkAsync("member", "GET", "/v3/datasets/s3-creds?pid=" + Esc(pid));
        var client = new S3.Client.S3Client(
            Harima.Http,
            Harima.S3,
            "us-east-1",
            new S3.Signing.Credentials(
                key["access_key"]!.ToString(),
                key["secret_key"]!.ToString(),
                key["session_token"]!.ToString()
            ),
            TimeProvider.System
        );
        Assert.NotNull(await client.FindObjectAsync(Bucket, pid.Split('/')[1] + "/試料 a+b.txt", Token));
        Assert.Null(await client.FindObjectAsync(Bucket, other.Split('/')[1] + "/secret.txt", Token));
        await RefusedAsync(404, "stranger", "GET", "/v3/datasets/s3-creds?pid=" + Esc(pid));
        await RefusedAsync(403, Anonymous, "GET", "/v3/datasets/s3-creds?pid=" + Esc(pid));
    }

    const string Bucket = RunningHarima.Bucket;

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
