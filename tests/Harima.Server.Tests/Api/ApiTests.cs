using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Harima.Access;
using Harima.Gateway;
using Harima.Identity;
using Harima.Metadata;
using Harima.Sequences;

namespace Harima.Api;

/// <summary>What the tests of REST routes have in common.</summary>
public abstract class ApiTests(RunningHarima harima) : IAsyncLifetime
{
    public const string Anonymous = "";
    protected const string Proposal = RunningHarima.Proposal;
    protected const string PrivateProposal = RunningHarima.PrivateProposal;

    static readonly ConditionalWeakTable<RunningHarima, ConcurrentDictionary<string, string>> Tokens = [];
    static int _names;

    protected RunningHarima Harima { get; } = harima;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A sequence id no other test uses: one server serves them all.</summary>
    protected static string NewId(string prefix = "R") =>
        prefix + Interlocked.Increment(ref _names).ToString("0000", CultureInfo.InvariantCulture);

    public ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Harima.Missing is not null, Harima.Missing ?? "");
        return ValueTask.CompletedTask;
    }

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>A bearer token of a user, made once.</summary>
    protected async Task<string> TokenOfAsync(string user)
    {
        var known = Tokens.GetOrCreateValue(Harima);
        return known.TryGetValue(user, out var token) ? token : known[user] = await NewTokenAsync(user);
    }

    protected async Task<string> NewTokenAsync(string user) =>
        (
            await Harima
                .Get<ApiTokens>()
                .CreateAsync(RunningHarima.PrincipalOf(user), "test", TimeSpan.FromDays(1), Token)
        ).Text;

    /// <param name="path">Below <c>/api/v1</c>, or from the root where it begins with <c>//</c>.</param>
    protected async Task<Answer> SendAsync(
        string user,
        string method,
        string path,
        string? json = null,
        params (string Name, string Value)[] headers
    )
    {
        var target = path.StartsWith("//", StringComparison.Ordinal) ? path[1..] : "/api/v1" + path;
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Harima.Portal, target));
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        if (user != Anonymous)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenOfAsync(user));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await Harima.Http.SendAsync(request, Token);
        return await Answer.ReadAsync(response, Token);
    }

    /// <summary>An open sequence of the leader's with the file <c>a.txt</c> and measurement metadata.</summary>
    protected async Task<string> NewSequenceAsync(string proposal = Proposal, string text = "kept")
    {
        var id = NewId();
        var leader = RunningHarima.PrincipalOf("leader");
        await Harima.Get<OpenSequence>().HandleAsync(new OpenSequenceRequest(proposal, id), leader, Token);
        await PutAsync(proposal, $"{id}/a.txt", Encoding.UTF8.GetBytes(text));
        await Harima
            .Get<SetMetadata>()
            .HandleAsync(proposal, id, MetadataKind.Measurement, """{"energy": 12.4}""", leader, Token);
        return id;
    }

    protected async Task PutAsync(string bucket, string key, byte[] bytes)
    {
        using var body = new MemoryStream(bytes);
        await Harima
            .Get<AddFile>()
            .HandleAsync(new AddFileRequest(bucket, key), body, RunningHarima.PrincipalOf("leader"), Token);
    }

    protected Task ShareAsync(string proposal, string sequence, string user, Right right) =>
        Harima
            .Get<ShareSequence>()
            .HandleAsync(
                new ShareSequenceRequest(proposal, sequence, user, right),
                RunningHarima.PrincipalOf("leader"),
                Token
            );

    protected Task OpenToEveryoneAsync(string proposal, string sequence) =>
        Harima
            .Get<ShareSequence>()
            .SetVisibilityAsync(proposal, sequence, Visibility.Everyone, RunningHarima.PrincipalOf("leader"), Token);
}

static class AnswerJson
{
    public static JsonElement Json(this Answer answer) => JsonDocument.Parse(answer.Text).RootElement;

    public static void IsProblem(this Answer answer, int status, string reason)
    {
        Assert.True(status == (int)answer.Status, $"{(int)answer.Status} instead of {status}: {answer.Text}");
        Assert.StartsWith("application/problem+json", answer.Header("Content-Type"), StringComparison.Ordinal);
        var problem = answer.Json();
        Assert.Equal(reason, problem.GetProperty("reason").GetString());
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.False(string.IsNullOrWhiteSpace(problem.GetProperty("detail").GetString()));
    }
}
