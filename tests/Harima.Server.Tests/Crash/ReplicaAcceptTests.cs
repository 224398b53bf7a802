using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harima.Extraction;
using Harima.Hosting;
using Harima.Identity;
using Harima.Metadata;
using Harima.S3.Client;
using Harima.S3.Signing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Harima.Crash;

/// <summary>Two server processes over one PostgreSQL: proposals of files are accepted on both while people write, and nothing is lost or done twice.</summary>
public sealed class ReplicaAcceptTests : IAsyncLifetime
{
    const int Rounds = 6;
    const int Editors = 4;
    const int EditsEach = 8;

    const string Spectrum = """
        # XDI/1.0
        # Element.symbol: Zn
        # Element.edge: K
        # Mono.name: Si 111
        # Mono.d_spacing: 3.13555
        # Sample.name: zinc oxide
        # Sample.formula: ZnO
        # Beamline.name: BL14B2
        #----
        9584 1 2
        9589 1 3

        """;

    static readonly string? Server = Environment.GetEnvironmentVariable("HARIMA_TEST_POSTGRES");

    readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };
    readonly string _folder = Directory.CreateTempSubdirectory("harima-accept-").FullName;
    readonly string _name = "harima_" + Guid.NewGuid().ToString("N");
    readonly List<KilledServer> _servers = [];
    IReadOnlyDictionary<string, Credentials> _keys = new Dictionary<string, Credentials>();
    WebApplication? _staff;
    string _token = "";

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        if (Server is null && Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail("HARIMA_TEST_POSTGRES is not set, and CI tests replicas.");
        Assert.SkipWhen(Server is null, "HARIMA_TEST_POSTGRES names no PostgreSQL server");
        await ExecuteAsync(Server!, $"CREATE DATABASE {_name} TEMPLATE template0 ENCODING 'UTF8'");
        var database = new NpgsqlConnectionStringBuilder(Server) { Database = _name, MaxPoolSize = 30 }.ToString();
        _staff = HarimaHost.Build([
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
        await _staff.StartHarimaAsync(Token);
        _keys = await RunningHarima.FillAsync(_staff.Services, Token);
        _token = await TokenAsync();
        for (var n = 0; n < 2; n++)
            _servers.Add(new KilledServer(_folder, database, _http));
        await Task.WhenAll(_servers.Select(server => server.StartAsync(Token)));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
            server.Dispose();
        if (_staff is not null)
        {
            await _staff.StopAsync(CancellationToken.None);
            await _staff.DisposeAsync();
        }
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
        NpgsqlConnection.ClearAllPools();
        if (Server is not null)
            await ExecuteAsync(Server, $"DROP DATABASE IF EXISTS {_name} WITH (FORCE)");
    }

    [Fact]
    public async Task Two_replicas_accept_and_edit_at_once_and_nothing_is_lost_or_applied_twice()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var id = $"Accept{round}";
            var s3 = new S3Client(_http, _servers[0].S3, "us-east-1", _keys["leader"], TimeProvider.System);
            var bytes = Encoding.UTF8.GetBytes(Spectrum);
            await s3.PutObjectAsync(
                RunningHarima.Bucket,
                id + "/a.xdi",
                new MemoryStream(bytes),
                bytes.Length,
                null,
                Token
            );
            var offered = await ProposedAsync(id);
            Assert.True(offered >= 5, $"only {offered} values are proposed");

            var accepting = Enumerable.Range(0, 4).Select(n => AcceptAllAsync(_servers[n % 2], id)).ToList();
            var editing = Enumerable.Range(0, Editors).Select(n => EditAsync(_servers[n % 2], id, n)).ToList();
            var accepted = await Task.WhenAll(accepting);
            await Task.WhenAll(editing);

            // Each proposal was answered as accepted by one request, and by no other.
            Assert.Equal(offered, accepted.Sum(paths => paths.Count));
            Assert.Equal(offered, accepted.SelectMany(paths => paths).Distinct(StringComparer.Ordinal).Count());
            await HistoryIsALineAsync(id);
            var document = JsonNode.Parse((await DocumentAsync(_servers[1], id)).Text)!;
            for (var editor = 0; editor < Editors; editor++)
            for (var n = 0; n < EditsEach; n++)
                Assert.Equal(n, document["notes"]?[$"e{editor}n{n}"]?.GetValue<int>());
        }
    }

    /// <summary>Every change began with what the one before it left: no text was written over unseen.</summary>
    async Task HistoryIsALineAsync(string id)
    {
        var changes = await _staff!
            .Services.GetRequiredService<MetadataQueries>()
            .ChangesAsync(RunningHarima.PrincipalOf("leader"), RunningHarima.Proposal, id, null, 1000, Token);
        foreach (var kind in changes.Items.Reverse().GroupBy(change => change.Kind))
        {
            string? last = null;
            foreach (var change in kind)
            {
                Assert.Equal(last, change.Before);
                last = change.After;
            }
        }
    }

    async Task<int> ProposedAsync(string id)
    {
        var queries = _staff!.Services.GetRequiredService<ExtractionQueries>();
        while (true)
        {
            var result = await queries.OfAsync(RunningHarima.PrincipalOf("leader"), RunningHarima.Proposal, id, Token);
            if (result is { At: not null, Pending: false })
                return result.Values.Count(value => value.State == ProposedState.New);
            await Task.Delay(50, Token);
        }
    }

    async Task<IReadOnlyList<string>> AcceptAllAsync(KilledServer server, string id)
    {
        using var response = await SendAsync(
            server,
            HttpMethod.Post,
            At(id) + "/metadata/proposed/accept",
            """{"fields": null}"""
        );
        var text = await response.Content.ReadAsStringAsync(Token);
        Assert.True(response.IsSuccessStatusCode, text);
        return
        [
            .. JsonDocument
                .Parse(text)
                .RootElement.GetProperty("paths")
                .EnumerateArray()
                .Select(path => path.GetString()!),
        ];
    }

    /// <summary>Reads, adds a value, writes with the version that was read, and begins anew where somebody was faster.</summary>
    async Task EditAsync(KilledServer server, string id, int editor)
    {
        for (var n = 0; n < EditsEach; )
        {
            var (text, tag) = await DocumentAsync(server, id);
            var document = JsonNode.Parse(text)!.AsObject();
            document["notes"] ??= new JsonObject();
            document["notes"]![$"e{editor}n{n}"] = n;
            using var response = await SendAsync(
                server,
                HttpMethod.Put,
                At(id) + "/metadata/measurement",
                document.ToJsonString(),
                tag
            );
            if (response.StatusCode == HttpStatusCode.PreconditionFailed)
                continue;
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Token));
            n++;
        }
    }

    async Task<(string Text, string? Tag)> DocumentAsync(KilledServer server, string id)
    {
        using var response = await SendAsync(server, HttpMethod.Get, At(id) + "/metadata/measurement", null);
        return response.StatusCode == HttpStatusCode.NotFound
            ? ("{}", null)
            : (await response.Content.ReadAsStringAsync(Token), response.Headers.ETag!.ToString());
    }

    static string At(string id) => $"/api/v1/proposals/{RunningHarima.Proposal}/sequences/{id}";

    async Task<HttpResponseMessage> SendAsync(
        KilledServer server,
        HttpMethod method,
        string path,
        string? body,
        string? tag = null
    )
    {
        using var request = new HttpRequestMessage(method, new Uri(server.Rest, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        if (method == HttpMethod.Put && tag is null)
            request.Headers.TryAddWithoutValidation("If-None-Match", "*");
        else if (method == HttpMethod.Put)
            request.Headers.TryAddWithoutValidation("If-Match", tag);
        return await _http.SendAsync(request, Token);
    }

    async Task<string> TokenAsync() =>
        (
            await _staff!
                .Services.GetRequiredService<ApiTokens>()
                .CreateAsync(RunningHarima.PrincipalOf("leader"), "test", TimeSpan.FromHours(1), Token)
        ).Text;

    static async Task ExecuteAsync(string server, string sql)
    {
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync();
    }
}
