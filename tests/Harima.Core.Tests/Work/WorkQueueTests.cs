using System.Collections.Concurrent;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Identity;
using Harima.Work;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Harima.Core.Tests.Work;

public sealed class WorkQueueOnSqlite(SqliteFacility facility)
    : WorkQueueTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class WorkQueueOnPostgres(PostgresFacility facility)
    : WorkQueueTests(facility),
        IClassFixture<PostgresFacility>
{
    [Fact]
    public async Task Replicas_share_the_work_and_nobody_does_what_another_does()
    {
        var queue = NewQueue();
        for (var n = 0; n < 200; n++)
            await Queue.AskAsync(queue, $"subject-{n}", null, Token);
        var done = new ConcurrentBag<string>();
        var kind = Kind(queue) with { HandleAsync = (item, _) => Noted(done, item), Parallel = 7 };
        await using var other = Replica();
        async Task DrainAsync(WorkQueue mine)
        {
            var worker = new WorkWorker(mine, [kind], TimeProvider.System, NullLogger<WorkWorker>.Instance);
            while (await worker.RoundAsync(kind, Token) > 0) { }
        }
        await Task.WhenAll(
            DrainAsync(Queue),
            DrainAsync(Queue),
            DrainAsync(other.GetRequiredService<WorkQueue>()),
            DrainAsync(other.GetRequiredService<WorkQueue>())
        );
        Assert.Equal(200, done.Count);
        Assert.Equal(200, done.Distinct().Count());
    }

    ServiceProvider Replica()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddHarimaCore(
            new ConfigurationBuilder()
                .AddInMemoryCollection(
                    new Dictionary<string, string?>
                    {
                        ["Harima:Data:Directory"] = Facility.Folder,
                        ["Harima:Catalogue:Database"] = Facility.DatabaseSetting,
                    }
                )
                .Build()
        );
        return services.BuildServiceProvider();
    }
}

public abstract class WorkQueueTests(TestFacility facility) : FacilityTests(facility)
{
    static int _queues;

    protected WorkQueue Queue => Get<WorkQueue>();

    protected static string NewQueue() => FormattableString.Invariant($"queue-{Interlocked.Increment(ref _queues)}");

    /// <summary>Retries and leases end at once, so that no test waits for a clock.</summary>
    protected static WorkKind Kind(string queue) =>
        new(queue, (_, _) => Task.CompletedTask) { FirstRetry = TimeSpan.Zero, MaxAttempts = 3 };

    protected static Task Noted(ConcurrentBag<string> done, WorkItem item)
    {
        done.Add(item.Subject);
        return Task.CompletedTask;
    }

    WorkWorker Worker(WorkKind kind) => new(Queue, [kind], TimeProvider.System, NullLogger<WorkWorker>.Instance);

    [Fact]
    public async Task However_often_something_is_asked_for_it_is_done_once()
    {
        var queue = NewQueue();
        var done = new ConcurrentBag<string>();
        var kind = Kind(queue) with { HandleAsync = (item, _) => Noted(done, item) };
        for (var n = 0; n < 5; n++)
            await Queue.AskAsync(queue, "2026A1000/S1", null, Token);
        Assert.Equal(1, await Worker(kind).RoundAsync(kind, Token));
        Assert.Equal(0, await Worker(kind).RoundAsync(kind, Token));
        Assert.Equal(["2026A1000/S1"], done);
        Assert.False(await Queue.IsPendingAsync(queue, "2026A1000/S1", Token));
    }

    [Fact]
    public async Task What_is_asked_for_while_it_is_being_done_is_done_once_more()
    {
        var queue = NewQueue();
        var payloads = new List<string?>();
        var kind = Kind(queue);
        kind = kind with
        {
            HandleAsync = async (item, token) =>
            {
                payloads.Add(item.Payload);
                if (payloads.Count == 1)
                    await Queue.AskAsync(queue, item.Subject, "again", token);
            },
        };
        await Queue.AskAsync(queue, "a", "first", Token);
        while (await Worker(kind).RoundAsync(kind, Token) > 0) { }
        Assert.Equal(["first", "again"], payloads);
    }

