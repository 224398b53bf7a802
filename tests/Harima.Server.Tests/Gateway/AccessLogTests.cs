using System.Net;
using System.Text.Json;
using Harima.Access;
using Harima.Identity;

namespace Harima.Gateway;

public sealed class AccessLogOnSqlite(SqliteHarima harima) : AccessLogTests(harima);

public sealed class AccessLogOnPostgres(PostgresHarima harima) : AccessLogTests(harima);

/// <summary>Who read what: from the requests to what the experiment leader is told.</summary>
public abstract class AccessLogTests(RunningHarima harima) : GatewayTests(harima)
{
    async Task<HttpResponseMessage> RestAsync(string user, string address)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Harima.Portal, address));
        if (user != Anonymous)
        {
            var token = await Harima
                .Get<ApiTokens>()
                .CreateAsync(RunningHarima.PrincipalOf(user), "test", TimeSpan.FromHours(1), Token);
            request.Headers.Authorization = new("Bearer", token.Text);
        }
        return await Harima.Http.SendAsync(request, Token);
    }

    async Task<JsonElement> AccessesAsync(string user, string query)
    {
        await FlushAsync();
        using var answer = await RestAsync(user, $"/api/v1/proposals/{RunningHarima.Proposal}/accesses?{query}");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token)).RootElement;
    }

    static string[] Told(JsonElement page) =>
        [
            .. page.GetProperty("items")
                .EnumerateArray()
                .Select(read =>
                    $"{read.GetProperty("user")} {read.GetProperty("door")} {read.GetProperty("key")} {read.GetProperty("requests")} {read.GetProperty("sizeBytes")}"
                ),
        ];

    [Theory]
    [InlineData("member", HttpStatusCode.Forbidden)]
    [InlineData("staff", HttpStatusCode.Forbidden)]
    [InlineData("stranger", HttpStatusCode.NotFound)]
    [InlineData(Anonymous, HttpStatusCode.NotFound)]
    [InlineData("leader", HttpStatusCode.OK)]
    [InlineData("admin", HttpStatusCode.OK)]
    public async Task The_leader_and_administrators_are_told_and_nobody_else(string user, HttpStatusCode status)
    {
        using var answer = await RestAsync(user, $"/api/v1/proposals/{RunningHarima.PrivateProposal}/accesses");
        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task Reads_are_folded_by_person_and_file()
    {
        var target = await NewFileAsync("0123456789", "sub/a b.txt");
        var key = Uri.UnescapeDataString(target[(Bucket.Length + 2)..]);
        var sequence = key.Split('/')[0];
        await Harima.ShareAsync(sequence, "stranger", Right.Read);

        for (var n = 0; n < 3; n++)
            (await SendAsync("member", "GET", target)).IsOk();
        (await SendAsync("member", "HEAD", target)).IsOk();
        (await SendAsync("stranger", "GET", target, headers: [("Range", "bytes=0-3")])).IsOk(
            HttpStatusCode.PartialContent
        );
        (await SendAsync("staff", "GET", target + "-none")).IsRefused(404, "NoSuchKey");
        (await SendAsync(Anonymous, "GET", target)).IsOk(HttpStatusCode.Forbidden);
        // A copy is a read of its source.
        (
            await SendAsync(
                "leader",
                "PUT",
                $"/{Workspace}/copy-of-{sequence}",
                headers: [("x-amz-copy-source", target)]
            )
        ).IsOk();

        Assert.Equal(
            [$"leader s3 {key}", $"member s3 {key} 3 30", $"stranger s3 {key} 1 4"],
            Told(await AccessesAsync("leader", "sequence=" + sequence))
                .Select(text =>
                    text.StartsWith("leader", StringComparison.Ordinal) ? text[..$"leader s3 {key}".Length] : text
                )
                .Order(StringComparer.Ordinal)
        );
        Assert.Equal([$"member s3 {key} 3 30"], Told(await AccessesAsync("admin", $"sequence={sequence}&user=member")));
        // Once more, after it was folded.
        (await SendAsync("member", "GET", target)).IsOk();
        Assert.Equal([$"member s3 {key} 4 40"], Told(await AccessesAsync("admin", $"sequence={sequence}&user=member")));
    }

    [Fact]
    public async Task Downloads_by_REST_and_archives_are_told_of()
    {
        var target = await NewFileAsync("0123456789");
        var sequence = target.Split('/')[2];
        var one = $"/api/v1/proposals/{RunningHarima.Proposal}/sequences/{sequence}";

        using (var content = await RestAsync("member", one + "/content/a.txt"))
            Assert.Equal("0123456789", await content.Content.ReadAsStringAsync(Token));
        using (var archive = await RestAsync("staff", $"/download?format=tar&s={RunningHarima.Proposal}/{sequence}"))
            Assert.NotEmpty(await archive.Content.ReadAsByteArrayAsync(Token));

        var told = await ToldUntilAsync(sequence, 2);
        Assert.Contains(told, text => text.StartsWith($"member rest {sequence}/a.txt 1 ", StringComparison.Ordinal));
        Assert.Contains(told, text => text.StartsWith($"staff archive {sequence}/ 1 ", StringComparison.Ordinal));
    }

    // An answer is complete for its reader a moment before the server has noted it.
    async Task<string[]> ToldUntilAsync(string sequence, int count)
    {
        while (true)
        {
            var told = Told(await AccessesAsync("leader", "sequence=" + sequence));
            if (told.Length >= count)
                return told;
            await Task.Yield();
        }
    }

    [Fact]
    public async Task Pages_follow_each_other_without_gap()
    {
        var sequence = NewSequence();
        string[] keys = [.. Enumerable.Range(0, 5).Select(n => $"{sequence}/{n}")];
        foreach (var key in keys)
        {
            await PutAsync(key, "x");
            (await SendAsync("member", "GET", $"/{Bucket}/{key}")).IsOk();
        }
        var found = new List<string>();
        string? cursor = null;
        do
        {
            var page = await AccessesAsync(
                "leader",
                $"sequence={sequence}&limit=2" + (cursor is null ? "" : "&cursor=" + cursor)
            );
            found.AddRange(
                page.GetProperty("items").EnumerateArray().Select(read => read.GetProperty("key").GetString()!)
            );
            cursor = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        } while (cursor is not null);
        Assert.Equal(keys, found.Order(StringComparer.Ordinal));
    }

    async Task FlushAsync()
    {
        while (Harima.Get<ExchangeLog>().UnderWay > 0)
            await Task.Delay(1, Token);
        await Harima.Get<AccessLogWorker>().FlushAsync(Token);
    }

    [Fact]
    public async Task Every_request_is_a_line_without_secrets()
    {
        var target = await NewFileAsync("lines");
        var url = Harima
            .ClientOf("leader")
            .Presign(HttpMethod.Get, Bucket, target[(Bucket.Length + 2)..], TimeSpan.FromHours(1));
        var answer = await SendAsync(Anonymous, "GET", url.PathAndQuery);
        answer.IsOk();
        (await SendAsync("stranger", "GET", target)).IsOk(HttpStatusCode.NotFound);
        await FlushAsync();

        var folder = Harima.Get<AccessLog>().Folder;
        var lines = Directory
            .GetFiles(folder, "access-*.jsonl")
            .SelectMany(file =>
            {
                using var reader = new StreamReader(
                    new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite)
                );
                // The last one may still be written, about requests of other tests.
                return reader.ReadToEnd().Split('\n')[..^1];
            })
            .ToArray();
        Assert.All(lines, line => Assert.DoesNotContain("Signature=", line, StringComparison.OrdinalIgnoreCase));
        var mine = Assert.Single(
            lines.Select(line => JsonDocument.Parse(line).RootElement),
            line => line.TryGetProperty("requestId", out var id) && id.GetString() == answer.Header("x-amz-request-id")
        );
        Assert.Equal("leader", mine.GetProperty("requester").GetString());
        Assert.Equal("key " + Harima.KeyOf("leader").AccessKeyId, mine.GetProperty("via").GetString());
        Assert.Equal("GetObject", mine.GetProperty("operation").GetString());
        Assert.Equal(200, mine.GetProperty("status").GetInt32());
        Assert.Equal(5, mine.GetProperty("bytesSent").GetInt64());
        Assert.NotEmpty(mine.GetProperty("remoteIp").GetString()!);
        Assert.Contains(
            lines,
            line =>
                line.Contains(target, StringComparison.Ordinal)
                && line.Contains("\"status\":404", StringComparison.Ordinal)
                && line.Contains("\"errorCode\":\"NoSuch", StringComparison.Ordinal)
                && line.Contains("\"requester\":\"stranger\"", StringComparison.Ordinal)
        );
    }
}

