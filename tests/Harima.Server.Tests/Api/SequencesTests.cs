using System.Net;
using System.Text;
using System.Text.Json;
using Harima.Access;
using Harima.Faults;
using Harima.S3.Client;
using Harima.S3.Errors;
using Harima.S3.Signing;
using Harima.Search.Feed;
using Harima.Sequences;

namespace Harima.Api;

public sealed class SequencesOnSqlite(SqliteHarima harima) : SequencesTests(harima);

public sealed class SequencesOnPostgres(PostgresHarima harima) : SequencesTests(harima);

/// <summary>Sequences, files, sharing, metadata.</summary>
public abstract class SequencesTests(RunningHarima harima) : ApiTests(harima)
{
    static string At(string sequence) => $"/proposals/{Proposal}/sequences/{sequence}";

    [Theory]
    [InlineData("/sequences?limit=0", "limit")]
    [InlineData("/sequences?limit=201", "limit")]
    [InlineData("/sequences?limit=many", "bad-request")]
    [InlineData("/sequences?cursor=nonsense", "bad-cursor")]
    [InlineData("/sequences?sort=colour", "bad-word")]
    [InlineData("/sequences?state=1", "bad-word")]
    [InlineData("/proposals?limit=201", "limit")]
    public async Task A_list_that_cannot_be_is_refused(string path, string reason) =>
        (await SendAsync("leader", "GET", path)).IsProblem(400, reason);

    [Fact]
    public async Task What_does_not_fit_a_route_is_told_without_the_names_of_classes()
    {
        async Task<string> DetailAsync(string method, string path, string? body = null)
        {
            var answer = await SendAsync("leader", method, path, body);
            answer.IsProblem(400, "bad-request");
            return answer.Json().GetProperty("detail").GetString()!;
        }
        Assert.Equal("'many' is no value of 'limit'.", await DetailAsync("GET", "/search?limit=many"));
        Assert.Equal("'x' is missing.", await DetailAsync("GET", "/search/points?y=date"));
        Assert.Equal(
            "The body is not what this route takes, at $: it lacks 'description'.",
            await DetailAsync("POST", $"/proposals/{Proposal}/samples", """{"parents": []}""")
        );
        Assert.Equal(
            "The body is not what this route takes, at $.version: this is not a value of the kind that belongs there.",
            await DetailAsync("POST", $"/proposals/{Proposal}/samples", """{"description": {}, "version": "one"}""")
        );
    }

    /// <summary>PostgreSQL takes no U+0000 in a text; SQLite ends some at it.</summary>
    [Theory]
    [InlineData("/sequences?owner=a%00")]
    [InlineData("/sequences?text=a%00")]
    [InlineData("/proposals?text=a%00")]
    [InlineData("/samples?text=a%00")]
    [InlineData("/keywords?text=a%00")]
    [InlineData("/tags?text=a%00")]
    [InlineData("/people?text=a%00")]
    [InlineData("/search?q=a%00")]
    [InlineData("/schemas/a%00")]
    public async Task What_no_text_has_is_no_fault_of_the_server(string path)
    {
        await Harima.Get<SearchFeed>().CatchUpAsync(Token);
        var answer = await SendAsync("leader", "GET", path);
        Assert.True((int)answer.Status is 200 or 400 or 404, $"{answer.Status}: {answer.Text}");
    }

    [Fact]
    public async Task Text_with_a_sign_that_no_database_keeps_is_refused_or_kept()
    {
        var id = await NewSequenceAsync();
        async Task<int> StatusAsync(string method, string path, string body)
        {
            var answer = await SendAsync("leader", method, path, body);
            return (int)answer.Status;
        }
        const string Text = "\"a\\u0000b\"";
        foreach (
            var (method, path, body) in new[]
            {
                ("POST", At(id) + "/comments", $$"""{"text": {{Text}}}"""),
                ("POST", "/saved-searches", $$"""{"title": "x", "q": {{Text}}}"""),
                ("POST", "/saved-searches", $$"""{"title": {{Text}}, "q": ""}"""),
                ("PUT", "/column-sets/x", $$"""{"columns": [{{Text}}]}"""),
                ("POST", $"/proposals/{Proposal}/samples", $$"""{"description": {"names": [{{Text}}] } }"""),
                ("PUT", At(id) + "/metadata/sample", $$"""{"name": {{Text}}}"""),
                ("POST", $"/proposals/{Proposal}/sequences", $$"""{"id": {{Text}}}"""),
            }
        )
        {
            var status = await StatusAsync(method, path, body);
            Assert.True(status is 200 or 201 or 204 or 400, $"{method} {path}: {status}");
        }
    }

