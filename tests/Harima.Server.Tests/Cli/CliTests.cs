using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Harima.Api;
using Harima.Storage;

namespace Harima.Cli;

public sealed class CliOnSqlite(SqliteHarima harima) : CliTests(harima);

public sealed class CliOnOtherStore(HarimaOnHarima harima) : CliTests(harima);

/// <summary>The real program as a process against the real server.</summary>
public abstract class CliTests(RunningHarima harima) : ApiTests(harima)
{
    readonly string _folder = Directory.CreateTempSubdirectory("harima-cli-").FullName;

    sealed record Result(int ExitCode, string Output, string Errors)
    {
        public JsonElement Json => JsonDocument.Parse(Output).RootElement;

        public Result IsDone()
        {
            Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Output}{Errors}");
            return this;
        }

        public void Failed(int exitCode, string text)
        {
            Assert.True(ExitCode == exitCode, $"exit code {ExitCode} instead of {exitCode}: {Output}{Errors}");
            Assert.Contains(text, Errors, StringComparison.Ordinal);
        }
    }

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return base.DisposeAsync();
    }

    [Fact]
    public async Task Help_names_every_command()
    {
        var help = (await RunAsync(null, "--help")).IsDone();
        foreach (var command in Commands.Build().Subcommands)
            Assert.Contains(command.Name, help.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_kind_of_refusal_has_its_exit_code()
    {
        var id = await NewSequenceAsync();
        (await RunAsync("leader", "nonsense")).Failed(2, "nonsense");
        (await RunAsync("leader", "sequence", "show", "no-slash")).Failed(2, "proposal/sequence");
        (await RunAsync("leader", "share", $"{Proposal}/{id}", "--with", "stranger")).Failed(2, "--right");
        (await RunAsync(null, "whoami")).Failed(3, "Log in first");
        (await RunAsync("member", "share", $"{Proposal}/{id}", "--everyone")).Failed(4, "leader");
        (await RunAsync("stranger", "sequence", "show", $"{Proposal}/{id}")).Failed(5, "does not exist");
        (await RunAsync("stranger", "get", $"{Proposal}/{id}", _folder)).Failed(5, "does not exist");
        (await RunAsync("leader", "sequence", "open", $"{Proposal}/{id}")).Failed(6, "already has");
        (await RunAsync("leader", "share", $"{Proposal}/{id}", "--with", "nobody", "--right", "read")).Failed(
            7,
            "Nobody"
        );
        (await RunAsync("leader", "put", Path.Combine(_folder, "none"), $"{Proposal}/{id}")).Failed(
            10,
            "no file or folder"
        );
        var unreachable = await RunAsync("leader", ["whoami"], ("HARIMA_URL", "http://127.0.0.1:1"));
        unreachable.Failed(8, "cannot be reached");
        var json = await RunAsync("stranger", "--json", "sequence", "show", $"{Proposal}/{id}");
        Assert.Equal("not-found", JsonDocument.Parse(json.Errors).RootElement.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_login_is_remembered_in_a_file_only_its_owner_reads_until_logout()
    {
        var config = Path.Combine(_folder, "config", "credentials.json");
        (string, string)[] here = [("HARIMA_CONFIG", config), ("HARIMA_URL", ""), ("HARIMA_TOKEN", "")];
        var url = Harima.Portal.ToString();
        string[] login = ["login", url, "--user", "leader", "--password-stdin"];
        (await RunAsync(null, login, "wrong\n", here)).Failed(3, "wrong");
        Assert.False(File.Exists(config));
        (await RunAsync(null, login, "correct horse leader\n", here)).IsDone();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(config));
        Assert.Contains("leader", (await RunAsync(null, ["whoami"], here)).IsDone().Output, StringComparison.Ordinal);
        // A token is for the server it came from.
        (
            await RunAsync(
                null,
                ["whoami"],
                [
                    ("HARIMA_CONFIG", config),
                    ("HARIMA_TOKEN", ""),
                    ("HARIMA_URL", "http://localhost:" + Harima.Portal.Port),
                ]
            )
        ).Failed(3, "Log in");
        (await RunAsync(null, ["logout"], here)).IsDone();
        Assert.False(File.Exists(config));
        (await RunAsync(null, ["whoami"], here)).Failed(3, "Log in first");
    }

    [Fact]
    public async Task A_tree_is_put_found_shared_and_fetched_back_the_same()
    {
        var id = NewId("cli-");
        var source = NewTree();
        await File.WriteAllTextAsync(Path.Combine(_folder, "m.json"), """{"energy": 9}""", Token);
        var put = await RunAsync(
            "member",
            "put",
            source,
            $"{Proposal}/{id}",
            "--measurement",
            Path.Combine(_folder, "m.json"),
            "--close",
            "--json"
        );
        Assert.Equal(4, put.IsDone().Json.GetProperty("transferred").GetInt32());
        Assert.True(put.Json.GetProperty("closed").GetBoolean());
        var listed = (await RunAsync("leader", "ls", $"{Proposal}/{id}", "--json")).IsDone().Json.GetProperty("items");
        Assert.Equal(
            ["empty", "large.bin", "raw"],
            listed.EnumerateArray().Select(item => item.GetProperty("name").GetString())
        );
        Assert.Contains(
            id,
            (await RunAsync("leader", "sequences", "--text", id)).IsDone().Output,
            StringComparison.Ordinal
        );
        (await RunAsync("stranger", "ls", $"{Proposal}/{id}")).Failed(5, "does not exist");
        (await RunAsync("leader", "share", $"{Proposal}/{id}", "--with", "stranger", "--right", "read")).IsDone();
        var target = Path.Combine(_folder, "fetched");
        (await RunAsync("stranger", "get", $"{Proposal}/{id}", target)).IsDone();
        Assert.Equal(HashesOf(source), HashesOf(target));
        var again = (await RunAsync("stranger", "get", $"{Proposal}/{id}", target, "--json")).IsDone().Json;
        Assert.Equal((0, 4), (again.GetProperty("transferred").GetInt32(), again.GetProperty("skipped").GetInt32()));
        (await RunAsync("member", "put", source, $"{Proposal}/{id}/more")).Failed(11, "closed");
        var one = Path.Combine(_folder, "one");
        (await RunAsync("stranger", "get", $"{Proposal}/{id}/raw/a b.txt", one)).IsDone();
        Assert.Equal("some text", await File.ReadAllTextAsync(Path.Combine(one, "a b.txt"), Token));
    }

    [Fact]
    public async Task A_put_that_was_killed_goes_on_where_it_was()
    {
        string id;
        var file = Path.Combine(_folder, "big.bin");
        await File.WriteAllBytesAsync(file, RandomNumberGenerator.GetBytes(220_000_000), Token);
        // Until one is caught when some parts are there and not all are: between two looks it may come to its end.
        do
        {
            id = NewId("killed-put-");
            using var process = await StartAsync("leader", ["put", file, $"{Proposal}/{id}", "--parallel", "1"]);
            while (!process.HasExited && (await PartsAsync(id)).Count < 2)
                await Task.Delay(20, Token);
            if (process.HasExited)
                Assert.Equal(0, process.ExitCode);
            process.Kill();
            await process.WaitForExitAsync(Token);
        } while ((await PartsAsync(id)).Count is < 2 or > 13);
        (await RunAsync("leader", "put", file, $"{Proposal}/{id}")).IsDone();
        var stored = await Harima.ClientOf("leader").FindObjectAsync(RunningHarima.Bucket, id + "/big.bin", Token);
        Assert.Equal(220_000_000, stored!.SizeBytes);
        Assert.Empty(await PartsAsync(id));
        var target = Path.Combine(_folder, "back");
        (await RunAsync("leader", "get", $"{Proposal}/{id}/big.bin", target)).IsDone();
        Assert.Equal(Hash(file), Hash(Path.Combine(target, "big.bin")));
        var again = (await RunAsync("leader", "put", file, $"{Proposal}/{id}", "--json")).IsDone().Json;
        Assert.Equal(1, again.GetProperty("skipped").GetInt32());
    }

    [Fact]
    public async Task A_get_that_was_killed_goes_on_where_it_was_and_never_shows_half_a_file()
    {
        var id = NewId("killed-get-");
        var bytes = RandomNumberGenerator.GetBytes(300_000_000);
        await PutAsync(Proposal, id + "/big.bin", bytes);
        var target = Path.Combine(_folder, "big.bin");
        var done = target + ".part.done";
        // Until one is caught when some ranges are there and not all are: between two looks it may come to its end.
        do
        {
            foreach (var file in new[] { target, target + ".part", done })
                File.Delete(file);
            using var process = await StartAsync(
                "leader",
                ["get", $"{Proposal}/{id}/big.bin", _folder, "--parallel", "1"]
            );
            while (!process.HasExited && LinesOf(done) < 3)
                await Task.Delay(20, Token);
            if (process.HasExited)
                Assert.Equal(0, process.ExitCode);
            process.Kill();
            await process.WaitForExitAsync(Token);
        } while (LinesOf(done) is < 3 or > 10);
        Assert.False(File.Exists(target));
        (await RunAsync("leader", "get", $"{Proposal}/{id}/big.bin", _folder)).IsDone();
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), Hash(target));
        Assert.False(File.Exists(done) || File.Exists(target + ".part"));
    }

    [Fact]
    public async Task Keys_are_made_listed_and_revoked()
    {
        var made = (await RunAsync("leader", "keys", "create", "-d", "cli test", "--json")).IsDone().Json;
        var id = made.GetProperty("accessKey").GetString()!;
        Assert.Contains(id, (await RunAsync("leader", "keys", "list")).IsDone().Output, StringComparison.Ordinal);
        (await RunAsync("leader", "keys", "revoke", id)).IsDone();
        (await RunAsync("leader", "keys", "revoke", id)).Failed(5, id);
        var process = (await RunAsync("leader", "credential-process")).IsDone().Json;
        Assert.Equal(1, process.GetProperty("Version").GetInt32());
        Assert.NotEmpty(process.GetProperty("SessionToken").GetString()!);
    }

    [Fact]
    public async Task The_reference_says_the_same_exit_codes()
    {
        var text = await File.ReadAllTextAsync(ReferenceFile(), Token);
        foreach (var (code, meaning) in FaultToExitCode.Table)
            Assert.Contains($"| {code} | {meaning} |", text, StringComparison.Ordinal);
        foreach (var command in Commands.Build().Subcommands)
            Assert.Contains($"`harima {command.Name}", text, StringComparison.Ordinal);
    }

    static string ReferenceFile([System.Runtime.CompilerServices.CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../docs/reference/cli.md"));

    string NewTree()
    {
        var source = Path.Combine(_folder, "source");
        Directory.CreateDirectory(Path.Combine(source, "raw", "日本語"));
        File.WriteAllText(Path.Combine(source, "raw", "a b.txt"), "some text");
        File.WriteAllBytes(Path.Combine(source, "raw", "日本語", "データ.bin"), RandomNumberGenerator.GetBytes(70_000));
        File.WriteAllBytes(Path.Combine(source, "large.bin"), RandomNumberGenerator.GetBytes(40_000_001));
        File.WriteAllBytes(Path.Combine(source, "empty"), []);
        return source;
    }

    async Task<List<int>> PartsAsync(string sequence)
    {
        var client = Harima.ClientOf("leader");
        var parts = new List<int>();
        await foreach (var upload in client.ListMultipartUploadsAsync(RunningHarima.Bucket, sequence + "/", Token))
        await foreach (var part in client.ListPartsAsync(RunningHarima.Bucket, upload.Key, upload.UploadId, Token))
            parts.Add(part.PartNumber);
        return parts;
    }

    Task<Result> RunAsync(string? user, params string[] arguments) => RunAsync(user, arguments, null, []);

    Task<Result> RunAsync(string? user, string[] arguments, params (string Name, string Value)[] environment) =>
        RunAsync(user, arguments, null, environment);

    async Task<Result> RunAsync(
        string? user,
        string[] arguments,
        string? input,
        (string Name, string Value)[] environment
    )
    {
        using var process = await StartAsync(user, arguments, environment);
        if (input is not null)
            await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(Token);
        var errors = process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return new Result(process.ExitCode, await output, await errors);
    }

    async Task<Process> StartAsync(string? user, string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Commands).Assembly.Location, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["HARIMA_CONFIG"] = Path.Combine(_folder, "nobody.json");
        start.Environment["HARIMA_URL"] = Harima.Portal.ToString();
        start.Environment["HARIMA_TOKEN"] = user is null ? "" : await TokenOfAsync(user);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    static SortedDictionary<string, string> HashesOf(string folder) =>
        new(
            Directory
                .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                .ToDictionary(file => Path.GetRelativePath(folder, file), Hash),
            StringComparer.Ordinal
        );

    /// <summary>None where it does not exist.</summary>
    static int LinesOf(string file)
    {
        try
        {
            using var reader = new StreamReader(
                new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete)
            );
            return reader.ReadToEnd().Count(c => c == '\n');
        }
        catch (FileNotFoundException)
        {
            return 0;
        }
    }

    static string Hash(string file)
    {
        using var stream = File.OpenRead(file);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }
}
