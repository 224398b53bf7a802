using System.Net;
using System.Net.Sockets;
using System.Text;
using Harima.S3.Signing;

namespace Harima.Gateway;

/// <summary>A server that lets little pass and waits for nobody long.</summary>
public sealed class StrictHarima : RunningHarima
{
    protected override IEnumerable<string> Settings =>
        [
            "--Harima:Gateway:RequestsPerSecond",
            "1",
            "--Harima:Gateway:AnonymousRequestsPerSecond",
            "1",
            "--Harima:Gateway:Burst",
            "1",
            "--Harima:Gateway:HeaderTimeout",
            "00:00:01",
            "--Harima:Gateway:TransferGrace",
            "00:00:02",
            // So little that a slow machine keeps it too.
            "--Harima:Gateway:MinBytesPerSecond",
            "1",
            "--Harima:Gateway:MaxHeaderBytes",
            "16384",
        ];

    protected override Task<string> CreateDatabaseAsync() => Task.FromResult("sqlite");
}

public sealed class LimitsTests(StrictHarima harima) : GatewayTests(harima), IClassFixture<StrictHarima>
{
    async Task<Answer[]> ManyAsync(string user) =>
        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => SendAsync(user, "GET", "/")));

    string PresignedPut(string user, string key) =>
        new RequestSigner(Harima.KeyOf(user), "us-east-1", TimeProvider.System)
            .Presign(
                HttpMethod.Put,
                RawUri.Create($"http://127.0.0.1:{Harima.S3.Port}/{Bucket}/{key}"),
                TimeSpan.FromMinutes(5)
            )
            .PathAndQuery;

    async Task<NetworkStream> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync("127.0.0.1", Harima.S3.Port, Token);
        return new NetworkStream(socket, ownsSocket: true);
    }

    static ValueTask WriteAsync(NetworkStream stream, string text) =>
        stream.WriteAsync(Encoding.ASCII.GetBytes(text), Token);

    /// <summary>What comes until the server closes.</summary>
    static async Task<string> ReadAllAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII);
        try
        {
            return await reader.ReadToEndAsync(Token);
        }
        catch (IOException)
        {
            return "";
        }
    }

    [Fact]
    public async Task A_key_that_asks_too_often_is_told_to_slow_down_and_others_are_not()
    {
        var answers = await ManyAsync("stranger");

        var refused = answers.Where(answer => answer.Status == HttpStatusCode.ServiceUnavailable).ToArray();
        Assert.NotEmpty(refused);
        refused[0].IsRefused(503, "SlowDown");
        Assert.Equal("1", refused[0].Header("Retry-After"));
        Assert.Contains(answers, answer => answer.Status == HttpStatusCode.OK);
        (await SendAsync("admin", "GET", "/")).IsOk();
    }

    [Fact]
    public async Task So_is_an_address_without_a_key()
    {
        var answers = await ManyAsync(Anonymous);
        Assert.Contains(answers, answer => answer.Status == HttpStatusCode.ServiceUnavailable);
        Assert.Contains(answers, answer => answer.Status != HttpStatusCode.ServiceUnavailable);
    }

    [Fact]
    public async Task A_wrong_signature_uses_up_nobodys_requests()
    {
        var wrong = Harima.KeyOf("leader") with { SecretKey = "wrong" };
        for (var n = 0; n < 20; n++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, Harima.S3);
            new RequestSigner(wrong, "us-east-1", TimeProvider.System).Sign(request, PayloadHash.Empty);
            using var answer = await Harima.Http.SendAsync(request, Token);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
        (await SendAsync("leader", "GET", "/")).IsOk();
    }

    [Theory]
    [InlineData("")]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n")]
    public async Task Headers_that_do_not_come_end_the_connection(string sent)
    {
        await using var stream = await ConnectAsync();
        // One byte at least: before it the connection is only idle.
        await WriteAsync(stream, sent.Length == 0 ? "G" : sent);
        var answer = await ReadAllAsync(stream);
        Assert.True(answer.Length == 0 || answer.StartsWith("HTTP/1.1 408", StringComparison.Ordinal), answer);
    }

    [Fact]
    public async Task A_body_that_does_not_come_is_given_up_and_leaves_nothing()
    {
        var key = NewSequence() + "/slow";
        await using var stream = await ConnectAsync();
        await WriteAsync(
            stream,
            $"PUT {PresignedPut("staff", key)} HTTP/1.1\r\nHost: 127.0.0.1:{Harima.S3.Port}\r\nContent-Length: 100000\r\n\r\nsome"
        );

        var answer = await ReadAllAsync(stream);

        Assert.Contains("RequestTimeout", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("HTTP/1.1 200", answer, StringComparison.Ordinal);
        await Assert.ThrowsAsync<Faults.FaultException>(() =>
            Harima.Get<Sequences.FileQueries>().GetAsync(RunningHarima.PrincipalOf("leader"), Bucket, key, Token)
        );
    }

    [Fact]
    public async Task An_upload_that_is_slow_but_alive_is_stored()
    {
        const int pieces = 10;
        var key = NewSequence() + "/slow-but-alive";
        await using var stream = await ConnectAsync();
        await WriteAsync(
            stream,
            $"PUT {PresignedPut("member", key)} HTTP/1.1\r\nHost: 127.0.0.1:{Harima.S3.Port}\r\nContent-Length: {pieces * 200}\r\nConnection: close\r\n\r\n{new string('x', 200)}"
        );
        // Four seconds at least, twice the grace, and far more than the least rate all the time.
        for (var n = 1; n < pieces; n++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(450), Token);
            await WriteAsync(stream, new string('x', 200));
        }
        Assert.StartsWith("HTTP/1.1 200", await ReadAllAsync(stream), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-Large: ", 20_000, 1, 431)]
    [InlineData("X-Many: ", 10, 200, 431)]
    public async Task Headers_that_are_too_large_are_refused(string name, int length, int count, int status)
    {
        await using var stream = await ConnectAsync();
        var headers = string.Concat(Enumerable.Repeat(name + new string('x', length) + "\r\n", count));
        await WriteAsync(stream, $"GET / HTTP/1.1\r\nHost: a\r\n{headers}\r\n");
        Assert.StartsWith($"HTTP/1.1 {status}", await ReadAllAsync(stream), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_target_that_is_too_long_is_refused()
    {
        await using var stream = await ConnectAsync();
        await WriteAsync(stream, $"GET /{new string('x', 20_000)} HTTP/1.1\r\nHost: a\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 414", await ReadAllAsync(stream), StringComparison.Ordinal);
    }
}
