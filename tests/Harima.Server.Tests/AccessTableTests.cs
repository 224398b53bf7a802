using System.Text.RegularExpressions;
using Harima.Access;
using Harima.Api;
using Harima.Gateway;
using Harima.Proposals;
using Harima.Samples;
using Harima.Search.Feed;
using Harima.Sequences;
using Harima.Workspaces;

namespace Harima;

public sealed class AccessTableOnSqlite(SqliteHarima harima) : AccessTableTests(harima);

public sealed class AccessTableOnPostgres(PostgresHarima harima) : AccessTableTests(harima);

/// <summary>
/// Every REST route as every kind of user, compared with one table. (<see cref="EveryActionTests"/> is the same for S3.)
/// </summary>
public abstract partial class AccessTableTests(RunningHarima harima) : ApiTests(harima)
{
    /// <param name="User">Who asks.</param>
    /// <param name="Held">On the sequence, in the end.</param>
    /// <param name="OfProposal">Whether they hold a right on the proposal itself.</param>
    /// <param name="SeesProposal">Whether the proposal exists for them, be it through another sequence.</param>
    public sealed record Kind(string Name, string User, Right Held, bool OfProposal, bool SeesProposal)
    {
        public bool IsNobody => User == Anonymous;

        public override string ToString() => Name;
    }

    /// <summary>A thing of its own for each request, since some change it.</summary>
    public sealed record Thing(string Proposal, string Sequence, string Workspace, string ArchiveSecret, string Sample);

    /// <param name="Template">As in the OpenAPI description.</param>
    sealed record Route(string Method, string Template, string? Body, Func<Kind, int> Expected, string Query = "");

    static readonly Kind[] Kinds =
    [
        new("anonymous", Anonymous, Right.None, false, false),
        new("anonymous, open to everyone", Anonymous, Right.Read, false, true),
        new("stranger", "stranger", Right.None, false, false),
        new("stranger who sees another sequence", "stranger", Right.None, false, true),
        new("stranger, open to everyone", "stranger", Right.Read, false, true),
        new("shared read", "stranger", Right.Read, false, true),
        new("shared write", "stranger", Right.Write, false, true),
        new("shared manage", "stranger", Right.Manage, false, true),
        new("member", "member", Right.Write, true, true),
        new("leader", "leader", Right.Manage, true, true),
        new("staff", "staff", Right.Write, true, true),
        new("admin", "admin", Right.Manage, true, true),
    ];

