using Harima.Workspaces;

namespace Harima.Clients;

public sealed class AwsCliOnSqlite(SqliteHarima harima) : AwsCliTests(harima, AwsCliVersion.Debian);

public sealed class AwsCliOnPostgres(PostgresHarima harima) : AwsCliTests(harima, AwsCliVersion.Debian);

public sealed class CurrentAwsCliOnSqlite(SqliteHarima harima) : AwsCliTests(harima, AwsCliVersion.Current);

public sealed class CurrentAwsCliOnPostgres(PostgresHarima harima) : AwsCliTests(harima, AwsCliVersion.Current);

public enum AwsCliVersion
{
    Debian,

    /// <summary>That beside the Python which <c>HARIMA_TEST_PYTHON</c> names; it sends checksums with every upload.</summary>
    Current,
}

/// <summary><c>aws s3</c> as it comes, with default settings.</summary>
public abstract class AwsCliTests(RunningHarima harima, AwsCliVersion version) : ClientTests(harima)
{
    static readonly ClientTool Debian = new("aws", "/usr/bin/aws");
    static readonly ClientTool Current = new(
        "a current aws (HARIMA_TEST_PYTHON)",
        Path.Combine(
            Path.GetDirectoryName(Environment.GetEnvironmentVariable("HARIMA_TEST_PYTHON")) ?? "/nonexistent",
            "aws"
        )
    )
    {
        IsOptional = true,
    };

    ClientTool Aws => version == AwsCliVersion.Current ? Current : Debian;

    Task<string> AwsAsync(string user, IEnumerable<string> arguments, int exitCode = 0)
    {
        Aws.Require();
        var key = Harima.KeyOf(user);
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

    [Fact]
    public async Task A_stranger_is_told_that_there_is_nothing()
    {
        Assert.Contains(
            "NoSuchBucket",
            await AwsAsync(
                "stranger",
                ["s3", "ls", $"s3://{PrivateBucket}/"],
                exitCode: version == AwsCliVersion.Current ? 255 : 254
            ),
            StringComparison.Ordinal
        );
        Assert.DoesNotContain(PrivateBucket, await AwsAsync("stranger", ["s3", "ls"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_write_without_a_sequence_is_refused_with_our_sentence()
    {
        var names = Fill();
        Assert.Contains(
            "S0042/",
            await AwsAsync("leader", ["s3", "cp", PathOf("up/" + names[1]), $"s3://{Bucket}/loose.h5"], exitCode: 1),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Versions_are_kept_listed_and_read()
    {
        var bucket = "cli-versions-" + Sequence.ToLowerInvariant();
        await Harima
            .Get<CreateWorkspace>()
            .HandleAsync(new CreateWorkspaceRequest(bucket, "CLI"), RunningHarima.PrincipalOf("leader"), Token);
        string[] on = ["--bucket", bucket, "--output", "text"];
        Task<string> ApiAsync(params string[] arguments) => AwsAsync("leader", ["s3api", .. arguments, .. on]);
        async Task<string> PutAsync(string text)
        {
            await File.WriteAllTextAsync(PathOf("body"), text, Token);
            return (
                await ApiAsync("put-object", "--key", "a+b", "--body", PathOf("body"), "--query", "VersionId")
            ).Trim();
        }

        await ApiAsync("put-bucket-versioning", "--versioning-configuration", "Status=Enabled");
        var (first, second) = (await PutAsync("one"), await PutAsync("two"));
        var marker = (await ApiAsync("delete-object", "--key", "a+b", "--query", "VersionId")).Trim();

        Assert.Equal(
            [marker, second, first],
            (
                await ApiAsync("list-object-versions", "--query", "[DeleteMarkers[].VersionId, Versions[].VersionId][]")
            ).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
        );
        await ApiAsync("get-object", "--key", "a+b", "--version-id", first, PathOf("old"));
        Assert.Equal("one", await File.ReadAllTextAsync(PathOf("old"), Token));
        await ApiAsync("delete-object", "--key", "a+b", "--version-id", marker);
        await ApiAsync("get-object", "--key", "a+b", PathOf("current"));
        Assert.Equal("two", await File.ReadAllTextAsync(PathOf("current"), Token));
    }

    [Fact]
    public async Task Cp_sync_ls_mv_and_rm_work_and_every_byte_is_the_same()
    {
        var names = Fill();
        var root = $"s3://{Bucket}/{Sequence}/";

        await AwsAsync("leader", ["s3", "sync", PathOf("up"), root, "--no-progress"]);
        Assert.Equal("", await AwsAsync("leader", ["s3", "sync", PathOf("up"), root, "--no-progress"]));
        Assert.Contains(Bucket, await AwsAsync("leader", ["s3", "ls"]), StringComparison.Ordinal);
        var listed = await AwsAsync("leader", ["s3", "ls", root, "--recursive"]);
        Assert.All(names, name => Assert.Contains($"{Sequence}/{name}", listed, StringComparison.Ordinal));

        await AwsAsync("member", ["s3", "sync", root, PathOf("down"), "--no-progress"]);
        AreWhole(names, "down");
        await AwsAsync("member", ["s3", "cp", root + "large.bin", PathOf("one/large.bin"), "--no-progress"]);
        Assert.Equal(Sha256Of(PathOf("up/large.bin")), Sha256Of(PathOf("one/large.bin")));

        await AwsAsync("leader", ["s3", "cp", root + "large.bin", root + "copied.bin", "--no-progress"]);
        await AwsAsync("leader", ["s3", "mv", root + "copied.bin", root + "moved.bin", "--no-progress"]);
        await AwsAsync("leader", ["s3", "cp", root + "moved.bin", PathOf("one/moved.bin"), "--no-progress"]);
        Assert.Equal(Sha256Of(PathOf("up/large.bin")), Sha256Of(PathOf("one/moved.bin")));

        await AwsAsync("leader", ["s3", "rm", root, "--recursive", "--quiet"]);
        Assert.Equal("", await AwsAsync("leader", ["s3", "ls", root, "--recursive"], exitCode: 1));
    }

    [Fact]
    public async Task Presigned_URLs_of_aws_are_honoured()
    {
        var target = await NewFileAsync("by presigned URL");
        var url = await AwsAsync("leader", ["s3", "presign", "s3:/" + target]);
        Assert.Equal("by presigned URL", await Harima.Http.GetStringAsync(new Uri(url.Trim()), Token));
    }
}
