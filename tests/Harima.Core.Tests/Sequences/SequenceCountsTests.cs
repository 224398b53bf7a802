using Dapper;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Registration;
using Harima.Sequences;
using Harima.Work;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Harima.Core.Tests.Sequences;

/// <summary>
/// How many files a sequence has, and their bytes, stays right when replicas change the same files at the same time. One replica is held
/// in the middle of its transaction, until another has looked at what the first is about to change.
/// </summary>
public sealed class SequenceCountsOnPostgres(PostgresFacility facility)
    : FacilityTests(facility),
        IClassFixture<PostgresFacility>
{
    [Fact]
    public async Task An_upload_while_its_key_is_being_registered_counts_once()
    {
        var (folder, id, tree) = await RegisteredAsync("first");
        await File.WriteAllTextAsync(Path.Combine(folder, "a"), "registered", Token);

        await CrossAsync(tree, () => Facility.PutAsync($"{id}/a", "uploaded by hand"u8.ToArray()));

        await AssertCountedAsync(id, files: 2, bytes: 5 + 16);
        // It was replaced, so no scan brings it back.
        await Get<RemoveFile>().HandleAsync(TestFacility.Bucket, $"{id}/a", null, TestFacility.Leader, Token);
        await ScanAsync(tree);
        await AssertCountedAsync(id, files: 1, bytes: 5);
    }

    [Fact]
    public async Task An_upload_while_its_key_is_being_taken_out_counts_as_a_new_file()
    {
        var (folder, id, tree) = await RegisteredAsync("first", "second");
        File.Delete(Path.Combine(folder, "second"));

        await CrossAsync(tree, () => Facility.PutAsync($"{id}/second", "uploaded by hand"u8.ToArray()));

        await AssertCountedAsync(id, files: 2, bytes: 5 + 16);
    }

    [Fact]
    public async Task An_upload_while_its_key_is_being_renewed_takes_the_place_of_the_new_bytes()
    {
        var (folder, id, tree) = await RegisteredAsync("first", "second");
        await File.AppendAllTextAsync(Path.Combine(folder, "second"), " and more", Token);

        await CrossAsync(tree, () => Facility.PutAsync($"{id}/second", "uploaded by hand"u8.ToArray()));

        await AssertCountedAsync(id, files: 2, bytes: 5 + 16);
    }

    [Fact]
    public async Task A_removal_while_its_key_is_being_renewed_takes_the_new_bytes_off()
    {
        var (folder, id, tree) = await RegisteredAsync("first", "second");
        await File.AppendAllTextAsync(Path.Combine(folder, "second"), " and more", Token);

        await CrossAsync(
            tree,
            () => Get<RemoveFile>().HandleAsync(TestFacility.Bucket, $"{id}/second", null, TestFacility.Leader, Token)
        );

        await AssertCountedAsync(id, files: 1, bytes: 5);
    }

    [Fact]
    public async Task A_removal_while_its_key_is_being_taken_out_counts_once()
    {
        var (folder, id, tree) = await RegisteredAsync("first", "second");
        File.Delete(Path.Combine(folder, "second"));

        await CrossAsync(
            tree,
            () => Get<RemoveFile>().HandleAsync(TestFacility.Bucket, $"{id}/second", null, TestFacility.Leader, Token)
        );

        await AssertCountedAsync(id, files: 1, bytes: 5);
    }

    [Fact]
    public async Task A_sequence_is_not_deleted_under_files_that_are_being_registered()
    {
        var (folder, id, tree) = await RegisteredAsync("first");
        await Get<RemoveFile>().HandleAsync(TestFacility.Bucket, $"{id}/first", null, TestFacility.Leader, Token);
        await File.WriteAllTextAsync(Path.Combine(folder, "a"), "registered", Token);

        FaultException? refusal = null;
        await CrossAsync(
            tree,
            async () =>
                refusal = await RefusedAsync(() =>
                    Get<DeleteSequence>().HandleAsync(TestFacility.Proposal, id, TestFacility.Leader, Token)
                )
        );

        Assert.Equal("sequence-not-empty", refusal?.Reason);
        await AssertCountedAsync(id, files: 1, bytes: 10);
    }

    [Fact]
    public async Task Two_replicas_that_upload_into_a_new_sequence_open_it_once()
    {
        await using var other = await Facility.StartReplicaAsync();
        for (var round = 0; round < 20; round++)
        {
            var id = NewId();
            await Task.WhenAll(
                Enumerable
                    .Range(0, 8)
                    .Select(n =>
                        Task.Run(() =>
                            PutAsync(
                                n % 2 == 0 ? other.GetRequiredService<AddFile>() : Get<AddFile>(),
                                $"{id}/{n}",
                                "x"
                            )
                        )
                    )
            );
            await AssertCountedAsync(id, files: 8, bytes: 8);
        }
    }

    [Fact]
    public async Task People_and_scans_that_change_the_same_files_leave_the_count_of_what_is_there()
    {
        var (folder, id, tree) = await RegisteredAsync("first");
        await using var other = await Facility.StartReplicaAsync();
        var ends = false;
        var people = Enumerable
            .Range(0, 4)
            .Select(who =>
                Task.Run(async () =>
                {
                    var random = new Random(who);
                    while (!Volatile.Read(ref ends))
                    {
                        var key = FormattableString.Invariant($"{id}/{random.Next(40):00}");
                        if (random.Next(2) == 0)
                            await PutAsync(Get<AddFile>(), key, new string('u', random.Next(50)));
                        else
                            await Get<RemoveFile>()
                                .HandleAsync(TestFacility.Bucket, key, null, TestFacility.Leader, Token);
                    }
                })
            )
            .ToList();
        var changes = new Random(20261127);
        for (var round = 0; round < 30; round++)
        {
            for (var n = 0; n < 40; n++)
            {
                var file = Path.Combine(folder, FormattableString.Invariant($"{n:00}"));
                if (changes.Next(3) == 0)
                    File.Delete(file);
                else
                    await File.WriteAllTextAsync(file, new string('r', changes.Next(50)), Token);
            }
            // What people have removed stays away from scans, and so would soon all: let scans have it again.
            await using (var connection = await Get<Database>().OpenAsync(Token))
                await connection.ExecuteAsync("DELETE FROM registered_replaced");
            await ScanAsync(tree, other);
        }
        Volatile.Write(ref ends, true);
        await Task.WhenAll(people);

        await AssertCountedAsync(id);
    }

    static async Task PutAsync(AddFile add, string key, string text)
    {
        try
        {
            await add.HandleAsync(
                new AddFileRequest(TestFacility.Bucket, key),
                new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)),
                TestFacility.Leader,
                Token
            );
        }
        catch (FaultException fault) when (fault.Reason == "stored-at-once") { }
    }

    /// <summary>A tree with a file of each name, called like its content, and its registration.</summary>
    async Task<(string Folder, string Sequence, string Registration)> RegisteredAsync(params string[] names)
    {
        var id = NewId();
        var folder = Path.Combine(Facility.Storage, id);
        Directory.CreateDirectory(folder);
        foreach (var name in names)
            await File.WriteAllTextAsync(Path.Combine(folder, name), name, Token);
        var tree = await Get<RegisterFolder>()
            .HandleAsync(new RegisterRequest(folder, TestFacility.Proposal, id), TestFacility.Admin, Token);
        await ScanAsync(tree.Id);
        return (folder, id, tree.Id);
    }

    async Task ScanAsync(string registration, IServiceProvider? replica = null)
    {
        if (
            (await Get<RegistrationQueries>().GetAsync(registration, TestFacility.Admin, Token)).State
            == RegistrationState.Done
        )
            await Get<RescanFolder>().HandleAsync(registration, TestFacility.Admin, Token);
        await (replica?.GetRequiredService<ScanFolder>() ?? Get<ScanFolder>()).HandleAsync(
            new WorkItem
            {
                Queue = ScanFolder.Queue,
                Subject = registration,
                Claim = Guid.CreateVersion7().ToString(),
            },
            Token
        );
        var now = await Get<RegistrationQueries>().GetAsync(registration, TestFacility.Admin, Token);
        Assert.Equal((RegistrationState.Done, null), (now.State, now.Reason));
    }

    /// <summary>
    /// Scans on another replica, which is stopped by a trigger in the last statement of its transaction; lets
    /// <paramref name="change"/> look at the catalogue meanwhile; then lets go.
    /// </summary>
    async Task CrossAsync(string registration, Func<Task> change)
    {
        await using var other = await Facility.StartReplicaAsync();
        await using var holder = new NpgsqlConnection(Facility.DatabaseSetting);
        await holder.OpenAsync(Token);
        await holder.ExecuteAsync(
            """
            CREATE OR REPLACE FUNCTION held() RETURNS trigger LANGUAGE plpgsql AS $body$
            BEGIN PERFORM pg_advisory_xact_lock_shared(20261127); RETURN NULL; END $body$;
            CREATE OR REPLACE TRIGGER held AFTER UPDATE OF files_kept ON registration FOR EACH ROW
            WHEN (NEW.files_found > 0) EXECUTE FUNCTION held();
            SELECT pg_advisory_lock(20261127)
            """
        );
        var scanning = Task.Run(() => ScanAsync(registration, other));
        await WaitersAsync(1, scanning);
        var changing = Task.Run(change);
        await WaitersAsync(2, changing);
        await holder.ExecuteAsync("SELECT pg_advisory_unlock(20261127)");
        await scanning;
        await changing;
    }

    async Task WaitersAsync(int count, Task of)
    {
        await using var connection = new NpgsqlConnection(Facility.DatabaseSetting);
        await connection.OpenAsync(Token);
        while (
            await connection.ExecuteScalarAsync<int>(
                "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            ) < count
        )
        {
            if (of.IsFaulted)
                await of;
            Assert.False(of.IsCompleted, "It was to wait for the other, and has ended.");
            await Task.Delay(5, Token);
        }
    }

    async Task AssertCountedAsync(string id, long? files = null, long? bytes = null)
    {
        await using var connection = await Get<Database>().OpenAsync(Token);
        var real = await connection.QuerySingleAsync<(long, long)>(
            "SELECT COUNT(*), CAST(COALESCE(SUM(size_bytes), 0) AS BIGINT) FROM data_file WHERE key LIKE @id || '/%'",
            new { id }
        );
        var sequence = (
            await Get<SequenceAccess>().GetAsync(TestFacility.Admin, TestFacility.Proposal, id, Token)
        ).Sequence;
        Assert.Equal(real, (sequence.FileCount, sequence.SizeBytes));
        if (files is not null)
            Assert.Equal((files, bytes), (sequence.FileCount, sequence.SizeBytes));
    }
}