    [Theory]
    [InlineData("GET", "/nowhere", 404, "no-such-route")]
    [InlineData("PATCH", "/sequences", 405, "method-not-allowed")]
    public async Task What_is_no_route_is_a_problem_too(string method, string path, int status, string reason) =>
        (await SendAsync("leader", method, path)).IsProblem(status, reason);

    [Fact]
    public async Task A_sequence_id_that_cannot_be_or_exists_is_refused()
    {
        var id = await NewSequenceAsync();
        var place = $"/proposals/{Proposal}/sequences";
        (await SendAsync("leader", "POST", place, """{"id":"a/b"}""")).IsProblem(400, "sequence-id");
        (await SendAsync("leader", "POST", place, $$"""{"id":"{{id}}"}""")).IsProblem(409, "sequence-exists");
        (await SendAsync("leader", "POST", place, """{"id":null}""")).IsProblem(400, "bad-request");
    }

    [Fact]
    public async Task Pages_follow_each_other_and_lead_back()
    {
        var word = NewId("page-");
        foreach (var n in Enumerable.Range(1, 5))
            await Harima
                .Get<OpenSequence>()
                .HandleAsync(
                    new OpenSequenceRequest(Proposal, $"{word}-{n}"),
                    RunningHarima.PrincipalOf("leader"),
                    Token
                );
        await Harima.Get<SearchFeed>().CatchUpAsync(Token);
        var list = $"/sequences?text={word}&sort=id&descending=false&limit=2&count=true";
        var first = (await SendAsync("member", "GET", list)).IsOk().Json();
        Assert.Equal(5, first.GetProperty("count").GetInt32());
        Assert.False(first.GetProperty("more").GetBoolean());
        Assert.Equal([$"{word}-1", $"{word}-2"], Ids(first));
        var second = (
            await SendAsync("member", "GET", list + "&cursor=" + first.GetProperty("next").GetString())
        ).Json();
        Assert.Equal([$"{word}-3", $"{word}-4"], Ids(second));
        var back = (
            await SendAsync("member", "GET", list + "&cursor=" + second.GetProperty("previous").GetString())
        ).Json();
        Assert.Equal([$"{word}-1", $"{word}-2"], Ids(back));
        var last = (
            await SendAsync("member", "GET", list + "&cursor=" + second.GetProperty("next").GetString())
        ).Json();
        Assert.Equal([$"{word}-5"], Ids(last));
        Assert.Equal(JsonValueKind.Null, last.GetProperty("next").ValueKind);
    }

    [Fact]
    public async Task Files_are_listed_by_path_in_pages_with_their_checksums()
    {
        var id = await NewSequenceAsync();
        string[] paths = ["raw/2 測定.h5", "raw/1.h5", "raw+x"];
        foreach (var path in paths)
            await PutAsync(Proposal, $"{id}/{path}", Encoding.UTF8.GetBytes(path));
        var page = (await SendAsync("leader", "GET", At(id) + "/files?limit=2")).IsOk().Json();
        var next = page.GetProperty("next").GetString()!;
        var rest = (await SendAsync("leader", "GET", At(id) + "/files?after=" + Uri.EscapeDataString(next)))
            .IsOk()
            .Json();
        Assert.Equal(
            ["a.txt", "raw+x", "raw/1.h5", "raw/2 測定.h5"],
            Items(page).Concat(Items(rest)).Select(file => file.GetProperty("path").GetString())
        );
        var raw = (await SendAsync("leader", "GET", At(id) + "/files?prefix=raw/")).Json();
        Assert.Equal(2, raw.GetProperty("items").GetArrayLength());
        var one = Items(raw)[0];
        Assert.Equal($"{id}/raw/1.h5", one.GetProperty("key").GetString());
        Assert.Equal(8, one.GetProperty("sizeBytes").GetInt32());
        Assert.Equal(12, one.GetProperty("checksums").GetProperty("crc64nvme").GetString()!.Length);
        Assert.Equal(8, one.GetProperty("checksums").GetProperty("crc32").GetString()!.Length);
    }

