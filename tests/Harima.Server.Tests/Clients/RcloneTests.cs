namespace Harima.Clients;

public sealed class RcloneOnSqlite(SqliteHarima harima) : RcloneTests(harima);

public sealed class RcloneOnPostgres(PostgresHarima harima) : RcloneTests(harima);

public abstract class RcloneTests(RunningHarima harima) : ClientTests(harima)
{
    static readonly ClientTool Rclone = new("rclone", "/usr/bin/rclone");

    Task<string> RcloneAsync(string user, IEnumerable<string> arguments, int exitCode = 0)
    {
        Rclone.Require();
        var key = Harima.KeyOf(user);
        var environment = new Dictionary<string, string>
        {
            ["RCLONE_CONFIG"] = PathOf("no-config"),
            ["RCLONE_CONFIG_H_TYPE"] = "s3",
            ["RCLONE_CONFIG_H_PROVIDER"] = "Other",
            ["RCLONE_CONFIG_H_ENDPOINT"] = Harima.S3.ToString(),
            ["RCLONE_CONFIG_H_ACCESS_KEY_ID"] = key.AccessKeyId,
            ["RCLONE_CONFIG_H_SECRET_ACCESS_KEY"] = key.SecretKey,
            ["RCLONE_S3_UPLOAD_CUTOFF"] = "5M",
            ["RCLONE_S3_CHUNK_SIZE"] = "5M",
            ["RCLONE_RETRIES"] = "1",
        };
        return Rclone.RunAsync(environment, arguments, Token, exitCode);
    }

    [Fact]
    public async Task A_stranger_finds_no_directory() =>
        Assert.Contains(
            "directory not found",
            await RcloneAsync("stranger", ["lsf", $"h:{PrivateBucket}"], exitCode: 3),
            StringComparison.Ordinal
        );

    [Fact]
    public async Task Copy_check_lsf_cat_and_delete_work()
    {
        var names = Fill();
        var root = $"h:{Bucket}/{Sequence}";

        await RcloneAsync("leader", ["copy", PathOf("up"), root]);
        await RcloneAsync("member", ["check", PathOf("up"), root]);
        await RcloneAsync("member", ["check", "--download", PathOf("up"), root]);
        var listed = (await RcloneAsync("member", ["lsf", "-R", "--files-only", root])).Split('\n');
        Assert.All(names, name => Assert.Contains(name, listed));
        Assert.Contains(Bucket + "/", await RcloneAsync("member", ["lsf", "h:"]), StringComparison.Ordinal);

        await RcloneAsync("member", ["copy", root, PathOf("down")]);
        AreWhole(names, "down");
        var source = File.ReadAllText(PathOf("up/raw/deep/er/#1 50%.csv"));
        Assert.Equal(source, await RcloneAsync("member", ["cat", root + "/raw/deep/er/#1 50%.csv"]));

        // Nothing changed, so nothing is sent; a changed time alone is set by a copy onto itself.
        File.SetLastWriteTimeUtc(PathOf("up/scan 0001.h5"), new DateTime(2026, 5, 1, 0, 0, 0, DateTimeKind.Utc));
        await RcloneAsync("leader", ["sync", PathOf("up"), root]);
        Assert.Contains(
            "2026-05-01",
            await RcloneAsync("leader", ["lsl", root + "/scan 0001.h5"]),
            StringComparison.Ordinal
        );

        await RcloneAsync("leader", ["purge", root]);
        Assert.Equal(
            "",
            await RcloneAsync("leader", ["lsf", "-R", $"h:{Bucket}", "--include", $"{Sequence}/**", "--files-only"])
        );
    }
}
