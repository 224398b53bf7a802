using Harima.Registration;
using Harima.Work;

namespace Harima.Core.Tests.Registration;

public sealed class ScanInterruptionOnSqlite(SqliteFacility facility)
    : ScanInterruptionTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class ScanInterruptionOnPostgres(PostgresFacility facility)
    : ScanInterruptionTests(facility),
        IClassFixture<PostgresFacility>;

/// <summary>A scan that is cut off goes on where it was, and two that do the same work do it once.</summary>
public abstract class ScanInterruptionTests(TestFacility facility) : RegisteringTests(facility)
{
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
            if (half.FilesFound > 0)
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
}
