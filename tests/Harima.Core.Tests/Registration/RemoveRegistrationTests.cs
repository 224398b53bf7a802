using Harima.Access;
using Harima.Faults;
using Harima.Identity;
using Harima.Registration;
using Harima.Sequences;
using Harima.Storage;
using Harima.Work;

namespace Harima.Core.Tests.Registration;

public sealed class RemoveRegistrationOnSqlite(SqliteFacility facility)
    : RemoveRegistrationTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class RemoveRegistrationOnPostgres(PostgresFacility facility)
    : RemoveRegistrationTests(facility),
        IClassFixture<PostgresFacility>;

/// <summary>A registration is taken back: its files leave the catalogue, the storage stays as it is.</summary>
public abstract class RemoveRegistrationTests(TestFacility facility) : RegisteringTests(facility)
{
    async Task RemoveAsync(string id, bool work = true)
    {
        var tree = await Get<RemoveRegistration>().HandleAsync(id, Admin, Token);
        Assert.Equal(RegistrationState.Removing, tree.State);
        if (!work)
            return;
        while (await Get<WorkWorker>().RoundAsync(Get<ScanFolder>().Work, Token) > 0) { }
        Assert.Equal(
            "not-found",
            (await RefusedAsync(() => Get<RegistrationQueries>().GetAsync(id, Admin, Token))).Reason
        );
    }

    [Fact]
    public async Task Its_files_and_the_sequences_it_made_go_and_the_storage_stays()
    {
        var run = NewId();
        var folder = NewFolder();
        for (var n = 0; n < 2500; n++)
            Write(folder, FormattableString.Invariant($"{run}-a/{n:0000}"), "x");
        Write(folder, $"{run}-b/1");
        Write(folder, $"{run}-c/1");
        await Facility.PutAsync($"{run}-b/mine", "uploaded"u8.ToArray());
        var before = Snapshot(folder);
        var tree = await ScannedAsync(new RegisterRequest(folder, TestFacility.Proposal, Level: 1));
        // Somebody shares one that is of the registration alone.
        await Get<ShareSequence>()
            .HandleAsync(
                new ShareSequenceRequest(TestFacility.Proposal, $"{run}-c", "stranger", Right.Read),
                TestFacility.Leader,
                Token
            );

        await RemoveAsync(tree.Id);

        Assert.Equal(before, Snapshot(folder));
        Assert.Equal("not-found", (await RefusedAsync(() => SequenceAsync($"{run}-a"))).Reason);
        Assert.Equal([$"{run}-b/mine"], await KeysAsync($"{run}-b"));
        var other = await SequenceAsync($"{run}-b");
        Assert.Equal((1, 8), (other.FileCount, other.SizeBytes));
        // A person has done something with it: it stays, empty, with what it was given.
        Assert.Equal(0, (await SequenceAsync($"{run}-c")).FileCount);
        Assert.DoesNotContain(
            (await Get<RegistrationQueries>().ListAsync(Admin, null, 200, Token)).Items,
            one => one.Id == tree.Id
        );

        // And it can be registered again, as if it had never been.
        var again = await ScannedAsync(new RegisterRequest(folder, TestFacility.Proposal, Level: 1));
        Assert.Equal((2502, 0), (again.FilesAdded, again.FilesKept));
    }

    [Fact]
    public async Task What_people_removed_or_replaced_is_theirs_and_the_folder_can_be_registered_whole_again()
    {
        var (folder, id) = (NewFolder(), NewId());
        foreach (var name in new[] { "kept", "removed", "replaced" })
            Write(folder, name);
        var tree = await RegisterAsync(folder, id);
        await Get<RemoveFile>().HandleAsync(TestFacility.Bucket, $"{id}/removed", null, TestFacility.Leader, Token);
        await Facility.PutAsync($"{id}/replaced", "mine"u8.ToArray());

        await RemoveAsync(tree.Id);

        Assert.Equal([$"{id}/replaced"], await KeysAsync(id));
        Assert.Equal("mine", await ReadAsync($"{id}/replaced"));
        Assert.Equal((1, 4), ((await SequenceAsync(id)).FileCount, (await SequenceAsync(id)).SizeBytes));
        tree = await RegisterAsync(folder, id);
        Assert.Equal((2, 1), (tree.FilesAdded, tree.FilesKept));
    }

