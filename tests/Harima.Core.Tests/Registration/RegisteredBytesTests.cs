using System.Security.Cryptography;
using Harima.Faults;
using Harima.Registration;
using Harima.Sequences;
using Harima.Storage;
using Harima.Work;

namespace Harima.Core.Tests.Registration;

public sealed class RegisteredBytesOnSqlite(SqliteFacility facility)
    : RegisteredBytesTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class RegisteredBytesOnPostgres(PostgresFacility facility)
    : RegisteredBytesTests(facility),
        IClassFixture<PostgresFacility>;

/// <summary>A registered file is served as it was catalogued, or not at all.</summary>
public abstract class RegisteredBytesTests(TestFacility facility) : RegisteringTests(facility)
{
    [Fact]
    public async Task Until_its_checksums_are_known_a_file_has_an_ETag_that_is_no_MD5_and_is_accepted_afterwards_too()
    {
        var (folder, id) = (NewFolder(), NewId());
        Write(folder, "a", "some bytes");
        Write(folder, "empty", "");
        await RegisterAsync(folder, id);
        var provisional = await GetAsync($"{id}/a");
        Assert.EndsWith("-0", provisional.ETag);
        Assert.Empty(provisional.ReadChecksums());
        Assert.True(await Get<SumFiles>().IsWantedAsync(Token));

        await Get<WorkWorker>().RoundAsync(Get<SumFiles>().Work, Token);

        var known = await GetAsync($"{id}/a");
        Assert.Equal(Convert.ToHexStringLower(MD5.HashData("some bytes"u8)), known.ETag);
        Assert.Equal(2, known.ReadChecksums().Count);
        Assert.True(known.HasETag(provisional.ETag));
        Assert.Equal("d41d8cd98f00b204e9800998ecf8427e", (await GetAsync($"{id}/empty")).ETag);
        // Somebody read the provisional one and now asks to replace what they read.
        await Get<AddFile>()
            .HandleAsync(
                new AddFileRequest(
                    TestFacility.Bucket,
                    $"{id}/a",
                    Condition: new FileCondition(IfMatch: provisional.ETag)
                ),
                new MemoryStream("mine"u8.ToArray()),
                TestFacility.Leader,
                Token
            );
        Assert.Equal("mine", await ReadAsync($"{id}/a"));
        // What was uploaded has no other name than its own.
        var refusal = await RefusedAsync(() =>
            Get<RemoveFile>()
                .HandleAsync(
                    TestFacility.Bucket,
                    $"{id}/a",
                    new FileCondition(IfMatch: provisional.ETag),
                    TestFacility.Leader,
                    Token
                )
        );
        Assert.Equal(FaultCode.PreconditionFailed, refusal.Code);
    }

    [Fact]
    public async Task A_file_that_changed_on_the_storage_is_refused_until_it_is_scanned_again()
    {
        var (folder, id) = (NewFolder(), NewId());
        var file = Write(folder, "a", "before");
        Write(folder, "b", "same");
        var tree = await RegisterAsync(folder, id);
        await Get<WorkWorker>().RoundAsync(Get<SumFiles>().Work, Token);
        var before = await GetAsync($"{id}/a");

        // The same length: only its time tells.
        await File.WriteAllTextAsync(file, "AFTER!", Token);
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddSeconds(1_700_000_000.25));
        var refusal = await RefusedAsync(() => ReadAsync($"{id}/a"));
        Assert.Equal((FaultCode.Conflict, "changed-on-storage"), (refusal.Code, refusal.Reason));

        tree = await RescanAsync(tree.Id);

