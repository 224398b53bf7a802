using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Harima.Cli;
using Harima.Clients;

namespace Harima.Registration;

public sealed class RegisteredFilesOnSqlite(SqliteHarima harima) : RegisteredFilesTests(harima);

public sealed class RegisteredFilesOnPostgres(PostgresHarima harima) : RegisteredFilesTests(harima);

public sealed class RegisteredFilesOnHarima(Storage.HarimaOnHarima harima) : RegisteredFilesTests(harima);

public sealed class RegisteredFilesOnRadosgw(Storage.HarimaOnRadosgw harima) : RegisteredFilesTests(harima);

/// <summary>What was registered a moment ago, and nobody has read yet, is readable on every surface with other people's clients.</summary>
public abstract class RegisteredFilesTests(RunningHarima harima) : ClientTests(harima)
{
    static readonly ClientTool Aws = new("aws", "/usr/bin/aws");

    Task<string> AwsAsync(IEnumerable<string> arguments, int exitCode = 0)
    {
        Aws.Require();
        var key = Harima.KeyOf("leader");
        var environment = new Dictionary<string, string>
        {
            ["AWS_ACCESS_KEY_ID"] = key.AccessKeyId,
            ["AWS_SECRET_ACCESS_KEY"] = key.SecretKey,
            ["AWS_DEFAULT_REGION"] = "us-east-1",
            ["AWS_CONFIG_FILE"] = PathOf("no-config"),
            ["AWS_SHARED_CREDENTIALS_FILE"] = PathOf("no-credentials"),
            ["AWS_EC2_METADATA_DISABLED"] = "true",
            ["LC_ALL"] = "C.UTF-8",
        };
        string[] endpoint = ["--endpoint-url", Harima.S3.ToString().TrimEnd('/')];
        return Aws.RunAsync(environment, [.. endpoint, .. arguments], Token, exitCode);
    }

    /// <summary>Files with odd names and one that every client fetches in parts, on the facility's storage.</summary>
    (string Folder, string[] Names) FillStorage()
    {
        var names = Fill();
        var folder = Path.Combine(Harima.Storage, Sequence);
        foreach (var name in names)
        {
            var file = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.Copy(PathOf("up/" + name), file);
        }
        return (folder, names);
    }

    async Task<JsonElement> RegisterAsync(string folder, params string[] further)
    {
        using var admin = await HarimaProgram.OfAsync(Harima, "admin", Token);
        var ended = await admin.ExpectAsync(
            0,
            [
                "register",
                folder,
                "--proposal",
                RunningHarima.Proposal,
                "--sequence",
                Sequence,
                "--wait",
                "--json",
                .. further,
            ],
            Token
        );
        Assert.Equal("done", ended.Json.GetProperty("state").GetString());
        return ended.Json;
    }

    [Fact]
    public async Task Every_surface_reads_them_at_once()
    {
        var (folder, names) = FillStorage();
        var registered = await RegisterAsync(folder);
        Assert.Equal(names.Length, registered.GetProperty("filesAdded").GetInt64());

        // aws: list, ranges in parallel, sync, head.
        await AwsAsync(["s3", "cp", "--recursive", "--no-progress", $"s3://{Bucket}/{Sequence}/", PathOf("aws")]);
        AreWhole(names, "aws");
        var again = await AwsAsync(["s3", "sync", "--no-progress", $"s3://{Bucket}/{Sequence}/", PathOf("aws")]);
        Assert.Equal("", again.Trim());
        var head = JsonDocument
            .Parse(await AwsAsync(["s3api", "head-object", "--bucket", Bucket, "--key", $"{Sequence}/large.bin"]))
            .RootElement;
        var etag = head.GetProperty("ETag").GetString()!;
        Assert.EndsWith("-0\"", etag);
        Assert.False(head.TryGetProperty("ChecksumCRC64NVME", out _));
        await AwsAsync([
            "s3api",
            "get-object",
            "--bucket",
            Bucket,
            "--key",
            $"{Sequence}/large.bin",
            "--range",
            "bytes=1000000-1999999",
            "--if-match",
            etag,
            "--checksum-mode",
            "ENABLED",
            PathOf("range"),
        ]);
        Assert.Equal(
            File.ReadAllBytes(PathOf("up/large.bin"))[1_000_000..2_000_000],
            await File.ReadAllBytesAsync(PathOf("range"), Token)
        );

        // harima get.
        using (var member = await HarimaProgram.OfAsync(Harima, "member", Token))
        {
            await member.ExpectAsync(0, ["get", $"{RunningHarima.Proposal}/{Sequence}", PathOf("get")], Token);
            AreWhole(names, Directory.Exists(PathOf("get/" + Sequence)) ? "get/" + Sequence : "get");
        }

        // REST and the portal's download.
        using var content = await AsAsync(
            "leader",
            $"/api/v1/proposals/{RunningHarima.Proposal}/sequences/{Sequence}/content/scan%200001.h5"
        );
        Assert.Equal(
            await File.ReadAllBytesAsync(PathOf("up/scan 0001.h5"), Token),
            await content.Content.ReadAsByteArrayAsync(Token)
        );
        using var hidden = await AsAsync(
            "stranger",
            $"/api/v1/proposals/{RunningHarima.Proposal}/sequences/{Sequence}/content/scan%200001.h5"
        );
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
    }

