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
public abstract class AccessTableTests(RunningHarima harima) : ApiTests(harima)
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

    const string One = "/api/v1/proposals/{proposal}/sequences/{sequence}";

    static int Anyone(Kind kind) => 200;

    static Func<Kind, int> LoggedIn(int status) => kind => kind.IsNobody ? 401 : status;

    static Func<Kind, int> Needs(Right right, int status) =>
        kind =>
            kind.Held >= right ? status
            : kind.Held >= Right.Read ? 403
            : 404;

    /// <summary>For what belongs to the proposal and is seen through a sequence.</summary>
    static Func<Kind, int> OfProposal(int status) =>
        kind =>
            kind.OfProposal ? status
            : kind.Held >= Right.Read ? 403
            : 404;

    // Everybody who may read says what they think; nobody does without a name.
    static Func<Kind, int> Says(int status) =>
        kind =>
            kind.Held < Right.Read ? 404
            : kind.IsNobody ? 401
            : status;

    const string BulkBody =
        """{"sequences":["{proposal}/{sequence}"],"edits":[{"kind":"measurement","path":"a.b","value":1}]}""";

    static Func<Kind, int> Admin(int status) => kind => kind.User == "admin" ? status : 403;

    static Func<Kind, int> Owner(int status) =>
        kind =>
            kind.IsNobody ? 401
            : kind.User == "leader" ? status
            : 404;

    static readonly Route[] Table =
    [
        new("GET", "/api/v1/facility", null, Anyone),
        new("POST", "/api/v1/login", """{"user":"nobody","password":"x"}""", _ => 401),
        new("GET", "/api/v1/me", null, LoggedIn(200)),
        new("POST", "/api/v1/logout", null, LoggedIn(204)),
        new("GET", "/api/v1/tokens", null, LoggedIn(200)),
        new("POST", "/api/v1/tokens", """{"description":"x"}""", LoggedIn(201)),
        new("DELETE", "/api/v1/tokens/{id}", null, LoggedIn(404)),
        new("GET", "/api/v1/access-keys", null, LoggedIn(200)),
        new("POST", "/api/v1/access-keys", "{}", LoggedIn(201)),
        new("DELETE", "/api/v1/access-keys/{id}", null, LoggedIn(404)),
        new(
            "POST",
            "/api/v1/session-credentials",
            """{"bucket":"{proposal}"}""",
            kind =>
                kind.IsNobody ? 401
                : kind.SeesProposal ? 200
                : 404
        ),
        new("GET", "/api/v1/people", null, LoggedIn(200), "?query=lead"),
        new("GET", "/api/v1/beamlines", null, Anyone),
        new("PUT", "/api/v1/beamlines/{id}", """{"title":"Table"}""", Admin(204)),
        new("GET", "/api/v1/proposals", null, Anyone),
        new(
            "POST",
            "/api/v1/proposals",
            """{"id":"2026A2000","title":"x","beamlineId":"BL14B2","startsOn":"2026-04-01","endsOn":"2026-04-02","leader":"leader"}""",
            Admin(409)
        ),
        new("GET", "/api/v1/proposals/{proposal}", null, kind => kind.SeesProposal ? 200 : 404),
        new("GET", "/api/v1/proposals/{proposal}/people", null, kind => kind.OfProposal ? 200 : 404),
        new(
            "GET",
            "/api/v1/proposals/{proposal}/accesses",
            null,
            kind =>
                kind.User is "leader" or "admin" ? 200
                : kind.SeesProposal ? 403
                : 404
        ),
        new("GET", "/api/v1/proposals/{proposal}/sequences", null, kind => kind.SeesProposal ? 200 : 404),
        new(
            "POST",
            "/api/v1/proposals/{proposal}/sequences",
            """{"id":"{new}"}""",
            kind =>
                kind.OfProposal ? 201
                : kind.SeesProposal ? 403
                : 404
        ),
        new(
            "POST",
            "/api/v1/proposals/{proposal}/sequences/bulk",
            """{"sequences":[{"id":"{new}"}]}""",
            kind =>
                kind.OfProposal ? 200
                : kind.SeesProposal ? 403
                : 404
        ),
        new("GET", "/api/v1/sequences", null, Anyone, "?count=true"),
        new("GET", "/api/v1/search", null, Anyone, "?q=technique:XAFS&facets=proposal,owner,visibility"),
        new("POST", "/api/v1/search", """{"q":"element:Fe"}""", Anyone),
        new("GET", "/api/v1/search/query", null, Anyone, "?q=a"),
        new("POST", "/api/v1/search/query", """{"text":"a"}""", Anyone),
        new("GET", "/api/v1/search/fields", null, Anyone),
        new("GET", "/api/v1/search/paths", null, Anyone, "?text=energy"),
        new("GET", "/api/v1/search/values", null, Anyone, "?path=proposal"),
        new("GET", "/api/v1/search/points", null, Anyone, "?x=energy&y=size"),
        new("GET", "/api/v1/search/export", null, Anyone, "?q=technique:XAFS"),
        new("GET", "/api/v1/search/state", null, Admin(200)),
        new("POST", "/api/v1/search/rebuild", null, Admin(200)),
        new("GET", One + "/related", null, Needs(Right.Read, 200)),
        // There is no frame in it.
        new("GET", One + "/preview", null, _ => 404),
        new("GET", "/api/v1/saved-searches", null, LoggedIn(200)),
        new("POST", "/api/v1/saved-searches", """{"title":"x","q":"a"}""", LoggedIn(201)),
        new("GET", "/api/v1/saved-searches/{id}", null, _ => 404),
        new("PUT", "/api/v1/saved-searches/{id}", """{"title":"x","q":"a"}""", LoggedIn(404)),
        new("DELETE", "/api/v1/saved-searches/{id}", null, LoggedIn(404)),
        new("POST", "/api/v1/saved-searches/{id}/restore", null, LoggedIn(404)),
        new("GET", "/api/v1/saved-searches/{id}/deliveries", null, LoggedIn(404)),
        new("POST", "/api/v1/saved-searches/{id}/test", null, LoggedIn(404)),
        new("GET", "/api/v1/column-sets", null, LoggedIn(200)),
        new("PUT", "/api/v1/column-sets/{title}", """{"columns":["energy"]}""", LoggedIn(204)),
        new("DELETE", "/api/v1/column-sets/{title}", null, LoggedIn(204)),
        new("GET", One, null, Needs(Right.Read, 200)),
        new("DELETE", One, null, Needs(Right.Write, 409)),
        new("POST", One + "/close", null, Needs(Right.Write, 200)),
        new("GET", One + "/history", null, Needs(Right.Read, 200)),
        new("GET", One + "/files", null, Needs(Right.Read, 200)),
        new("GET", One + "/files/{path}", null, Needs(Right.Read, 200)),
        new("GET", One + "/content/{path}", null, Needs(Right.Read, 200)),
        new("HEAD", One + "/content/{path}", null, Needs(Right.Read, 200)),
        new("GET", One + "/access", null, Needs(Right.Manage, 200)),
        new("PUT", One + "/access/{user}", """{"right":"read"}""", Needs(Right.Manage, 200)),
        new("DELETE", One + "/access/{user}", null, Needs(Right.Manage, 204)),
        new("GET", One + "/visibility", null, Needs(Right.Read, 200)),
        new("PUT", One + "/visibility", """{"visibility":"limited"}""", Needs(Right.Manage, 200)),
        new(
            "POST",
            One + "/upload-credentials",
            null,
            kind =>
                kind.IsNobody ? 401
                : kind.Held >= Right.Write ? 200
                // Hidden or missing: both would be opened, which takes a right on the proposal.
                : kind.SeesProposal ? 403
                : 404
        ),
        new("GET", One + "/metadata/{kind}", null, Needs(Right.Read, 200)),
        new("PUT", One + "/metadata/{kind}", """{"energy": 7.1}""", Needs(Right.Write, 204)),
        new("DELETE", One + "/metadata/{kind}", null, Needs(Right.Write, 204)),
        new("GET", One + "/metadata/changes", null, Needs(Right.Read, 200)),
        new("GET", One + "/metadata/proposed", null, Needs(Right.Read, 200)),
        new("POST", One + "/metadata/proposed/read", null, Needs(Right.Write, 202)),
        new("GET", One + "/metadata/export", null, Needs(Right.Read, 200), "?format=scicat"),
        new("POST", One + "/metadata/import", "{}", Needs(Right.Write, 200), "?format=benten-json"),
        new("GET", One + "/samples", null, Needs(Right.Read, 200)),
        new("PUT", One + "/samples/{sample}", null, OfProposal(204)),
        new("DELETE", One + "/samples/{sample}", null, Needs(Right.Write, 204)),
        new("GET", "/api/v1/samples", null, Anyone),
        new("POST", "/api/v1/samples/check", """{"names":["a"]}""", Anyone),
        new("GET", "/api/v1/samples/{sample}", null, Needs(Right.Read, 200)),
        new("PUT", "/api/v1/samples/{sample}", """{"description":{"names":["y"]}}""", OfProposal(200)),
        new("DELETE", "/api/v1/samples/{sample}", null, OfProposal(409)),
        new("GET", "/api/v1/samples/{sample}/changes", null, Needs(Right.Read, 200)),
        new(
            "POST",
            "/api/v1/proposals/{proposal}/samples",
            """{"description":{"names":["z"]}}""",
            kind =>
                kind.OfProposal ? 201
                : kind.SeesProposal ? 403
                : 404
        ),
        new("POST", One + "/metadata/proposed/accept", """{"fields": null}""", Needs(Right.Write, 200)),
        new("POST", One + "/metadata/proposed/dismiss", """{"fields": null}""", Needs(Right.Write, 200)),
        new("POST", One + "/metadata/proposed/propose-again", """{"fields": null}""", Needs(Right.Write, 200)),
        new("POST", One + "/metadata/changes/{change}/restore", null, Needs(Right.Write, 404)),
        new("POST", "/api/v1/metadata/check", "{}", Anyone),
        new("GET", One + "/metadata/standing", null, Needs(Right.Read, 200)),
        new("PUT", One + "/metadata/{kind}/schema", """{"schema":"measurement"}""", Needs(Right.Write, 204)),
        new("GET", One + "/metadata/{kind}/schemas", null, Needs(Right.Read, 200)),
        new("POST", "/api/v1/schemas/{schema}/general", null, Admin(204)),
        new("GET", "/api/v1/schemas", null, Anyone),
        new("GET", "/api/v1/schemas/{schema}", null, Anyone),
        new("GET", "/api/v1/schemas/{schema}/{version}", null, Anyone),
        new("PUT", "/api/v1/schemas/{schema}", """{"type":"object"}""", Admin(200), "-of-table"),
        new("POST", "/api/v1/schemas/{schema}/{version}/retire", null, Admin(204)),
        new("POST", "/api/v1/schemas/{schema}/{version}/offer", null, Admin(204)),
        new("POST", "/api/v1/metadata/bulk/preview", BulkBody, LoggedIn(200)),
        new("POST", "/api/v1/metadata/bulk", BulkBody, LoggedIn(200)),
        new("GET", "/api/v1/metadata/bulk", null, LoggedIn(200)),
        new("POST", "/api/v1/metadata/bulk/{id}/undo", null, LoggedIn(404)),
        new("POST", "/api/v1/metadata/bulk/{id}/undo-large", null, LoggedIn(404)),
        new("GET", "/api/v1/metadata/large-edits", null, LoggedIn(200)),
        new("GET", "/api/v1/metadata/large-edits/{id}", null, LoggedIn(404)),
        new("GET", "/api/v1/metadata/large-edits/{id}/refused", null, LoggedIn(404)),
        new("POST", "/api/v1/metadata/large-edits/{id}/cancel", null, LoggedIn(404)),
        new("POST", "/api/v1/metadata/large-edits/table", "no,head\n1,2", LoggedIn(400)),
        // What it finds, and so whether there is anything to do, is another thing for each; the path is wrong for all.
        new(
            "POST",
            "/api/v1/search/edit",
            """{"q":"","edits":[{"kind":"measurement","path":"a..b","value":1}]}""",
            LoggedIn(400)
        ),
        new(
            "POST",
            "/api/v1/search/edit/preview",
            """{"q":"","edits":[{"kind":"measurement","path":"a","value":1}]}""",
            LoggedIn(200)
        ),
        new("GET", "/api/v1/metadata/table", null, LoggedIn(200), "?s={proposal}/{sequence}"),
        new("POST", "/api/v1/metadata/table/export", """{"sequences":["{proposal}/{sequence}"]}""", LoggedIn(200)),
        new(
            "POST",
            "/api/v1/metadata/table/preview",
            "proposal,sequence,measurement:a\n{proposal},{sequence},1",
            LoggedIn(200)
        ),
        new(
            "POST",
            "/api/v1/metadata/table",
            "proposal,sequence,measurement:a\n{proposal},{sequence},1",
            LoggedIn(200)
        ),
        new("GET", One + "/annotations", null, Needs(Right.Read, 200)),
        new("PUT", One + "/keywords/{label}", null, Needs(Right.Write, 204)),
        new("DELETE", One + "/keywords/{label}", null, Needs(Right.Write, 204)),
        new("PUT", One + "/tags/{label}", null, Needs(Right.Write, 204)),
        new("DELETE", One + "/tags/{label}", null, Needs(Right.Write, 204)),
        new("GET", "/api/v1/keywords", null, Anyone),
        new("GET", "/api/v1/tags", null, Anyone),
        new("PUT", One + "/rating", """{"stars":4}""", Says(204)),
        new("GET", One + "/comments", null, Needs(Right.Read, 200)),
        new("POST", One + "/comments", """{"text":"well done"}""", Says(201)),
        new("PUT", One + "/comments/{comment}", """{"text":"x"}""", kind => 404),
        new("DELETE", One + "/comments/{comment}", null, kind => 404),
        new("GET", "/api/v1/mentions", null, LoggedIn(200)),
        new("POST", "/api/v1/mentions/seen", """{"comments":[0]}""", LoggedIn(204)),
        new("POST", "/api/v1/archives", """{"sequences":["{proposal}/{sequence}"]}""", Needs(Right.Read, 200)),
        new("GET", "/download", null, Needs(Right.Read, 200), "?s={proposal}/{sequence}"),
        new("HEAD", "/download", null, Needs(Right.Read, 200), "?s={proposal}/{sequence}"),
        new("POST", "/download", null, Needs(Right.Read, 200), "?s={proposal}/{sequence}"),
        // Whoever holds the address may.
        new("GET", "/download/{secret}/{fileName}", null, Anyone),
        new("HEAD", "/download/{secret}/{fileName}", null, Anyone),
        new("GET", "/api/v1/workspaces", null, LoggedIn(200)),
        new("POST", "/api/v1/workspaces", """{"id":"leaders-bench"}""", LoggedIn(409)),
        new("GET", "/api/v1/workspaces/{workspace}", null, Owner(200)),
        new("DELETE", "/api/v1/workspaces/{workspace}", null, Owner(409)),
        new("GET", "/api/v1/workspaces/{workspace}/files", null, Owner(200)),
        new("GET", "/api/v1/workspaces/{workspace}/content/{path}", null, Owner(200)),
        new("HEAD", "/api/v1/workspaces/{workspace}/content/{path}", null, Owner(200)),
        new("POST", "/api/v1/workspaces/{workspace}/upload-credentials", null, Owner(200)),
        new("GET", "/api/v1/workspaces/{workspace}/access", null, Owner(200)),
        new("PUT", "/api/v1/workspaces/{workspace}/access/{user}", """{"right":"read"}""", Owner(204)),
        new("DELETE", "/api/v1/workspaces/{workspace}/access/{user}", null, Owner(204)),
        new("GET", "/api/v1/work", null, Admin(200)),
        new("GET", "/api/v1/work/given-up", null, Admin(200)),
        new("POST", "/api/v1/work/given-up/{work}/retry", null, Admin(404)),
        new("DELETE", "/api/v1/work/given-up/{work}", null, Admin(404)),
        new("GET", "/api/v1/registrations", null, Admin(200)),
        new("POST", "/api/v1/registrations", """{"path":"/etc","proposalId":"2026A2000"}""", Admin(403)),
        new("POST", "/api/v1/registrations/preview", """{"path":"/etc","proposalId":"2026A2000"}""", Admin(403)),
        new("GET", "/api/v1/registrations/state", null, Admin(200)),
        new("GET", "/api/v1/registrations/{id}", null, Admin(404)),
        new("GET", "/api/v1/registrations/{id}/findings", null, Admin(404)),
        new("POST", "/api/v1/registrations/{id}/rescan", null, Admin(404)),
        new("POST", "/api/v1/registrations/{id}/cancel", null, Admin(404)),
        new("POST", "/api/v1/registrations/{id}/continue", null, Admin(404)),
        new("DELETE", "/api/v1/registrations/{id}", null, Admin(404)),
        new("GET", "/api/v1/storage", null, Admin(200)),
        new("POST", "/api/v1/storage/scrub/start", null, Admin(204)),
        new("POST", "/api/v1/storage/scrub/pause", null, Admin(204)),
        new("GET", "/api/v1/storage/damaged", null, Admin(200)),
        new("POST", "/api/v1/storage/damaged/{id}/check", null, Admin(404)),
        new("GET", "/api/v1/storage/uploads", null, Admin(200)),
        new("DELETE", "/api/v1/storage/uploads/{id}", null, Admin(404)),
    ];

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
