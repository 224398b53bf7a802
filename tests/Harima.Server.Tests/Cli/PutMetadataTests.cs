using System.Text;

namespace Harima.Cli;

/// <summary>Metadata given to <c>harima put</c> is read and found good before the first file is sent.</summary>
public sealed class PutMetadataTests(SqliteHarima harima)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static string NewId() => "M" + Guid.NewGuid().ToString("N")[..10];

    static async Task NothingIsThereAsync(HarimaProgram leader, string sequence) =>
        // Not even the sequence: a typing mistake leaves nothing behind.
        Assert.Contains(
            "does not exist",
            (await leader.ExpectAsync(5, ["sequence", "show", sequence], Stop)).Errors,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("{\n  \"energy\": 9,,\n}", ":2:15:")]
    [InlineData("[1]", ":1:1:")]
    [InlineData("{\n\"a\": 1,\n\"a\": 2}", ":3:1:")]
    [InlineData("", ":1:1:")]
    public async Task Bad_metadata_is_told_by_file_line_and_column_and_nothing_is_sent(string json, string place)
    {
        using var leader = await HarimaProgram.OfAsync(harima, "leader", Stop);
        var sequence = $"{RunningHarima.Proposal}/{NewId()}";
        await File.WriteAllTextAsync(Path.Combine(leader.Folder("."), "data"), "data", Stop);
        await File.WriteAllTextAsync(Path.Combine(leader.Folder("."), "m.json"), json, Stop);
        foreach (var option in new[] { "--measurement", "--sample" })
        {
            var ended = await leader.ExpectAsync(7, ["put", "data", sequence, option, "m.json", "--close"], Stop);
            Assert.Contains("m.json" + place, ended.Errors, StringComparison.Ordinal);
            Assert.Contains("Nothing was sent.", ended.Errors, StringComparison.Ordinal);
            Assert.Empty(ended.Output);
        }
        await NothingIsThereAsync(leader, sequence);
    }

    [Fact]
    public async Task Metadata_that_is_no_utf8_is_refused_and_not_mended()
    {
        using var leader = await HarimaProgram.OfAsync(harima, "leader", Stop);
        var sequence = $"{RunningHarima.Proposal}/{NewId()}";
        await File.WriteAllTextAsync(Path.Combine(leader.Folder("."), "data"), "data", Stop);
        // Shift_JIS 試料, as an old instrument's computer writes it.
        byte[] text = [.. "{\"name\": \""u8, 0x8E, 0x8E, 0x97, 0xBF, .. "\"}"u8];
        await File.WriteAllBytesAsync(Path.Combine(leader.Folder("."), "m.json"), text, Stop);
        var ended = await leader.ExpectAsync(7, ["put", "data", sequence, "--sample", "m.json", "--json"], Stop);
        Assert.Contains("UTF-8", ended.Errors, StringComparison.Ordinal);
        Assert.Contains("metadata-invalid", ended.Errors, StringComparison.Ordinal);
        await NothingIsThereAsync(leader, sequence);
    }

    [Fact]
    public async Task A_metadata_file_that_is_not_there_stops_everything()
    {
        using var leader = await HarimaProgram.OfAsync(harima, "leader", Stop);
        var sequence = $"{RunningHarima.Proposal}/{NewId()}";
        await File.WriteAllTextAsync(Path.Combine(leader.Folder("."), "data"), "data", Stop);
        await leader.ExpectAsync(10, ["put", "data", sequence, "--measurement", "none.json"], Stop);
        await NothingIsThereAsync(leader, sequence);
    }

    [Fact]
    public async Task A_workspace_takes_no_metadata_and_is_told_so_before_anything_is_sent()
    {
        using var leader = await HarimaProgram.OfAsync(harima, "leader", Stop);
        var place = $"{RunningHarima.Workspace}/{NewId()}";
        await File.WriteAllTextAsync(Path.Combine(leader.Folder("."), "data"), "data", Stop);
        await File.WriteAllTextAsync(Path.Combine(leader.Folder("."), "m.json"), "{}", Stop);
        await leader.ExpectAsync(2, ["put", "data", place, "--measurement", "m.json"], Stop);
        await leader.ExpectAsync(2, ["put", "data", place, "--close"], Stop);
        await leader.ExpectAsync(5, ["get", place], Stop);
        await leader.ExpectAsync(0, ["put", "data", place], Stop);
    }

    [Fact]
    public async Task Good_metadata_is_stored_to_the_letter()
    {
        using var leader = await HarimaProgram.OfAsync(harima, "leader", Stop);
        var id = NewId();
        const string text = "{\r\n\t\"試料\": 1.50 }\n";
        await File.WriteAllTextAsync(Path.Combine(leader.Folder("."), "data"), "data", Stop);
        await File.WriteAllBytesAsync(Path.Combine(leader.Folder("."), "m.json"), Encoding.UTF8.GetBytes(text), Stop);
        await leader.ExpectAsync(0, ["put", "data", $"{RunningHarima.Proposal}/{id}", "--sample", "m.json"], Stop);
        var stored = await harima
            .Get<Harima.Metadata.MetadataQueries>()
            .OfAsync(RunningHarima.PrincipalOf("leader"), RunningHarima.Proposal, id, Stop);
        Assert.Equal((Harima.Metadata.MetadataKind.Sample, text), (stored.Single().Kind, stored.Single().Json));
    }
}