    [Theory]
    [InlineData("zip")]
    [InlineData("tar")]
    public async Task An_archive_of_what_nobody_has_read_is_whole_in_one_piece_and_in_ranges(string format)
    {
        var (folder, names) = FillStorage();
        await RegisterAsync(folder);
        var address = $"/download?format={format}&s={RunningHarima.Proposal}/{Sequence}";
        using var whole = await AsAsync("leader", address);
        var bytes = await whole.Content.ReadAsByteArrayAsync(Token);
        Assert.Equal(whole.Content.Headers.ContentLength, bytes.Length);
        var archive = PathOf("archive." + format);
        await File.WriteAllBytesAsync(archive, bytes, Token);
        var unpacked = Directory.CreateDirectory(PathOf(format)).FullName;
        if (format == "zip")
        {
            using var tested = Process.Start(
                new ProcessStartInfo(
                    "python3",
                    [
                        "-c",
                        "import zipfile,sys; z=zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2])",
                        archive,
                        unpacked,
                    ]
                )
            )!;
            await tested.WaitForExitAsync(Token);
            Assert.Equal(0, tested.ExitCode);
            using var unzip = Process.Start(
                new ProcessStartInfo("unzip", ["-tqq", archive]) { RedirectStandardOutput = true }
            )!;
            await unzip.WaitForExitAsync(Token);
            Assert.Equal(0, unzip.ExitCode);
            using var read = ZipFile.OpenRead(archive);
            Assert.Equal(names.Length, read.Entries.Count);
        }
        else
            await System.Formats.Tar.TarFile.ExtractToDirectoryAsync(archive, unpacked, false, Token);
        foreach (var name in names)
            Assert.Equal(Sha256Of(PathOf("up/" + name)), Sha256Of(PathOf($"{format}/{Sequence}/{name}")));

        // Cut anywhere, also in what follows the content and in the directory, the ranges fit together.
        int[] cuts =
        [
            1,
            bytes.Length / 3,
            bytes.Length - 900,
            bytes.Length - 300,
            bytes.Length - 1,
            .. Enumerable.Range(0, 6).Select(_ => RandomNumberGenerator.GetInt32(1, bytes.Length)),
        ];
        foreach (var cut in cuts)
        {
            using var request = await RequestAsync("leader", address);
            request.Headers.Range = new RangeHeaderValue(cut, null);
            using var rest = await Harima.Http.SendAsync(request, Token);
            Assert.Equal(HttpStatusCode.PartialContent, rest.StatusCode);
            Assert.Equal(bytes[cut..], await rest.Content.ReadAsByteArrayAsync(Token));
        }
    }