        Assert.Equal((2, 0, 1, 0), (tree.FilesFound, tree.FilesAdded, tree.FilesChanged, tree.FilesRemoved));
        Assert.Equal("AFTER!", await ReadAsync($"{id}/a"));
        var after = await GetAsync($"{id}/a");
        Assert.NotEqual(before.ETag, after.ETag);
        Assert.False(after.HasSums);
        Assert.True((await GetAsync($"{id}/b")).HasSums);
        Assert.Equal(new DateTime(2023, 11, 14, 22, 13, 20, 250, DateTimeKind.Utc), after.ModifiedAt.UtcDateTime);
        // What it was is written down.
        var finding = Assert.Single(await FindingsAsync(tree.Id));
        Assert.Equal((FindingKind.Changed, "a", before.ETag), (finding.Kind, finding.Path, finding.ETag));
        Assert.Equal(10, (await SequenceAsync(id)).SizeBytes);
    }

    [Fact]
    public async Task A_file_that_grows_while_it_is_read_ends_the_reading()
    {
        var (folder, id) = (NewFolder(), NewId());
        var file = Write(folder, "a", "one line\n");
        await RegisterAsync(folder, id);
        using var opened = await Get<FileQueries>()
            .OpenAsync(TestFacility.Leader, TestFacility.Bucket, $"{id}/a", Token);
        var buffer = new byte[3];
        Assert.Equal(3, await opened.Bytes.ReadAsync(buffer, 0, Token));

        await File.AppendAllTextAsync(file, "another\n", Token);

        var refusal = await RefusedAsync(async () => await opened.Bytes.ReadAsync(buffer, 3, Token));
        Assert.Equal("changed-on-storage", refusal.Reason);
    }

    [Fact]
    public async Task No_link_leads_out_of_the_root_neither_when_scanning_nor_when_reading()
    {
        var (folder, id) = (NewFolder(), NewId());
        var secret = Path.Combine(Facility.Folder, "secret");
        await File.WriteAllTextAsync(secret, "another's", Token);
        Write(folder, "plain/a", "harmless");
        File.CreateSymbolicLink(Path.Combine(folder, "file-link"), secret);
        Directory.CreateSymbolicLink(Path.Combine(folder, "folder-link"), Facility.Folder);

        var tree = await RegisterAsync(folder, id);

        Assert.Equal([$"{id}/plain/a"], await KeysAsync(id));
        Assert.Equal(
            ["file-link", "folder-link"],
            (await FindingsAsync(tree.Id))
                .Where(finding => finding.Kind == FindingKind.Link)
                .Select(finding => finding.Path)
                .Order()
        );

        // Later somebody puts a link where a folder or a file was, with the very size and time.
        var file = Path.Combine(folder, "plain/a");
        var time = File.GetLastWriteTimeUtc(file);
        var elsewhere = Path.Combine(Facility.Folder, id);
        Directory.Move(Path.Combine(folder, "plain"), elsewhere);
        Directory.CreateSymbolicLink(Path.Combine(folder, "plain"), elsewhere);
        Assert.Equal("gone-from-storage", (await RefusedAsync(() => ReadAsync($"{id}/plain/a"))).Reason);
        File.Delete(Path.Combine(folder, "plain"));
        Directory.CreateDirectory(Path.Combine(folder, "plain"));
        File.CreateSymbolicLink(file, Path.Combine(elsewhere, "a"));
        Assert.Equal("gone-from-storage", (await RefusedAsync(() => ReadAsync($"{id}/plain/a"))).Reason);
        File.Delete(file);
        File.Move(Path.Combine(elsewhere, "a"), file);
        Assert.Equal(time, File.GetLastWriteTimeUtc(file));
        Assert.Equal("harmless", await ReadAsync($"{id}/plain/a"));
    }

    [Fact]
    public async Task The_scrubber_passes_over_what_has_no_checksum_and_finds_what_has_rotted()
    {
        var (folder, id) = (NewFolder(), NewId());
        var file = Write(folder, "a", new string('x', 5000));
        // .NET sets times less exactly than the file system keeps them.
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddSeconds(1_700_000_000));
        await RegisterAsync(folder, id);
        var row = await GetAsync($"{id}/a");
        Assert.Null(await Get<ScrubFiles>().CheckNowAsync(row, Token));
        await Get<WorkWorker>().RoundAsync(Get<SumFiles>().Work, Token);
        row = await GetAsync($"{id}/a");
        Assert.Null((await Get<ScrubFiles>().CheckNowAsync(row, Token))!.Damage);

        var time = File.GetLastWriteTimeUtc(file);
        await using (var stream = File.OpenWrite(file))
            stream.WriteByte((byte)'y');
        File.SetLastWriteTimeUtc(file, time);
        Assert.Equal(Damage.Corrupt, (await Get<ScrubFiles>().CheckNowAsync(row, Token))!.Damage);
        Assert.Equal(FaultCode.Damaged, (await RefusedAsync(() => ReadAsync($"{id}/a"))).Code);
        var listed = await Get<StorageHealth>().DamagedAsync(Admin, null, 100, Token);
        Assert.Contains(listed.Items, view => view.Path == file);
        // Somebody mends it.
        await File.WriteAllTextAsync(file, new string('x', 5000), Token);
        File.SetLastWriteTimeUtc(file, time);
        Assert.Null((await Get<ScrubFiles>().CheckNowAsync(row, Token))!.Damage);
        Assert.Equal(5000, (await ReadAsync($"{id}/a")).Length);
    }
}
