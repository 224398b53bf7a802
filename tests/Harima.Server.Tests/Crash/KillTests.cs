using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Harima.Hosting;
using Harima.S3.Client;
using Harima.S3.Errors;
using Harima.S3.Signing;

namespace Harima.Crash;

/// <summary>
/// Kills the server with SIGKILL at random moments under write load. Afterwards every key must hold what was last answered for
/// it, or what was in flight when the server died, whole by checksum; and every file in the tree must be what the catalogue says.
/// </summary>
public sealed class KillTests : IDisposable
{
    const int Writers = 6;
    readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };
    readonly string _folder = Directory.CreateTempSubdirectory("harima-crash-").FullName;

    static int Rounds =>
        int.Parse(Environment.GetEnvironmentVariable("HARIMA_CRASH_ROUNDS") ?? "100", CultureInfo.InvariantCulture);

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Whatever_was_answered_survives_kill_9_and_nothing_is_ever_half()
    {
        var token = TestContext.Current.CancellationToken;
        var credentials = await PrepareAsync("sqlite", token);
        using var server = new KilledServer(_folder, "sqlite", _http);
        var random = new Random(20261123);
        var keys = new ConcurrentDictionary<string, KeyHistory>();
        long answered = 0;
        for (var round = 0; round < Rounds; round++)
        {
            await server.StartAsync(token);
            var client = new S3Client(_http, server.S3, "us-east-1", credentials, TimeProvider.System);
            var touched = keys.Values.Where(history => history.Touched).ToList();
            await Parallel.ForEachAsync(
                touched,
                token,
                async (history, _) => await SettleAsync(client, history, token)
            );

            using var dying = CancellationTokenSource.CreateLinkedTokenSource(token);
            var seeds = Enumerable.Range(0, Writers).Select(_ => random.Next()).ToList();
            var writers = seeds
                .Select((seed, n) => Task.Run(() => WriteAsync(client, keys, n, new Random(seed), dying.Token), token))
                .ToList();
            await Task.Delay(random.Next(50, 700), token);
            server.Kill();
            await dying.CancelAsync();
            answered += (await Task.WhenAll(writers)).Sum();
        }
        await server.StartAsync(token);
        var last = new S3Client(_http, server.S3, "us-east-1", credentials, TimeProvider.System);
        await Parallel.ForEachAsync(keys.Values, token, async (history, _) => await SettleAsync(last, history, token));
        var listed = new List<string>();
        await foreach (var entry in last.ListObjectsAsync(RunningHarima.Bucket, "", token))
            listed.Add(entry.Key);
        Assert.Equal(
            keys.Values.Where(history => history.Now is not null).Select(history => history.Key).Order(),
            listed.Order()
        );
        foreach (var history in keys.Values)
            Assert.Equal(history.Now, HashOfFile(history.Key));
        Assert.True(answered > Rounds, $"only {answered} operations were answered");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Rounds} kills, {answered} answered operations, {keys.Count} keys, none lost"
        );
    }

    /// <summary>One writer with keys of its own, one operation after the other: so what may be there is known exactly.</summary>
    static async Task<long> WriteAsync(
        S3Client client,
        ConcurrentDictionary<string, KeyHistory> keys,
        int writer,
        Random random,
        CancellationToken cancellationToken
    )
    {
        long answered = 0;
        while (true)
        {
            var key = FormattableString.Invariant($"W{writer}/d{random.Next(3)}/f{random.Next(12)}");
            var history = keys.GetOrAdd(key, _ => new KeyHistory(key));
            try
            {
                await OneAsync(client, history, random, cancellationToken);
                answered++;
            }
            catch (Exception fault) when (fault is HttpRequestException or IOException or OperationCanceledException)
            {
                // The server died under it: the outcome is open until the next start.
                return answered;
            }
        }
    }

    static async Task OneAsync(S3Client client, KeyHistory history, Random random, CancellationToken cancellationToken)
    {
        history.Touched = true;
        var choice = random.Next(30);
        if (choice < 3)
        {
            history.Attempt(null);
            await client.DeleteObjectAsync(RunningHarima.Bucket, history.Key, cancellationToken);
        }
        else if (choice == 3)
        {
            byte[][] parts = [Bytes(random, 5 << 20), Bytes(random, random.Next(1, 100_000))];
            history.Attempt(Hash([.. parts.SelectMany(part => part)]));
            await MultipartAsync(client, history.Key, parts, cancellationToken);
        }
        else
        {
            var bytes = Bytes(random, choice < 26 ? random.Next(0, 20_000) : random.Next(200_000, 3_000_000));
            history.Attempt(Hash(bytes));
            await client.PutObjectAsync(
                RunningHarima.Bucket,
                history.Key,
                new MemoryStream(bytes),
                bytes.Length,
                null,
                cancellationToken
            );
        }
        history.Answered();
    }

    static async Task MultipartAsync(S3Client client, string key, byte[][] parts, CancellationToken cancellationToken)
    {
        var id = await client.CreateMultipartUploadAsync(RunningHarima.Bucket, key, null, cancellationToken);
        var uploaded = new List<UploadedPart>();
        for (var n = 0; n < parts.Length; n++)
            uploaded.Add(
                await client.UploadPartAsync(
                    RunningHarima.Bucket,
                    key,
                    id,
                    n + 1,
                    new MemoryStream(parts[n]),
                    parts[n].Length,
                    cancellationToken
                )
            );
        await client.CompleteMultipartUploadAsync(RunningHarima.Bucket, key, id, uploaded, cancellationToken);
    }

    /// <summary>Reads the key and checks that it is one of the states it may be in; that one is then the state it is in.</summary>
    static async Task SettleAsync(S3Client client, KeyHistory history, CancellationToken cancellationToken)
    {
        string? found = null;
        try
        {
            using var body = await client.GetObjectAsync(
                RunningHarima.Bucket,
                history.Key,
                null,
                null,
                cancellationToken
            );
            using var copy = new MemoryStream();
            await body.Content.CopyToAsync(copy, cancellationToken);
            found = Hash(copy.ToArray());
        }
        catch (S3Exception fault) when (fault.Error.Code == "NoSuchKey")
        {
            // Deleted, or never stored.
        }
        history.Settle(found);
    }

    async Task<Credentials> PrepareAsync(string database, CancellationToken cancellationToken)
    {
        await using var app = HarimaHost.Build([
            "--port",
            "0",
            "--s3-port",
            "0",
            "--data",
            _folder,
            "--database",
            database,
            "--Logging:LogLevel:Default",
            "Warning",
        ]);
        await app.StartHarimaAsync(cancellationToken);
        var keys = await RunningHarima.FillAsync(app.Services, cancellationToken);
        await app.StopAsync(cancellationToken);
        return keys["leader"];
    }

    string? HashOfFile(string key)
    {
        var path = Path.Combine(_folder, "files", RunningHarima.Proposal, key);
        return File.Exists(path) ? Hash(File.ReadAllBytes(path)) : null;
    }

    static byte[] Bytes(Random random, int sizeBytes)
    {
        var bytes = new byte[sizeBytes];
        random.NextBytes(bytes);
        return bytes;
    }

    static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}

/// <summary>What one key may hold: the last answered state, and the one that was being written.</summary>
sealed class KeyHistory(string key)
{
    string? _attempted;
    bool _open;

    public string Key { get; } = key;

    /// <summary>SHA-256 of what is there, or null for nothing.</summary>
    public string? Now { get; private set; }

    public bool Touched { get; set; }

    public void Attempt(string? state)
    {
        _attempted = state;
        _open = true;
    }

    public void Answered()
    {
        Now = _attempted;
        _open = false;
    }

    public void Settle(string? found)
    {
        if (found != Now && !(_open && found == _attempted))
            Assert.Fail(
                $"{Key} holds {found ?? "nothing"}; answered was {Now ?? "nothing"}, in flight {(_open ? _attempted : "nothing")}"
            );
        Now = found;
        _open = false;
        Touched = false;
    }
}