    [Fact]
    public async Task What_changed_on_the_storage_is_refused_in_words_until_it_is_scanned_again()
    {
        var (folder, _) = FillStorage();
        var id = (await RegisterAsync(folder)).GetProperty("id").GetString()!;
        await File.WriteAllTextAsync(Path.Combine(folder, "empty.txt"), "not empty", Token);
        File.Delete(Path.Combine(folder, "scan 0001.h5"));

        var refused = await AwsAsync(
            ["s3api", "get-object", "--bucket", Bucket, "--key", $"{Sequence}/empty.txt", PathOf("none")],
            exitCode: 254
        );
        Assert.Contains("InvalidObjectState", refused, StringComparison.Ordinal);
        using var answer = await AsAsync(
            "leader",
            $"/api/v1/proposals/{RunningHarima.Proposal}/sequences/{Sequence}/content/scan%200001.h5"
        );
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains("gone-from-storage", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);

        using var admin = await HarimaProgram.OfAsync(Harima, "admin", Token);
        var ended = await admin.ExpectAsync(0, ["register", "--rescan", id, "--wait", "--json"], Token);
        Assert.Equal(
            (1, 1, 0),
            (
                ended.Json.GetProperty("filesChanged").GetInt32(),
                ended.Json.GetProperty("filesRemoved").GetInt32(),
                ended.Json.GetProperty("problems").GetInt32()
            )
        );
        await AwsAsync(["s3", "cp", "--no-progress", $"s3://{Bucket}/{Sequence}/empty.txt", PathOf("now")]);
        Assert.Equal("not empty", await File.ReadAllTextAsync(PathOf("now"), Token));
        var findings = await admin.ExpectAsync(0, ["register", "--findings", id], Token);
        Assert.Contains("removed\tscan 0001.h5", findings.Output, StringComparison.Ordinal);
        Assert.Contains(
            id,
            (await admin.ExpectAsync(0, ["register", "--list"], Token)).Output,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Whoever_replaces_or_deletes_one_over_S3_leaves_the_storage_as_it_is()
    {
        var (folder, names) = FillStorage();
        await RegisterAsync(folder);
        await File.WriteAllTextAsync(PathOf("new"), "new", Token);
        await AwsAsync(["s3", "cp", "--no-progress", PathOf("new"), $"s3://{Bucket}/{Sequence}/large.bin"]);
        await AwsAsync(["s3", "rm", $"s3://{Bucket}/{Sequence}/raw/", "--recursive"]);

        foreach (var name in names)
            Assert.Equal(Sha256Of(PathOf("up/" + name)), Sha256Of(Path.Combine(folder, name)));
        await AwsAsync(["s3", "cp", "--recursive", "--no-progress", $"s3://{Bucket}/{Sequence}/", PathOf("aws")]);
        Assert.Equal("new", await File.ReadAllTextAsync(PathOf("aws/large.bin"), Token));
        Assert.False(Directory.Exists(PathOf("aws/raw")));
        AreWhole(["scan 0001.h5", "empty.txt"], "aws");
    }

    [Fact]
    public async Task The_command_says_what_would_be_made_and_refuses_what_cannot_be()
    {
        var (folder, names) = FillStorage();
        File.CreateSymbolicLink(Path.Combine(folder, "link"), "/etc/passwd");
        using var admin = await HarimaProgram.OfAsync(Harima, "admin", Token);
        var preview = await admin.ExpectAsync(
            0,
            ["register", folder, "--proposal", RunningHarima.Proposal, "--sequences-from", "1", "--dry-run", "--json"],
            Token
        );
        Assert.Equal(1, preview.Json.GetProperty("sequenceCount").GetInt32());
        Assert.Equal(2, preview.Json.GetProperty("files").GetInt32());
        Assert.Equal(names.Length - 2 + 1, preview.Json.GetProperty("problemCount").GetInt32());
        await admin.ExpectAsync(2, ["register", folder], Token);
        await admin.ExpectAsync(2, ["register", folder, "--list"], Token);
        await admin.ExpectAsync(2, ["register"], Token);
        await admin.ExpectAsync(4, ["register", "/etc", "--proposal", RunningHarima.Proposal], Token);
        using var leader = await HarimaProgram.OfAsync(Harima, "leader", Token);
        await leader.ExpectAsync(4, ["register", folder, "--proposal", RunningHarima.Proposal], Token);
        await leader.ExpectAsync(4, ["register", "--list"], Token);
    }

    [Fact]
    public async Task Real_HDF5_files_propose_their_metadata()
    {
        var data = FindData();
        Assert.SkipWhen(data is null, "The real measurements are not here (set HARIMA_TEST_DATA).");
        var files = Directory
            .EnumerateFiles(data!, "*", SearchOption.AllDirectories)
            .Where(file =>
                Path.GetExtension(file) is ".h5" or ".nxs" or ".hdf5" && new FileInfo(file).Length < 50 << 20
            )
            .Take(5)
            .ToList();
        Assert.SkipWhen(files.Count == 0, "No HDF5 files among the real measurements.");
        var folder = Directory.CreateDirectory(Path.Combine(Harima.Storage, Sequence)).FullName;
        foreach (var file in files)
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true);
        await RegisterAsync(folder);
        var address = $"/api/v1/proposals/{RunningHarima.Proposal}/sequences/{Sequence}/metadata/proposed";
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromMinutes(10));
        while (true)
        {
            using var answer = await AsAsync("leader", address);
            var text = await answer.Content.ReadAsStringAsync(Token);
            if (answer.IsSuccessStatusCode && text.Contains("\"file\":\"", StringComparison.Ordinal))
                break;
            await Task.Delay(200, patience.Token);
        }
    }