    [Fact]
    public async Task The_facts_of_a_file_name_addresses_that_work()
    {
        var id = await NewSequenceAsync();
        await PutAsync(Proposal, $"{id}/raw/1 あ.h5", "bytes"u8.ToArray());
        var path = Uri.EscapeDataString("1 あ.h5");
        var facts = (await SendAsync("member", "GET", At(id) + "/files/raw/" + path)).IsOk().Json();
        Assert.Equal($"s3://{RunningHarima.Bucket}/{id}/raw/1 あ.h5", facts.GetProperty("s3Uri").GetString());
        Assert.Equal("bytes", await Harima.Http.GetStringAsync(facts.GetProperty("downloadUrl").GetString(), Token));
        var content = new Uri(facts.GetProperty("contentUrl").GetString()!);
        var part = await SendAsync("member", "GET", "/" + content.PathAndQuery, null, ("Range", "bytes=1-2"));
        Assert.Equal(HttpStatusCode.PartialContent, part.Status);
        Assert.Equal("yt", part.Text);
        // What somebody uploaded must never run as a page of the portal.
        Assert.StartsWith("attachment", part.Header("Content-Disposition"), StringComparison.Ordinal);
        Assert.Equal("nosniff", part.Header("X-Content-Type-Options"));
        (await SendAsync("member", "GET", At(id) + "/files/none")).IsProblem(404, "not-found");
    }

    [Fact]
    public async Task Sharing_gives_and_takes_and_the_list_says_why()
    {
        var id = await NewSequenceAsync();
        (await SendAsync("stranger", "GET", At(id))).IsProblem(404, "not-found");
        (await SendAsync("member", "PUT", At(id) + "/access/stranger", """{"right":"read"}""")).IsProblem(
            403,
            "needs-manage"
        );
        (await SendAsync("leader", "PUT", At(id) + "/access/nobody", """{"right":"read"}""")).IsProblem(
            400,
            "no-such-user"
        );
        (await SendAsync("leader", "PUT", At(id) + "/access/stranger", """{"right":"all"}""")).IsProblem(
            400,
            "bad-request"
        );
        (await SendAsync("leader", "PUT", At(id) + "/access/stranger", """{"right":3}""")).IsProblem(
            400,
            "bad-request"
        );
        (await SendAsync("leader", "PUT", At(id) + "/access/stranger@example.jp", """{"right":"read"}""")).IsOk();
        Assert.Equal(
            "read",
            (await SendAsync("stranger", "GET", At(id))).IsOk().Json().GetProperty("myRight").GetString()
        );
        var entries = (await SendAsync("leader", "GET", At(id) + "/access")).IsOk().Json().GetProperty("entries");
        var roles = entries
            .EnumerateArray()
            .Select(entry => $"{entry.GetProperty("userId")} {entry.GetProperty("role")} {entry.GetProperty("on")}");
        Assert.Equal(
            [
                "admin admin facility",
                "leader leader proposal",
                "member member proposal",
                "staff staff beamline",
                "stranger shared sequence",
            ],
            roles.Order(StringComparer.Ordinal)
        );
        (await SendAsync("leader", "DELETE", At(id) + "/access/stranger")).IsOk(HttpStatusCode.NoContent);
        (await SendAsync("stranger", "GET", At(id))).IsProblem(404, "not-found");
    }

