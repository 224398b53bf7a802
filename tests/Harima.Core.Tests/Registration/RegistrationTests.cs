using Harima.Access;
using Harima.Extraction;
using Harima.Faults;
using Harima.Identity;
using Harima.Registration;
using Harima.Sequences;

namespace Harima.Core.Tests.Registration;

public sealed class RegistrationOnSqlite(SqliteFacility facility)
    : RegistrationTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class RegistrationOnPostgres(PostgresFacility facility)
    : RegistrationTests(facility),
        IClassFixture<PostgresFacility>;

/// <summary>An existing tree is catalogued where it lies: readable at once, and never written to.</summary>
public abstract class RegistrationTests(TestFacility facility) : RegisteringTests(facility)
{
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
    public async Task Only_administrators_register_and_only_below_the_roots()
    {
        var folder = NewFolder();
        Write(folder, "a");
        var id = NewId();
        foreach (var who in new[] { TestFacility.Leader, TestFacility.Stranger, Principal.Anonymous })
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
}