/// <summary>A server that finds the log of one that was killed.</summary>
public sealed class HarimaAfterCrash : RunningHarima
{
    readonly string _log = Directory.CreateTempSubdirectory("harima-log-").FullName;

    protected override IEnumerable<string> Settings
    {
        get
        {
            const string line =
                """{"time":"2026-11-20T01:02:03+00:00","requestId":"1","requester":"member","via":"key HK","door":"s3","operation":"GetObject","bucket":"2026a2000","key":"CRASH/a","method":"GET","status":200,"bytesSent":7}""";
            File.WriteAllText(
                Path.Combine(_log, "access-20261120T000000-a.jsonl"),
                $"{line}\n{{\"time\":\"2026-11-20T01:02:03Z\",\"lost\":3}}\n{line}\n{line[..40]}"
            );
            return ["--Harima:AccessLog:Directory", _log];
        }
    }

    protected override Task<string> CreateDatabaseAsync() => Task.FromResult("sqlite");

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_log, recursive: true);
    }
}

public sealed class AccessLogAfterCrashTests(HarimaAfterCrash harima) : IClassFixture<HarimaAfterCrash>
{
    [Fact]
    public async Task What_was_logged_and_not_folded_is_told_of()
    {
        var token = TestContext.Current.CancellationToken;
        IReadOnlyList<Proposals.FileRead> found;
        do
        {
            await harima.Get<AccessLogWorker>().FlushAsync(token);
            found = (
                await harima
                    .Get<Proposals.AccessQueries>()
                    .ListAsync(
                        RunningHarima.PrincipalOf("leader"),
                        RunningHarima.Proposal,
                        "CRASH",
                        null,
                        null,
                        10,
                        token
                    )
            ).Items;
        } while (found.Count == 0);

        var read = Assert.Single(found);
        Assert.Equal(("member", "CRASH/a", 2, 14), (read.Actor, read.Path, read.Requests, read.SizeBytes));
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 1, 2, 3, TimeSpan.Zero), read.LastAt);
    }
}