    [Fact]
    public async Task Only_those_who_manage_read_in_the_history_who_was_given_access()
    {
        var id = await NewSequenceAsync();
        await ShareAsync(Proposal, id, "stranger", Right.Read);
        var leaders = (await SendAsync("leader", "GET", At(id) + "/history")).IsOk().Text;
        var strangers = (await SendAsync("stranger", "GET", At(id) + "/history")).IsOk().Text;
        Assert.Contains("access.given", leaders, StringComparison.Ordinal);
        Assert.DoesNotContain("access.given", strangers, StringComparison.Ordinal);
        Assert.Contains("file.added", strangers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_sequence_takes_nothing_more()
    {
        var id = await NewSequenceAsync();
        var closed = (await SendAsync("member", "POST", At(id) + "/close")).IsOk().Json();
        Assert.Equal("closed", closed.GetProperty("state").GetString());
        (await SendAsync("leader", "PUT", At(id) + "/metadata/sample", "{}")).IsProblem(409, "sequence-closed");
        (await SendAsync("leader", "DELETE", At(id) + "/metadata/measurement")).IsProblem(409, "sequence-closed");
        (await SendAsync("leader", "POST", At(id) + "/upload-credentials")).IsProblem(409, "sequence-closed");
        (await SendAsync("leader", "DELETE", At(id))).IsProblem(409, "sequence-closed");
        // Closing is about data: it can still be shared.
        (await SendAsync("leader", "PUT", At(id) + "/access/stranger", """{"right":"read"}""")).IsOk();
    }

    [Fact]
    public async Task Metadata_comes_back_as_it_was_given_and_every_change_is_kept()
    {
        var id = await NewSequenceAsync();
        const string Text = "{\n  \"試料\": \"CeO₂\",   \"z\": 1.0, \"a\": 1e5\n}\n";
        (await SendAsync("leader", "GET", At(id) + "/metadata/sample")).IsProblem(404, "not-found");
        (await SendAsync("leader", "GET", At(id) + "/metadata/other")).IsProblem(404, "no-such-route");
        (await SendAsync("member", "PUT", At(id) + "/metadata/sample", Text)).IsOk(HttpStatusCode.NoContent);
        Assert.Equal(Text, (await SendAsync("leader", "GET", At(id) + "/metadata/sample")).IsOk().Text);
        (await SendAsync("leader", "DELETE", At(id) + "/metadata/sample")).IsOk(HttpStatusCode.NoContent);
        var changes = Items((await SendAsync("leader", "GET", At(id) + "/metadata/changes")).IsOk().Json());
        Assert.Equal(3, changes.Length);
        Assert.Equal(Text, changes[0].GetProperty("before").GetString());
        Assert.Equal("sample", changes[0].GetProperty("kind").GetString());
    }

    [Theory]
    [InlineData("{\"a\": 1,\n \"b\": }", 2, 7)]
    [InlineData("[1]", 1, 1)]
    [InlineData("", 1, 1)]
    public async Task A_text_that_is_no_metadata_is_answered_with_line_and_column(string text, int line, int column)
    {
        var check = (await SendAsync(Anonymous, "POST", "/metadata/check", text)).IsOk().Json();
        Assert.False(check.GetProperty("valid").GetBoolean());
        var error = check.GetProperty("errors")[0];
        Assert.Equal((line, column), (error.GetProperty("line").GetInt32(), error.GetProperty("column").GetInt32()));
        var id = await NewSequenceAsync();
        (await SendAsync("leader", "PUT", At(id) + "/metadata/sample", text)).IsProblem(400, "metadata-invalid");
    }

    [Fact]
    public async Task Metadata_of_more_than_one_MiB_is_refused()
    {
        var text = "{\"a\":\"" + new string('x', 1 << 20) + "\"}";
        var id = await NewSequenceAsync();
        (await SendAsync("leader", "PUT", At(id) + "/metadata/sample", text)).IsProblem(400, "metadata-invalid");
    }

    [Fact]
    public async Task Administrators_register_proposals_and_others_may_not()
    {
        var id = NewId("2027B");
        var body =
            $$"""{"id":"{{id}}","title":"New","beamlineId":"BL14B2","startsOn":"2027-04-01","endsOn":"2027-05-01","leader":"leader","members":["member"]}""";
        (await SendAsync("leader", "POST", "/proposals", body)).IsProblem(403, "facility-only");
        var made = (await SendAsync("admin", "POST", "/proposals", body)).IsOk(HttpStatusCode.Created).Json();
        Assert.Equal("2027-04-01", made.GetProperty("startsOn").GetString());
        Assert.Equal(id.ToLowerInvariant(), made.GetProperty("bucket").GetString());
        (await SendAsync("admin", "POST", "/proposals", body)).IsProblem(409, "bucket-exists");
        (await SendAsync("stranger", "GET", "/proposals/" + id)).IsProblem(404, "not-found");
        var people = Items((await SendAsync("member", "GET", $"/proposals/{id}/people")).IsOk().Json());
        Assert.Equal(["leader", "member", "staff"], people.Select(person => person.GetProperty("userId").GetString()));
    }

    [Fact]
    public async Task A_workspace_is_its_owners_until_shared_and_goes_only_when_empty()
    {
        var id = NewId("ws-").ToLowerInvariant();
        (await SendAsync("member", "POST", "/workspaces", """{"id":"No Name"}""")).IsProblem(400, "bucket-name");
        (await SendAsync("member", "POST", "/workspaces", $$"""{"id":"{{id}}"}""")).IsOk(HttpStatusCode.Created);
        (await SendAsync("admin", "GET", "/workspaces/" + id)).IsProblem(404, "not-found");
        (await SendAsync("member", "PUT", $"/workspaces/{id}/access/leader", """{"right":"write"}""")).IsOk(
            HttpStatusCode.NoContent
        );
        await PutAsync(id, "free/key", "x"u8.ToArray());
        var files = Items((await SendAsync("leader", "GET", $"/workspaces/{id}/files")).IsOk().Json());
        Assert.Equal("free/key", Assert.Single(files).GetProperty("path").GetString());
        (await SendAsync("member", "DELETE", "/workspaces/" + id)).IsProblem(409, "bucket-not-empty");
    }

    [Fact]
    public async Task Bytes_of_a_workspace_are_read_by_those_who_may_and_written_with_credentials_for_it_alone()
    {
        var id = NewId("ws-").ToLowerInvariant();
        (await SendAsync("leader", "POST", "/workspaces", $$"""{"id":"{{id}}"}""")).IsOk(HttpStatusCode.Created);
        await PutAsync(id, "図/a b#1.txt", "0123456789"u8.ToArray());
        var content = $"/workspaces/{id}/content/{Uri.EscapeDataString("図")}/{Uri.EscapeDataString("a b#1.txt")}";
        Assert.Equal("0123456789", (await SendAsync("leader", "GET", content)).IsOk().Text);
        Assert.Equal("234", (await SendAsync("leader", "GET", content, null, ("Range", "bytes=2-4"))).Text);
        (await SendAsync("leader", "GET", $"/workspaces/{id}/content/none")).IsProblem(404, "not-found");
        (await SendAsync("member", "GET", content)).IsProblem(404, "not-found");

        (await SendAsync("leader", "PUT", $"/workspaces/{id}/access/member", """{"right":"read"}""")).IsOk(
            HttpStatusCode.NoContent
        );
        Assert.Equal("0123456789", (await SendAsync("member", "GET", content)).IsOk().Text);
        (await SendAsync("member", "POST", $"/workspaces/{id}/upload-credentials")).IsProblem(403, "workspace-write");
        var made = (await SendAsync("leader", "POST", $"/workspaces/{id}/upload-credentials")).IsOk().Json();
        Assert.Equal((id, ""), (made.GetProperty("bucket").GetString(), made.GetProperty("prefix").GetString()));
        var credentials = new Credentials(
            made.GetProperty("accessKey").GetString()!,
            made.GetProperty("secretKey").GetString()!,
            made.GetProperty("sessionToken").GetString()!
        );
        var s3 = new S3Client(Harima.Http, Harima.S3, "us-east-1", credentials, TimeProvider.System);
        using (var body = new MemoryStream([1]))
            await s3.PutObjectAsync(id, "new", body, 1, null, Token);
        using var other = new MemoryStream([1]);
        await Assert.ThrowsAsync<S3Exception>(() =>
            s3.PutObjectAsync(RunningHarima.Workspace, "new", other, 1, null, Token)
        );
    }

    [Fact]
    public async Task A_folder_is_removed_with_everything_in_it_and_nothing_beside_it()
    {
        var id = await NewSequenceAsync();
        for (var n = 0; n < 40; n++)
            await PutAsync(Proposal, $"{id}/raw/{n % 3}/{n}", [1]);
        await PutAsync(Proposal, $"{id}/raw.txt", [1]);
        var remove = Harima.Get<RemoveFolder>();
        Task<int> RemoveAsync(string user) =>
            remove.HandleAsync(Proposal, id + "/raw/", RunningHarima.PrincipalOf(user), Token);

        Assert.Equal(
            FaultCode.NotFound,
            (await Assert.ThrowsAsync<FaultException>(() => RemoveAsync("stranger"))).Code
        );
        await ShareAsync(Proposal, id, "stranger", Right.Read);
        Assert.Equal(
            FaultCode.Forbidden,
            (await Assert.ThrowsAsync<FaultException>(() => RemoveAsync("stranger"))).Code
        );
        Assert.Equal(40, await RemoveAsync("leader"));
        var left = Items((await SendAsync("leader", "GET", $"/proposals/{Proposal}/sequences/{id}/files")).Json());
        Assert.Equal(["a.txt", "raw.txt"], left.Select(file => file.GetProperty("path").GetString()));
        Assert.Equal(FaultCode.NotFound, (await Assert.ThrowsAsync<FaultException>(() => RemoveAsync("leader"))).Code);
    }

    static JsonElement[] Items(JsonElement page) => [.. page.GetProperty("items").EnumerateArray()];

    static string?[] Ids(JsonElement page) => [.. Items(page).Select(item => item.GetProperty("id").GetString())];
}
