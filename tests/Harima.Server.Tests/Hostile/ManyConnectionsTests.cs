using System.Globalization;
using System.Text;
using Harima.Crash;
using Harima.Hosting;
using Harima.S3.Client;
using Harima.S3.Signing;

namespace Harima.Hostile;

/// <summary>A thousand clients that stopped half-way through an upload cost little, and nobody else notices them.</summary>
public sealed class ManyConnectionsTests : IDisposable
{
    const int Connections = 1000;
    const int AnnouncedBytes = 1 << 20;
    const int SentBytes = 600_000;
    const long MaxGrowthBytes = 400L << 20;

    readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(5) };
    readonly string _folder = Directory.CreateTempSubdirectory("harima-many-").FullName;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task A_thousand_uploads_that_stopped_half_way_leave_room_for_others()
    {
        var credentials = await PrepareAsync();
        using var server = new KilledServer(_folder, "sqlite", _http);
        await server.StartAsync(Token);
        var client = new S3Client(_http, server.S3, "us-east-1", credentials, TimeProvider.System);
        await WorkAsync(client, 20);
        var before = Resident(server);

        var open = new List<RawConnection>();
        try
        {
            var half = new byte[SentBytes];
            for (var n = 0; n < Connections; n++)
            {
                var connection = await RawConnection.OpenAsync(server.S3, Token);
                open.Add(connection);
                await connection.SendAsync(Head(server.S3, credentials, n), Token);
            }
            await Parallel.ForEachAsync(
                open,
                new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Token },
                async (connection, token) => await connection.SendAsync(half, token)
            );
            await WorkAsync(client, 50);
            var growth = Resident(server) - before;
            TestContext.Current.TestOutputHelper?.WriteLine(
                $"{Connections} connections with {SentBytes} bytes each: resident set grew by {growth >> 20} MiB from {before >> 20} MiB"
            );
            Assert.True(growth < MaxGrowthBytes, $"the resident set grew by {growth >> 20} MiB");
        }
        finally
        {
            foreach (var connection in open)
                connection.Dispose();
        }

        // What they had sent is gone, without a sweep.
        var staging = Path.Combine(_folder, "files", ".harima", "staging");
        await server.UntilAsync(_ => Task.FromResult(Directory.GetFiles(staging).Length == 0), Token);
        Assert.Empty(Directory.GetFiles(staging));
        await WorkAsync(client, 20);
    }

    static async Task WorkAsync(S3Client client, int times)
    {
        for (var n = 0; n < times; n++)
        {
            var bytes = Encoding.UTF8.GetBytes($"object {n}");
            await client.PutObjectAsync(
                RunningHarima.Bucket,
                $"S1/f{n}",
                new MemoryStream(bytes),
                bytes.Length,
                null,
                Token
            );
            using var body = await client.GetObjectAsync(RunningHarima.Bucket, $"S1/f{n}", null, null, Token);
            using var copy = new MemoryStream();
            await body.Content.CopyToAsync(copy, Token);
            Assert.Equal(bytes, copy.ToArray());
        }
    }

    static string Head(Uri server, Credentials credentials, int number)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Put,
            new Uri(server, $"/{RunningHarima.Bucket}/S2/f{number}")
        );
        new RequestSigner(credentials, "us-east-1", TimeProvider.System).Sign(request, PayloadHash.UnsignedPayload);
        var head = new StringBuilder();
        head.Append(CultureInfo.InvariantCulture, $"PUT {request.RequestUri!.AbsolutePath} HTTP/1.1\r\n");
        if (request.Headers.Host is null)
            head.Append(CultureInfo.InvariantCulture, $"Host: {server.Authority}\r\n");
        foreach (var (name, values) in request.Headers.NonValidated)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {string.Join(", ", values)}\r\n");
        head.Append(CultureInfo.InvariantCulture, $"Content-Length: {AnnouncedBytes}\r\n\r\n");
        return head.ToString();
    }

    static long Resident(KilledServer server)
    {
        var line = File.ReadLines(FormattableString.Invariant($"/proc/{server.ProcessId}/status"))
            .Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
            << 10;
    }

    async Task<Credentials> PrepareAsync()
    {
        await using var app = HarimaHost.Build([
            "--port",
            "0",
            "--s3-port",
            "0",
            "--data",
            _folder,
            "--Logging:LogLevel:Default",
            "Warning",
        ]);
        await app.StartHarimaAsync(Token);
        var keys = await RunningHarima.FillAsync(app.Services, Token);
        await app.StopAsync(Token);
        return keys["leader"];
    }
}