    [Fact]
    public async Task Nobody_gets_what_another_has_until_the_lease_ends_as_after_a_kill()
    {
        var queue = NewQueue();
        await Queue.AskAsync(queue, "a", null, Token);
        var kind = Kind(queue);
        var taken = Assert.Single(await Queue.ClaimAsync(kind, 10, Token));
        Assert.Empty(await Queue.ClaimAsync(kind, 10, Token));
        // Its process is gone, and the lease with it: nothing tells the queue but the time.
        await EndLeaseAsync(queue);
        var again = Assert.Single(await Queue.ClaimAsync(kind, 10, Token));
        Assert.Equal(("a", 2), (again.Subject, again.Attempts));
        // The first one was not dead but slow: what it says does not count any more.
        Assert.False(await Queue.RenewAsync(kind, taken));
        Assert.False(await Queue.CompleteAsync(taken));
        Assert.True(await Queue.IsPendingAsync(queue, "a", Token));
        Assert.True(await Queue.CompleteAsync(again));
        Assert.False(await Queue.IsPendingAsync(queue, "a", Token));
    }

    [Fact]
    public async Task What_a_killed_process_held_is_taken_back_at_once_where_no_other_process_can_hold_it()
    {
        var queue = NewQueue();
        await Queue.AskAsync(queue, "a", null, Token);
        var kind = Kind(queue);
        var taken = Assert.Single(await Queue.ClaimAsync(kind, 10, Token));
        await Queue.TakeBackAsync();
        var again = await Queue.ClaimAsync(kind, 10, Token);
        if (Get<Database>().Dialect == Dialect.Postgres)
        {
            // Its holder may live, on another machine.
            Assert.Empty(again);
            Assert.True(await Queue.CompleteAsync(taken));
            return;
        }
        Assert.Equal(("a", 2), (Assert.Single(again).Subject, again[0].Attempts));
        Assert.False(await Queue.CompleteAsync(taken));
        Assert.True(await Queue.CompleteAsync(again[0]));
    }

    [Fact]
    public async Task What_fails_is_tried_again_then_given_up_with_its_error_and_revived_by_a_new_request()
    {
        var queue = NewQueue();
        var attempts = 0;
        var kind = Kind(queue) with
        {
            HandleAsync = (_, _) =>
            {
                attempts++;
                throw new InvalidDataException("the header is torn");
            },
        };
        await Queue.AskAsync(queue, "a", null, Token);
        while (await Worker(kind).RoundAsync(kind, Token) > 0) { }
        Assert.Equal(3, attempts);
        var dead = Assert.Single((await Queue.DeadAsync(null, 100, Token)).Items, item => item.Queue == queue);
        Assert.Equal(("a", 3), (dead.Subject, dead.Attempts));
        Assert.Contains("the header is torn", dead.LastError, StringComparison.Ordinal);
        await Get<GivenUpWork>().RetryAsync(dead.Id, TestFacility.Admin, Token);
        await Worker(kind).RoundAsync(kind, Token);
        Assert.Equal(4, attempts);
        while (await Worker(kind).RoundAsync(kind, Token) > 0) { }
        var works = kind with { HandleAsync = (_, _) => Task.CompletedTask };
        Assert.Equal(0, await Worker(works).RoundAsync(works, Token));
        await Queue.AskAsync(queue, "a", null, Token);
        Assert.Equal(1, await Worker(works).RoundAsync(works, Token));
        Assert.DoesNotContain((await Queue.DeadAsync(null, 100, Token)).Items, item => item.Queue == queue);
    }