    [Fact]
    public async Task Patterns_choose_what_is_registered_and_the_command_line_takes_it_back()
    {
        var folder = Directory.CreateDirectory(Path.Combine(Harima.Storage, Sequence)).FullName;
        foreach (var name in new[] { "a.h5", "deep/b.h5", "a.h5.tmp", "backup/c.h5" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, name))!);
            await File.WriteAllTextAsync(Path.Combine(folder, name), name, Token);
        }
        string[] patterns = ["--include", "*.h5", "--include", "*.nxs", "--exclude", "backup/"];
        using var admin = await HarimaProgram.OfAsync(Harima, "admin", Token);
        string[] what = ["register", folder, "--proposal", RunningHarima.Proposal, "--sequence", Sequence];
        var preview = await admin.ExpectAsync(0, [.. what, .. patterns, "--dry-run", "--json"], Token);
        Assert.Equal(
            (2, 2),
            (preview.Json.GetProperty("files").GetInt64(), preview.Json.GetProperty("excluded").GetInt64())
        );
        var tree = await RegisterAsync(folder, patterns);
        Assert.Equal(2, tree.GetProperty("filesAdded").GetInt64());
        // Nobody reads for checksums here.
        Assert.Equal(2, tree.GetProperty("filesWithoutSums").GetInt64());
        Assert.Equal(["*.h5", "*.nxs"], tree.GetProperty("include").EnumerateArray().Select(one => one.GetString()));
        var id = tree.GetProperty("id").GetString()!;
        await admin.ExpectAsync(0, ["register", "--bring-back", id, "--wait"], Token);

        string[] others = ["--patterns", id, "--include", "*.tmp", "--include", "backup/", "--wait", "--json"];
        var changed = await admin.ExpectAsync(0, ["register", .. others], Token);
        Assert.Equal(
            (2, 2, 2),
            (
                changed.Json.GetProperty("filesAdded").GetInt64(),
                changed.Json.GetProperty("filesRemoved").GetInt64(),
                changed.Json.GetProperty("excluded").GetInt64()
            )
        );
        Assert.Empty(changed.Json.GetProperty("exclude").EnumerateArray());
        Assert.False(changed.Json.GetProperty("onlyListed").GetBoolean());

        await admin.ExpectAsync(0, ["register", "--remove", id, "--wait"], Token);

        using var gone = await AsAsync("admin", $"/api/v1/registrations/{id}");
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        using var sequence = await AsAsync(
            "leader",
            $"/api/v1/proposals/{RunningHarima.Proposal}/sequences/{Sequence}"
        );
        Assert.Equal(HttpStatusCode.NotFound, sequence.StatusCode);
        Assert.Equal("a.h5", await File.ReadAllTextAsync(Path.Combine(folder, "a.h5"), Token));
    }

    static string? FindData()
    {
        if (Environment.GetEnvironmentVariable("HARIMA_TEST_DATA") is { Length: > 0 } named)
            return Directory.Exists(named) ? named : null;
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "Harima.slnx")))
                continue;
            var beside = Path.Combine(folder.Parent!.FullName, "shared", "data");
            return Directory.Exists(beside) ? beside : null;
        }
        return null;
    }

    async Task<HttpResponseMessage> AsAsync(string user, string address)
    {
        using var request = await RequestAsync(user, address);
        return await Harima.Http.SendAsync(request, Token);
    }

    async Task<HttpRequestMessage> RequestAsync(string user, string address)
    {
        var secret = await Harima
            .Get<global::Harima.Identity.ApiTokens>()
            .CreateAsync(RunningHarima.PrincipalOf(user), "registered files", TimeSpan.FromHours(1), Token);
        return new HttpRequestMessage(HttpMethod.Get, new Uri(Harima.Portal, address))
        {
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", secret.Text) },
        };
    }
}
