using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Harima.Cli;
using Harima.Identity;

namespace Harima.House;

/// <summary>
/// Every command and every example configuration in a fenced block of README and reference runs as it stands there, against a
/// running server. Names of the examples become names of the test facility; nothing else is changed.
/// </summary>
public sealed partial class DocumentedCommandsTests(SqliteHarima harima) : IDisposable
{
    static readonly string[] Pages = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/reference"];

    /// <summary>What is not run here, and why. A line that no page has any more fails the test.</summary>
    static readonly Dictionary<string, string> NotRun = new(StringComparer.Ordinal)
    {
        ["./run"] =
            "builds and serves until it is stopped; the browser journeys start the same server; its --help runs here",
        ["./check"] = "runs this test",
        ["dotnet build src/Harima.Server"] = "builds what is being tested",
        ["dotnet run --project tests/Harima.Core.Tests"] = "a level of tests of its own; ./check runs it",
        ["tests/postgres start /tmp/harima-pg"] = "starts a database server; ./check runs it, in another folder",
        ["dotnet csharpier format ."] = "rewrites the sources; ./check runs its check",
        [
            "Harima.Server --address '*' --port 443 --s3-port 9000 "
                + "--Harima:Server:CertificateFile /etc/harima/fullchain.pem --Harima:Server:CertificateKeyFile /etc/harima/privkey.pem"
        ] =
            "needs a certificate of the machine and serves until it is stopped; its settings are in the configuration reference",
    };

    /// <summary>Configurations of programs that ./check does not install.</summary>
    static readonly Dictionary<string, string> OtherPrograms = new(StringComparer.Ordinal)
    {
        ["nginx"] = "needs an nginx, certificates and names in DNS",
        ["caddy"] = "needs a Caddy, which gets certificates from outside",
    };

    readonly string _folder = Directory.CreateTempSubdirectory("harima-docs-").FullName;
    readonly string _sequence = "D" + Guid.NewGuid().ToString("N")[..10];

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../.."));

    /// <summary>A fenced block: what kind, and its lines.</summary>
    sealed record Block(string Page, string Language, IReadOnlyList<string> Lines);

    public static TheoryData<string> PagesWithCommands() =>
        [.. Blocks().Select(block => block.Page).Distinct(StringComparer.Ordinal)];

    static IEnumerable<Block> Blocks()
    {
        var files = Pages
            .Select(page => Path.Combine(Root(), page))
            .SelectMany<string, string>(path => Directory.Exists(path) ? Directory.GetFiles(path, "*.md") : [path])
            .Order(StringComparer.Ordinal);
        foreach (var file in files)
        foreach (Match match in Fence().Matches(File.ReadAllText(file)))
            yield return new Block(
                Path.GetRelativePath(Root(), file),
                match.Groups["language"].Value,
                Continued().Replace(match.Groups["text"].Value, " ").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            );
    }

    static string CommandOf(string line) => Comment().Replace(line, "").TrimEnd();

    [Fact]
    public void The_pages_with_the_first_commands_are_among_them()
    {
        var pages = PagesWithCommands().Select(row => row.Data).ToList();
        Assert.Contains("README.md", pages);
        Assert.Contains("docs/reference/cli.md", pages);
    }

    [Fact]
    public void What_is_excluded_still_stands_in_a_page()
    {
        Assert.Empty(NotRun.Keys.Except(Blocks().SelectMany(block => block.Lines).Select(CommandOf)));
        Assert.Empty(OtherPrograms.Keys.Except(Blocks().Select(block => block.Language)));
    }

    [Fact]
    public void Every_block_is_of_a_kind_this_test_knows() =>
        Assert.All(
            Blocks(),
            block =>
                Assert.True(
                    block.Language is "" or "sh" or "ini" || OtherPrograms.ContainsKey(block.Language),
                    $"{block.Page}: ```{block.Language}"
                )
        );

    [Fact]
    public async Task Run_tells_its_options() =>
        Assert.Contains("--s3-port", await RunAsync($"'{Root()}/run' --help"), StringComparison.Ordinal);

    [Theory]
    [MemberData(nameof(PagesWithCommands))]
    public async Task Every_command_of_the_page_runs_in_the_order_it_stands_there(string page)
    {
        Fill();
        // The person of the examples is logged in, save where a page begins with the login itself.
        await RunAsync($"harima login {harima.Portal} --user leader --password-stdin < password.txt");
        foreach (var block in Blocks().Where(block => block.Page == page))
        {
            if (OtherPrograms.ContainsKey(block.Language))
                continue;
            if (block.Language == "ini")
            {
                await RunWithAsync(block);
                continue;
            }
            foreach (var command in block.Lines.Select(CommandOf).Where(command => !NotRun.ContainsKey(command)))
                await RunAsync(Here(command));
        }
    }

    /// <summary>A profile of the AWS tools: it stays for the commands behind it, and works by itself.</summary>
    async Task RunWithAsync(Block profile)
    {
        await File.WriteAllTextAsync(PathOf("aws-config"), Here(string.Join('\n', profile.Lines)) + "\n", Stop);
        var name = profile.Lines[0].Trim('[', ']').Split(' ')[^1];
        // The address once more: tools from before 2023 do not read it from the profile.
        var listed = await RunAsync($"aws --profile {name} --endpoint-url {harima.S3} s3 ls");
        Assert.Contains(RunningHarima.Bucket, listed, StringComparison.Ordinal);
    }

