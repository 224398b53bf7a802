using System.Text.Json.Nodes;
using Harima.Core.Tests.Registration;
using Harima.Faults;
using Harima.Identity;
using Harima.Registration;
using Harima.SciCat;
using Harima.SciCat.Filters;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Core.Tests.SciCat;

public sealed class DescribedInPlaceOnSqlite(SqliteFacility facility)
    : DescribedInPlaceTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class DescribedInPlaceOnPostgres(PostgresFacility facility)
    : DescribedInPlaceTests(facility),
        IClassFixture<PostgresFacility>;

/// <summary>What a beamline's script lists (<c>origdatablocks</c>) and lies on the facility's storage is registered where it lies.</summary>
public abstract class DescribedInPlaceTests(TestFacility facility) : RegisteringTests(facility)
{
    // Staff of BL14B2 may register below this folder, and nowhere else.
    string NewBeamlineFolder()
    {
        var folder = Path.Combine(Facility.Storage, "bl14b2", NewId());
        Directory.CreateDirectory(folder);
        return folder;
    }

    [Fact]
    public async Task Staff_list_files_of_their_folder_and_those_are_readable_at_once_and_no_others()
    {
        var folder = NewBeamlineFolder();
        Write(folder, "a.h5", "measured a");
        Write(folder, "raw/鉄 b.cbf", "measured b");
        Write(folder, "not listed", "x");
        var before = Snapshot(folder);
        var pid = await RegisterAsync(folder + "/");

        var block = await DescribeAsync(pid, ("a.h5", 10), (folder + "/raw/鉄 b.cbf", 10), ("later.h5", 7));

        Assert.Equal(27, block["size"]!.GetValue<long>());
        var id = DatasetId.Parse(pid).SequenceId;
        Assert.Equal([$"{id}/a.h5", $"{id}/raw/鉄 b.cbf"], await KeysAsync(id));
        Assert.Equal("measured b", await ReadAsync($"{id}/raw/鉄 b.cbf", TestFacility.Member));
        Assert.Equal((2, 20), ((await SequenceAsync(id)).FileCount, (await SequenceAsync(id)).SizeBytes));
        Assert.Equal(Location.Registered, (await GetAsync($"{id}/a.h5")).Location);
        // What is not there yet counts as before.
        var blocks = await Get<DatasetFiles>().BlocksAsync(TestFacility.Member, pid, Token);
        Assert.Equal(2, blocks.Count);
        Assert.Equal("later.h5", blocks[1]["dataFileList"]![0]!["path"]!.ToString());
        Assert.Equal(before, Snapshot(folder));

        // Again, with what came meanwhile: once, whatever the script lists again.
        Write(folder, "later.h5", "arrived");
        await DescribeAsync(pid, ("a.h5", 10), ("later.h5", 7));
        Assert.Equal((3, 27), ((await SequenceAsync(id)).FileCount, (await SequenceAsync(id)).SizeBytes));
        Assert.Single(await Get<DatasetFiles>().BlocksAsync(TestFacility.Member, pid, Token));
        var tree = await TreeAsync(folder);
        Assert.Equal(
            (RegistrationState.Done, true, 3, 3, "staff"),
            (tree.State, tree.OnlyListed, tree.FilesFound, tree.FilesAdded, tree.RequestedBy)
        );
    }

    [Fact]
    public async Task A_scan_follows_the_listed_files_takes_up_no_other_and_all_of_it_can_be_taken_back()
    {
        var folder = NewBeamlineFolder();
        foreach (var name in new[] { "changes", "goes", "stays", "unlisted" })
            Write(folder, name, "12345678");
        var pid = await RegisterAsync(folder);
        var id = DatasetId.Parse(pid).SequenceId;
        await DescribeAsync(pid, ("changes", 8), ("goes", 8), ("stays", 8));
        var tree = await TreeAsync(folder);
        Write(folder, "changes", "123456789");
        File.Delete(Path.Combine(folder, "goes"));
        Write(folder, "came", "x");

        tree = await RescanAsync(tree.Id);

        Assert.Equal(
            (2, 0, 1, 1, 2),
            (tree.FilesFound, tree.FilesAdded, tree.FilesChanged, tree.FilesRemoved, tree.Excluded)
        );
        Assert.Equal([$"{id}/changes", $"{id}/stays"], await KeysAsync(id));
        Assert.Equal((2, 17), ((await SequenceAsync(id)).FileCount, (await SequenceAsync(id)).SizeBytes));

        // With patterns it is a registration like any other.
        await Get<ChangePatterns>().HandleAsync(tree.Id, [], [], TestFacility.Staff, Token);
        tree = await WorkAsync(tree.Id);
        Assert.Equal((false, 4, 2), (tree.OnlyListed, tree.FilesFound, tree.FilesAdded));

        await Get<RemoveRegistration>().HandleAsync(tree.Id, TestFacility.Staff, Token);
        while (await Get<Harima.Work.WorkWorker>().RoundAsync(Get<ScanFolder>().Work, Token) > 0) { }
        Assert.Empty(await KeysAsync(id));
        Assert.Equal((0, 0), ((await SequenceAsync(id)).FileCount, (await SequenceAsync(id)).SizeBytes));
    }

