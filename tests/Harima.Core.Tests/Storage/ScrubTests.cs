using System.Security.Cryptography;
using Dapper;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Sequences;
using Harima.Storage;
using Harima.Workspaces;

namespace Harima.Core.Tests.Storage;

public sealed class ScrubOnSqlite(SqliteFacility facility) : ScrubTests(facility), IClassFixture<SqliteFacility>;

public sealed class ScrubOnPostgres(PostgresFacility facility) : ScrubTests(facility), IClassFixture<PostgresFacility>;

/// <summary>Stored bytes that are damaged behind the server's back are found, listed, audited and never served.</summary>
public abstract class ScrubTests(TestFacility facility) : FacilityTests(facility)
{
    StorageHealth Health => Get<StorageHealth>();

    string PathOf(string key, string folder = TestFacility.Proposal) => Path.Combine(Facility.Files, folder, key);

    async Task ScrubAsync()
    {
        await Health.StartAsync(TestFacility.Admin, Token);
        await Get<ScrubFiles>().ContinueAsync(Token);
        var report = await Health.GetAsync(TestFacility.Admin, Token);
        Assert.Equal(ScrubState.Idle, report.Scrub.State);
        Assert.Equal(report.Scrub.FilesTotal, report.Scrub.FilesChecked);
        Assert.Equal(report.Scrub.BytesTotal, report.Scrub.BytesChecked);
    }

    async Task<DamagedFileView?> DamageOfAsync(string key)
    {
        string? cursor = null;
        do
        {
            // Pages of one: the cursor is tested on the way.
            var page = await Health.DamagedAsync(TestFacility.Admin, cursor, 1, Token);
            if (page.Items.FirstOrDefault(view => view.File.Key == key) is { } found)
                return found;
            cursor = page.Next;
        } while (cursor is not null);
        return null;
    }

