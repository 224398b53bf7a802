using Harima.Access;
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

public abstract class SequenceQueriesTests(TestFacility facility) : FacilityTests(facility)
{
    async Task<List<string>> ListAsync(
        Principal who,
        SequenceFilter filter,
        SequenceOrder order = SequenceOrder.Created,
        bool descending = true,
        int size = 3
    )
    {
        var found = new List<string>();
        string? cursor = null;
        do
        {
            var page = await Get<SequenceQueries>().ListAsync(who, filter, order, descending, cursor, size, Token);
            found.AddRange(page.Items.Select(item => $"{item.ProposalId}/{item.Id}"));
            if (cursor is not null && page.Previous is not null)
            {
                var back = await Get<SequenceQueries>()
                    .ListAsync(who, filter, order, descending, page.Previous, size, Token);
                Assert.Equal(
                    found.SkipLast(page.Items.Count).TakeLast(size),
                    back.Items.Select(item => $"{item.ProposalId}/{item.Id}")
                );
            }
            cursor = page.Next;
        } while (cursor is not null);
        Assert.Equal(found.Count, await Get<SequenceQueries>().CountAsync(who, filter, Token));
        return found;
    }

    static IEnumerable<string> Here(IEnumerable<string> names) =>
        names.Where(name => name.StartsWith("2026B", StringComparison.Ordinal));

    [Fact]
    public async Task Lists_counts_and_totals_show_each_person_exactly_what_they_may_read()
    {
        var random = new Random(11);
        string[] people = ["leader", "member", "staff", "admin", "stranger"];
        var expected = people.ToDictionary(who => who, _ => new HashSet<string>());
        var open = new HashSet<string>();
        foreach (var proposal in new[] { "2026B0001", "2026B0002", "2026B0003" })
        {
            await Facility.AddProposalAsync(proposal);
            for (var n = 0; n < 8; n++)
            {
                var id = FormattableString.Invariant($"Q{n:00}");
                await Get<OpenSequence>().HandleAsync(new(proposal, id), TestFacility.Leader, Token);
                await Facility.PutAsync($"{id}/a", new byte[random.Next(1000)], bucket: proposal.ToLowerInvariant());
                foreach (var who in new[] { "leader", "member", "staff", "admin" })
                    expected[who].Add($"{proposal}/{id}");
                if (random.Next(3) == 0)
                {
                    await Get<ShareSequence>()
                        .HandleAsync(new(proposal, id, "stranger", Right.Read), TestFacility.Leader, Token);
                    expected["stranger"].Add($"{proposal}/{id}");
                }
                if (random.Next(5) == 0)
                {
                    await Get<ShareSequence>()
                        .SetVisibilityAsync(proposal, id, Visibility.Everyone, TestFacility.Leader, Token);
                    open.Add($"{proposal}/{id}");
                }
            }
        }
        expected["stranger"].UnionWith(open);
        foreach (var who in people)
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
