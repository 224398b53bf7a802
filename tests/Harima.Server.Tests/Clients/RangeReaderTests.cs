using System.Text.Json;
using Harima.S3.Signing;
using Harima.Sequences;

namespace Harima.Clients;

public sealed class RangeReadersOnSqlite(SqliteHarima harima) : RangeReaderTests(harima);

public sealed class RangeReadersOnPostgres(PostgresHarima harima) : RangeReaderTests(harima);

/// <summary>Readers of large files that fetch only the bytes they need, by URL: HDF5's own S3 driver, and a reader of Parquet.</summary>
public abstract class RangeReaderTests(RunningHarima harima) : ClientTests(harima)
{
    async Task<Uri> UploadAsync(string name)
    {
        var key = $"{Sequence}/{name}";
        await using var file = File.OpenRead(PathOf(name));
        await Leader.PutObjectAsync(Bucket, key, file, file.Length, null, Token);
        return new Uri(Harima.S3, $"/{Bucket}/{key}");
    }

    Task PublishAsync() =>
        Harima
            .Get<ShareSequence>()
            .SetVisibilityAsync(
                RunningHarima.Proposal,
                Sequence,
                Visibility.Everyone,
                RunningHarima.PrincipalOf("leader"),
                Token
            );

    [Fact]
    public async Task Hdf5_reads_one_frame_of_a_file_it_does_not_download()
    {
        Task<JsonElement> RunAsync(Credentials? key, params string[] arguments) =>
            ScriptedClient.Hdf5.RunAsync(Harima.S3, key, Token, arguments);
        var frames = await RunAsync(null, "make", PathOf("scan.h5"));
        var url = (await UploadAsync("scan.h5")).ToString();

        Assert.Equal(frames[7].GetString(), (await RunAsync(Harima.KeyOf("member"), "frame", url, "7")).GetString());
        await PublishAsync();
        Assert.Equal(frames[3].GetString(), (await RunAsync(null, "frame", url, "3")).GetString());
    }

    [Fact]
    public async Task Columns_of_a_shared_Parquet_file_are_read_by_its_plain_URL_and_the_rest_is_not_fetched()
    {
        Task<JsonElement> RunAsync(params string[] arguments) =>
            ScriptedClient.Parquet.RunAsync(Harima.S3, null, Token, arguments);
        await RunAsync("make", PathOf("counts.parquet"), "100000");
        var url = (await UploadAsync("counts.parquet")).ToString();
        await PublishAsync();

        var read = await RunAsync("sum", url, "40000", "42500");

        Assert.Equal(2500, read.GetProperty("rows").GetInt32());
        Assert.Equal(Enumerable.Range(40_000, 2500).Sum(row => 3L * row), read.GetProperty("sum").GetInt64());
        Assert.Equal(new FileInfo(PathOf("counts.parquet")).Length, read.GetProperty("size").GetInt64());
        var bytes = read.GetProperty("bytes").GetInt64();
        Assert.True(bytes < read.GetProperty("size").GetInt64() / 2, $"{bytes} bytes were fetched");
    }
}
