using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Sequences;
using Harima.Work;
using Npgsql;

namespace Harima.Core.Tests.Access;

public sealed class AuditFollowerOnSqlite(SqliteFacility facility)
    : AuditFollowerTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class AuditFollowerOnPostgres(PostgresFacility facility)
    : AuditFollowerTests(facility),
        IClassFixture<PostgresFacility>
{
    [Fact]
    public async Task What_another_replica_commits_late_under_a_smaller_id_is_not_missed()
    {
        var (follower, kind) = Follower();
        await using var late = new NpgsqlConnection(Facility.DatabaseSetting);
        await late.OpenAsync(Token);
        await using var transaction = await late.BeginTransactionAsync(Token);
        await late.ExecuteAsync(
            """
            INSERT INTO audit_event (at, actor, via, action, kind, ref)
            VALUES (1, 'member', 'other replica', 'file.added', 'sequence', '2026A1000/LATE')
            """,
            transaction: transaction
        );
        var id = NewId();
        await Facility.PutAsync(id + "/a", [1]);
        // The newer row is to be seen, the older one not yet: neither is gone past.
        for (var n = 0; n < 5; n++)
            await follower.FollowAsync(Token);
        await transaction.CommitAsync(Token);
        await FollowAsync(follower, kind);
        var subjects = (await Get<WorkQueue>().ClaimAsync(kind, 100, Token)).Select(item => item.Subject);
        Assert.Superset(new HashSet<string> { "2026A1000/LATE", $"2026A1000/{id}" }, subjects.ToHashSet());
    }
}

public abstract class AuditFollowerTests(TestFacility facility) : FacilityTests(facility)
{
    static int _queues;

    [Fact]
    public async Task A_new_kind_of_work_sees_everything_that_ever_happened_once_for_each_sequence()
    {
        var id = NewId();
        for (var n = 0; n < 5; n++)
            await Facility.PutAsync($"{id}/{n}", [1]);
        await Get<OpenSequence>().HandleAsync(new(TestFacility.Proposal, id + "empty"), TestFacility.Member, Token);
        var (follower, kind) = Follower();
        await FollowAsync(follower, kind);
        var items = await Get<WorkQueue>().ClaimAsync(kind, 1000, Token);
        Assert.Single(items, item => item.Subject == $"{TestFacility.Proposal}/{id}");
        Assert.DoesNotContain(items, item => item.Subject.EndsWith("empty", StringComparison.Ordinal));
        foreach (var item in items)
            await Get<WorkQueue>().CompleteAsync(item);
        await FollowAsync(follower, kind);
        Assert.Empty(await Get<WorkQueue>().ClaimAsync(kind, 1000, Token));
        await Facility.PutAsync($"{id}/more", [2]);
        await FollowAsync(follower, kind);
        Assert.Equal(
            [$"{TestFacility.Proposal}/{id}"],
            (await Get<WorkQueue>().ClaimAsync(kind, 1000, Token)).Select(item => item.Subject)
        );
    }

    [Fact]
    public async Task Two_followers_ask_for_no_more_than_one()
    {
        var id = NewId();
        await Facility.PutAsync($"{id}/a", [1]);
        var (follower, kind) = Follower();
        var twin = new AuditFollower(Get<Database>(), Get<CatalogueWriter>(), [Work(kind)], TimeProvider.System);
        await Task.WhenAll(FollowAsync(follower, kind), FollowAsync(twin, kind));
        var item = Assert.Single(
            await Get<WorkQueue>().ClaimAsync(kind, 1000, Token),
            item => item.Subject == $"{TestFacility.Proposal}/{id}"
        );
        Assert.Equal(1, item.Asked);
    }

    protected (AuditFollower Follower, WorkKind Kind) Follower()
    {
        var kind = new WorkKind(
            FormattableString.Invariant($"followed-{Interlocked.Increment(ref _queues)}"),
            (_, _) => Task.CompletedTask
        );
        return (new(Get<Database>(), Get<CatalogueWriter>(), [Work(kind)], TimeProvider.System), kind);
    }

    static AuditedWork Work(WorkKind kind) =>
        new(kind.Queue, ResourceKind.Sequence, ["file.added"], Settling: TimeSpan.Zero);

    /// <summary>
    /// Until everything of now is handed over. On PostgreSQL that takes as many looks as it takes the transactions of now to end,
    /// those of other tests too.
    /// </summary>
    protected async Task FollowAsync(AuditFollower follower, WorkKind kind)
    {
        await using var connection = await Get<Database>().OpenAsync(Token);
        var head = await connection.ExecuteScalarAsync<long>("SELECT MAX(id) FROM audit_event");
        do await follower.FollowAsync(Token);
        while (
            await connection.ExecuteScalarAsync<long?>(
                "SELECT position FROM audit_follower WHERE queue = @Queue",
                new { kind.Queue }
            )
                is not { } position
            || position < head
        );
    }
}
