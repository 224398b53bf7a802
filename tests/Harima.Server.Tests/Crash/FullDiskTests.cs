using System.Diagnostics;
using System.Xml.Linq;
using Harima.Hosting;
using Harima.S3.Client;
using Harima.S3.Errors;
using Harima.S3.Signing;
using Harima.Storage;

namespace Harima.Crash;

/// <summary>
/// The real server on a file system of a few megabytes, filled over S3: every refusal is clear, nothing that was answered is lost,
/// and when room comes back the same process goes on.
/// </summary>
public sealed class FullDiskTests : IDisposable
{
    const int DiskMegabytes = 64;
    const int ObjectBytes = 3_000_000;
    const string Bucket = RunningHarima.Bucket;

    // Who waits to be asked for the body waits as long as it takes.
    readonly HttpClient _http = new(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(5) })
    {
        Timeout = TimeSpan.FromMinutes(5),
    };
    readonly string _folder = Directory.CreateTempSubdirectory("harima-full-").FullName;

    Credentials? _leader;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    string Data => Path.Combine(_folder, "data");

    string Disk => Path.Combine(_folder, "disk");

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Starts the server in a mount name space of its own, where <see cref="Disk"/> is a small file system.</summary>
    async Task<(KilledServer Server, S3Client Client)> StartAsync(bool catalogueOnDisk, params string[] settings)
    {
        Directory.CreateDirectory(Data);
        Directory.CreateDirectory(Disk);
        if (!await CanMountAsync())
        {
            Assert.SkipWhen(
                Environment.GetEnvironmentVariable("CI") != "true",
                "This machine lets nobody mount a tmpfs in a name space of their own"
            );
        }
        _leader = await PrepareAsync();
        var data = catalogueOnDisk ? Disk : Data;
        var server = new KilledServer(data, "sqlite", _http)
        {
            Under =
            [
                .. Unshare,
                "sh",
                "-c",
                $"mount -t tmpfs -o size={DiskMegabytes}m tmpfs '{Disk}' && {(catalogueOnDisk ? $"cp -a '{Data}/.' '{Disk}/' && " : "")}exec \"$@\"",
                "sh",
            ],
            Settings =
            [
                .. catalogueOnDisk ? Array.Empty<string>() : ["--Harima:Storage:Root", Disk],
                "--Harima:Storage:ReserveBytes",
                "4000000",
                .. settings,
            ],
        };
        await server.StartAsync(Token);
        return (server, new S3Client(_http, server.S3, "us-east-1", _leader, TimeProvider.System));
    }

    static string[] Unshare => ["unshare", "--user", "--map-root-user", "--mount"];

    static async Task<bool> CanMountAsync()
    {
        try
        {
            using var probe = Process.Start(
                new ProcessStartInfo(Unshare[0], [.. Unshare[1..], "mount", "-t", "tmpfs", "tmpfs", "/mnt"])
                {
                    RedirectStandardError = true,
                }
            )!;
            await probe.WaitForExitAsync(Token);
            return probe.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    async Task<Credentials> PrepareAsync()
    {
        await using var app = HarimaHost.Build([
            "--port",
            "0",
            "--s3-port",
            "0",
            "--data",
            Data,
            "--database",
            "sqlite",
            "--Logging:LogLevel:Default",
            "Warning",
        ]);
        await app.StartHarimaAsync(Token);
        var keys = await RunningHarima.FillAsync(app.Services, Token);
        await app.StopAsync(Token);
        return keys["leader"];
    }

    /// <summary>A Harima whose bytes lie in the small one.</summary>
    sealed class HarimaOver(BackingStore store) : RunningHarima
    {
        protected override IEnumerable<string> Settings =>
            [.. store.Settings, "--Harima:Storage:S3:KeepReleased", "00:00:00"];

        protected override Task<string> CreateDatabaseAsync() => Task.FromResult("sqlite");
    }

    [Fact]
    public async Task A_full_store_behind_Harima_is_told_loses_nothing_and_recovers()
    {
        var (small, _) = await StartAsync(catalogueOnDisk: false);
        using var stopping = small;
        await using var front = new HarimaOver(new BackingStore(small.S3, RunningHarima.Workspace, _leader!));
        await front.InitializeAsync();
        var client = front.ClientOf("leader");
        var stored = 0;
        // Larger than what is kept in memory, and smaller.
        for (var refused = false; !refused; )
        {
            try
            {
                await PutAsync(client, $"S0001/f{stored}", Bytes(stored));
                stored++;
                Assert.True(stored < DiskMegabytes, "the small file system never fills");
            }
            catch (S3Exception refusal)
            {
                IsFull(refusal);
                refused = true;
            }
        }
        for (var n = 0; n < stored; n++)
            Assert.Equal(Bytes(n), await GetAsync(client, $"S0001/f{n}"));

        // Removing works, and what was removed makes room.
        for (var n = 0; n < 3; n++)
            await client.DeleteObjectAsync(Bucket, $"S0001/f{n}", Token);
        await WhenThereIsRoomAsync(async () =>
        {
            await PutAsync(client, "S0001/again", Bytes(1000));
            return true;
        });
        Assert.Equal(Bytes(1000), await GetAsync(client, "S0001/again"));
    }

    [Fact]
    public async Task A_store_behind_Harima_that_cannot_be_reached_is_told_and_afterwards_everything_is_there()
    {
        _leader = await PrepareAsync();
        using var behind = new KilledServer(Data, "sqlite", _http);
        await behind.StartAsync(Token);
        await using var front = new HarimaOver(new BackingStore(behind.S3, RunningHarima.Workspace, _leader));
        await front.InitializeAsync();
        var client = front.ClientOf("leader");
        await PutAsync(client, "S0001/a", Bytes(1));

        behind.Kill();
        foreach (
            var act in (Func<Task>[])
                [
                    () => GetAsync(client, "S0001/a"),
                    () => PutAsync(client, "S0001/a", Bytes(2)),
                    () => PutAsync(client, "S0001/b", Bytes(3, 100)),
                ]
        )
        {
            var refusal = await Assert.ThrowsAsync<S3Exception>(act);
            Assert.Equal((503, "ServiceUnavailable"), (refusal.Status, refusal.Code));
        }
        // What needs no bytes goes on.
        Assert.NotNull(await client.FindObjectAsync(Bucket, "S0001/a", Token));

        await behind.StartAsync(Token);
        Assert.Equal(Bytes(1), await GetAsync(client, "S0001/a"));
        await PutAsync(client, "S0001/a", Bytes(2));
        Assert.Equal(Bytes(2), await GetAsync(client, "S0001/a"));
    }

    /// <summary>The small file system as the server sees it.</summary>
    string Inside(KilledServer server, string path) =>
        FormattableString.Invariant($"/proc/{server.ProcessId}/root{Disk}/{path}");

    static void IsFull(S3Exception refusal)
    {
        Assert.Equal("InsufficientStorage", refusal.Error.Code);
        Assert.Equal(507, refusal.Status);
        Assert.Contains("full", refusal.Message, StringComparison.Ordinal);
    }

    static byte[] Bytes(int seed, int size = ObjectBytes)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    static async Task PutAsync(S3Client client, string key, byte[] bytes) =>
        await client.PutObjectAsync(Bucket, key, new MemoryStream(bytes), bytes.Length, null, Token);

    static async Task<byte[]> GetAsync(S3Client client, string key)
    {
        using var body = await client.GetObjectAsync(Bucket, key, null, null, Token);
        using var copy = new MemoryStream();
        await body.Content.CopyToAsync(copy, Token);
        return copy.ToArray();
    }

    /// <summary>Stores objects until one is refused.</summary>
    static async Task<int> FillAsync(S3Client client, string folder)
    {
        for (var n = 0; n < 100; n++)
        {
            try
            {
                await PutAsync(client, FormattableString.Invariant($"{folder}/f{n}"), Bytes(n));
            }
            catch (S3Exception refusal)
            {
                IsFull(refusal);
                return n;
            }
        }
        throw new InvalidOperationException("the disk did not get full");
    }

    static async Task RequireAllAsync(S3Client client, string folder, int count, int from = 0)
    {
        for (var n = from; n < count; n++)
            Assert.Equal(Bytes(n), await GetAsync(client, FormattableString.Invariant($"{folder}/f{n}")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Filled_over_S3_it_refuses_clearly_keeps_everything_and_goes_on_after_a_delete(
        bool catalogueOnDisk
    )
    {
        var (server, client) = await StartAsync(catalogueOnDisk);
        using var _ = server;
        // Half an upload before, the other half after.
        var upload = await client.CreateMultipartUploadAsync(Bucket, "S2/parts", null, Token);
        var first = await PartAsync(client, upload, 1, 5 << 20);

        var stored = await FillAsync(client, "S1");

        Assert.True(stored > 5, $"{stored} objects fit");
        await RequireAllAsync(client, "S1", stored);
        // An overwrite that does not fit leaves the old object; nothing stays staged but the part.
        IsFull(await Assert.ThrowsAsync<S3Exception>(() => PutAsync(client, "S1/f0", Bytes(99))));
        await RequireAllAsync(client, "S1", 1);
        IsFull(await Assert.ThrowsAsync<S3Exception>(() => PartAsync(client, upload, 2, 5 << 20)));
        IsFull(await Assert.ThrowsAsync<S3Exception>(() => PartAsync(client, upload, 3, 6 << 20)));
        var files = catalogueOnDisk ? "files/" : "";
        Assert.Single(Directory.GetFiles(Inside(server, files + ".harima/staging")));
        Assert.Single(await PartsAsync(client, upload));

        await client.DeleteObjectAsync(Bucket, "S1/f0", Token);
        await client.DeleteObjectAsync(Bucket, "S1/f1", Token);
        await client.DeleteObjectAsync(Bucket, "S1/f2", Token);

        var second = await WhenThereIsRoomAsync(() => PartAsync(client, upload, 2, 1 << 20));
        await client.CompleteMultipartUploadAsync(Bucket, "S2/parts", upload, [first, second], Token);
        byte[] whole = [.. Bytes(1, 5 << 20), .. Bytes(2, 1 << 20)];
        Assert.Equal(whole, await GetAsync(client, "S2/parts"));
        await WhenThereIsRoomAsync(async () =>
        {
            await PutAsync(client, "S1/f0", Bytes(0));
            return true;
        });
        await RequireAllAsync(client, "S1", stored, 3);
        await RequireAllAsync(client, "S1", 1);

        // And nothing of it depends on what the process remembers.
        Assert.DoesNotContain("Unhandled", server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_somebody_else_fills_in_the_middle_of_an_upload_ends_that_upload_only()
    {
        // No reserve: the disk itself says no, in the middle of the body.
        var (server, client) = await StartAsync(catalogueOnDisk: false, "--Harima:Storage:ReserveBytes", "0");
        using var _ = server;
        await PutAsync(client, "S1/f0", Bytes(0));
        var upload = await client.CreateMultipartUploadAsync(Bucket, "S2/parts", null, Token);
        using var body = new HalfwayStream(
            Bytes(1, 5 << 20),
            () =>
            {
                Ballast(server);
                return Task.CompletedTask;
            }
        );

        var refusal = await Assert.ThrowsAnyAsync<Exception>(() =>
            client.UploadPartAsync(Bucket, "S2/parts", upload, 1, body, 5 << 20, Token)
        );

        // The refusal may come while the client is still sending, and then the connection ends first.
        if (refusal is S3Exception said)
            IsFull(said);
        else
            Assert.True(refusal is HttpRequestException or IOException, refusal.ToString());
        Assert.Empty(await PartsAsync(client, upload));
        await client.AbortMultipartUploadAsync(Bucket, "S2/parts", upload, Token);
        Ballast(server);
        IsFull(await Assert.ThrowsAsync<S3Exception>(() => PutAsync(client, "S1/f2", Bytes(2, 200_000))));
        Assert.Empty(Directory.GetFiles(Inside(server, ".harima/staging")));
        await RequireAllAsync(client, "S1", 1);
        await client.DeleteObjectAsync(Bucket, "S1/f0", Token);

        File.Delete(Inside(server, "ballast"));
        await WhenThereIsRoomAsync(async () =>
        {
            await PutAsync(client, "S1/f1", Bytes(1));
            return true;
        });
        Assert.Equal(Bytes(1), await GetAsync(client, "S1/f1"));
    }

    [Fact]
    public async Task The_room_of_an_announced_object_is_taken_before_its_first_byte()
    {
        var (server, client) = await StartAsync(catalogueOnDisk: false, "--Harima:Storage:ReserveBytes", "0");
        using var _ = server;
        using var body = new HalfwayStream(
            Bytes(7),
            () =>
            {
                Ballast(server);
                return Task.CompletedTask;
            }
        );

        await client.PutObjectAsync(Bucket, "S1/f7", body, ObjectBytes, null, Token);

        Assert.Equal(Bytes(7), await GetAsync(client, "S1/f7"));
    }

    [Fact]
    public async Task When_the_catalogues_disk_is_full_nothing_changes_and_it_goes_on_by_itself()
    {
        var root = Path.Combine(_folder, "root");
        var (server, client) = await StartAsync(catalogueOnDisk: true, "--Harima:Storage:Root", root);
        using var _ = server;
        await PutAsync(client, "S1/f0", Bytes(0));
        Ballast(server);

        // The log has some room of its own at first; then every change is refused.
        var answered = 1;
        S3Exception? refusal = null;
        while (refusal is null && answered < 5000)
        {
            try
            {
                await PutAsync(client, FormattableString.Invariant($"S1/f{answered}"), Bytes(answered, 100));
                answered++;
            }
            catch (S3Exception refused)
            {
                refusal = refused;
            }
        }
        IsFull(refusal!);
        IsFull(await Assert.ThrowsAsync<S3Exception>(() => client.DeleteObjectAsync(Bucket, "S1/f0", Token)));
        IsFull(await Assert.ThrowsAsync<S3Exception>(() => PutAsync(client, "S1/f0", Bytes(1, 50))));
        IsFull(
            await Assert.ThrowsAsync<S3Exception>(() =>
                client.CreateMultipartUploadAsync(Bucket, "S1/parts", null, Token)
            )
        );
        Assert.Equal(Bytes(0), await GetAsync(client, "S1/f0"));
        var keys = 0;
        await foreach (var entry in client.ListObjectsAsync(Bucket, "S1/", Token))
            keys++;
        Assert.Equal(answered, keys);
        Assert.Empty(Directory.GetFiles(Path.Combine(root, ".harima", "staging")));

        File.Delete(Inside(server, "ballast"));
        await WhenThereIsRoomAsync(async () =>
        {
            await PutAsync(client, "S1/f0", Bytes(5));
            return true;
        });
        Assert.Equal(Bytes(5), await GetAsync(client, "S1/f0"));
        for (var n = 1; n < answered; n++)
            Assert.Equal(Bytes(n, 100), await GetAsync(client, FormattableString.Invariant($"S1/f{n}")));
    }

    [Fact]
    public async Task An_object_larger_than_the_disk_is_refused_before_its_body_is_sent()
    {
        var (server, client) = await StartAsync(catalogueOnDisk: false);
        using var _ = server;
        using var sent = new HalfwayStream(new byte[DiskMegabytes << 20], () => Task.CompletedTask);
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(server.S3, $"/{Bucket}/S1/huge"));
        request.Content = new StreamContent(sent);
        request.Content.Headers.ContentLength = DiskMegabytes << 20;
        request.Headers.ExpectContinue = true;
        new RequestSigner(_leader!, "us-east-1", TimeProvider.System).Sign(request, PayloadHash.UnsignedPayload);

        using var answer = await _http.SendAsync(request, Token);

        Assert.Equal(507, (int)answer.StatusCode);
        var error = XDocument.Parse(await answer.Content.ReadAsStringAsync(Token)).Root!;
        Assert.Equal("InsufficientStorage", error.Element("Code")!.Value);
        Assert.Equal(0, sent.ReadBytes);
    }

    void Ballast(KilledServer server)
    {
        using var ballast = new FileStream(Inside(server, "ballast"), FileMode.Append, FileAccess.Write);
        var block = new byte[1 << 12];
        try
        {
            while (true)
            {
                ballast.Write(block);
                ballast.Flush();
            }
        }
        catch (IOException)
        {
            // Full to the last page.
        }
    }

    static async Task<UploadedPart> PartAsync(S3Client client, string upload, int number, int size) =>
        await client.UploadPartAsync(
            Bucket,
            "S2/parts",
            upload,
            number,
            new MemoryStream(Bytes(number, size)),
            size,
            Token
        );

    static async Task<List<int>> PartsAsync(S3Client client, string upload)
    {
        var parts = new List<int>();
        await foreach (var part in client.ListPartsAsync(Bucket, "S2/parts", upload, Token))
            parts.Add(part.PartNumber);
        return parts;
    }

    /// <summary>Tries again while the storage is full: the server looks at the room a few times a second.</summary>
    static async Task<T> WhenThereIsRoomAsync<T>(Func<Task<T>> act)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await act();
            }
            catch (S3Exception refusal) when (refusal.Status == 507 && attempt < 10_000)
            {
                await Task.Delay(50, Token);
            }
        }
    }

    /// <summary>Does something when half of it has been read.</summary>
    sealed class HalfwayStream(byte[] bytes, Func<Task> atHalf) : MemoryStream(bytes)
    {
        bool _done;

        public long ReadBytes { get; private set; }

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        )
        {
            if (!_done && Position >= Length / 2)
            {
                _done = true;
                await atHalf();
            }
            var read = Read(buffer.Span);
            ReadBytes += read;
            return read;
        }

        public override Task<int> ReadAsync(
            byte[] buffer,
            int offset,
            int count,
            CancellationToken cancellationToken
        ) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }
}
