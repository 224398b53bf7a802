using Harima.Identity;
using Harima.Proposals;
using Harima.Sequences;

namespace Harima.Core.Tests.Sequences;

public sealed class SequenceQueriesOnSqlite(SqliteFacility facility)
    : SequenceQueriesTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class SequenceQueriesOnPostgres(PostgresFacility facility)
    : SequenceQueriesTests(facility),
        IClassFixture<PostgresFacility>;

public abstract class SequenceQueriesTests(TestFacility facility) : SequenceListTests(facility)
{
    Task<List<string>> ListAsync(
        Principal who,
        SequenceFilter filter,
        SequenceOrder order = SequenceOrder.Created,
        bool descending = true,
        int size = 3
    ) =>
        WalkAsync(
            cursor => Get<SequenceQueries>().ListAsync(who, filter, order, descending, cursor, size, Token),
            () => Get<SequenceQueries>().CountAsync(who, filter, Token),
            size
        );

    static IEnumerable<string> Here(IEnumerable<string> names) =>
        names.Where(name => name.StartsWith("2026B", StringComparison.Ordinal));

    [Fact]
    public async Task Lists_counts_and_totals_show_each_person_exactly_what_they_may_read()
    {
        var (expected, open) = await FillAsync();
        foreach (var who in People)
        foreach (var order in Enum.GetValues<SequenceOrder>())
        foreach (var descending in new[] { true, false })
        {
            var found = await ListAsync(new Principal(who, "test"), new SequenceFilter(), order, descending);
            Assert.Equal(expected[who].Order(), Here(found).Order());
        }
        Assert.Equal(open.Order(), Here(await ListAsync(Principal.Anonymous, new SequenceFilter())).Order());
        var proposals = await Get<ProposalQueries>().ListAsync(TestFacility.Stranger, "2026B", null, 50, Token);
        Assert.Equal(expected["stranger"].Count, proposals.Items.Sum(item => item.SequenceCount));
        var shared = await ListAsync(TestFacility.Stranger, new SequenceFilter(SharedWithMe: true));
        Assert.All(shared, name => Assert.Contains(name, expected["stranger"]));
    }

    [Fact]
    public async Task A_cursor_this_server_did_not_give_is_refused()
    {
        foreach (var cursor in new[] { "x", "AAAA", "W10" })
        {
            var fault = await RefusedAsync(() =>
                Get<SequenceQueries>()
                    .ListAsync(TestFacility.Leader, new(), SequenceOrder.Created, true, cursor, 10, Token)
            );
            Assert.Equal("bad-cursor", fault.Reason);
        }
    }
}
