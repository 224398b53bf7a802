using System.Security.Cryptography;
using System.Text;
using Harima.Access;
using Harima.Catalogue;
using Harima.Extraction;
using Harima.Faults;
using Harima.Identity;
using Harima.Registration;
using Harima.Sequences;
using Harima.Storage;
using Harima.Work;

namespace Harima.Core.Tests.Registration;

public sealed class RegistrationOnSqlite(SqliteFacility facility)
    : RegistrationTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class RegistrationOnPostgres(PostgresFacility facility)
    : RegistrationTests(facility),
        IClassFixture<PostgresFacility>;

/// <summary>An existing tree is catalogued where it lies: readable at once, never written to, compared again at every scan.</summary>
public abstract class RegistrationTests(TestFacility facility) : FacilityTests(facility)
{
    static Principal Admin => TestFacility.Admin;

    string NewFolder(string name = "scan")
    {
        var folder = Path.Combine(Facility.Storage, NewId(), name);
        Directory.CreateDirectory(folder);
        return folder;
    }

    static string Write(string folder, string path, string text = "measured")
    {
        var file = Path.Combine(folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
        return file;
    }

    Task<RegisteredTree> RegisterAsync(string folder, string? sequence, int level = 0) =>
        ScannedAsync(new RegisterRequest(folder, TestFacility.Proposal, sequence, level));

    async Task<RegisteredTree> ScannedAsync(RegisterRequest request)
    {
        var started = await Get<RegisterFolder>().HandleAsync(request, Admin, Token);
        Assert.Equal(RegistrationState.Running, started.State);
        return await WorkAsync(started.Id);
    }

    async Task<RegisteredTree> WorkAsync(string id)
    {
        while (await Get<WorkWorker>().RoundAsync(Get<ScanFolder>().Work, Token) > 0) { }
        return await Get<RegistrationQueries>().GetAsync(id, Admin, Token);
    }

    async Task<RegisteredTree> RescanAsync(string id)
    {
        await Get<RescanFolder>().HandleAsync(id, Admin, Token);
        return await WorkAsync(id);
    }

    async Task<IReadOnlyList<Finding>> FindingsAsync(string id)
    {
        var found = new List<Finding>();
        string? cursor = null;
        do
        {
            // Pages of two: the cursor is tested on the way.
            var page = await Get<RegistrationQueries>().FindingsAsync(id, Admin, cursor, 2, Token);
            found.AddRange(page.Items);
            cursor = page.Next;
        } while (cursor is not null);
        return found;
    }

    async Task<string> ReadAsync(string key, Principal? who = null) =>
        Encoding.UTF8.GetString(await Facility.ReadAsync(key, who));

    Task<DataFile> GetAsync(string key) =>
        Get<FileQueries>().GetAsync(TestFacility.Leader, TestFacility.Bucket, key, Token);

    async Task<Sequence> SequenceAsync(string id) =>
        (await Get<SequenceAccess>().GetAsync(Admin, TestFacility.Proposal, id, Token)).Sequence;

    async Task<List<string>> KeysAsync(string sequence)
    {
        var listing = await Get<FileQueries>()
            .ListAsync(
                TestFacility.Leader,
                TestFacility.Bucket,
                new ListRequest(sequence + "/", null, null, 10_000),
                Token
            );
        Assert.Null(listing.Next);
        return [.. listing.Entries.Select(entry => entry.Name)];
    }

    static List<(string Path, long Size, DateTime Mtime)> Snapshot(string folder) =>
        [
            .. new DirectoryInfo(folder)
                .EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
                .Select(one => (one.FullName, one is FileInfo file ? file.Length : 0, one.LastWriteTimeUtc))
                .Order(),
        ];

    [Fact]
    public async Task What_lies_on_the_storage_is_readable_at_once_by_those_who_may_read_the_sequence()
    {
        var (folder, id) = (NewFolder(), NewId());
        Write(folder, "raw/a.h5", "first");
        Write(folder, "raw/試料 1.csv", "second!");
        Write(folder, "log");
        var before = Snapshot(folder);

        var tree = await RegisterAsync(folder, id);

        Assert.Equal(RegistrationState.Done, tree.State);
        Assert.Equal((3, 3, 20, 0), (tree.FilesFound, tree.FilesAdded, tree.BytesFound, tree.Problems));
        Assert.Equal([$"{id}/log", $"{id}/raw/a.h5", $"{id}/raw/試料 1.csv"], await KeysAsync(id));
        Assert.Equal("second!", await ReadAsync($"{id}/raw/試料 1.csv", TestFacility.Member));
        var sequence = await SequenceAsync(id);
        Assert.Equal((3, 20, "admin"), (sequence.FileCount, sequence.SizeBytes, sequence.Owner));
        Assert.Equal(
            Path.Combine(folder, "raw/a.h5"),
            await Get<FileQueries>().PathOnStorageAsync(Admin, TestFacility.Bucket, $"{id}/raw/a.h5", Token)
        );
        Assert.Equal(
            FaultCode.NotFound,
            (await RefusedAsync(() => Facility.ReadAsync($"{id}/log", TestFacility.Stranger))).Code
        );
        Assert.Equal(before, Snapshot(folder));
    }

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
    public async Task A_scan_adds_what_came_and_takes_out_what_went()
    {
        var (folder, id) = (NewFolder(), NewId());
        foreach (var name in new[] { "a", "b/1", "b/2", "b-1", "c" })
            Write(folder, name);
        var tree = await RegisterAsync(folder, id);
        await Get<WorkWorker>().RoundAsync(Get<SumFiles>().Work, Token);
        File.Delete(Path.Combine(folder, "a"));
        Directory.Delete(Path.Combine(folder, "b"), recursive: true);
        Write(folder, "b", "now a file");
        Write(folder, "d/e");

        tree = await RescanAsync(tree.Id);

        Assert.Equal((4, 2, 0, 3), (tree.FilesFound, tree.FilesAdded, tree.FilesChanged, tree.FilesRemoved));
        Assert.Equal([$"{id}/b", $"{id}/b-1", $"{id}/c", $"{id}/d/e"], await KeysAsync(id));
        var findings = await FindingsAsync(tree.Id);
        Assert.Equal(["a", "b/1", "b/2"], findings.Select(finding => finding.Path).Order());
        Assert.All(findings, finding => Assert.Equal((FindingKind.Removed, 8), (finding.Kind, finding.SizeBytes)));
        Assert.All(findings, finding => Assert.NotNull(finding.Crc64Nvme));
        Assert.Equal((4, 34), ((await SequenceAsync(id)).FileCount, (await SequenceAsync(id)).SizeBytes));
        Assert.Equal("gone", await WhyAsync($"{id}/a"));

        // And a scan that finds nothing new changes nothing.
        var revision = (await SequenceAsync(id)).SizeBytes;
        tree = await RescanAsync(tree.Id);
        Assert.Equal(
            (4, 0, 0, 0, revision),
            (
                tree.FilesFound,
                tree.FilesAdded,
                tree.FilesChanged,
                tree.FilesRemoved,
                (await SequenceAsync(id)).SizeBytes
            )
        );

        async Task<string> WhyAsync(string key) =>
            (await RefusedAsync(() => ReadAsync(key))).Code == FaultCode.NotFound ? "gone" : "there";
    }

    [Fact]
    public async Task What_people_changed_in_Harima_stays_as_they_want_it_and_the_storage_as_it_is()
    {
        var (folder, id) = (NewFolder(), NewId());
        await Facility.PutAsync($"{id}/mine", "uploaded before"u8.ToArray());
        foreach (var name in new[] { "mine", "replaced", "removed", "both" })
            Write(folder, name);
        var before = Snapshot(folder);
        var tree = await RegisterAsync(folder, id);
        Assert.Equal((3, 1), (tree.FilesAdded, tree.FilesKept));
        await Facility.PutAsync($"{id}/replaced", "new"u8.ToArray());
        await Facility.PutAsync($"{id}/both", "new"u8.ToArray());
        await RemoveAsync($"{id}/removed");
        await RemoveAsync($"{id}/both");

        tree = await RescanAsync(tree.Id);

        Assert.Equal((0, 0, 0), (tree.FilesAdded, tree.FilesChanged, tree.FilesRemoved));
        Assert.Equal([$"{id}/mine", $"{id}/replaced"], await KeysAsync(id));
        Assert.Equal("uploaded before", await ReadAsync($"{id}/mine"));
        Assert.Equal("new", await ReadAsync($"{id}/replaced"));
        Assert.Equal((2, 18), ((await SequenceAsync(id)).FileCount, (await SequenceAsync(id)).SizeBytes));
        Assert.Equal(before, Snapshot(folder));

        // Nor is what was uploaded in their place taken for something that has gone.
        Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        Write(folder, "other");
        await RescanAsync(tree.Id);
        Assert.Equal([$"{id}/mine", $"{id}/other", $"{id}/replaced"], await KeysAsync(id));
    }

    Task RemoveAsync(string key) =>
        Get<RemoveFile>().HandleAsync(TestFacility.Bucket, key, null, TestFacility.Leader, Token);

    [Fact]
    public async Task In_a_bucket_with_versions_the_registered_file_comes_back_when_what_replaced_it_is_removed()
    {
        await Facility.AddProposalAsync("2026A1001");
        const string Bucket = "2026a1001";
        await Get<KeepVersions>().HandleAsync(Bucket, Versioning.Enabled, Admin, Token);
        var (folder, id) = (NewFolder(), NewId());
        Write(folder, "a", "on the storage");
        var tree = await ScannedAsync(new RegisterRequest(folder, "2026A1001", id));
        var registered = await Get<FileQueries>().GetAsync(Admin, Bucket, $"{id}/a", Token);
        Assert.NotEqual(DataFile.NullVersion, registered.Version);
        var put = await Facility.PutAsync($"{id}/a", "uploaded"u8.ToArray(), bucket: Bucket);

        Assert.Equal("uploaded"u8.ToArray(), await Facility.ReadAsync($"{id}/a", bucket: Bucket));
        using (
            var older = await Get<FileQueries>()
                .OpenAsync(TestFacility.Leader, Bucket, $"{id}/a", registered.Version, Token)
        )
            Assert.Equal(14, older.File.SizeBytes);
        await RescanAsync(tree.Id);
        Assert.Equal("uploaded"u8.ToArray(), await Facility.ReadAsync($"{id}/a", bucket: Bucket));

        await Get<RemoveFile>()
            .HandleAsync(new RemoveFileRequest(Bucket, $"{id}/a", put.Version), TestFacility.Leader, Token);

        Assert.Equal("on the storage"u8.ToArray(), await Facility.ReadAsync($"{id}/a", bucket: Bucket));
        Assert.False(File.Exists(Path.Combine(Facility.Files, "2026A1001", id, "a")));
        Assert.Equal("on the storage", await File.ReadAllTextAsync(Path.Combine(folder, "a"), Token));
        // A start redoes what marks name, and there is nothing left to redo.
        await Get<FileStore>().ReconcileAsync(Get<Database>(), Token);
        Assert.Equal("on the storage"u8.ToArray(), await Facility.ReadAsync($"{id}/a", bucket: Bucket));
        // It is the scan's again.
        File.Delete(Path.Combine(folder, "a"));
        Write(folder, "b");
        tree = await RescanAsync(tree.Id);
        Assert.Equal((1, 1), (tree.FilesAdded, tree.FilesRemoved));
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
    public async Task What_cannot_be_catalogued_is_listed_with_the_reason()
    {
        var (folder, id) = (NewFolder(), NewId());
        Write(folder, "good");
        using (System.Diagnostics.Process.Start("mkfifo", Path.Combine(folder, "pipe")))
            await Task.Yield();
        using var made = System.Diagnostics.Process.Start(
            "python3",
            [
                "-c",
                "import os,sys; d=os.fsencode(sys.argv[1]); open(d+b'/caf\\xe9.txt','w').close(); os.mkdir(d+b'/fold\\xff'); open(d+b'/fold\\xff/x','w').close()",
                folder,
            ]
        );
        await made.WaitForExitAsync(Token);
        var deep = string.Join('/', Enumerable.Repeat(new string('d', 250), 5));
        Write(folder, deep + "/f");
        while (!File.Exists(Path.Combine(folder, "pipe")))
            await Task.Delay(10, Token);

        var preview = await Get<RegisterFolder>()
            .PreviewAsync(new RegisterRequest(folder, TestFacility.Proposal, id), Admin, Token);
        var tree = await RegisterAsync(folder, id);

        Assert.Equal([$"{id}/good"], await KeysAsync(id));
        (FindingKind, string)[] expected =
        [
            (FindingKind.Special, "pipe"),
            (FindingKind.Name, "caf\\xe9.txt"),
            (FindingKind.Name, "fold\\xff"),
            (FindingKind.KeyTooLong, deep + "/f"),
        ];
        foreach (var found in new[] { preview.Problems, await FindingsAsync(tree.Id) })
            Assert.Equal(expected.Order(), found.Select(finding => (finding.Kind, finding.Path)).Order());
        Assert.Equal((4, 4), (preview.ProblemCount, tree.Problems));
        Assert.Equal((1, 8, true), (preview.Files, preview.Bytes, preview.IsWhole));
        // .NET cannot name these to delete them.
        using var removed = System.Diagnostics.Process.Start("rm", ["-r", folder]);
        await removed.WaitForExitAsync(Token);
    }

    [Fact]
    public async Task Only_administrators_register_and_only_below_the_roots()
    {
        var folder = NewFolder();
        Write(folder, "a");
        var id = NewId();
        foreach (
            var who in new[] { TestFacility.Leader, TestFacility.Staff, TestFacility.Stranger, Principal.Anonymous }
        )
        {
            var refusal = await RefusedAsync(() =>
                Get<RegisterFolder>().PreviewAsync(new(folder, TestFacility.Proposal, id), who, Token)
            );
            Assert.Equal("facility-only", refusal.Reason);
            await RefusedAsync(() =>
                Get<RegisterFolder>().HandleAsync(new(folder, TestFacility.Proposal, id), who, Token)
            );
            await RefusedAsync(() => Get<RegistrationQueries>().ListAsync(who, null, 10, Token));
            await RefusedAsync(() => Get<RegistrationQueries>().RootsAsync(who, Token));
        }
        var link = Path.Combine(Facility.Storage, "to-" + id);
        Directory.CreateSymbolicLink(link, "/etc");
        (string Path, string Reason)[] refused =
        [
            ("/etc", "outside-roots"),
            (Facility.Storage + "/../etc", "outside-roots"),
            (Facility.Storage + "-other", "outside-roots"),
            (Path.Combine(folder, "../../../../etc"), "outside-roots"),
            ("etc", "registration-path"),
            (folder + "\0/etc", "registration-path"),
            (link, "folder-not-there"),
            (Path.Combine(folder, "nothing"), "folder-not-there"),
            (Path.Combine(folder, "a"), "folder-not-there"),
        ];
        foreach (var (path, reason) in refused)
            Assert.Equal(
                reason,
                (
                    await RefusedAsync(() =>
                        Get<RegisterFolder>().HandleAsync(new(path, TestFacility.Proposal, id), Admin, Token)
                    )
                ).Reason
            );
        Assert.Equal(
            "not-found",
            (await RefusedAsync(() => Get<RegisterFolder>().HandleAsync(new(folder, "2026A9999"), Admin, Token))).Reason
        );
        Assert.Equal(
            "registration-level",
            (
                await RefusedAsync(() =>
                    Get<RegisterFolder>().HandleAsync(new(folder, TestFacility.Proposal, id, 1), Admin, Token)
                )
            ).Reason
        );
        var tree = await RegisterAsync(folder, id);
        Assert.Equal(
            "already-registered",
            (
                await RefusedAsync(() =>
                    Get<RegisterFolder>().HandleAsync(new(folder + "/", TestFacility.Proposal, id), Admin, Token)
                )
            ).Reason
        );
        Assert.Contains(
            (await Get<RegistrationQueries>().ListAsync(Admin, null, 200, Token)).Items,
            one => one.Id == tree.Id
        );
    }

    [Fact]
    public async Task Each_folder_of_a_level_becomes_a_sequence()
    {
        var run = NewId();
        var folder = NewFolder("run");
        Write(folder, $"{run}-one/raw/1");
        Write(folder, $"{run}-one/raw/2");
        Write(folder, $"{run} 二/1", "more bytes");
        Write(folder, "readme.txt");
        var request = new RegisterRequest(folder, TestFacility.Proposal, Level: 1);

        var preview = await Get<RegisterFolder>().PreviewAsync(request, Admin, Token);

        Assert.Equal((2, 3, 26), (preview.SequenceCount, preview.Files, preview.Bytes));
        Assert.Equal($"{run}-one", preview.Sequences[1].SequenceId);
        var japanese = preview.Sequences[0];
        Assert.Equal(($"{run} 二", 1, 10), (japanese.Folder, japanese.Files, japanese.Bytes));
        Assert.True(Sequence.IsId(japanese.SequenceId));
        Assert.StartsWith(run, japanese.SequenceId);
        Assert.All(preview.Sequences, one => Assert.Equal(PreviewedState.New, one.State));
        Assert.Equal((FindingKind.OutsideSequence, "readme.txt"), (preview.Problems[0].Kind, preview.Problems[0].Path));

        var tree = await ScannedAsync(request);

        Assert.Equal((2, 3, 1), (tree.SequenceCount, tree.FilesAdded, tree.Problems));
        Assert.Equal([$"{run}-one/raw/1", $"{run}-one/raw/2"], await KeysAsync($"{run}-one"));
        Assert.Equal("more bytes", await ReadAsync($"{japanese.SequenceId}/1"));

        // A folder that has gone takes its files with it, and no other's.
        Directory.Delete(Path.Combine(folder, $"{run} 二"), recursive: true);
        tree = await RescanAsync(tree.Id);
        Assert.Equal((1, 2), (tree.FilesRemoved, tree.FilesFound));
        Assert.Empty(await KeysAsync(japanese.SequenceId));
        Assert.Equal(0, (await SequenceAsync(japanese.SequenceId)).FileCount);
        Assert.Equal(2, (await KeysAsync($"{run}-one")).Count);
    }

    [Fact]
    public async Task An_empty_mount_point_takes_nothing_out_of_the_catalogue()
    {
        var (folder, id) = (NewFolder(), NewId());
        Write(folder, "a");
        var tree = await RegisterAsync(folder, id);
        Directory.Move(folder, folder + "-away");
        Assert.Equal("folder-not-there", (await RescanAsync(tree.Id)).Reason);
        Directory.CreateDirectory(folder);

        tree = await RescanAsync(tree.Id);

        Assert.Equal((RegistrationState.Failed, "folder-emptied"), (tree.State, tree.Reason));
        Assert.Single(await KeysAsync(id));
        Directory.Delete(folder);
        Directory.Move(folder + "-away", folder);
        await Get<RescanFolder>().ContinueAsync(tree.Id, Admin, Token);
        Assert.Equal(RegistrationState.Done, (await WorkAsync(tree.Id)).State);
        Assert.Equal("measured", await ReadAsync($"{id}/a"));
    }

    [Fact]
    public async Task A_closed_sequence_stays_as_it_is()
    {
        var (folder, id) = (NewFolder(), NewId());
        Write(folder, "a");
        var tree = await RegisterAsync(folder, id);
        await Get<CloseSequence>().HandleAsync(TestFacility.Proposal, id, TestFacility.Leader, Token);
        Assert.Equal(0, (await RescanAsync(tree.Id)).Problems);
        Write(folder, "b");
        File.Delete(Path.Combine(folder, "a"));

        tree = await RescanAsync(tree.Id);

        Assert.Equal((0, 0, 1), (tree.FilesAdded, tree.FilesRemoved, tree.Problems));
        Assert.Equal(FindingKind.SequenceClosed, Assert.Single(await FindingsAsync(tree.Id)).Kind);
        Assert.Equal([$"{id}/a"], await KeysAsync(id));
        Assert.Equal(
            PreviewedState.Closed,
            (await Get<RegisterFolder>().PreviewAsync(new(folder, TestFacility.Proposal, id), Admin, Token))
                .Sequences.Single()
                .State
        );
    }

    [Fact]
    public async Task A_scan_that_was_cut_off_goes_on_and_counts_everything_once()
    {
        var (folder, id) = (NewFolder(), NewId());
        for (var n = 0; n < 4500; n++)
            await File.WriteAllBytesAsync(Path.Combine(folder, FormattableString.Invariant($"{n:0000}")), [1], Token);
        var started = await Get<RegisterFolder>().HandleAsync(new(folder, TestFacility.Proposal, id), Admin, Token);
        using var kill = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var scanning = Get<WorkWorker>().RoundAsync(Get<ScanFolder>().Work, kill.Token);
        while (
            !scanning.IsCompleted
            && (await Get<RegistrationQueries>().GetAsync(started.Id, Admin, Token)).FilesFound == 0
        )
            await Task.Delay(1, Token);
        await kill.CancelAsync();
        try
        {
            await scanning;
        }
        catch (OperationCanceledException) { }

        // Cancelled by an administrator, it can be told to go on; a worker that comes meanwhile does nothing.
        var half = await Get<RegistrationQueries>().GetAsync(started.Id, Admin, Token);
        if (half.State == RegistrationState.Running)
        {
            Assert.Equal(
                "registration-running",
                (await RefusedAsync(() => Get<RescanFolder>().HandleAsync(started.Id, Admin, Token))).Reason
            );
            await Get<RescanFolder>().CancelAsync(started.Id, Admin, Token);
            Assert.Equal(RegistrationState.Cancelled, (await WorkAsync(started.Id)).State);
            // What it has come to is what people see.
            Assert.Equal((await KeysAsync(id)).Count, (await SequenceAsync(id)).FileCount);
            await Get<RescanFolder>().ContinueAsync(started.Id, Admin, Token);
        }
        var tree = await WorkAsync(started.Id);

        Assert.Equal(
            (RegistrationState.Done, 4500, 4500, 4500, 0),
            (tree.State, tree.FilesFound, tree.FilesAdded, tree.BytesFound, tree.FilesKept)
        );
        Assert.Equal((4500, 4500), ((await SequenceAsync(id)).FileCount, (await SequenceAsync(id)).SizeBytes));
        Assert.Equal(4500, (await KeysAsync(id)).Count);
        Assert.Equal(
            "registration-not-running",
            (await RefusedAsync(() => Get<RescanFolder>().CancelAsync(started.Id, Admin, Token))).Reason
        );
    }

    [Fact]
    public async Task Two_workers_that_believe_to_hold_a_scan_do_its_work_once()
    {
        var (folder, id) = (NewFolder(), NewId());
        for (var n = 0; n < 3000; n++)
            await File.WriteAllBytesAsync(Path.Combine(folder, FormattableString.Invariant($"{n:0000}")), [1], Token);
        var started = await Get<RegisterFolder>().HandleAsync(new(folder, TestFacility.Proposal, id), Admin, Token);
        WorkItem Item(string claim) =>
            new()
            {
                Queue = ScanFolder.Queue,
                Subject = started.Id,
                Claim = claim,
            };
        await Task.WhenAll(
            Get<ScanFolder>().HandleAsync(Item("one"), Token),
            Get<ScanFolder>().HandleAsync(Item("other"), Token)
        );
        var tree = await Get<RegistrationQueries>().GetAsync(started.Id, Admin, Token);
        Assert.Equal((RegistrationState.Done, 3000, 3000), (tree.State, tree.FilesFound, tree.FilesAdded));
        Assert.Equal(3000, (await SequenceAsync(id)).FileCount);
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

    [Fact]
    public async Task A_copy_of_a_registered_file_is_Harimas_own()
    {
        var (folder, id) = (NewFolder(), NewId());
        var file = Write(folder, "a", "original");
        await RegisterAsync(folder, id);
        var copy = await Get<CopyFile>()
            .HandleAsync(
                new CopyFileRequest(TestFacility.Bucket, $"{id}/a", TestFacility.Bucket, $"{id}/copy"),
                TestFacility.Leader,
                Token
            );
        Assert.True(copy.HasSums);
        File.Delete(file);
        Assert.Equal("original", await ReadAsync($"{id}/copy"));
        Assert.True(File.Exists(Path.Combine(Facility.Files, TestFacility.Proposal, id, "copy")));
    }

    [Fact]
    public async Task A_sequence_that_was_registered_into_asks_once_for_its_extraction()
    {
        var (folder, id) = (NewFolder(), NewId());
        for (var n = 0; n < 2500; n++)
            Write(folder, FormattableString.Invariant($"{n:0000}.txt"), "x");
        await RegisterAsync(folder, id);
        var events = await Get<Audit>()
            .OnAsync(new ResourceRef(ResourceKind.Sequence, $"{TestFacility.Proposal}/{id}"), null, 100, Token);
        Assert.Equal(["files.registered", "sequence.opened"], events.Items.Select(one => one.Action));
        Assert.Contains("\"added\":2500", events.Items[0].Detail);
        Assert.Contains("files.registered", ExtractMetadata.Follows.Actions);
    }

    [Fact]
    public async Task What_is_due_is_scanned_again_without_being_asked_for()
    {
        var (folder, id) = (NewFolder(), NewId());
        Write(folder, "a");
        var tree = await RegisterAsync(folder, id);
        Write(folder, "b");
        var worker = new RegistrationWorker(
            Get<Database>(),
            Get<CatalogueWriter>(),
            Get<WorkQueue>(),
            Get<SumFiles>(),
            new Later(TimeSpan.FromHours(2)),
            Microsoft.Extensions.Options.Options.Create(
                new RegistrationOptions { RescanEvery = TimeSpan.FromHours(1) }
            ),
            Microsoft.Extensions.Logging.Abstractions.NullLogger<RegistrationWorker>.Instance
        );
        await worker.RoundAsync(Token);
        var waiting = await Get<RegistrationQueries>().GetAsync(tree.Id, Admin, Token);
        Assert.Equal((RegistrationState.Running, 2), (waiting.State, waiting.Scan));
        // Clean up after a clock of its own: done now, not in two hours.
        await Get<ScanFolder>()
            .HandleAsync(
                new WorkItem
                {
                    Queue = ScanFolder.Queue,
                    Subject = tree.Id,
                    Claim = "now",
                },
                Token
            );
        Assert.Equal([$"{id}/a", $"{id}/b"], await KeysAsync(id));
    }

    sealed class Later(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + by;
    }

    [Fact]
    public async Task A_walk_is_in_the_order_of_keys_and_can_be_taken_up_anywhere()
    {
        var folder = NewFolder("walk");
        var random = new Random(20261127);
        string[] names = ["a", "a.b", "a-", "a0", "あ", "𠮷", "豈", "z", "A b", "a!"];
        for (var n = 0; n < 300; n++)
        {
            var depth = random.Next(1, 4);
            var path = string.Join(
                '/',
                Enumerable
                    .Range(0, depth)
                    .Select(level => names[random.Next(names.Length)] + (level == depth - 1 ? ".f" : ""))
            );
            Write(folder, path);
        }
        var all = WalkOf(null);
        Assert.Equal(
            Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Count(),
            all.Distinct(StringComparer.Ordinal).Count()
        );
        Assert.Equal(all.OrderBy(path => path, Comparer<string>.Create(KeyOrder.Compare)), all);
        foreach (var after in all.Where((_, n) => n % 7 == 0).Append("a/never"))
            Assert.Equal(all.Where(path => KeyOrder.Compare(path, after) > 0), WalkOf(after));

        List<string> WalkOf(string? after)
        {
            using var walk = new FolderWalk(Posix.OpenBeneath(folder, "", folder: true, out _)!, after);
            var paths = new List<string>();
            while (walk.Next() is { } walked)
                paths.Add(walked.Path);
            return paths;
        }
    }
}
