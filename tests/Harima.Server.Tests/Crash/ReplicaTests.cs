using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Harima.Access;
using Harima.Identity;
using Harima.S3.Client;
using Harima.S3.Errors;
using Harima.S3.Signing;
using Harima.Sequences;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Harima.Crash;

/// <summary>
/// Three server processes over one PostgreSQL and one folder, and a client that goes from one to the next with each request. Each is
/// killed with SIGKILL and started again while the others go on.
/// </summary>
public sealed class ReplicaTests : IAsyncLifetime
{
    const int Replicas = 3;
    const int Writers = 6;

    readonly ConcurrentDictionary<string, SharedKey> _shared = new();
    readonly ConcurrentDictionary<string, KeyHistory> _own = new();
    long _answered;
    int _turn;

    RunningReplicas? _replicas;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static int Rounds =>
        int.Parse(Environment.GetEnvironmentVariable("HARIMA_REPLICA_ROUNDS") ?? "2", CultureInfo.InvariantCulture);

    public async ValueTask InitializeAsync()
    {
        _replicas = await RunningReplicas.StartAsync(Replicas, Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_replicas is not null)
            await _replicas.DisposeAsync();
    }

    [Fact]
    public async Task Whatever_any_replica_answered_is_there_on_all_whichever_of_them_is_killed()
    {
        var random = new Random(20261123);
        for (var round = 0; round < Rounds * Replicas; round++)
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(Token);
            var writers = Enumerable
                .Range(0, Writers)
                .Select(_ => random.Next())
                .ToList()
                .Select((seed, n) => Task.Run(() => WriteAsync(n, new Random(seed), ending.Token), Token))
                .ToList();
            var dying = _replicas!.Servers[round % Replicas];
            await AnsweredAsync(random.Next(30, 120), dying, writers);
            dying.Kill();
            await AnsweredAsync(random.Next(10, 60), _replicas!.Servers[(round + 1) % Replicas], writers);
            // It reconciles while the others are at work.
            await dying.StartAsync(Token);
            await AnsweredAsync(random.Next(10, 60), dying, writers);
            await ending.CancelAsync();
            await Task.WhenAll(writers);
            await AllAgreeAsync();
        }
        await AccountsAgreeAsync();
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{Rounds * Replicas} kills, {_answered} answered operations, {_own.Count} own and {_shared.Count} shared keys"
        );
    }

    /// <summary>Until so many operations more have been answered, however slow the machine is.</summary>
    Task AnsweredAsync(int more, KilledServer running, List<Task> writers)
    {
        var enough = Interlocked.Read(ref _answered) + more;
        return running.UntilAsync(
            _ =>
                Task.FromResult(
                    Interlocked.Read(ref _answered) >= enough || writers.Any(writing => writing.IsCompleted)
                ),
            Token
        );
    }

    [Fact]
    public async Task A_key_or_a_share_taken_back_is_refused_at_once_by_every_replica()
    {
        var key = "Shared/a.txt";
        await PutAsync(NextClient("leader"), key, [1, 2, 3], Token);
        for (var n = 0; n < 5; n++)
        {
            await ShareAsync(Right.Read);
            foreach (var server in _replicas!.Servers)
                Assert.Equal([1, 2, 3], await FindAsync(ClientOf(server, "stranger"), key, cancellationToken: Token));
            await ShareAsync(Right.None);
            foreach (var server in _replicas!.Servers)
                await IsRefusedAsync(server, _replicas!.Keys["stranger"], HttpStatusCode.NotFound);
        }
        var made = await _replicas!
            .Staff.Services.GetRequiredService<AccessKeys>()
            .CreateAsync(RunningHarima.PrincipalOf("leader"), "to be revoked", Token);
        var credentials = new Credentials(made.Key.Id, made.SecretKey);
        foreach (var server in _replicas!.Servers)
            Assert.NotNull(await FindAsync(ClientOf(server, credentials), key, cancellationToken: Token));
        await _replicas!
            .Staff.Services.GetRequiredService<AccessKeys>()
            .RevokeAsync(RunningHarima.PrincipalOf("leader"), made.Key.Id, Token);
        foreach (var server in _replicas!.Servers)
            await IsRefusedAsync(server, credentials, HttpStatusCode.Forbidden);

        Task ShareAsync(Right right) =>
            _replicas!
                .Staff.Services.GetRequiredService<ShareSequence>()
                .HandleAsync(
                    new ShareSequenceRequest(RunningHarima.Proposal, "Shared", "stranger", right),
                    RunningHarima.PrincipalOf("leader"),
                    Token
                );

        async Task IsRefusedAsync(KilledServer server, Credentials with, HttpStatusCode status)
        {
            var refusal = await Assert.ThrowsAsync<S3Exception>(() =>
                FindAsync(ClientOf(server, with), key, missing: false)
            );
            Assert.Equal((int)status, refusal.Status);
        }
    }

    async Task WriteAsync(int writer, Random random, CancellationToken ending)
    {
        // What has been begun is ended: only a killed replica leaves an outcome open.
        while (!ending.IsCancellationRequested)
        {
            try
            {
                if (random.Next(2) == 0)
                    await OwnAsync(writer, random, Token);
                else
                    await SharedAsync(random, Token);
                Interlocked.Increment(ref _answered);
            }
            catch (Exception fault) when (fault is HttpRequestException or IOException)
            {
                // The replica died under it: the outcome is open.
            }
        }
    }

    /// <summary>A key of one writer's: what is there is known exactly, also to the replica that did not write it.</summary>
    async Task OwnAsync(int writer, Random random, CancellationToken cancellationToken)
    {
        var key = FormattableString.Invariant($"W{writer}/d{random.Next(2)}/f{random.Next(8)}");
        var history = _own.GetOrAdd(key, _ => new KeyHistory(key));
        if (history.Touched)
            history.Settle(Hash(await FindAsync(NextClient("leader"), key, cancellationToken: cancellationToken)));
        history.Touched = true;
        switch (random.Next(10))
        {
            case 0:
                history.Attempt(null);
                await NextClient("leader").DeleteObjectAsync(RunningHarima.Bucket, key, cancellationToken);
                break;
            case 1:
                byte[][] parts = [Bytes(random, 5 << 20), Bytes(random, random.Next(1, 100_000))];
                history.Attempt(Hash([.. parts.SelectMany(part => part)]));
                await MultipartAsync(key, parts, cancellationToken);
                break;
            case 2:
                var source = Bytes(random, random.Next(1, 50_000));
                var from = FormattableString.Invariant($"W{writer}/source");
                await PutAsync(NextClient("leader"), from, source, cancellationToken);
                history.Attempt(Hash(source));
                await CopyAsync(from, key, cancellationToken);
                break;
            default:
                var bytes = Bytes(random, random.Next(0, 50_000));
                history.Attempt(Hash(bytes));
                await PutAsync(NextClient("leader"), key, bytes, cancellationToken);
                break;
        }
        history.Answered();
        history.Settle(Hash(await FindAsync(NextClient("leader"), key, cancellationToken: cancellationToken)));
    }

    /// <summary>A key all writers fight for, through all replicas.</summary>
    async Task SharedAsync(Random random, CancellationToken cancellationToken)
    {
        var name = FormattableString.Invariant($"Shared/f{random.Next(4)}");
        var key = _shared.GetOrAdd(name, _ => new SharedKey(name));
        if (random.Next(4) == 0)
        {
            key.WasRead(Hash(await FindAsync(NextClient("leader"), name, cancellationToken: cancellationToken)));
            return;
        }
        var bytes = random.Next(8) == 0 ? null : Bytes(random, random.Next(1, 20_000));
        var write = key.Begin(Hash(bytes));
        if (bytes is null)
            await NextClient("leader").DeleteObjectAsync(RunningHarima.Bucket, name, cancellationToken);
        else
            await PutAsync(NextClient("leader"), name, bytes, cancellationToken);
        key.End(write);
    }

    async Task MultipartAsync(string key, byte[][] parts, CancellationToken cancellationToken)
    {
        var id = await NextClient("leader")
            .CreateMultipartUploadAsync(RunningHarima.Bucket, key, null, cancellationToken);
        var uploaded = new List<UploadedPart>();
        for (var n = 0; n < parts.Length; n++)
            uploaded.Add(
                await NextClient("leader")
                    .UploadPartAsync(
                        RunningHarima.Bucket,
                        key,
                        id,
                        n + 1,
                        new MemoryStream(parts[n]),
                        parts[n].Length,
                        cancellationToken
                    )
            );
        await NextClient("leader")
            .CompleteMultipartUploadAsync(RunningHarima.Bucket, key, id, uploaded, cancellationToken);
    }

    async Task CopyAsync(string from, string key, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Put,
            new Uri(NextServer().S3, $"/{RunningHarima.Bucket}/{key}")
        );
        request.Headers.Add("x-amz-copy-source", $"/{RunningHarima.Bucket}/{from}");
        new RequestSigner(_replicas!.Keys["leader"], "us-east-1", TimeProvider.System).Sign(
            request,
            PayloadHash.UnsignedPayload
        );
        using var response = await _replicas!.Http.SendAsync(request, cancellationToken);
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
    }

    /// <summary>With nobody writing: every replica says the same, the tree agrees, and nothing answered is lost.</summary>
    async Task AllAgreeAsync()
    {
        foreach (var name in _own.Keys.Concat(_shared.Keys))
        {
            var found = new List<string?>();
            foreach (var server in _replicas!.Servers)
                found.Add(Hash(await FindAsync(ClientOf(server, "leader"), name)));
            Assert.Single(found.Distinct());
            Assert.True(found[0] == HashOfFile(name), $"{name} in the tree is not what is served");
            if (_own.TryGetValue(name, out var own))
                own.Settle(found[0]);
            else
                _shared[name].Settle(found[0]);
        }
        foreach (var server in _replicas!.Servers)
        {
            var listed = new List<string>();
            await foreach (var entry in ClientOf(server, "leader").ListObjectsAsync(RunningHarima.Bucket, "", Token))
                listed.Add(entry.Key);
            Assert.Equal(
                _own.Values.Where(own => own.Now is not null)
                    .Select(own => own.Key)
                    .Concat(_shared.Values.Where(shared => shared.Now is not null).Select(shared => shared.Key))
                    .Order(StringComparer.Ordinal),
                listed.Where(key => !key.EndsWith("/source", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            );
        }
    }

    /// <summary>Two replicas that store one new key at once must count it once.</summary>
    async Task AccountsAgreeAsync()
    {
        await using var connection = new NpgsqlConnection(_replicas!.Database);
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT s.id, s.file_count, s.size_bytes, COUNT(f.id), COALESCE(SUM(f.size_bytes), 0)::BIGINT
            FROM sequence s LEFT JOIN data_file f ON f.sequence_row = s.row GROUP BY s.row
            """;
        await using var rows = await command.ExecuteReaderAsync(Token);
        while (await rows.ReadAsync(Token))
        {
            Assert.Equal((rows.GetString(0), rows.GetInt64(3)), (rows.GetString(0), rows.GetInt64(1)));
            Assert.Equal((rows.GetString(0), rows.GetInt64(4)), (rows.GetString(0), rows.GetInt64(2)));
        }
    }

    KilledServer NextServer() => _replicas!.Servers[(int)((uint)Interlocked.Increment(ref _turn) % Replicas)];

    S3Client NextClient(string user) => ClientOf(NextServer(), user);

    S3Client ClientOf(KilledServer server, string user) => ClientOf(server, _replicas!.Keys[user]);

    S3Client ClientOf(KilledServer server, Credentials credentials) =>
        new(_replicas!.Http, server.S3, "us-east-1", credentials, TimeProvider.System);

    static Task PutAsync(S3Client client, string key, byte[] bytes, CancellationToken cancellationToken = default) =>
        client.PutObjectAsync(
            RunningHarima.Bucket,
            key,
            new MemoryStream(bytes),
            bytes.Length,
            null,
            cancellationToken
        );

    static async Task<byte[]?> FindAsync(
        S3Client client,
        string key,
        bool missing = true,
        CancellationToken cancellationToken = default
    )
    {
        try
        {
            using var body = await client.GetObjectAsync(RunningHarima.Bucket, key, null, null, cancellationToken);
            using var copy = new MemoryStream();
            await body.Content.CopyToAsync(copy, cancellationToken);
            return copy.ToArray();
        }
        catch (S3Exception fault) when (missing && fault.Error.Code == "NoSuchKey")
        {
            return null;
        }
    }

    string? HashOfFile(string key)
    {
        var path = Path.Combine(_replicas!.Folder, "files", RunningHarima.Proposal, key);
        return File.Exists(path) ? Hash(File.ReadAllBytes(path)) : null;
    }

    static byte[] Bytes(Random random, int sizeBytes)
    {
        var bytes = new byte[sizeBytes];
        random.NextBytes(bytes);
        return bytes;
    }

    static string? Hash(byte[]? bytes) => bytes is null ? null : Convert.ToHexStringLower(SHA256.HashData(bytes));
}

/// <summary>
/// A key that many write at once. What it holds must be what somebody wrote, and must not have been overwritten for certain: by a
/// write that began after it had been answered, and was answered itself.
/// </summary>
sealed class SharedKey(string key)
{
    readonly Lock _gate = new();
    readonly List<Write> _writes = [new Write(null, 0) { End = 0 }];
    long _clock;

    public string Key { get; } = key;
    public string? Now { get; private set; }

    public Write Begin(string? state)
    {
        lock (_gate)
        {
            var write = new Write(state, ++_clock);
            _writes.Add(write);
            return write;
        }
    }

    public void End(Write write)
    {
        lock (_gate)
            write.End = ++_clock;
    }

    /// <summary>Read while others write: something that was written, whole.</summary>
    public void WasRead(string? found)
    {
        lock (_gate)
            Assert.Contains(_writes, write => write.State == found);
    }

    /// <summary>Read with nobody writing.</summary>
    public void Settle(string? found)
    {
        lock (_gate)
        {
            var last = _writes.Where(write => write.End is not null).Max(write => write.Begun);
            Assert.True(
                _writes.Any(write => write.State == found && (write.End is null || write.End > last)),
                $"{Key} holds {found ?? "nothing"}, which was overwritten before"
            );
            Now = found;
            // What is there now is there; a write whose outcome was open is decided.
            _writes.Clear();
            _writes.Add(new Write(found, ++_clock) { End = ++_clock });
        }
    }

    public sealed record Write(string? State, long Begun)
    {
        public long? End { get; set; }
    }
}
