using System.Security.Cryptography;
using Harima.S3.Errors;
using Harima.Sequences;

namespace Harima.Cli;

/// <summary>A script tells from the exit code what kind of failure it was.</summary>
public sealed class TransferFailureTests(SqliteHarima harima)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static string NewId() => "F" + Guid.NewGuid().ToString("N")[..10];

    Task PutAsync(string key, byte[] bytes) =>
        harima
            .Get<AddFile>()
            .HandleAsync(
                new AddFileRequest(RunningHarima.Bucket, key),
                new MemoryStream(bytes),
                RunningHarima.PrincipalOf("leader"),
                Stop
            );

    [Fact]
    public async Task A_closed_sequence_has_an_exit_code_of_its_own_and_what_is_in_it_already_is_fine()
    {
        using var leader = await HarimaProgram.OfAsync(harima, "leader", Stop);
        var (id, folder) = (NewId(), leader.Folder("data"));
        var sequence = $"{RunningHarima.Proposal}/{id}";
        await File.WriteAllTextAsync(Path.Combine(folder, "a"), "a", Stop);
        await File.WriteAllTextAsync(Path.Combine(folder, "b"), "b", Stop);
        await leader.ExpectAsync(0, ["put", "data", sequence, "--close"], Stop);
        await leader.ExpectAsync(0, ["put", "data", sequence, "--close"], Stop);
        await File.WriteAllTextAsync(Path.Combine(folder, "b"), "B", Stop);
        await File.WriteAllTextAsync(Path.Combine(folder, "c"), "c", Stop);
        var ended = await leader.ExpectAsync(11, ["put", "data", sequence, "--json"], Stop);
        Assert.Equal(
            [("a", 0), ("b", 11), ("c", 11)],
            ended
                .Json.GetProperty("files")
                .EnumerateArray()
                .Select(file => (file.GetProperty("path").GetString()!, file.GetProperty("exitCode").GetInt32()))
        );
        Assert.Contains("closed", ended.Errors, StringComparison.Ordinal);
        await leader.ExpectAsync(11, ["sequence", "delete", sequence], Stop);
        var stored = await harima.ClientOf("leader").FindObjectAsync(RunningHarima.Bucket, id + "/c", Stop);
        Assert.Null(stored);
    }

    [Fact]
    public async Task Bytes_that_were_spoilt_on_the_way_have_an_exit_code_of_their_own_and_are_fetched_anew()
    {
        using var leader = await HarimaProgram.OfAsync(harima, "leader", Stop);
        var id = NewId();
        var bytes = RandomNumberGenerator.GetBytes(50_000);
        await PutAsync(id + "/spoilt", bytes);
        await PutAsync(id + "/good", bytes);
        var target = leader.Folder("target");
        var file = await harima
            .Get<FileQueries>()
            .GetAsync(RunningHarima.PrincipalOf("leader"), RunningHarima.Bucket, id + "/spoilt", Stop);
        // What an earlier run left: all ranges marked as whole, and one byte that the disk got wrong.
        byte[] wrong = [.. bytes];
        wrong[12_345] ^= 1;
        await File.WriteAllBytesAsync(Path.Combine(target, "spoilt.part"), wrong, Stop);
        await File.WriteAllTextAsync(
            Path.Combine(target, "spoilt.part.done"),
            $"{file.ETag} {bytes.Length} {32 << 20}\n0\n",
            Stop
        );
        string[] get = ["get", $"{RunningHarima.Proposal}/{id}", target];
        var ended = await leader.ExpectAsync(12, get, Stop);
        Assert.Contains("spoilt: The bytes that arrived have another checksum", ended.Errors, StringComparison.Ordinal);
        Assert.Equal(["good"], Directory.EnumerateFileSystemEntries(target).Select(Path.GetFileName));
        await leader.ExpectAsync(0, get, Stop);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Path.Combine(target, "spoilt"), Stop));
    }

    [Fact]
    public void What_the_server_found_spoilt_is_the_same_kind()
    {
        Assert.Equal(12, FaultToExitCode.Of(new S3Exception(S3Errors.BadDigest)));
        Assert.Equal(12, FaultToExitCode.Of(new S3Exception(S3Errors.XAmzContentSHA256Mismatch)));
        Assert.Equal(4, FaultToExitCode.Of(new S3Exception(S3Errors.AccessDenied)));
    }

    [Fact]
    public void No_two_kinds_share_a_code() => Assert.Distinct(FaultToExitCode.Table.Select(row => row.Code));
}
