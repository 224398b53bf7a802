using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harima.Extraction;
using Harima.Identity;
using Harima.Metadata;
using Harima.S3.Client;
using Microsoft.Extensions.DependencyInjection;

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

    string _token = "";

    RunningReplicas? _replicas;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _replicas = await RunningReplicas.StartAsync(2, Token);
        _token = await TokenAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_replicas is not null)
            await _replicas.DisposeAsync();
    }

    [Fact]
    public async Task Two_replicas_accept_and_edit_at_once_and_nothing_is_lost_or_applied_twice()
    {
        for (var round = 0; round < Rounds; round++)
        {
            var id = $"Accept{round}";
            var s3 = new S3Client(
                _replicas!.Http,
                _replicas!.Servers[0].S3,
                "us-east-1",
                _replicas!.Keys["leader"],
                TimeProvider.System
            );
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

            var accepting = Enumerable.Range(0, 4).Select(n => AcceptAllAsync(_replicas!.Servers[n % 2], id)).ToList();
            var editing = Enumerable
                .Range(0, Editors)
                .Select(n => EditAsync(_replicas!.Servers[n % 2], id, n))
                .ToList();
            var accepted = await Task.WhenAll(accepting);
            await Task.WhenAll(editing);

            // Each proposal was answered as accepted by one request, and by no other.
            Assert.Equal(offered, accepted.Sum(paths => paths.Count));
            Assert.Equal(offered, accepted.SelectMany(paths => paths).Distinct(StringComparer.Ordinal).Count());
            await HistoryIsALineAsync(id);
            var document = JsonNode.Parse((await DocumentAsync(_replicas!.Servers[1], id)).Text)!;
            for (var editor = 0; editor < Editors; editor++)
            for (var n = 0; n < EditsEach; n++)
                Assert.Equal(n, document["notes"]?[$"e{editor}n{n}"]?.GetValue<int>());
        }
    }

    /// <summary>Every change began with what the one before it left: no text was written over unseen.</summary>
    async Task HistoryIsALineAsync(string id)
    {
        var changes = await _replicas!
            .Staff.Services.GetRequiredService<MetadataQueries>()
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
        var queries = _replicas!.Staff.Services.GetRequiredService<ExtractionQueries>();
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
        return await _replicas!.Http.SendAsync(request, Token);
    }

    async Task<string> TokenAsync() =>
        (
            await _replicas!
                .Staff.Services.GetRequiredService<ApiTokens>()
                .CreateAsync(RunningHarima.PrincipalOf("leader"), "test", TimeSpan.FromHours(1), Token)
        ).Text;
}