    [Fact]
    public async Task Administrators_see_what_was_given_up_retry_it_and_drop_it_and_nobody_else_does()
    {
        var queue = NewQueue();
        var kind = Kind(queue) with { HandleAsync = (_, _) => throw new InvalidDataException("torn") };
        foreach (var subject in new[] { "a", "b" })
            await Queue.AskAsync(queue, subject, null, Token);
        while (await Worker(kind).RoundAsync(kind, Token) > 0) { }
        await Queue.AskAsync(queue, "c", null, Token);
        var work = Get<GivenUpWork>();
        var summary = Assert.Single(
            await work.SummaryAsync(TestFacility.Admin, Token),
            summary => summary.Queue == queue
        );
        Assert.Equal((1L, 0L, 2L), (summary.Waiting, summary.InHand, summary.GivenUp));
        var dead = (await work.ListAsync(null, 100, TestFacility.Admin, Token))
            .Items.Where(item => item.Queue == queue)
            .ToList();
        Assert.Equal(["b", "a"], dead.Select(item => item.Subject));

        foreach (
            var who in new[] { TestFacility.Leader, TestFacility.Staff, TestFacility.Stranger, Principal.Anonymous }
        )
        {
            Assert.Equal(
                "work-administrators",
                (await RefusedAsync(() => work.ListAsync(null, 100, who, Token))).Reason
            );
            Assert.Equal("work-administrators", (await RefusedAsync(() => work.SummaryAsync(who, Token))).Reason);
            Assert.Equal(
                "work-administrators",
                (await RefusedAsync(() => work.RetryAsync(dead[0].Id, who, Token))).Reason
            );
            Assert.Equal(
                "work-administrators",
                (await RefusedAsync(() => work.DropAsync(dead[0].Id, who, Token))).Reason
            );
        }

        await work.DropAsync(dead[0].Id, TestFacility.Admin, Token);
        Assert.Equal(
            "not-found",
            (await RefusedAsync(() => work.DropAsync(dead[0].Id, TestFacility.Admin, Token))).Reason
        );
        Assert.Equal(
            "not-found",
            (await RefusedAsync(() => work.RetryAsync(dead[0].Id, TestFacility.Admin, Token))).Reason
        );
        await work.RetryAsync(dead[1].Id, TestFacility.Admin, Token);
        var done = new List<string>();
        var works = kind with
        {
            HandleAsync = (item, _) =>
            {
                done.Add(item.Subject);
                return Task.CompletedTask;
            },
        };
        while (await Worker(works).RoundAsync(works, Token) > 0) { }
        Assert.Equal(["a", "c"], done.Order());
        // What waits cannot be dropped under the worker's hands.
        Assert.Equal(
            "not-found",
            (await RefusedAsync(() => work.DropAsync(dead[1].Id, TestFacility.Admin, Token))).Reason
        );
    }

    [Fact]
    public async Task Of_no_work_there_is_nothing_to_tell()
    {
        await Get<Harima.Catalogue.CatalogueWriter>()
            .WriteAsync(
                transaction =>
                    Dapper.SqlMapper.Execute(
                        transaction.Connection!,
                        "DELETE FROM work WHERE id > 0",
                        null,
                        transaction
                    ),
                Token
            );
        Assert.Empty(await Get<GivenUpWork>().SummaryAsync(TestFacility.Admin, Token));
        Assert.Empty((await Get<GivenUpWork>().ListAsync(null, 10, TestFacility.Admin, Token)).Items);
    }

    [Fact]
    public async Task What_kills_every_process_that_begins_it_is_given_up()
    {
        var queue = NewQueue();
        var kind = Kind(queue);
        await Queue.AskAsync(queue, "poison", null, Token);
        for (var n = 0; n < 3; n++)
        {
            Assert.Single(await Queue.ClaimAsync(kind, 1, Token));
            await EndLeaseAsync(queue);
        }
        Assert.Empty(await Queue.ClaimAsync(kind, 1, Token));
        Assert.Contains((await Queue.DeadAsync(null, 100, Token)).Items, item => item.Queue == queue);
    }

    [Fact]
    public async Task A_host_that_stops_puts_its_item_back_and_the_attempt_does_not_count()
    {
        var queue = NewQueue();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var kind = Kind(queue);
        kind = kind with
        {
            HandleAsync = async (_, token) =>
            {
                await stopping.CancelAsync();
                token.ThrowIfCancellationRequested();
            },
        };
        await Queue.AskAsync(queue, "a", null, Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Worker(kind).RoundAsync(kind, stopping.Token));
        var item = Assert.Single(await Queue.ClaimAsync(kind, 1, Token));
        Assert.Equal(1, item.Attempts);
    }

    Task EndLeaseAsync(string queue) =>
        Get<CatalogueWriter>()
            .WriteAsync(
                transaction =>
                    transaction.Connection!.Execute(
                        "UPDATE work SET due_at = 0 WHERE queue = @queue",
                        new { queue },
                        transaction
                    ),
                Token
            );
}
