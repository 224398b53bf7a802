namespace Harima.Clients;

public sealed class S3cmdOnSqlite(SqliteHarima harima) : S3cmdTests(harima);

public sealed class S3cmdOnPostgres(PostgresHarima harima) : S3cmdTests(harima);

public abstract class S3cmdTests(RunningHarima harima) : ClientTests(harima)
{
    static readonly ClientTool S3cmd = new("s3cmd", "/usr/bin/s3cmd");

    Task<string> S3cmdAsync(string user, IEnumerable<string> arguments, int exitCode = 0)
    {
        S3cmd.Require();
        var key = Harima.KeyOf(user);
        File.WriteAllText(PathOf("s3cfg"), "[default]\n");
        string[] settings =
        [
            "--config=" + PathOf("s3cfg"),
            "--access_key=" + key.AccessKeyId,
            "--secret_key=" + key.SecretKey,
            "--host=" + Harima.S3.Authority,
            "--host-bucket=" + Harima.S3.Authority,
            "--no-ssl",
            "--no-progress",
        ];
        var environment = new Dictionary<string, string> { ["LC_ALL"] = "C.UTF-8" };
        return S3cmd.RunAsync(environment, [.. settings, .. arguments], Token, exitCode);
    }

    [Fact]
    public async Task A_stranger_meets_no_bucket() =>
        Assert.Contains(
            "NoSuchBucket",
            await S3cmdAsync("stranger", ["ls", $"s3://{PrivateBucket}/"], exitCode: 12),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("--no-check-md5")]
    [InlineData("--signature-v2")]
    public async Task Put_get_ls_and_del_work(string option)
    {
        var names = Fill();
        Task<string> S3cmdAsync(string user, string[] arguments) => this.S3cmdAsync(user, [option, .. arguments]);
        var root = $"s3://{Bucket}/{Sequence}/";

        await S3cmdAsync("leader", ["put", "--recursive", PathOf("up") + "/", root]);
        var listed = await S3cmdAsync("member", ["ls", "--recursive", root]);
        Assert.All(names, name => Assert.Contains(root + name, listed, StringComparison.Ordinal));
        Assert.Contains(Bucket, await S3cmdAsync("member", ["ls"]), StringComparison.Ordinal);

        Directory.CreateDirectory(PathOf("down"));
        await S3cmdAsync("member", ["get", "--recursive", root, PathOf("down") + "/"]);
        AreWhole(names, "down");

        await S3cmdAsync("leader", ["del", "--recursive", "--force", root]);
        Assert.Equal("", await S3cmdAsync("leader", ["ls", "--recursive", root]));
    }

    [Fact]
    public async Task Its_signed_URLs_are_honoured()
    {
        var target = await NewFileAsync("signed by s3cmd", "a b+c.txt");
        var key = Uri.UnescapeDataString(target[1..]);
        var url = await S3cmdAsync("leader", ["signurl", "s3://" + key, "+60"]);
        Assert.Equal("signed by s3cmd", await Harima.Http.GetStringAsync(new Uri(url.Trim()), Token));
    }
}
