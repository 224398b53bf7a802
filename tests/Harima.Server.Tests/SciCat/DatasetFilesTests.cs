using System.Text.Json.Nodes;

namespace Harima.SciCat;

public sealed class DatasetFilesOnSqlite(SqliteHarima harima) : DatasetFilesTests(harima);

public sealed class DatasetFilesOnPostgres(PostgresHarima harima) : DatasetFilesTests(harima);

/// <summary>The files of a dataset: described, attached, and fetched over S3.</summary>
public abstract class DatasetFilesTests(RunningHarima harima) : SciCatTests(harima)
{
    const string Bucket = RunningHarima.Bucket;

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
        var named = new { where = new Dictionary<string, string> { ["relationships.targetId"] = pid } };
        Assert.Equal(
            [aid],
            (await FilterAsync("member", named, "/v4/attachments")).Select(one => one!["aid"]!.ToString())
        );
        Assert.Empty(await FilterAsync("stranger", named, "/v4/attachments"));
        await RefusedAsync(400, "member", "GET", "/v4/attachments", says: "Name the datasets");
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
}
