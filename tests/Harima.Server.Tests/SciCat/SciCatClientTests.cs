using System.Text.Json.Nodes;
using Harima.Clients;

namespace Harima.SciCat;

public sealed class SciCatClientsOnSqlite(SqliteHarima harima) : SciCatClientTests(harima);

public sealed class SciCatClientsOnPostgres(PostgresHarima harima) : SciCatClientTests(harima);

/// <summary>Clients that others wrote for SciCat, or do what those do, against the running server.</summary>
public abstract class SciCatClientTests(RunningHarima harima) : SciCatTests(harima)
{
    async Task<JsonNode> RunAsync(ScriptedClient client, params string[] arguments)
    {
        var answer = await client.RunAsync(Harima.Portal, null, Token, arguments);
        Assert.False(answer.TryGetProperty("error", out var error), error.ToString());
        return JsonNode.Parse(answer.GetProperty("result").GetRawText())!;
    }

    [Fact]
    public async Task The_SDK_from_npm_registers_finds_changes_and_removes_a_dataset()
    {
        var did = await RunAsync(
            ScriptedClient.SciCatSdk,
            "member",
            "correct horse member",
            RunningHarima.PrivateProposal
        );
        var pid = did["pid"]!.ToString();
        Assert.StartsWith(RunningHarima.PrivateProposal + "/", pid, StringComparison.Ordinal);
        Assert.Equal("member", did["user"]!.ToString());
        Assert.True(did["valid"]!.GetValue<bool>());
        Assert.Equal("From the SDK", did["name"]!.ToString());
        Assert.Equal("2026-05-01T08:30:00.000Z", did["created"]!.ToString());
        Assert.Equal("""{"energy":{"value":7.112,"unit":"keV"}}""", did["metadata"]!.ToJsonString());
        Assert.True(did["listed"]!.GetValue<bool>());
        Assert.Equal(1, did["count"]!.GetValue<int>());
        Assert.Equal("Renamed by the SDK", did["renamed"]!.ToString());
        Assert.True(did["totalSets"]!.GetValue<int>() >= 1);
        Assert.Equal((42, 1), (did["size"]!.GetValue<int>(), did["files"]!.GetValue<int>()));
        Assert.Equal("member", did["self"]!.ToString());
        Assert.Contains("XAFS", did["instruments"]!.AsArray().Select(name => name!.ToString()));
        Assert.Equal(404, did["missing"]!.GetValue<int>());
        Assert.Equal(403, did["forbidden"]!.GetValue<int>());
        Assert.Equal(pid, did["removed"]!.ToString());
        Assert.Equal(401, did["loggedOut"]!.GetValue<int>());
    }

    [Fact]
    public async Task What_an_ingestor_lists_on_the_facilitys_storage_is_registered_there_and_can_be_fetched_at_once()
    {
        var folder = Path.Combine(Harima.Storage, "ingested-" + NewId());
        Directory.CreateDirectory(Path.Combine(folder, "raw"));
        await File.WriteAllTextAsync(Path.Combine(folder, "scan.nxs"), "measured", Token);
        await File.WriteAllTextAsync(Path.Combine(folder, "raw/鉄 1.cbf"), "frame", Token);
        string[] run = [RunningHarima.PrivateProposal, folder];

        var did = await RunAsync(ScriptedClient.SciCatSdk, ["admin", "correct horse admin", .. run]);

        Assert.Equal(["raw/鉄 1.cbf", "scan.nxs"], did["paths"]!.AsArray().Select(path => path!.ToString()));
        Assert.Equal((13, 2), (did["size"]!.GetValue<int>(), did["files"]!.GetValue<int>()));
        Assert.Equal(["frame", "measured"], did["contents"]!.AsArray().Select(text => text!.ToString()));
        var id = did["pid"]!.ToString().Split('/')[1];
        await File.WriteAllTextAsync(Path.Combine(folder, "scan.nxs"), "changed since", Token);
        // Not copied: what has changed there is not served as what was catalogued.
        var at = $"/api/v1/proposals/{RunningHarima.PrivateProposal}/sequences/{id}/content/scan.nxs";
        var (status, _) = await CallAsync("admin", "GET", at["/api".Length..]);
        Assert.Equal(409, status);

        // Whoever may not register there announces the files, as ever.
        did = await RunAsync(ScriptedClient.SciCatSdk, ["member", "correct horse member", .. run]);
        Assert.Equal(2, did["files"]!.GetValue<int>());
        Assert.Empty(did["contents"]!.AsArray());
    }

    [Fact]
    public async Task Scripts_like_those_of_pyscicat_and_scitacean_register_and_find()
    {
        var folder = Directory.CreateTempSubdirectory("harima-scicat-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "scan.dat"), "measured", Token);
            var did = await RunAsync(
                ScriptedClient.SciCatPython,
                "member",
                "correct horse member",
                RunningHarima.PrivateProposal,
                folder
            );
            var pyscicat = did["pyscicat"]!;
            Assert.Equal(8, pyscicat["block_size"]!.GetValue<int>());
            Assert.Equal("pyscicat renamed", pyscicat["updated"]!.ToString());
            Assert.Contains(pyscicat["pid"]!.ToString(), pyscicat["found"]!.AsArray().Select(pid => pid!.ToString()));
            Assert.Contains("scan.dat", pyscicat["found_files"]!.AsArray().Select(path => path!.ToString()));
            Assert.True(pyscicat["full"]!.GetValue<bool>());
            Assert.Equal(["thumbnail"], pyscicat["attachments"]!.AsArray().Select(caption => caption!.ToString()));
            Assert.Equal(2, pyscicat["one"]!.GetValue<int>());
            Assert.Equal(RunningHarima.PrivateProposal, pyscicat["proposal"]!.ToString());
            Assert.Empty(pyscicat["published"]!.AsArray());
            Assert.StartsWith("SA", pyscicat["sample"]!.ToString(), StringComparison.Ordinal);

            var scitacean = did["scitacean"]!;
            Assert.True(scitacean["valid"]!.GetValue<bool>());
            Assert.Equal("derived", scitacean["type"]!.ToString());
            Assert.Equal("""{"temperature":{"value":300,"unit":"K"}}""", scitacean["meta"]!.ToJsonString());
            Assert.Equal(
                ["data:image/png;base64,iVBORw0KGgo="],
                scitacean["attachments"]!.AsArray().Select(picture => picture!.ToString())
            );
            Assert.Equal("""[["blake2b","table.csv","00ff"]]""", scitacean["described"]!.ToJsonString());
            Assert.True(scitacean["found"]!.GetValue<bool>());
            Assert.Contains("BL14B2", scitacean["instruments"]!.AsArray().Select(pid => pid!.ToString()));
            Assert.Equal(404, scitacean["hidden"]!.GetValue<int>());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
