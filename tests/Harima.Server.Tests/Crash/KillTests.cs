using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using Dapper;
using Harima.Hosting;
using Harima.Identity;
using Harima.S3.Client;
using Harima.S3.Signing;
using Harima.Sequences;
using Harima.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Harima.Crash;

/// <summary>
/// Kills the server with SIGKILL at random moments under write load (puts, overwrites, copies, removals of one and of many, multipart
/// uploads with parts in any order, completed and aborted), and while it recovers. Afterwards every key must hold what was last answered for
/// it, or what was in flight when the server died, whole by checksum; and every file in the tree must be what the catalogue says.
/// </summary>
public sealed class KillTests : IAsyncDisposable
{
    const int Writers = 6;
    readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(5) };
    readonly string _folder = Directory.CreateTempSubdirectory("harima-crash-").FullName;

    // Besides being killed, the machine forgets what was never synced: small files the catalogue still holds the bytes of.
    bool _losesPower;
    bool _versioned;

    // The other store, where files do not lie in the tree. It is not killed.
    SqliteHarima? _own;
    BackingStore? _store;

    static int Rounds { get; } =
        int.Parse(Environment.GetEnvironmentVariable("HARIMA_CRASH_ROUNDS") ?? "20", CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
        if (_own is not null)
            await _own.DisposeAsync();
    }

    [Fact]
    public Task Whatever_was_answered_survives_kill_9_and_nothing_is_ever_half() => KillAsync(Rounds);

    [Fact]
    public Task Whatever_was_answered_survives_a_loss_of_power()
    {
        _losesPower = true;
        return KillAsync(Math.Max(1, Rounds / 2));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task In_a_bucket_with_versions_every_version_survives(bool losesPower)
    {
        (_versioned, _losesPower) = (true, losesPower);
        return KillAsync(Math.Max(1, Rounds / 2));
    }

    [Fact]
    public async Task Over_another_Harima_whatever_was_answered_survives_kill_9_too()
    {
        _own = new SqliteHarima();
        await _own.InitializeAsync();
        _store = new BackingStore(_own.S3, RunningHarima.Workspace, _own.KeyOf("leader"));
        await KillAsync(Math.Max(1, Rounds / 3));
    }

    [Fact]
    public async Task Over_Ceph_whatever_was_answered_survives_kill_9_too()
    {
        var missing = HarimaOnRadosgw.WhyMissing;
        Assert.SkipWhen(missing is not null, missing ?? "");
        _store = await HarimaOnRadosgw.CreateBucketAsync(_http);
        await KillAsync(Math.Max(1, Rounds / 4));
    }

    async Task KillAsync(int rounds)
    {
        var token = TestContext.Current.CancellationToken;
        var credentials = await PrepareAsync("sqlite", token);
        using var server = new KilledServer(_folder, "sqlite", _http) { Settings = [.. StoreSettings] };
        var random = new Random(20261123);
        var writers = Enumerable
            .Range(0, Writers)
            .Select(n => new CrashWriter(n, random.Next(), server.S3, _http, credentials))
            .ToList();
        for (var round = 0; round < rounds; round++)
        {
            // Also while it puts right what the kill before has left.
            for (var dying = random.Next(3); dying > 0; dying--)
            {
                server.Launch();
                await Task.Delay(random.Next(100, 900), token);
                server.Kill();
                await LosePowerAsync(random, token);
            }
            await server.StartAsync(token);
            var client = new S3Client(_http, server.S3, "us-east-1", credentials, TimeProvider.System);
            await Task.WhenAll(writers.Select(writer => writer.SettleAsync(client, token)));

            using var killed = CancellationTokenSource.CreateLinkedTokenSource(token);
            var load = writers.Select(writer => writer.WriteAsync(client, killed.Token)).ToList();
            // However slow the machine is, something has been answered; then at any moment.
            var enough = writers.Sum(writer => writer.Answered) + random.Next(20, 60);
            await server.UntilAsync(
                _ =>
                    Task.FromResult(
                        writers.Sum(writer => writer.Answered) >= enough || load.Any(writing => writing.IsCompleted)
                    ),
                token
            );
            await Task.Delay(random.Next(500), token);
            server.Kill();
            await killed.CancelAsync();
            await LosePowerAsync(random, token);
            await Task.WhenAll(load);
        }
        await server.StartAsync(token);
        var last = new S3Client(_http, server.S3, "us-east-1", credentials, TimeProvider.System);
        await Task.WhenAll(writers.Select(writer => writer.SettleAsync(last, token)));
        var keys = writers.SelectMany(writer => writer.Keys).ToList();
        await RequireOnlyAsync(last, keys, token);
        server.Kill();
        await RequireNothingLeftOverAsync(server, token);
        if (_store is null)
        {
            foreach (var history in keys)
                Assert.Equal(history.Now, HashOfFile(history.Key));
        }
        await RequireRowsAndFilesAgreeAsync(token);
        var finished = writers.Sum(writer => writer.FinishedAfterKill);
        Assert.True(rounds < 20 || finished > 0, "no upload was killed and then finished");
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{rounds} kills, {_lost} files lost from the tree, {writers.Sum(writer => writer.Answered)} answered operations, {keys.Count} keys, {finished} uploads finished after a kill, none lost: "
                + string.Join(
                    ", ",
                    writers
                        .SelectMany(writer => writer.Done)
                        .GroupBy(one => one.Key)
                        .Select(group => $"{group.Key} {group.Sum(one => one.Value)}")
                )
        );
    }

    static async Task RequireOnlyAsync(S3Client client, List<KeyHistory> keys, CancellationToken cancellationToken)
    {
        var listed = new List<string>();
        await foreach (var entry in client.ListObjectsAsync(RunningHarima.Bucket, "", cancellationToken))
            listed.Add(entry.Key);
        Assert.Equal(
            keys.Where(history => history.Now is not null).Select(history => history.Key).Order(),
            listed.Order()
        );
    }

    /// <summary>A last start that takes every upload for abandoned and every orphan for old: then no byte may stay staged.</summary>
    async Task RequireNothingLeftOverAsync(KilledServer server, CancellationToken cancellationToken)
    {
        server.Settings =
        [
            "--Harima:Storage:OrphanAge",
            "00:00:00",
            "--Harima:Storage:UploadLifetime",
            "00:00:00",
            .. StoreSettings,
        ];
        await server.StartAsync(cancellationToken);
        if (_store is not null)
        {
            await RequireOnlyObjectsOfRowsAsync(server, cancellationToken);
            server.Kill();
            return;
        }
        var staging = Path.Combine(_folder, "files", ".harima", "staging");
        await server.UntilAsync(
            async _ => Directory.GetFiles(staging).Length == 0 && await CountAsync("unplaced") == 0,
            cancellationToken
        );
        Assert.Empty(Directory.GetFiles(staging));
        Assert.Equal(0, await CountAsync("unplaced"));
        Assert.Equal(0, await CountAsync("upload"));
        Assert.Equal(0, await CountAsync("upload_part"));
        server.Kill();
    }

    long _lost;

    /// <summary>A name that was not written, or no length, or no bytes, for a part of what may be lost.</summary>
    async Task LosePowerAsync(Random random, CancellationToken cancellationToken)
    {
        if (!_losesPower)
            return;
        HashSet<long> moments;
        await using (var connection = await OpenCatalogueAsync(cancellationToken))
        {
            moments =
            [
                .. await connection.QueryAsync<long>(
                    """
                    SELECT f.modified_at FROM data_file f JOIN unplaced u ON u.blob = f.blob WHERE u.body IS NOT NULL
                    UNION SELECT f.modified_at FROM file_version f JOIN unplaced u ON u.blob = f.blob WHERE u.body IS NOT NULL
                    """
                ),
            ];
        }
        var files = new DirectoryInfo(Path.Combine(_folder, "files"))
            .EnumerateFiles("*", SearchOption.AllDirectories)
            .Where(file =>
                moments.Contains((file.LastWriteTimeUtc - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond)
            );
        foreach (var file in files.ToList())
        {
            var at = file.LastWriteTimeUtc;
            switch (random.Next(4))
            {
                case 0:
                    file.Delete();
                    break;
                case 1:
                    await File.WriteAllBytesAsync(file.FullName, [], cancellationToken);
                    File.SetLastWriteTimeUtc(file.FullName, at);
                    break;
                case 2:
                    await File.WriteAllBytesAsync(file.FullName, new byte[file.Length], cancellationToken);
                    File.SetLastWriteTimeUtc(file.FullName, at);
                    break;
                default:
                    continue;
            }
            _lost++;
        }
    }

    async Task RequireRowsAndFilesAgreeAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenCatalogueAsync(cancellationToken);
        var rows = (
            await connection.QueryAsync<(string Key, long Size)>("SELECT key, size_bytes FROM data_file")
        ).ToDictionary(row => row.Key, row => row.Size);
        if (_store is null)
        {
            var root = Path.Combine(_folder, "files", RunningHarima.Proposal);
            var files = new DirectoryInfo(root)
                .EnumerateFiles("*", SearchOption.AllDirectories)
                .ToDictionary(file => Path.GetRelativePath(root, file.FullName), file => file.Length);
            Assert.Equal(
                rows.OrderBy(row => row.Key, StringComparer.Ordinal),
                files.OrderBy(file => file.Key, StringComparer.Ordinal)
            );
            await RequireVersionsAsync(connection);
            Assert.Empty(
                Directory.EnumerateFiles(
                    Path.Combine(_folder, "files", ".harima", "odd"),
                    "*",
                    SearchOption.AllDirectories
                )
            );
        }
        Assert.Empty(
            await connection.QueryAsync<string>(
                """
                SELECT s.id FROM sequence s LEFT JOIN data_file f ON f.sequence_row = s.row
                GROUP BY s.row HAVING s.file_count <> COUNT(f.id) OR s.size_bytes <> COALESCE(SUM(f.size_bytes), 0)
                """
            )
        );
    }

    /// <summary>Every older version lies in the hidden place, whole, and nothing else does.</summary>
    async Task RequireVersionsAsync(SqliteConnection connection)
    {
        var rows = (
            await connection.QueryAsync<(string Blob, string Crc64)>(
                "SELECT blob, crc64_nvme FROM file_version WHERE NOT is_marker"
            )
        ).ToDictionary(row => row.Blob, row => row.Crc64);
        var files = new DirectoryInfo(Path.Combine(_folder, "files", ".harima", "versions"))
            .EnumerateFiles("*", SearchOption.AllDirectories)
            .ToDictionary(file => file.Name, file => Crc64(File.ReadAllBytes(file.FullName)));
        Assert.Equal(
            rows.OrderBy(row => row.Key, StringComparer.Ordinal),
            files.OrderBy(file => file.Key, StringComparer.Ordinal)
        );
        Assert.Equal(_versioned, rows.Count > 0);
    }

    static string Crc64(byte[] bytes)
    {
        var crc = new Crc64(Crc64ParameterSet.Nvme);
        crc.Append(bytes);
        Span<byte> raw = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(raw, crc.GetCurrentHashAsUInt64());
        return Convert.ToBase64String(raw);
    }

    IEnumerable<string> StoreSettings =>
        _store?.Settings.Concat(["--Harima:Storage:S3:KeepReleased", "00:00:00"]) ?? [];

    /// <summary>The other store holds each row's object once it is quiet, and nothing else: no orphan, no unfinished upload.</summary>
    async Task RequireOnlyObjectsOfRowsAsync(KilledServer server, CancellationToken cancellationToken)
    {
        await server.UntilAsync(
            async _ => await CountAsync("loose_object") + await CountAsync("upload") == 0,
            cancellationToken
        );
        Assert.Equal(0, await CountAsync("loose_object"));
        Assert.Equal(0, await CountAsync("upload"));
        Assert.Equal(0, await CountAsync("upload_part"));
        await using var connection = await OpenCatalogueAsync(cancellationToken);
        var rows = await connection.QueryAsync<(string Blob, long Size)>("SELECT blob, size_bytes FROM data_file");
        var client = _store!.Client(_http);
        var objects = new List<(string Blob, long Size)>();
        await foreach (
            var entry in client.ListObjectsAsync(
                _store.Bucket,
                $"facility/{RunningHarima.Proposal}/",
                cancellationToken
            )
        )
            objects.Add((entry.Key[(entry.Key.LastIndexOf('/') + 1)..], entry.SizeBytes));
        Assert.Equal(rows.Order(), objects.Order());
        await foreach (var upload in client.ListMultipartUploadsAsync(_store.Bucket, "facility/", cancellationToken))
            Assert.Fail($"{upload.Key} is still an unfinished upload in the store");
    }

    async Task<long> CountAsync(string table)
    {
        await using var connection = await OpenCatalogueAsync(CancellationToken.None);
        return await connection.ExecuteScalarAsync<long>($"SELECT COUNT(*) FROM {table}");
    }

    async Task<SqliteConnection> OpenCatalogueAsync(CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "catalogue.db")};Pooling=False");
        await connection.OpenAsync(cancellationToken);
        return connection;
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
            .. StoreSettings,
        ]);
        await app.StartHarimaAsync(cancellationToken);
        var keys = await RunningHarima.FillAsync(app.Services, cancellationToken);
        if (_versioned)
            await app
                .Services.GetRequiredService<KeepVersions>()
                .HandleAsync(
                    RunningHarima.Bucket,
                    Versioning.Enabled,
                    new Principal("leader", "test"),
                    cancellationToken
                );
        await app.StopAsync(cancellationToken);
        return keys["leader"];
    }

    string? HashOfFile(string key)
    {
        var path = Path.Combine(_folder, "files", RunningHarima.Proposal, key);
        return File.Exists(path) ? Hash(File.ReadAllBytes(path)) : null;
    }

    static string Hash(byte[] bytes) => CrashWriter.Hash(bytes);
}
