using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Harima.Access;
using Harima.Api;
using Harima.Gateway;
using Harima.Workspaces;

namespace Harima.Archives;

public sealed class ArchivesOnSqlite(SqliteHarima harima) : ArchiveTests(harima);

public sealed class ArchivesOnPostgres(PostgresHarima harima) : ArchiveTests(harima);

/// <summary>One stream of known length, in any range of it, judged by unzip, Python's zipfile and tar.</summary>
public abstract class ArchiveTests(RunningHarima harima) : ApiTests(harima)
{
    readonly string _folder = Directory.CreateTempSubdirectory("harima-archives-").FullName;

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return base.DisposeAsync();
    }

    [Theory]
    [InlineData("", "archive-sequences")]
    [InlineData("?s=S0001", "archive-sequence")]
    [InlineData("?s=2026A2000/a/b", "archive-sequence")]
    [InlineData("?s=2026A2000/", "archive-sequence")]
    [InlineData("?format=rar&s=2026A2000/a", "bad-word")]
    public async Task What_cannot_be_an_archive_is_refused(string query, string reason) =>
        (await SendAsync("leader", "GET", "//download" + query)).IsProblem(400, reason);

    [Fact]
    public async Task One_sequence_that_is_hidden_hides_the_archive()
    {
        var (open, hidden) = (await NewSequenceAsync(), await NewSequenceAsync());
        await ShareAsync(Proposal, open, "stranger", Right.Read);
        (await SendAsync("stranger", "GET", $"//download?s={Proposal}/{open}")).IsOk();
        (await SendAsync("stranger", "GET", $"//download?s={Proposal}/{open}&s={Proposal}/{hidden}")).IsProblem(
            404,
            "not-found"
        );
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("tar")]
    public async Task Folders_and_workspaces_keep_their_tree(string format)
    {
        var bench = await NewWorkspaceAsync();
        var id = await NewSequenceAsync();
        foreach (var key in new[] { "top.csv", "図/a b.png", "図/深い/c", "図-other/d" })
            await PutAsync(bench, key, Encoding.UTF8.GetBytes(key));
        foreach (var key in new[] { "raw/1", "raw/2/3", "raw2/x" })
            await PutAsync(Proposal, $"{id}/{key}", Encoding.UTF8.GetBytes(key));

        Assert.Equal(
            [$"{bench}/top.csv", $"{bench}/図-other/d", $"{bench}/図/a b.png", $"{bench}/図/深い/c"],
            (await FetchAsync(format, bench + "/")).Keys
        );
        Assert.Equal([$"{bench}/図/a b.png", $"{bench}/図/深い/c"], (await FetchAsync(format, bench + "/図/")).Keys);
        // No metadata: it belongs to the sequence and not to its folder.
        var raw = await FetchAsync(format, $"{Proposal}/{id}/raw/");
        Assert.Equal([$"{id}/raw/1", $"{id}/raw/2/3"], raw.Keys);
        Assert.Equal(Hash("raw/2/3"u8), raw[$"{id}/raw/2/3"]);
        // What lies in another that is named counts once; with several owners each has its folder.
        var both = await FetchAsync(format, $"{Proposal}/{id}", $"{Proposal}/{id}/raw/", bench + "/図/深い/");
        Assert.Equal(
            [
                $"{Proposal}/{id}/a.txt",
                $"{Proposal}/{id}/metadata/measurement.json",
                $"{Proposal}/{id}/raw/1",
                $"{Proposal}/{id}/raw/2/3",
                $"{Proposal}/{id}/raw2/x",
                $"{bench}/図/深い/c",
            ],
            both.Keys
        );
    }

    [Fact]
    public async Task A_folder_of_others_or_without_files_does_not_exist()
    {
        var bench = await NewWorkspaceAsync();
        var id = await NewSequenceAsync(PrivateProposal);
        await PutAsync(bench, "plots/a", [1]);
        foreach (var user in new[] { "stranger", Anonymous, "admin" })
            (await SendAsync(user, "GET", $"//download?s={bench}/")).IsProblem(404, "not-found");
        (await SendAsync("leader", "GET", $"//download?s={bench}/none/")).IsProblem(404, "not-found");
        var hidden = await SendAsync("stranger", "GET", $"//download?s={PrivateProposal}/{id}/raw/");
        var missing = await SendAsync("stranger", "GET", "//download?s=2099Z9999/S1/raw/");
        hidden.IsProblem(404, "not-found");
        Assert.Equal(
            missing.Text.Replace("2099Z9999", "P", StringComparison.Ordinal),
            hidden.Text.Replace(PrivateProposal, "P", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_folder_with_a_japanese_name_makes_a_file_with_that_name()
    {
        var bench = await NewWorkspaceAsync();
        await PutAsync(bench, "解析 1/a", [1]);
        var answer = (
            await SendAsync("leader", "HEAD", $"//download?s={Uri.EscapeDataString(bench + "/解析 1/")}")
        ).IsOk();
        Assert.Equal(
            $"{bench}_解析 1.zip",
            ContentDispositionHeaderValue.Parse(answer.Header("Content-Disposition")!).FileNameStar
        );
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("tar")]
    public async Task Others_can_unpack_it_and_every_range_is_the_same_bytes(string format)
    {
        var (query, files) = await TwoSequencesAsync(format);
        var whole = (await SendAsync("member", "GET", query)).IsOk();
        Assert.Equal(
            whole.Body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture),
            whole.Header("Content-Length")
        );
        var file = Path.Combine(_folder, "a." + format);
        await File.WriteAllBytesAsync(file, whole.Body, Token);
        await RequireReadableAsync(file);
        Assert.Equal(files, await UnpackAsync(file));
        await RequireRangesAsync(query, whole);
    }

    [Fact]
    public async Task Head_tells_length_and_etag_and_the_etag_changes_with_the_data()
    {
        var id = await NewSequenceAsync();
        var query = $"//download?s={Proposal}/{id}";
        var head = (await SendAsync("leader", "HEAD", query)).IsOk();
        var get = (await SendAsync("leader", "GET", query)).IsOk();
        Assert.Equal((get.ETag, get.Header("Content-Length")), (head.ETag, head.Header("Content-Length")));
        Assert.Contains($"{Proposal}_{id}.zip", get.Header("Content-Disposition"), StringComparison.Ordinal);
        var etag = $"\"{get.ETag}\"";
        Assert.Equal(
            HttpStatusCode.NotModified,
            (await SendAsync("leader", "GET", query, null, ("If-None-Match", etag))).Status
        );
        Assert.Equal(
            HttpStatusCode.PartialContent,
            (await SendAsync("leader", "GET", query, null, ("Range", "bytes=5-"), ("If-Range", etag))).Status
        );
        // The same size, other bytes.
        await PutAsync(Proposal, id + "/a.txt", "tepk"u8.ToArray());
        var resumed = await SendAsync("leader", "GET", query, null, ("Range", "bytes=5-"), ("If-Range", etag));
        Assert.Equal(HttpStatusCode.OK, resumed.Status);
        Assert.NotEqual(get.ETag, resumed.ETag);
        (await SendAsync("leader", "GET", query, null, ("If-Match", etag))).IsProblem(412, "archive-changed");
    }

    [Theory]
    [InlineData("bytes=-0")]
    [InlineData("bytes=99999999-")]
    public async Task A_range_outside_is_not_satisfiable(string range)
    {
        var id = await NewSequenceAsync();
        var answer = await SendAsync("leader", "GET", $"//download?s={Proposal}/{id}", null, ("Range", range));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, answer.Status);
        Assert.StartsWith("bytes */", answer.Header("Content-Range"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_needs_no_login_and_ends_with_a_change_or_with_the_right_behind_it()
    {
        var id = await NewSequenceAsync();
        await ShareAsync(Proposal, id, "stranger", Right.Read);
        var body = $$"""{"sequences":["{{Proposal}}/{{id}}"],"format":"tar"}""";
        var made = (await SendAsync("stranger", "POST", "/archives", body)).IsOk().Json();
        var link = "/" + new Uri(made.GetProperty("url").GetString()!).PathAndQuery;
        var whole = (await SendAsync(Anonymous, "GET", link)).IsOk();
        Assert.Equal(made.GetProperty("sizeBytes").GetInt64(), whole.Body.Length);
        (
            await SendAsync(Anonymous, "GET", link.Replace("/download/", "/download/0", StringComparison.Ordinal))
        ).IsProblem(404, "archive-link");
        await ShareAsync(Proposal, id, "stranger", Right.None);
        (await SendAsync(Anonymous, "GET", link)).IsProblem(404, "not-found");
        await ShareAsync(Proposal, id, "stranger", Right.Read);
        await PutAsync(Proposal, id + "/b.txt", "new"u8.ToArray());
        (await SendAsync(Anonymous, "GET", link)).IsProblem(409, "archive-changed");
    }

    [Fact]
    public async Task A_form_with_more_sequences_than_an_address_holds_works_too()
    {
        var ids = new List<string>();
        for (var n = 0; n < 20; n++)
            ids.Add(await NewSequenceAsync());
        using var form = new FormUrlEncodedContent([
            KeyValuePair.Create("format", "zip"),
            .. ids.Select(id => KeyValuePair.Create("s", $"{Proposal}/{id}")),
        ]);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Harima.Portal, "/download"))
        {
            Content = form,
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await TokenOfAsync("leader"));
        using var response = await Harima.Http.SendAsync(request, Token);
        using var zip = new ZipArchive(await response.Content.ReadAsStreamAsync(Token));
        Assert.Equal(40, zip.Entries.Count);
    }

    [Fact]
    public async Task A_file_that_is_damaged_breaks_the_answer_off()
    {
        var id = await NewSequenceAsync();
        await PutAsync(Proposal, id + "/z.bin", RandomNumberGenerator.GetBytes(3_000_000));
        // One byte, and the time as it was: what a failing disk does.
        await Harima.RotAsync(id + "/z.bin", 2_000_000);
        foreach (var format in new[] { "zip", "tar" })
            await Assert.ThrowsAnyAsync<HttpRequestException>(() =>
                SendAsync("leader", "GET", $"//download?format={format}&s={Proposal}/{id}")
            );
    }

    [Fact]
    public async Task Names_no_file_system_can_hold_are_unpacked_inside_the_folder_all_the_same()
    {
        var id = await NewSequenceAsync();
        string[] odd =
        [
            "../../../escape",
            "a.txt/b",
            "dir//x",
            "/abs",
            "back\\slash",
            new string('n', 300),
            "metadata/measurement.json",
        ];
        foreach (var path in odd)
            await PutAsync(Proposal, $"{id}/{path}", Encoding.UTF8.GetBytes(path));
        await PutAsync(Proposal, $"{id}/empty-folder/", []);
        foreach (var format in new[] { "zip", "tar" })
        {
            var answer = (await SendAsync("leader", "GET", $"//download?format={format}&s={Proposal}/{id}")).IsOk();
            var file = Path.Combine(_folder, "odd." + format);
            await File.WriteAllBytesAsync(file, answer.Body, Token);
            await RequireReadableAsync(file);
            var found = await UnpackAsync(file);
            Assert.Equal(odd.Length + 2, found.Count);
            foreach (var path in odd)
                Assert.Contains(Hash(Encoding.UTF8.GetBytes(path)), found.Values);
            Assert.All(found.Keys, name => Assert.StartsWith(id + "/", name, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Three_thousand_files_cross_the_pages_of_the_catalogue()
    {
        var id = NewId("many-");
        // Together, so that they share commits.
        await Parallel.ForEachAsync(
            Enumerable.Range(0, 3000),
            new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = Token },
            async (n, _) => await PutAsync(Proposal, $"{id}/f{n:00000}", Encoding.UTF8.GetBytes($"{n}"))
        );
        var query = $"//download?s={Proposal}/{id}";
        var whole = (await SendAsync("leader", "GET", query)).IsOk();
        using var zip = new ZipArchive(new MemoryStream(whole.Body));
        Assert.Equal(3000, zip.Entries.Count);
        await RequireRangesAsync(query, whole);
    }

    async Task<string> NewWorkspaceAsync()
    {
        var id = NewId("archived-bench-").ToLowerInvariant();
        await Harima
            .Get<CreateWorkspace>()
            .HandleAsync(new CreateWorkspaceRequest(id, ""), RunningHarima.PrincipalOf("leader"), Token);
        return id;
    }

    async Task<SortedDictionary<string, string>> FetchAsync(string format, params IEnumerable<string> names)
    {
        var query = string.Concat(names.Select(name => "&s=" + Uri.EscapeDataString(name)));
        var answer = (await SendAsync("leader", "GET", $"//download?format={format}{query}")).IsOk();
        var file = Path.Combine(_folder, $"{Guid.CreateVersion7():N}.{format}");
        await File.WriteAllBytesAsync(file, answer.Body, Token);
        await RequireReadableAsync(file);
        return await UnpackAsync(file);
    }

    async Task<(string Query, SortedDictionary<string, string> Files)> TwoSequencesAsync(string format)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var ids = new[] { await NewSequenceAsync(), await NewSequenceAsync() };
        foreach (var id in ids)
        {
            files[$"{id}/a.txt"] = Hash("kept"u8);
            files[$"{id}/metadata/measurement.json"] = Hash("""{"energy": 12.4}"""u8);
            foreach (
                var (path, size) in new[]
                {
                    ("empty", 0),
                    ("raw/大きい.bin", 2_500_000),
                    ("raw/" + new string('d', 120) + "/x", 513),
                }
            )
            {
                var bytes = RandomNumberGenerator.GetBytes(size);
                await PutAsync(Proposal, $"{id}/{path}", bytes);
                files[$"{id}/{path}"] = Hash(bytes);
            }
        }
        return ($"//download?format={format}&s={Proposal}/{ids[0]}&s={Proposal}/{ids[1]}&s={Proposal}/{ids[0]}", files);
    }

    async Task RequireRangesAsync(string query, Answer whole)
    {
        var size = whole.Body.Length;
        using var sewn = new MemoryStream();
        long from = 0;
        foreach (var to in new[] { 1L, 100, size / 3, size / 3 + 1, size / 2, size - 3000, size - 22, size })
        {
            var part = await SendAsync("member", "GET", query, null, ("Range", $"bytes={from}-{to - 1}"));
            Assert.Equal(HttpStatusCode.PartialContent, part.Status);
            Assert.Equal($"bytes {from}-{to - 1}/{size}", part.Header("Content-Range"));
            sewn.Write(part.Body);
            from = to;
        }
        Assert.Equal(Hash(whole.Body), Hash(sewn.ToArray()));
        var tail = await SendAsync("member", "GET", query, null, ("Range", "bytes=-1000"));
        Assert.Equal(whole.Body[^1000..], tail.Body);
    }

    static async Task RequireReadableAsync(string file)
    {
        if (file.EndsWith(".tar", StringComparison.Ordinal))
        {
            await RunAsync("tar", "tf", file);
            return;
        }
        await RunAsync("unzip", "-tq", file);
        await RunAsync(
            "python3",
            "-c",
            "import sys,zipfile; sys.exit(zipfile.ZipFile(sys.argv[1]).testzip() is not None)",
            file
        );
    }

    /// <summary>Every file below the folder it was unpacked to, with its SHA-256.</summary>
    static async Task<SortedDictionary<string, string>> UnpackAsync(string file)
    {
        var to = Directory.CreateDirectory(file + "-unpacked").FullName;
        if (file.EndsWith(".tar", StringComparison.Ordinal))
            await RunAsync("tar", "xf", file, "-C", to);
        else
            await RunAsync(
                "python3",
                "-c",
                "import sys,zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])",
                file,
                to
            );
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in Directory.EnumerateFiles(to, "*", SearchOption.AllDirectories))
            found[Path.GetRelativePath(to, name)] = Hash(await File.ReadAllBytesAsync(name, Token));
        return found;
    }

    static async Task RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Names are UTF-8 whatever the machine's language.
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Token);
        var errors = process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {await output}{await errors}");
    }

    static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