    /// <summary>Changes one byte and puts the time back: what a failing disk does.</summary>
    static async Task RotAsync(string path, int at)
    {
        var time = File.GetLastWriteTimeUtc(path);
        var bytes = await File.ReadAllBytesAsync(path, Token);
        bytes[at] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Token);
        File.SetLastWriteTimeUtc(path, time);
    }

    [Fact]
    public async Task A_flipped_bit_is_found_listed_audited_and_no_longer_served()
    {
        var sequence = NewId();
        var key = $"{sequence}/raw.h5";
        var bytes = RandomNumberGenerator.GetBytes(300_000);
        await Facility.PutAsync(key, bytes);
        await Facility.PutAsync($"{sequence}/sound", [1, 2, 3]);
        await RotAsync(PathOf(key), 200_000);
        // Size and time are right, so nobody can see it yet.
        Assert.NotEqual(bytes, await Facility.ReadAsync(key));

        await ScrubAsync();

        var found = (await DamageOfAsync(key))!;
        Assert.Equal(Damage.Corrupt, found.File.Damage);
        Assert.NotEqual(found.File.Expected, found.File.Found);
        Assert.Equal(PathOf(key), found.Path);
        Assert.Null(await DamageOfAsync($"{sequence}/sound"));
        Assert.Equal(FaultCode.Damaged, (await RefusedAsync(() => Facility.ReadAsync(key))).Code);
        Assert.Equal([1, 2, 3], await Facility.ReadAsync($"{sequence}/sound"));
        var history = await Get<SequenceQueries>()
            .HistoryAsync(TestFacility.Leader, TestFacility.Proposal, sequence, null, 10, Token);
        Assert.Equal("file.damaged", history.Items[0].Action);
        Assert.Equal("system", history.Items[0].Actor);
    }

    [Fact]
    public async Task A_damaged_version_stays_listed_and_withheld_when_a_newer_one_covers_it()
    {
        var workspace = NewId().ToLowerInvariant();
        await Get<CreateWorkspace>().HandleAsync(new(workspace, ""), TestFacility.Leader, Token);
        await Get<KeepVersions>().HandleAsync(workspace, Versioning.Enabled, TestFacility.Leader, Token);
        var old = await Facility.PutAsync("a", [1, 2, 3], bucket: workspace);
        await RotAsync(PathOf("a", workspace), 1);
        await ScrubAsync();

        await Facility.PutAsync("a", [4, 5, 6], bucket: workspace);
        await ScrubAsync();

        Assert.Equal([4, 5, 6], await Facility.ReadAsync("a", bucket: workspace));
        var refused = await RefusedAsync(() =>
            Get<FileQueries>().OpenAsync(TestFacility.Leader, workspace, "a", old.Version, Token)
        );
        Assert.Equal(FaultCode.Damaged, refused.Code);
        Assert.NotNull(await Health.CheckAgainAsync(old.Blob, TestFacility.Admin, Token));
    }

    [Fact]
    public async Task A_damaged_file_is_withheld_after_a_restart_too()
    {
        var key = $"{NewId()}/a";
        await Facility.PutAsync(key, [1, 2, 3]);
        await RotAsync(PathOf(key), 1);
        await ScrubAsync();

        await Facility.StopAsync();
        await Facility.StartAsync();

        Assert.Equal(FaultCode.Damaged, (await RefusedAsync(() => Facility.ReadAsync(key))).Code);
    }

    [Fact]
    public async Task A_file_that_was_put_back_is_sound_again_once_it_has_been_checked()
    {
        var sequence = NewId();
        var key = $"{sequence}/a";
        await Facility.PutAsync(key, [1, 2, 3]);
        await RotAsync(PathOf(key), 1);
        await ScrubAsync();
        var found = (await DamageOfAsync(key))!;
        Assert.NotNull(await Health.CheckAgainAsync(found.File.Blob, TestFacility.Admin, Token));

        // From a backup, so its time is another.
        await File.WriteAllBytesAsync(PathOf(key), [1, 2, 3], Token);
        Assert.Null(await Health.CheckAgainAsync(found.File.Blob, TestFacility.Admin, Token));

        Assert.Equal([1, 2, 3], await Facility.ReadAsync(key));
        Assert.Null(await DamageOfAsync(key));
        Assert.Equal(
            FaultCode.NotFound,
            (await RefusedAsync(() => Health.CheckAgainAsync(found.File.Blob, TestFacility.Admin, Token))).Code
        );
        var history = await Get<SequenceQueries>()
            .HistoryAsync(TestFacility.Leader, TestFacility.Proposal, sequence, null, 10, Token);
        Assert.Equal(["file.mended", "file.damaged"], history.Items.Take(2).Select(one => one.Action));
    }

    [Fact]
    public async Task Missing_truncated_and_edited_files_are_told_apart_and_a_touched_one_is_sound()
    {
        var sequence = NewId();
        foreach (var name in new[] { "gone", "short", "edited", "touched" })
            await Facility.PutAsync($"{sequence}/{name}", [1, 2, 3, 4]);
        File.Delete(PathOf($"{sequence}/gone"));
        await File.WriteAllBytesAsync(PathOf($"{sequence}/short"), [1, 2], Token);
        await File.WriteAllBytesAsync(PathOf($"{sequence}/edited"), [4, 3, 2, 1], Token);
        File.SetLastWriteTimeUtc(PathOf($"{sequence}/touched"), new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));

        await ScrubAsync();

        Assert.Equal(Damage.Missing, (await DamageOfAsync($"{sequence}/gone"))!.File.Damage);
        Assert.Equal(Damage.Changed, (await DamageOfAsync($"{sequence}/short"))!.File.Damage);
        Assert.Equal(Damage.Changed, (await DamageOfAsync($"{sequence}/edited"))!.File.Damage);
        Assert.Null(await DamageOfAsync($"{sequence}/touched"));
        Assert.Equal([1, 2, 3, 4], await Facility.ReadAsync($"{sequence}/touched"));
    }

    [Fact]
    public async Task What_is_overwritten_or_deleted_leaves_the_list()
    {
        var sequence = NewId();
        foreach (var name in new[] { "a", "b" })
        {
            await Facility.PutAsync($"{sequence}/{name}", [1, 2, 3]);
            await RotAsync(PathOf($"{sequence}/{name}"), 0);
        }
        await ScrubAsync();
        var before = (await Health.GetAsync(TestFacility.Admin, Token)).Damaged;

        await Facility.PutAsync($"{sequence}/a", [7]);
        await Get<RemoveFile>().HandleAsync(TestFacility.Bucket, $"{sequence}/b", null, TestFacility.Leader, Token);

        Assert.Equal([7], await Facility.ReadAsync($"{sequence}/a"));
        Assert.Null(await DamageOfAsync($"{sequence}/a"));
        Assert.Null(await DamageOfAsync($"{sequence}/b"));
        Assert.Equal(before - 2, (await Health.GetAsync(TestFacility.Admin, Token)).Damaged);
        await ScrubAsync();
        await using var connection = await Get<Database>().OpenAsync(Token);
        Assert.Equal(
            0,
            await connection.ExecuteScalarAsync<long>(
                "SELECT COUNT(*) FROM damaged_file WHERE key = @a OR key = @b",
                new { a = $"{sequence}/a", b = $"{sequence}/b" }
            )
        );
    }

    [Fact]
    public async Task A_file_that_a_reader_meets_damaged_is_looked_at_without_a_pass()
    {
        var key = $"{NewId()}/a";
        await Facility.PutAsync(key, [1, 2, 3]);
        await File.WriteAllBytesAsync(PathOf(key), [1, 2], Token);
        Assert.Null(await DamageOfAsync(key));

        await RefusedAsync(() => Facility.ReadAsync(key));
        await Get<ScrubFiles>().CheckSuspectedAsync(Token);

        Assert.Equal(Damage.Changed, (await DamageOfAsync(key))!.File.Damage);
    }

    [Fact]
    public async Task A_check_goes_on_in_the_middle_of_a_file_and_reads_no_byte_twice()
    {
        var key = $"{NewId()}/big";
        var bytes = RandomNumberGenerator.GetBytes(1_000_000);
        var file = await Facility.PutAsync(key, bytes);
        var check = Get<FileCheck>();
        var place = CheckPoint.Start;
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            check.CheckAsync(
                TestFacility.Proposal,
                file,
                CheckPoint.Start,
                100_000,
                at =>
                {
                    place = at;
                    return at.OffsetBytes >= 600_000
                        ? throw new InvalidOperationException("stopped")
                        : Task.CompletedTask;
                },
                Token
            )
        );
        // Damage in what has been read must not matter: it is not read again.
        await RotAsync(PathOf(key), 10);
        var slices = 0;

        var result = await check.CheckAsync(
            TestFacility.Proposal,
            file,
            place,
            100_000,
            _ =>
            {
                slices++;
                return Task.CompletedTask;
            },
            Token
        );

        Assert.Null(result!.Damage);
        Assert.Equal(4, slices);
        await RotAsync(PathOf(key), 999_999);
        Assert.Equal(
            Damage.Corrupt,
            (
                await check.CheckAsync(TestFacility.Proposal, file, place, 100_000, _ => Task.CompletedTask, Token)
            )!.Damage
        );
    }

    [Fact]
    public async Task Only_administrators_may_and_a_workspace_keeps_its_names()
    {
        var name = "bench-" + NewId().ToLowerInvariant();
        await Get<CreateWorkspace>().HandleAsync(new(name, ""), TestFacility.Stranger, Token);
        await Facility.PutAsync("secret-compound.txt", [1, 2], TestFacility.Stranger, name);
        File.Delete(PathOf("secret-compound.txt", name));
        await ScrubAsync();

        var seen = (await DamageOfAsync("secret-compound.txt"))!;
        Assert.Null(seen.Key);
        Assert.Null(seen.Path);
        Assert.Equal(name, seen.File.BucketName);
        foreach (
            var who in new[] { TestFacility.Leader, TestFacility.Staff, TestFacility.Stranger, Principal.Anonymous }
        )
        {
            Func<Task>[] all =
            [
                () => Health.GetAsync(who, Token),
                () => Health.StartAsync(who, Token),
                () => Health.PauseAsync(who, Token),
                () => Health.DamagedAsync(who, null, 10, Token),
                () => Health.CheckAgainAsync(seen.File.Blob, who, Token),
                () => Health.UnfinishedUploadsAsync(who, null, 10, Token),
                () => Health.AbortUploadAsync("x", who, Token),
            ];
            foreach (var act in all)
                Assert.Equal(FaultCode.Forbidden, (await RefusedAsync(act)).Code);
        }
    }
}