    /// <summary>The example with this facility's names for those of the example.</summary>
    string Here(string text) =>
        text.Replace("https://data.example.jp", harima.Portal.ToString().TrimEnd('/'), StringComparison.Ordinal)
            .Replace("http://localhost:9000", harima.S3.ToString().TrimEnd('/'), StringComparison.Ordinal)
            .Replace("https://s3.example.jp", harima.S3.ToString().TrimEnd('/'), StringComparison.Ordinal)
            .Replace("2026A1234", RunningHarima.Proposal, StringComparison.Ordinal)
            .Replace("2026a1234", RunningHarima.Bucket, StringComparison.Ordinal)
            .Replace("S0042", _sequence, StringComparison.Ordinal)
            .Replace("sato", "leader", StringComparison.Ordinal)
            .Replace("suzuki", "stranger", StringComparison.Ordinal)
            .Replace("\"…\"", "\"correct horse leader\"", StringComparison.Ordinal);

    string PathOf(string name) => Path.Combine(_folder, name);

    /// <summary>What the examples speak of: measured files, metadata, a password, and a <c>harima</c> on the path.</summary>
    void Fill()
    {
        Directory.CreateDirectory(PathOf("scans/raw"));
        File.WriteAllText(PathOf("scans/raw/scan_0001.h5"), "counts");
        File.WriteAllText(PathOf("scans/notes.txt"), "notes");
        File.WriteAllText(PathOf("measurement.json"), """{"energy": {"value": 9.0, "unit": "keV"}}""");
        File.WriteAllText(PathOf("sample.json"), """{"name": "Pt/CeO2"}""");
        File.WriteAllText(PathOf("password.txt"), "correct horse leader\n");
        // Answers that refuse are no success, whatever the status of curl's own would be.
        File.WriteAllText(PathOf(".curlrc"), "fail-with-body\nsilent\nshow-error\n");
        var program = PathOf("bin/harima");
        Directory.CreateDirectory(PathOf("bin"));
        File.WriteAllText(program, $"#!/bin/sh\nexec dotnet '{typeof(Commands).Assembly.Location}' \"$@\"\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    async Task<string> RunAsync(string command)
    {
        var tool = command.Split(' ')[0];
        if (tool is "aws" or "curl" && !File.Exists("/usr/bin/" + tool))
        {
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", $"{tool} is not installed");
            Assert.Skip($"{tool} is not installed (apt-get install)");
        }
        var start = new ProcessStartInfo("bash", ["-euo", "pipefail", "-c", command])
        {
            WorkingDirectory = _folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Settings of the machine the tests run on must not decide what they test.
        foreach (var name in start.Environment.Keys.Where(IsSetting).ToArray())
            start.Environment.Remove(name);
        var key = harima.KeyOf("leader");
        start.Environment["PATH"] = $"{PathOf("bin")}:/usr/bin:/bin:{start.Environment["PATH"]}";
        start.Environment["HOME"] = _folder;
        start.Environment["CURL_HOME"] = _folder;
        start.Environment["HARIMA_CONFIG"] = PathOf("login/credentials.json");
        start.Environment["AWS_CONFIG_FILE"] = PathOf("aws-config");
        start.Environment["AWS_SHARED_CREDENTIALS_FILE"] = PathOf("no-credentials");
        start.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        start.Environment["LC_ALL"] = "C.UTF-8";
        // With a profile the credentials come from it; else from the environment, as after "configure".
        if (!command.Contains("--profile", StringComparison.Ordinal))
        {
            start.Environment["AWS_ACCESS_KEY_ID"] = key.AccessKeyId;
            start.Environment["AWS_SECRET_ACCESS_KEY"] = key.SecretKey;
            start.Environment["AWS_DEFAULT_REGION"] = "us-east-1";
        }
        if (command.Contains("$TOKEN", StringComparison.Ordinal))
            start.Environment["TOKEN"] = (
                await harima
                    .Get<ApiTokens>()
                    .CreateAsync(RunningHarima.PrincipalOf("leader"), "docs", TimeSpan.FromDays(1), Stop)
            ).Text;
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        using var giveUp = Stop.Register(() => process.Kill(entireProcessTree: true));
        var output = process.StandardOutput.ReadToEndAsync(Stop);
        var errors = process.StandardError.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        Assert.True(
            process.ExitCode == 0,
            $"{command}\nended with {process.ExitCode}:\n{await output}\n{await errors}"
        );
        return await output;
    }

    static bool IsSetting(string variable) =>
        variable.StartsWith("HARIMA_", StringComparison.Ordinal)
        || variable.StartsWith("AWS_", StringComparison.Ordinal)
        || variable.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<text>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    /// <summary>The end of a line whose command goes on in the next.</summary>
    [GeneratedRegex(@"[ ]*\\\n\s*")]
    private static partial Regex Continued();

    /// <summary>A comment behind a command, as the pages align them.</summary>
    [GeneratedRegex(@"(^|\s{2,})#\s.*$")]
    private static partial Regex Comment();
}
