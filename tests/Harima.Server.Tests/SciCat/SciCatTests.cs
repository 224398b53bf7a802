using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harima.Api;

namespace Harima.SciCat;

/// <summary>What the tests of SciCat's interface have in common.</summary>
public abstract class SciCatTests(RunningHarima harima) : ApiTests(harima)
{
    protected static string Esc(string pid) => Uri.EscapeDataString(pid);

    /// <summary>The least a client of version 4 sends.</summary>
    protected static JsonObject Minimal(string? name = null, string group = Proposal) =>
        new()
        {
            ["contactEmail"] = "leader@example.jp",
            ["creationTime"] = "2026-05-01T08:30:00.000Z",
            ["owner"] = "Leader Of Experiment",
            ["ownerGroup"] = group,
            ["sourceFolder"] = "/data/2026A2000/run1",
            ["type"] = "raw",
            ["datasetName"] = name ?? NewId("name"),
        };

    /// <summary>The least a client of version 3 sends for raw data.</summary>
    protected static JsonObject MinimalV3(string? name = null)
    {
        var body = Minimal(name);
        body["creationLocation"] = "/SPring-8/BL14B2";
        body["principalInvestigator"] = "Leader Of Experiment";
        return body;
    }

    // Metadata as deep as it may be lies some levels down in an answer.
    static readonly JsonDocumentOptions Deep = new() { MaxDepth = 128 };

    /// <summary>Below <c>/api</c>.</summary>
    protected async Task<(int Status, JsonNode? Body)> CallAsync(
        string user,
        string method,
        string path,
        JsonNode? body = null,
        params (string Name, string Value)[] headers
    )
    {
        var answer = await SendAsync(user, method, "//api" + path, body?.ToJsonString(), headers);
        return ((int)answer.Status, answer.Text.Length == 0 ? null : JsonNode.Parse(answer.Text, null, Deep));
    }

    protected async Task<JsonObject> OkAsync(
        string user,
        string method,
        string path,
        JsonNode? body = null,
        int status = 200
    )
    {
        var (got, document) = await CallAsync(user, method, path, body);
        Assert.True(status == got, $"{method} {path}: {got} {document?.ToJsonString()}");
        return (JsonObject)document!;
    }

    protected async Task<JsonArray> ListAsync(string user, string path)
    {
        var (got, document) = await CallAsync(user, "GET", path);
        Assert.True(got == 200, $"GET {path}: {got} {document?.ToJsonString()}");
        return (JsonArray)document!;
    }

    protected async Task<JsonArray> FilterAsync(string user, object filter, string path = "/v4/datasets") =>
        await ListAsync(
            user,
            $"{path}?filter={Uri.EscapeDataString(filter as string ?? JsonSerializer.Serialize(filter))}"
        );

    protected async Task RefusedAsync(
        int status,
        string user,
        string method,
        string path,
        JsonNode? body = null,
        string? says = null
    )
    {
        var (got, error) = await CallAsync(user, method, path, body);
        Assert.True(status == got, $"{method} {path}: {got} {error?.ToJsonString()}");
        Assert.Equal(status, error!["statusCode"]!.GetValue<int>());
        Assert.False(string.IsNullOrWhiteSpace(error["message"]!.ToString()));
        if (says is not null)
            Assert.Contains(says, error["message"]!.ToString(), StringComparison.Ordinal);
    }

    protected async Task<string> NewDatasetAsync(JsonObject? body = null, string user = "leader") =>
        (await OkAsync(user, "POST", "/v4/datasets", body ?? Minimal(), 201))["pid"]!.ToString();

    protected static string[] Pids(JsonArray datasets) => [.. datasets.Select(dataset => dataset!["pid"]!.ToString())];

    protected async Task PutFileAsync(string pid, string path, string text) =>
        await PutAsync(pid.Split('/')[0], $"{pid.Split('/')[1]}/{path}", Encoding.UTF8.GetBytes(text));

    /// <summary>A description of one file.</summary>
    protected static JsonObject Block(string path, long size, string? chk = null)
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
}
