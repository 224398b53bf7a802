using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Harima.Identity;

namespace Harima.Cli;

/// <summary>Keys may hold anything. Those that cannot be local files neither stop the others nor get lost.</summary>
public sealed class LocalNamesTests(SqliteHarima harima)
{
    static readonly string TooLong = new('n', 256);
    static readonly string JustFits = new('m', 255);

    /// <summary>Keys below the sequence, and whether each can be a local file on Linux.</summary>
    static readonly (string Path, bool Fits)[] Keys =
    [
        ("good", true),
        ("raw/a b.txt", true),
        ("試料/データ", true),
        ("back\\slash", true),
        ("raw/" + JustFits, true),
        // Names that a fetch under way would itself like to use.
        ("raw/scan", true),
        ("raw/scan.part", true),
        ("raw/scan.part.done", true),
        ("..", false),
        ("a/../../up", false),
        ("/rooted", false),
        ("two//slashes", false),
        ("ends/", false),
        ("bell\a", false),
        ("raw/" + TooLong, false),
        // Both a file and the folder of another.
        ("both", false),
        ("both/inner", true),
    ];

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    async Task<string> SequenceAsync()
    {
        var id = "L" + Guid.NewGuid().ToString("N")[..10];
        foreach (var (path, _) in Keys)
            await PutAsync($"{id}/{path}", BytesOf(path));
        return id;
    }

    async Task PutAsync(string key, byte[] bytes)
    {
        using var body = new MemoryStream(bytes);
        await harima.ClientOf("leader").PutObjectAsync(RunningHarima.Bucket, key, body, bytes.Length, null, Stop);
    }

    static byte[] BytesOf(string path) => Encoding.UTF8.GetBytes("bytes of " + path);

    static SortedDictionary<string, string> FilesIn(string folder) =>
        new(
            Directory
                .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .ToDictionary(file => Path.GetRelativePath(folder, file), File.ReadAllText),
            StringComparer.Ordinal
        );

    static SortedDictionary<string, string> Expected(Func<string, string?> nameOfOdd)
    {
        var expected = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (path, fits) in Keys)
        {
            if ((fits ? path : nameOfOdd(path)) is { } name)
                expected.Add(name, Encoding.UTF8.GetString(BytesOf(path)));
        }
        return expected;
    }

    [Fact]
    public async Task Get_stores_all_that_fit_and_says_of_each_other_why_not_and_what_to_do()
    {
        using var leader = await HarimaProgram.OfAsync(harima, "leader", Stop);
        var id = await SequenceAsync();
        var outer = leader.Folder("outer");
        var inner = Path.Combine(outer, "1", "2");
        string[] get = ["get", $"{RunningHarima.Proposal}/{id}", inner];
        var first = await leader.ExpectAsync(13, get, Stop);
        Assert.Equal(Expected(_ => null), FilesIn(inner));
        Assert.Equal(FilesIn(inner).Count, FilesIn(outer).Count);
        foreach (
            var (name, why) in new[]
            {
                ("..", "the part '..'"),
                ("a/../../up", "the part '..'"),
                ("/rooted", "an empty part"),
                ("two//slashes", "an empty part"),
                ("ends/", "ends with '/'"),
                ("bell\uFFFD", "a control character"),
                ("raw/" + TooLong, "more than 255 bytes"),
                ("both", "also the name of a folder"),
            }
        )
            Assert.Contains(
                first.Errors.Split('\n'),
                line =>
                    line.StartsWith($"failed   {name}: ", StringComparison.Ordinal)
                    && line.Contains(why, StringComparison.Ordinal)
            );
        Assert.Contains("--rename", first.Errors, StringComparison.Ordinal);
        // Again: everything is there, and the same is said.
        var again = (await leader.ExpectAsync(13, [.. get, "--json"], Stop)).Json;
        Assert.Equal(0, again.GetProperty("transferred").GetInt32());
        Assert.Equal(Keys.Count(key => key.Fits), again.GetProperty("skipped").GetInt32());
        Assert.All(
            again.GetProperty("files").EnumerateArray(),
            file => Assert.Equal(OutcomeOf(file), file.GetProperty("exitCode").GetInt32())
        );
    }

    static int OutcomeOf(JsonElement file) => file.GetProperty("outcome").GetString() == "failed" ? 13 : 0;

    [Fact]
    public async Task Get_with_rename_stores_everything_under_the_names_the_zip_has()
    {
        using var leader = await HarimaProgram.OfAsync(harima, "leader", Stop);
        var id = await SequenceAsync();
        var target = leader.Folder("target");
        string[] get = ["get", $"{RunningHarima.Proposal}/{id}", target, "--rename", "--json"];
        var first = (await leader.ExpectAsync(0, get, Stop)).Json;
        Assert.Equal(Keys.Length, first.GetProperty("transferred").GetInt32());
        var nameOf = first
            .GetProperty("files")
            .EnumerateArray()
            .ToDictionary(
                file => file.GetProperty("key").GetString()![(id.Length + 1)..],
                file => file.GetProperty("path").GetString()!
            );
        Assert.Equal(Expected(path => nameOf[path]), FilesIn(target));
        var odd = Keys.Where(key => !key.Fits).Select(key => nameOf[key.Path]).ToList();
        Assert.All(odd, name => Assert.StartsWith("odd-names/", name, StringComparison.Ordinal));
        Assert.Equal("odd-names/a%2F%2E%2E%2F%2E%2E%2Fup", nameOf["a/../../up"]);
        Assert.Equal(Keys.Length, (await leader.ExpectAsync(0, get, Stop)).Json.GetProperty("skipped").GetInt32());
        // Which of "both" and "both/inner" is the odd one each decides by what it has there first.
        Assert.Subset(await NamesInZipAsync(id), odd.Where(name => name != nameOf["both"]).ToHashSet());
    }

    async Task<HashSet<string>> NamesInZipAsync(string id)
    {
        var token = await harima
            .Get<ApiTokens>()
            .CreateAsync(RunningHarima.PrincipalOf("leader"), "test", TimeSpan.FromDays(1), Stop);
        using var request = new HttpRequestMessage(
            HttpMethod.Get,
            new Uri(harima.Portal, $"/download?s={RunningHarima.Proposal}/{id}")
        );
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Text);
        using var response = await harima.Http.SendAsync(request, Stop);
        response.EnsureSuccessStatusCode();
        await using var zip = new ZipArchive(await response.Content.ReadAsStreamAsync(Stop));
        return
        [
            .. zip.Entries.Select(entry =>
                entry.FullName[(entry.FullName.IndexOf(id, StringComparison.Ordinal) + id.Length + 1)..]
            ),
        ];
    }

    [Fact]
    public async Task Marks_of_empty_folders_become_folders()
    {
        using var leader = await HarimaProgram.OfAsync(harima, "leader", Stop);
        var id = "L" + Guid.NewGuid().ToString("N")[..10];
        await PutAsync(id + "/empty/", []);
        await PutAsync(id + "/full/", []);
        await PutAsync(id + "/full/a", [1]);
        var target = leader.Folder("target");
        await leader.ExpectAsync(0, ["get", $"{RunningHarima.Proposal}/{id}", target], Stop);
        Assert.True(Directory.Exists(Path.Combine(target, "empty")));
        Assert.Equal([Path.Combine("full", "a")], FilesIn(target).Keys);
    }
}
