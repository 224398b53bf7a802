using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Harima.Gateway;

public sealed class RealDataOnSqlite(SqliteHarima harima) : RealDataTests(harima);

public sealed class RealDataOnPostgres(PostgresHarima harima) : RealDataTests(harima);

/// <summary>Real measurements, as they lie in a folder, to the server and back.</summary>
public abstract class RealDataTests(RunningHarima harima) : GatewayTests(harima)
{
    [Fact]
    public async Task A_folder_of_measurements_comes_back_byte_for_byte()
    {
        var root = FindFolder();
        Assert.SkipWhen(root is null, "The real measurements are not here (set HARIMA_TEST_DATA).");
        string[] files = Directory.GetFiles(root!, "*", SearchOption.AllDirectories);
        var sequence = NewSequence();
        var sums = new ConcurrentDictionary<string, byte[]>();
        await Parallel.ForEachAsync(
            files,
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Token },
            async (path, token) =>
            {
                var key = $"{sequence}/{Path.GetRelativePath(root!, path)}";
                await using var file = File.OpenRead(path);
                await Leader.PutObjectAsync(Bucket, key, file, file.Length, null, token);
                file.Position = 0;
                sums[key] = await SHA256.HashDataAsync(file, token);
            }
        );

        var member = Harima.ClientOf("member");
        var listed = 0;
        await foreach (var entry in member.ListObjectsAsync(Bucket, sequence + "/", Token))
        {
            using var body = await member.GetObjectAsync(Bucket, entry.Key, null, entry.ETag, Token);
            Assert.Equal(sums[entry.Key], await SHA256.HashDataAsync(body.Content, Token));
            listed++;
        }
        Assert.Equal(files.Length, listed);
    }

    static string? FindFolder()
    {
        if (Environment.GetEnvironmentVariable("HARIMA_TEST_DATA") is { Length: > 0 } named)
            return Directory.Exists(named) ? named : null;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Harima.slnx")))
                continue;
            var beside = Path.Combine(folder.Parent!.FullName, "shared", "data");
            return Directory.Exists(beside) ? beside : null;
        }
        return null;
    }
}