/// <summary>What needs a facility of its own, since it concerns all files.</summary>
public sealed class ScrubPassTests : IAsyncLifetime
{
    readonly SqliteFacility _facility = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    StorageHealth Health => _facility.Get<StorageHealth>();

    public ValueTask InitializeAsync() => _facility.InitializeAsync();

    public ValueTask DisposeAsync() => _facility.DisposeAsync();

    async Task<ScrubProgress> ProgressAsync() => (await Health.GetAsync(TestFacility.Admin, Token)).Scrub;

    [Fact]
    public async Task A_file_system_that_is_not_mounted_is_not_the_loss_of_every_file()
    {
        await _facility.PutAsync("S1/a", [1]);
        var aside = _facility.Files + "-aside";
        Directory.Move(_facility.Files, aside);
        Directory.CreateDirectory(_facility.Files);

        await _facility.Get<ScrubFiles>().ContinueAsync(Token);

        var progress = await ProgressAsync();
        Assert.Equal(ScrubState.Stopped, progress.State);
        Assert.Contains("mounted", progress.Reason, StringComparison.Ordinal);
        Directory.Delete(_facility.Files);
        Directory.Move(aside, _facility.Files);
        Assert.Empty((await Health.DamagedAsync(TestFacility.Admin, null, 10, Token)).Items);
        await Health.StartAsync(TestFacility.Admin, Token);
        await _facility.Get<ScrubFiles>().ContinueAsync(Token);
        Assert.Equal(ScrubState.Idle, (await ProgressAsync()).State);
    }

