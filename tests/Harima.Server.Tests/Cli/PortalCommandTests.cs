using System.Security.Cryptography;
using System.Text;
using Harima.Portal;
using Harima.Portal.Sequences;

namespace Harima.Cli;

/// <summary>What a person does who copies commands from the portal, and meets names that others chose.</summary>
public sealed class PortalCommandTests(SqliteHarima harima)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_command_the_portal_shows_fetches_the_sequence()
    {
        var id = "P" + Guid.NewGuid().ToString("N")[..10];
        var bytes = RandomNumberGenerator.GetBytes(70_000);
        await PutAsync($"{id}/生データ/走査 1.bin", bytes);
        var shown = DownloadCommands
            .For(harima.Portal.ToString().TrimEnd('/'), harima.S3.ToString(), "us-east-1", new Texts())
            .Single(command => command.Name == "harima");
        var words = DownloadCommands.Fill(shown, RunningHarima.Proposal, id).Split(' ');
        Assert.Equal("harima", words[0]);

        using var leader = await HarimaProgram.OfAsync(harima, "leader", Stop);
        await leader.ExpectAsync(0, words[1..], Stop);
        var fetched = Path.Combine(leader.Folder("."), id, "生データ", "走査 1.bin");
        Assert.Equal(bytes, await File.ReadAllBytesAsync(fetched, Stop));
    }

    [Fact]
    public async Task The_stored_token_is_not_shown_to_another_server()
    {
        using var leader = await HarimaProgram.OfAsync(harima, "leader", Stop);
        await leader.ExpectAsync(0, ["whoami", "--server", harima.Portal.ToString()], Stop);
        await leader.ExpectAsync(3, ["whoami", "--server", "http://localhost:" + harima.Portal.Port], Stop);
    }

    [Fact]
    public async Task An_empty_sequence_is_deleted_and_one_with_files_is_not()
    {
        using var leader = await HarimaProgram.OfAsync(harima, "leader", Stop);
        var id = "D" + Guid.NewGuid().ToString("N")[..10];
        var sequence = $"{RunningHarima.Proposal}/{id}";
        await leader.ExpectAsync(0, ["sequence", "open", sequence], Stop);
        await PutAsync(id + "/a", [1]);
        await leader.ExpectAsync(6, ["sequence", "delete", sequence], Stop);
        await harima.ClientOf("leader").DeleteObjectAsync(RunningHarima.Bucket, id + "/a", Stop);
        await leader.ExpectAsync(0, ["sequence", "delete", sequence], Stop);
        var gone = await leader.RunAsync(["sequence", "show", sequence, "--json"], Stop);
        Assert.Contains("not-found", gone.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_cannot_steer_the_terminal()
    {
        using var leader = await HarimaProgram.OfAsync(harima, "leader", Stop);
        var id = "N" + Guid.NewGuid().ToString("N")[..10];
        await PutAsync(id + "/\e[2Jcleared", [1]);
        var listed = await leader.ExpectAsync(0, ["ls", $"{RunningHarima.Proposal}/{id}"], Stop);
        Assert.Contains("[2Jcleared", listed.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', listed.Output);
        var got = await leader.RunAsync(["get", $"{RunningHarima.Proposal}/{id}"], Stop);
        Assert.DoesNotContain('\e', got.Output + got.Errors);
    }

    [Theory]
    [InlineData("../../up")]
    [InlineData("a/../../../up")]
    [InlineData("/up")]
    public async Task No_key_leads_out_of_the_folder(string path)
    {
        using var leader = await HarimaProgram.OfAsync(harima, "leader", Stop);
        var id = "E" + Guid.NewGuid().ToString("N")[..10];
        await PutAsync($"{id}/{path}", Encoding.UTF8.GetBytes(path));
        await PutAsync($"{id}/good", [1]);
        var outer = leader.Folder("outer");
        var inner = Path.Combine(outer, "1", "2");
        await leader.RunAsync(["get", $"{RunningHarima.Proposal}/{id}", inner], Stop);
        Assert.True(File.Exists(Path.Combine(inner, "good")));
        Assert.All(
            Directory.EnumerateFiles(outer, "*", SearchOption.AllDirectories),
            file => Assert.StartsWith(inner, file, StringComparison.Ordinal)
        );
        Assert.False(File.Exists("/up"));
    }

    async Task PutAsync(string key, byte[] bytes)
    {
        using var body = new MemoryStream(bytes);
        await harima.ClientOf("leader").PutObjectAsync(RunningHarima.Bucket, key, body, bytes.Length, null, Stop);
    }
}