    [Fact]
    public async Task Whoever_may_not_register_there_describes_as_ever_and_learns_nothing()
    {
        var (theirs, others) = (NewBeamlineFolder(), NewFolder());
        Write(theirs, "a", "1234");
        Write(others, "a", "1234");
        File.CreateSymbolicLink(Path.Combine(theirs, "link"), Path.Combine(others, "a"));
        Write(Facility.Storage, "../outside-" + NewId(), "x");
        // A leader may write into the sequence and register nothing; sizes that are wrong on the storage are not told.
        foreach (
            var (who, folder) in new[]
            {
                (TestFacility.Leader, theirs),
                (TestFacility.Staff, others),
                (TestFacility.Staff, theirs + "/../../" + Path.GetRelativePath(Facility.Storage, others)),
                (TestFacility.Staff, Path.Combine(theirs, "not-there")),
                (TestFacility.Staff, "data/relative"),
                (Admin, "/etc"),
                (Admin, Facility.Files),
            }
        )
        {
            var pid = await RegisterAsync(folder, who);
            await DescribeAsync(pid, who, ("a", 5), ("passwd", 3));
            Assert.Empty(await KeysAsync(DatasetId.Parse(pid).SequenceId));
        }
        var linked = await RegisterAsync(theirs);
        await DescribeAsync(linked, ("link", 4));
        Assert.Empty(await KeysAsync(DatasetId.Parse(linked).SequenceId));
        var anyones = await RegisterAsync(others, Admin);
        await DescribeAsync(anyones, Admin, ("a", 4));
        Assert.Single(await KeysAsync(DatasetId.Parse(anyones).SequenceId));
    }

    [Fact]
    public async Task What_differs_is_refused_as_a_whole_and_what_people_did_stays()
    {
        var folder = NewBeamlineFolder();
        foreach (var name in new[] { "a", "b", "removed", "uploaded" })
            Write(folder, name, "1234");
        var pid = await RegisterAsync(folder);
        var id = DatasetId.Parse(pid).SequenceId;
        var refusal = await RefusedAsync(() => DescribeAsync(pid, ("a", 4), ("b", 5)));
        Assert.Equal((FaultCode.Conflict, "scicat-file-differs"), (refusal.Code, refusal.Reason));
        Assert.Empty(await KeysAsync(id));

        await Facility.PutAsync($"{id}/uploaded", "12345"u8.ToArray(), TestFacility.Staff);
        await DescribeAsync(pid, ("a", 4), ("removed", 4), ("uploaded", 5));
        Assert.Equal(3, (await KeysAsync(id)).Count);
        await Get<RemoveFile>().HandleAsync(TestFacility.Bucket, $"{id}/removed", null, TestFacility.Leader, Token);
        await DescribeAsync(pid, ("removed", 4));
        Assert.Equal([$"{id}/a", $"{id}/uploaded"], await KeysAsync(id));
        Assert.Equal("12345", await ReadAsync($"{id}/uploaded"));

        await Get<CloseSequence>().HandleAsync(TestFacility.Proposal, id, TestFacility.Leader, Token);
        Assert.Equal(FaultCode.Closed, (await RefusedAsync(() => DescribeAsync(pid, ("b", 4)))).Code);
        await DescribeAsync(pid, ("a", 4));
    }

    async Task<string> RegisterAsync(string folder, Principal? who = null) =>
        await Get<RegisterDataset>()
            .HandleAsync(
                new JsonObject
                {
                    ["contactEmail"] = "staff@example.jp",
                    ["creationTime"] = "2026-05-01T08:30:00Z",
                    ["owner"] = "Staff",
                    ["ownerGroup"] = TestFacility.Proposal,
                    ["sourceFolder"] = folder,
                    ["type"] = "raw",
                    ["datasetName"] = "in place",
                },
                SciCatVersion.V4,
                who ?? TestFacility.Staff,
                Token
            );

    Task<JsonObject> DescribeAsync(string pid, params (string Path, long Size)[] files) =>
        DescribeAsync(pid, TestFacility.Staff, files);

    Task<JsonObject> DescribeAsync(string pid, Principal who, params (string Path, long Size)[] files) =>
        Get<DatasetFiles>()
            .DescribeAsync(
                pid,
                new JsonObject
                {
                    ["size"] = files.Sum(file => file.Size),
                    ["dataFileList"] = new JsonArray([
                        .. files.Select(file =>
                            (JsonNode)new JsonObject { ["path"] = file.Path, ["size"] = file.Size }
                        ),
                    ]),
                },
                who,
                Token
            );

    async Task<RegisteredTree> TreeAsync(string folder) =>
        (await Get<RegistrationQueries>().ListAsync(Admin, null, 200, Token)).Items.Single(tree => tree.Path == folder);
}