    [Fact]
    public async Task Many_missing_files_in_a_row_stop_the_scrubber_and_are_looked_at_again_when_it_goes_on()
    {
        for (var n = 0; n < 120; n++)
            await _facility.PutAsync(FormattableString.Invariant($"S1/f{n}"), [1]);
        var folder = Path.Combine(_facility.Files, TestFacility.Proposal);
        Directory.Move(folder, folder + "-aside");

        await _facility.Get<ScrubFiles>().ContinueAsync(Token);

        var stopped = await Health.GetAsync(TestFacility.Admin, Token);
        Assert.Equal((ScrubState.Stopped, 0L), (stopped.Scrub.State, stopped.Scrub.FilesChecked));
        Assert.Equal(100, stopped.Damaged);
        Directory.Move(folder + "-aside", folder);
        await Health.StartAsync(TestFacility.Admin, Token);
        await _facility.Get<ScrubFiles>().ContinueAsync(Token);
        var ended = await Health.GetAsync(TestFacility.Admin, Token);
        Assert.Equal((ScrubState.Idle, 120L), (ended.Scrub.State, ended.Scrub.FilesChecked));
        Assert.Equal(0, ended.Damaged);
    }

    [Fact]
    public async Task While_it_is_paused_nothing_is_read_and_then_it_goes_on_where_it_was()
    {
        await _facility.PutAsync("S1/a", [1]);
        await Health.PauseAsync(TestFacility.Admin, Token);
        await _facility.Get<ScrubFiles>().ContinueAsync(Token);
        Assert.Equal((ScrubState.Paused, 0L), ((await ProgressAsync()).State, (await ProgressAsync()).FilesChecked));

        await Health.StartAsync(TestFacility.Admin, Token);
        await _facility.Get<ScrubFiles>().ContinueAsync(Token);

        Assert.Equal((ScrubState.Idle, 1L), ((await ProgressAsync()).State, (await ProgressAsync()).FilesChecked));
    }

    [Fact]
    public async Task A_pass_that_a_stop_broke_off_goes_on_after_the_last_file_it_kept()
    {
        for (var n = 0; n < 150; n++)
            await _facility.PutAsync(FormattableString.Invariant($"S1/f{n}"), [1]);
        await _facility.Get<ScrubPlace>().BeginAsync(Token);
        Assert.True(await _facility.Get<ScrubPlace>().TakeAsync(Token));
        var begun = await ProgressAsync();
        var hundredth = (await _facility.Get<ScrubPlace>().NextAsync(0, Token))[99];
        await _facility
            .Get<ScrubPlace>()
            .KeepAsync(begun with { Position = hundredth.Id, FilesChecked = 100, BytesChecked = 100 }, Token);
        // Damage among what was checked already is for the next pass.
        await File.WriteAllBytesAsync(Path.Combine(_facility.Files, TestFacility.Proposal, "S1/f5"), [2], Token);
        await File.WriteAllBytesAsync(Path.Combine(_facility.Files, TestFacility.Proposal, "S1/f120"), [2], Token);

        await _facility.Get<ScrubFiles>().ContinueAsync(Token);

        Assert.Equal(150, (await ProgressAsync()).FilesChecked);
        var damaged = await Health.DamagedAsync(TestFacility.Admin, null, 10, Token);
        Assert.Equal(["S1/f120"], damaged.Items.Select(view => view.Key));
    }

    [Fact]
    public async Task Another_replica_keeps_off_while_one_is_at_work_and_takes_over_when_that_one_is_silent()
    {
        await _facility.PutAsync("S1/a", [1]);
        var clock = new TurnedClock();
        var (database, writer) = (_facility.Get<Database>(), _facility.Get<CatalogueWriter>());
        var one = new ScrubPlace(database, writer, clock);
        var other = new ScrubPlace(database, writer, clock);
        await one.BeginAsync(Token);

        Assert.True(await one.TakeAsync(Token));
        Assert.False(await other.TakeAsync(Token));
        clock.Now += TimeSpan.FromMinutes(3);
        Assert.True(await other.TakeAsync(Token));
        Assert.False(await one.KeepAsync(await one.GetAsync(Token), Token));
        Assert.True(await other.KeepAsync(await other.GetAsync(Token), Token));
    }

    sealed class TurnedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