    public static TheoryData<string> KindNames => [.. Kinds.Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(KindNames))]
    public async Task Each_may_do_what_the_table_says_and_no_more(string name)
    {
        var kind = Kinds.Single(kind => kind.Name == name);
        var wrong = new List<string>();
        var untouched = await PrepareAsync(kind);
        foreach (var route in Table)
        {
            var thing = route.Method is "GET" or "HEAD" ? untouched : await PrepareAsync(kind);
            var answer = await AskAsync(route, kind, thing);
            if (route.Expected(kind) != (int)answer.Status)
                wrong.Add(
                    $"{route.Method} {route.Template}: {(int)answer.Status} instead of {route.Expected(kind)} {answer.Text}"
                );
            if (kind.Held == Right.None && route.Template.Contains("{sequence}", StringComparison.Ordinal))
                await CompareWithMissingAsync(route, kind, thing, answer, wrong);
            if (kind.Held < Right.Write && thing != untouched)
                await RequireUnchangedAsync(route, thing, wrong);
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task The_table_has_every_route_there_is()
    {
        var description = (await SendAsync(Anonymous, "GET", "//openapi/v1.json")).Json();
        var described = description
            .GetProperty("paths")
            .EnumerateObject()
            .SelectMany(path =>
                path.Value.EnumerateObject().Select(method => $"{method.Name.ToUpperInvariant()} {path.Name}")
            )
            .Order(StringComparer.Ordinal);
        var known = Table.Select(route => $"{route.Method} {route.Template}").Order(StringComparer.Ordinal);
        Assert.Equal(described, known);
    }

    // One server serves all tests, some at the same time: lists are compared in a proposal nobody else touches.
    [Theory]
    [InlineData("stranger", "2026A2101")]
    [InlineData(Anonymous, "2026A2102")]
    public async Task A_hidden_sequence_is_in_no_list_count_or_total(string user, string proposal)
    {
        await Harima
            .Get<CreateProposal>()
            .HandleAsync(
                new CreateProposalRequest(
                    proposal,
                    "Compared lists",
                    "一覧の比較",
                    "BL14B2",
                    new DateOnly(2026, 4, 1),
                    new DateOnly(2026, 9, 30),
                    "leader",
                    []
                ),
                RunningHarima.PrincipalOf("admin"),
                Token
            );
        var seen = await NewSequenceAsync(proposal);
        await OpenToEveryoneAsync(proposal, seen);
        var before = await ListsAsync(user, proposal);
        var hidden = await NewSequenceAsync(proposal);
        var after = await ListsAsync(user, proposal);
        Assert.Equal(before, after);
        Assert.DoesNotContain(hidden, string.Concat(after), StringComparison.Ordinal);
        Assert.Contains(seen, string.Concat(after), StringComparison.Ordinal);
    }

    async Task<List<string>> ListsAsync(string user, string proposal)
    {
        // The list with words is answered by the search index, a moment later.
        await Harima.Get<SearchFeed>().CatchUpAsync(Token);
        string[] lists =
        [
            $"/sequences?proposal={proposal}&visibility=everyone&count=true&limit=200",
            $"/sequences?text={proposal}&visibility=limited&sharedWithMe=true&count=true",
            $"/proposals/{proposal}/sequences?sort=size&visibility=everyone&limit=200",
            "/beamlines",
        ];
        var found = new List<string>();
        foreach (var list in lists)
            found.Add((await SendAsync(user, "GET", list)).IsOk().Text);
        return found;
    }

    async Task<Thing> PrepareAsync(Kind kind)
    {
        // In the private proposal nothing is ever shared, so it stays hidden from strangers.
        var proposal = kind.SeesProposal ? Proposal : PrivateProposal;
        if (kind is { SeesProposal: true, Held: Right.None })
            await ShareAsync(proposal, await NewSequenceAsync(proposal), kind.User, Right.Read);
        var sequence = await NewSequenceAsync(proposal);
        if (kind.Name.EndsWith("open to everyone", StringComparison.Ordinal))
            await OpenToEveryoneAsync(proposal, sequence);
        else if (kind is { OfProposal: false, Held: > Right.None })
            await ShareAsync(proposal, sequence, kind.User, kind.Held);
        var leader = RunningHarima.PrincipalOf("leader");
        var workspace = NewId("table-bench-").ToLowerInvariant();
        await Harima.Get<CreateWorkspace>().HandleAsync(new CreateWorkspaceRequest(workspace, ""), leader, Token);
        await PutAsync(workspace, "a.txt", "x"u8.ToArray());
        var archive = await SendAsync(
            "leader",
            "POST",
            "/archives",
            $$"""{"sequences":["{{proposal}}/{{sequence}}"]}"""
        );
        var url = archive.IsOk().Json().GetProperty("url").GetString()!;
        var sample = await Harima
            .Get<PutSample>()
            .CreateAsync(proposal, new PutSampleRequest("""{"names":["x"]}"""), leader, Token);
        await Harima.Get<SequenceSamples>().SetAsync(proposal, sequence, sample.Id, true, leader, Token);
        return new Thing(proposal, sequence, workspace, url.Split('/')[^2], sample.Id);
    }

    async Task<Answer> AskAsync(Route route, Kind kind, Thing thing)
    {
        string Fill(string text) =>
            text.Replace("{proposal}", thing.Proposal, StringComparison.Ordinal)
                .Replace("{sequence}", thing.Sequence, StringComparison.Ordinal)
                .Replace("{sample}", thing.Sample, StringComparison.Ordinal)
                .Replace("{workspace}", thing.Workspace, StringComparison.Ordinal)
                .Replace("{secret}", thing.ArchiveSecret, StringComparison.Ordinal)
                .Replace("{fileName}", "a.zip", StringComparison.Ordinal)
                .Replace("{path}", "a.txt", StringComparison.Ordinal)
                .Replace("{kind}", "measurement", StringComparison.Ordinal)
                .Replace("{schema}", "xafs", StringComparison.Ordinal)
                .Replace("{version}", "1", StringComparison.Ordinal)
                .Replace("{change}", "999999", StringComparison.Ordinal)
                .Replace("{work}", "999999", StringComparison.Ordinal)
                .Replace("{comment}", "999999", StringComparison.Ordinal)
                .Replace("{label}", "foil", StringComparison.Ordinal)
                .Replace("{user}", "member", StringComparison.Ordinal)
                .Replace("{id}", "BL99XU", StringComparison.Ordinal)
                .Replace("{new}", NewId("N"), StringComparison.Ordinal);
        var user = kind.User;
        (string, string)[] headers = [];
        if (route.Template == "/api/v1/logout" && !kind.IsNobody)
        {
            // Not the token the other requests use.
            headers = [("Authorization", "Bearer " + await NewTokenAsync(user))];
            user = Anonymous;
        }
        return await SendAsync(
            user,
            route.Method,
            "/" + Fill(route.Template + route.Query),
            route.Body is null ? null : Fill(route.Body),
            headers
        );
    }

    async Task CompareWithMissingAsync(Route route, Kind kind, Thing thing, Answer hidden, List<string> wrong)
    {
        var missing = await AskAsync(route, kind, thing with { Sequence = "missing-one" });
        string Plain(Answer answer, string id) =>
            $"{(int)answer.Status} {string.Join(' ', answer.Headers.Keys.Order(StringComparer.Ordinal))} "
            + Regex.Replace(answer.Text, Regex.Escape(id), "ID");
        if (Plain(hidden, thing.Sequence) != Plain(missing, "missing-one"))
            wrong.Add($"{route.Method} {route.Template} tells hidden from missing: {hidden.Text} {missing.Text}");
    }

    async Task RequireUnchangedAsync(Route route, Thing thing, List<string> wrong)
    {
        var place = $"/proposals/{thing.Proposal}/sequences/{thing.Sequence}";
        var text = (await SendAsync("leader", "GET", place + "/content/a.txt")).Text;
        var metadata = (await SendAsync("leader", "GET", place + "/metadata/measurement")).Text;
        var state = (await SendAsync("leader", "GET", place)).Json().GetProperty("state").GetString();
        if (text != "kept" || metadata != """{"energy": 12.4}""" || state != "open")
            wrong.Add($"{route.Method} {route.Template} changed what the caller may not write");
    }
}