    [Fact]
    public async Task A_bucket_with_versions_keeps_none_of_the_storage()
    {
        await Facility.AddProposalAsync("2026A1020");
        const string Bucket = "2026a1020";
        await Get<KeepVersions>().HandleAsync(Bucket, Versioning.Enabled, Admin, Token);
        var (folder, id) = (NewFolder(), NewId());
        Write(folder, "a", "on the storage");
        Write(folder, "b");
        var tree = await ScannedAsync(new RegisterRequest(folder, "2026A1020", id));
        await Facility.PutAsync($"{id}/a", "uploaded"u8.ToArray(), bucket: Bucket);

        await RemoveAsync(tree.Id);

        Assert.Equal("uploaded"u8.ToArray(), await Facility.ReadAsync($"{id}/a", bucket: Bucket));
        var versions = await Get<FileQueries>()
            .ListVersionsAsync(Admin, Bucket, new ListVersionsRequest(id + "/", null, null, null, 100), Token);
        Assert.Single(versions.Entries);
    }

    [Fact]
    public async Task A_closed_sequence_keeps_its_files_and_so_the_registration_stays()
    {
        var (folder, id) = (NewFolder(), NewId());
        Write(folder, "a");
        var tree = await RegisterAsync(folder, id);
        await Get<CloseSequence>().HandleAsync(TestFacility.Proposal, id, TestFacility.Leader, Token);

        var refusal = await RefusedAsync(() => Get<RemoveRegistration>().HandleAsync(tree.Id, Admin, Token));

        Assert.Equal((FaultCode.Conflict, "registration-closed"), (refusal.Code, refusal.Reason));
        Assert.Equal("measured", await ReadAsync($"{id}/a"));
        Assert.Equal(RegistrationState.Done, (await RescanAsync(tree.Id)).State);
    }

    [Fact]
    public async Task One_that_is_being_removed_is_neither_scanned_nor_cancelled_and_goes_on_after_a_stop()
    {
        var (folder, id) = (NewFolder(), NewId());
        Write(folder, "a");
        var tree = await RegisterAsync(folder, id);
        await RemoveAsync(tree.Id, work: false);

        Assert.Equal(
            "registration-removing",
            (await RefusedAsync(() => Get<RescanFolder>().HandleAsync(tree.Id, Admin, Token))).Reason
        );
        Assert.Equal(
            "registration-not-running",
            (await RefusedAsync(() => Get<RescanFolder>().CancelAsync(tree.Id, Admin, Token))).Reason
        );
        // Somebody who lost it does nothing any more.
        using var killed = new CancellationTokenSource();
        await killed.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Get<ScanFolder>()
                .HandleAsync(
                    new WorkItem
                    {
                        Queue = ScanFolder.Queue,
                        Subject = tree.Id,
                        Claim = "x",
                    },
                    killed.Token
                )
        );
        await RemoveAsync(tree.Id);
        Assert.Equal("not-found", (await RefusedAsync(() => SequenceAsync(id))).Reason);
    }

    [Fact]
    public async Task Files_that_another_registration_has_too_stay()
    {
        var run = NewId();
        var folder = NewFolder();
        Write(folder, $"{run}/a");
        var all = await ScannedAsync(new RegisterRequest(folder, TestFacility.Proposal, Level: 1));
        var one = await RegisterAsync(Path.Combine(folder, run), run);
        Assert.Equal(0, one.FilesAdded);

        await RemoveAsync(all.Id);
        Assert.Equal("measured", await ReadAsync($"{run}/a"));
        await RemoveAsync(one.Id);
        Assert.Equal("not-found", (await RefusedAsync(() => SequenceAsync(run))).Reason);
    }

    [Fact]
    public async Task Nobody_else_removes_it()
    {
        var (folder, id) = (NewFolder(), NewId());
        Write(folder, "a");
        var tree = await RegisterAsync(folder, id);
        foreach (var who in new[] { TestFacility.Leader, TestFacility.Stranger, Principal.Anonymous })
            await RefusedAsync(() => Get<RemoveRegistration>().HandleAsync(tree.Id, who, Token));
        Assert.Equal(
            "not-found",
            (await RefusedAsync(() => Get<RemoveRegistration>().HandleAsync(tree.Id, TestFacility.Staff, Token))).Reason
        );
        Assert.Equal("measured", await ReadAsync($"{id}/a"));
    }
}
