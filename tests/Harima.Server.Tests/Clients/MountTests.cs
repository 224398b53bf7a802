using System.Security.Cryptography;

namespace Harima.Clients;

public sealed class MountsOnSqlite(SqliteHarima harima) : MountTests(harima);

public sealed class MountsOnPostgres(PostgresHarima harima) : MountTests(harima);

/// <summary>A sequence as a folder, where FUSE works: what programs that know only files do with it.</summary>
public abstract class MountTests(RunningHarima harima) : ClientTests(harima)
{
    static readonly ClientTool Rclone = new("rclone", "/usr/bin/rclone");
    static readonly ClientTool S3fs = new("s3fs", "/usr/bin/s3fs");
    static readonly ClientTool Unmount = new("fusermount3", "/usr/bin/fusermount3");

    string Mounted => PathOf("mounted");

    async Task<FuseMount> MountAsync(ClientTool tool, string user)
    {
        Assert.SkipUnless(FuseMount.Works(), "FUSE does not work here: /dev/fuse cannot be opened");
        Unmount.Require();
        tool.Require();
        Directory.CreateDirectory(Mounted);
        var key = Harima.KeyOf(user);
        if (tool == Rclone)
            return await FuseMount.StartAsync(
                tool,
                new Dictionary<string, string>
                {
                    ["RCLONE_CONFIG"] = PathOf("no-config"),
                    ["RCLONE_CACHE_DIR"] = PathOf("cache"),
                    ["RCLONE_CONFIG_H_TYPE"] = "s3",
                    ["RCLONE_CONFIG_H_PROVIDER"] = "Other",
                    ["RCLONE_CONFIG_H_ENDPOINT"] = Harima.S3.ToString(),
                    ["RCLONE_CONFIG_H_ACCESS_KEY_ID"] = key.AccessKeyId,
                    ["RCLONE_CONFIG_H_SECRET_ACCESS_KEY"] = key.SecretKey,
                    ["RCLONE_S3_UPLOAD_CUTOFF"] = "5M",
                    ["RCLONE_S3_CHUNK_SIZE"] = "5M",
                },
                [
                    "mount",
                    $"h:{Bucket}/{Sequence}",
                    Mounted,
                    "--vfs-cache-mode=writes",
                    "--vfs-write-back=0s",
                    "--dir-cache-time=1s",
                ],
                Mounted,
                Token
            );
        await File.WriteAllTextAsync(PathOf("passwd"), $"{key.AccessKeyId}:{key.SecretKey}\n", Token);
        File.SetUnixFileMode(PathOf("passwd"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return await FuseMount.StartAsync(
            tool,
            new Dictionary<string, string>(),
            [
                $"{Bucket}:/{Sequence}",
                Mounted,
                "-f",
                "-o",
                $"url={Harima.S3.ToString().TrimEnd('/')},use_path_request_style,multipart_size=5,parallel_count=4",
                "-o",
                $"passwd_file={PathOf("passwd")},tmpdir={Folder},retries=1",
            ],
            Mounted,
            Token
        );
    }

    [Theory]
    [InlineData("rclone")]
    [InlineData("s3fs")]
    public async Task Files_written_into_a_mounted_sequence_are_objects_and_the_other_way_round(string name)
    {
        var names = Fill();
        await PutAsync($"{Sequence}/there before.txt", "by S3");
        await using (await MountAsync(name == "rclone" ? Rclone : S3fs, "leader"))
        {
            Assert.Equal("by S3", await File.ReadAllTextAsync(Path.Combine(Mounted, "there before.txt"), Token));
            foreach (var file in names)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(Mounted, file))!);
                File.Copy(PathOf("up/" + file), Path.Combine(Mounted, file));
            }
            foreach (var file in names)
                Assert.Equal(Sha256Of(PathOf("up/" + file)), Sha256Of(Path.Combine(Mounted, file)));
            Assert.Equal(
                ["deep", "試料 A+B.tif"],
                Directory
                    .EnumerateFileSystemEntries(Path.Combine(Mounted, "raw"))
                    .Select(Path.GetFileName)
                    .Order(StringComparer.Ordinal)
            );
            // A rename is a copy on the server, of the large one in parts.
            File.Move(Path.Combine(Mounted, "large.bin"), Path.Combine(Mounted, "raw", "larger.bin"));
            File.Delete(Path.Combine(Mounted, "scan 0001.h5"));
        }

        foreach (var (file, key) in names.Select(file => (file, key: file == "large.bin" ? "raw/larger.bin" : file)))
        {
            if (file == "scan 0001.h5")
                continue;
            using var got = await Harima
                .ClientOf("member")
                .GetObjectAsync(Bucket, $"{Sequence}/{key}", null, null, Token);

            Assert.Equal(
                Sha256Of(PathOf("up/" + file)),
                Convert.ToHexString(await SHA256.HashDataAsync(got.Content, Token))
            );
        }
        foreach (var gone in new[] { "scan%200001.h5", "large.bin" })
            (await SendAsync("leader", "GET", $"/{Bucket}/{Sequence}/{gone}")).IsRefused(404, "NoSuchKey");
    }

    [Theory]
    [InlineData("rclone")]
    [InlineData("s3fs")]
    public async Task Who_may_only_read_cannot_write_into_the_mount(string name)
    {
        await PutAsync($"{Sequence}/a.txt", "mine");
        await Harima.ShareAsync(Sequence, "stranger", Access.Right.Read);
        await using (await MountAsync(name == "rclone" ? Rclone : S3fs, "stranger"))
        {
            Assert.Equal("mine", await File.ReadAllTextAsync(Path.Combine(Mounted, "a.txt"), Token));
            // rclone sends what was written in the background, s3fs when the file is closed.
            if (name == "s3fs")
                await Assert.ThrowsAnyAsync<Exception>(() =>
                    File.WriteAllTextAsync(Path.Combine(Mounted, "a.txt"), "theirs", Token)
                );
        }
        Assert.Equal("mine", (await SendAsync("leader", "GET", $"/{Bucket}/{Sequence}/a.txt")).IsOk().Text);
    }
}
