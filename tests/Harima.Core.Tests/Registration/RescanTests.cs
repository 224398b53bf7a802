using Harima.Catalogue;
using Harima.Faults;
using Harima.Registration;
using Harima.Sequences;
using Harima.Storage;
using Harima.Work;

namespace Harima.Core.Tests.Registration;

public sealed class RescanOnSqlite(SqliteFacility facility) : RescanTests(facility), IClassFixture<SqliteFacility>;

public sealed class RescanOnPostgres(PostgresFacility facility)
    : RescanTests(facility),
        IClassFixture<PostgresFacility>;

/// <summary>A tree is compared again at every scan; what people changed in Harima stays as they want it.</summary>
public abstract class RescanTests(TestFacility facility) : RegisteringTests(facility)
{
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

    [Theory]
    [InlineData(Versioning.None)]
    [InlineData(Versioning.Enabled)]
    public async Task A_file_that_went_and_comes_again_is_there_again(Versioning versioning)
    {
        var proposal = versioning == Versioning.None ? "2026A1010" : "2026A1011";
        await Facility.AddProposalAsync(proposal);
        var bucket = proposal.ToLowerInvariant();
        if (versioning != Versioning.None)
            await Get<KeepVersions>().HandleAsync(bucket, versioning, Admin, Token);
        var (folder, id) = (NewFolder(), NewId());
        var file = Write(folder, "a", "comes again");
        Write(folder, "other");
        var tree = await ScannedAsync(new RegisterRequest(folder, proposal, id));
        for (var round = 0; round < 2; round++)
        {
            File.Move(file, folder + "-away");
            Assert.Equal(1, (await RescanAsync(tree.Id)).FilesRemoved);
            Assert.Equal(
                FaultCode.NotFound,
                (await RefusedAsync(() => Facility.ReadAsync($"{id}/a", bucket: bucket))).Code
            );
            File.Move(folder + "-away", file);
            Assert.Equal(1, (await RescanAsync(tree.Id)).FilesAdded);
            Assert.Equal("comes again"u8.ToArray(), await Facility.ReadAsync($"{id}/a", bucket: bucket));
        }
        var sequence = (await Get<SequenceAccess>().GetAsync(Admin, proposal, id, Token)).Sequence;
        Assert.Equal((2, 19), (sequence.FileCount, sequence.SizeBytes));
    }

    [Fact]
    public async Task What_was_removed_in_Harima_is_brought_back_when_that_is_asked_for()
    {
        var (folder, id) = (NewFolder(), NewId());
        foreach (var name in new[] { "kept", "removed", "replaced" })
            Write(folder, name);
        var tree = await RegisterAsync(folder, id);
        await RemoveAsync($"{id}/removed");
        await Facility.PutAsync($"{id}/replaced", "mine"u8.ToArray());
        Assert.Equal(0, (await RescanAsync(tree.Id)).FilesAdded);

        await Get<RescanFolder>().HandleAsync(tree.Id, Admin, Token, bringBack: true);
        tree = await WorkAsync(tree.Id);

        // A name that is taken stays with whoever took it.
        Assert.Equal((1, 1), (tree.FilesAdded, tree.FilesKept));
        Assert.Equal("measured", await ReadAsync($"{id}/removed"));
        Assert.Equal("mine", await ReadAsync($"{id}/replaced"));
        Assert.Equal((3, 20), ((await SequenceAsync(id)).FileCount, (await SequenceAsync(id)).SizeBytes));
    }

    [Fact]
    public async Task Each_registration_tells_how_many_of_its_files_have_no_checksums_yet()
    {
        var (one, other) = (NewFolder(), NewFolder());
        foreach (var name in new[] { "a", "b/c", "d" })
            Write(one, name);
        Write(other, "x");
        var first = await RegisterAsync(one, NewId());
        var second = await RegisterAsync(other, NewId());
        Assert.Equal((3, 1), (first.FilesWithoutSums, second.FilesWithoutSums));
        Assert.True(await Get<RegistrationQueries>().WithoutSumsAsync(Admin, Token) >= 4);

        await Get<WorkWorker>().RoundAsync(Get<SumFiles>().Work, Token);

        Assert.Equal(0, (await Get<RegistrationQueries>().GetAsync(first.Id, Admin, Token)).FilesWithoutSums);
        Assert.Equal(0, (await Get<RegistrationQueries>().GetAsync(second.Id, Admin, Token)).FilesWithoutSums);
    }
}
