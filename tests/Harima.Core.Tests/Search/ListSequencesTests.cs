using Harima.Access;
using Harima.Identity;
using Harima.Search;
using Harima.Search.Feed;
using Harima.Sequences;

namespace Harima.Core.Tests.Search;

public sealed class ListSequencesOnSqlite(SqliteFacility facility)
    : ListSequencesTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class ListSequencesOnPostgres(PostgresFacility facility)
    : ListSequencesTests(facility),
        IClassFixture<PostgresFacility>;

public abstract class ListSequencesTests(TestFacility facility) : FacilityTests(facility)
{
    async Task<List<string>> ListAsync(
        Principal who,
        string? text,
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
            var page = await Get<ListSequences>()
                .HandleAsync(who, text, filter, order, descending, cursor, size, Token);
            found.AddRange(page.Items.Select(item => $"{item.ProposalId}/{item.Id}"));
            if (cursor is not null && page.Previous is not null)
            {
                var back = await Get<ListSequences>()
                    .HandleAsync(who, text, filter, order, descending, page.Previous, size, Token);
                Assert.Equal(
                    found.SkipLast(page.Items.Count).TakeLast(size),
                    back.Items.Select(item => $"{item.ProposalId}/{item.Id}")
                );
            }
            cursor = page.Next;
        } while (cursor is not null);
        Assert.Equal(found.Count, await Get<ListSequences>().CountAsync(who, text, filter, Token));
        return found;
    }

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
        await Get<SearchFeed>().CatchUpAsync(Token);
        foreach (var who in people)
        foreach (var order in Enum.GetValues<SequenceOrder>())
        foreach (var descending in new[] { true, false })
        {
            var found = await ListAsync(new Principal(who, "test"), "2026B 触媒", new(), order, descending);
            Assert.Equal(expected[who].Order(), found.Order());
            var inOrder = await Get<SequenceQueries>()
                .ListAsync(new Principal(who, "test"), new(), order, descending, null, 200, Token);
            if (order is SequenceOrder.Created or SequenceOrder.Size or SequenceOrder.Proposal)
                Assert.Equal(
                    inOrder.Items.Select(item => $"{item.ProposalId}/{item.Id}").Where(expected[who].Contains),
                    found
                );
        }
        Assert.Equal(open.Order(), (await ListAsync(Principal.Anonymous, "2026B", new())).Order());
        var first = new SequenceFilter("2026B0001");
        foreach (
            var filter in new[]
            {
                first,
                first with
                {
                    BeamlineId = "BL14B2",
                    Owner = "leader",
                    State = SequenceState.Open,
                },
                first with
                {
                    Visibility = Visibility.Everyone,
                },
                first with
                {
                    Visibility = Visibility.Limited,
                },
                first with
                {
                    SharedWithMe = true,
                },
                first with
                {
                    State = SequenceState.Closed,
                },
            }
        )
            Assert.Equal(
                (await ListAsync(TestFacility.Stranger, null, filter)).Order(),
                (await ListAsync(TestFacility.Stranger, "2026b0001", filter)).Order()
            );
    }

    [Theory]
    [InlineData("触媒", true)]
    [InlineData("catalysts bl14b2", true)]
    [InlineData("leader さん", true)]
    [InlineData("catal bl14", true)]
    [InlineData("catalysts - bl14b2", true)]
    [InlineData("technique:XAFS", false)]
    [InlineData("100%", false)]
    [InlineData("_", false)]
    [InlineData("catalysts nothing", false)]
    public async Task Words_are_looked_for_anywhere_by_their_beginnings(string text, bool found)
    {
        var id = NewId();
        await Facility.PutAsync(id + "/a", [1]);
        await Get<SearchFeed>().CatchUpAsync(Token);
        var names = await ListAsync(TestFacility.Leader, text, new(TestFacility.Proposal), size: 100);
        Assert.Equal(found, names.Contains($"{TestFacility.Proposal}/{id}"));
    }

    [Fact]
    public async Task A_cursor_this_server_did_not_give_is_refused()
    {
        await Get<SearchFeed>().CatchUpAsync(Token);
        foreach (var cursor in new[] { "x", "AAAA", "W10" })
        {
            var fault = await RefusedAsync(() =>
                Get<ListSequences>()
                    .HandleAsync(
                        TestFacility.Leader,
                        "catalysts",
                        new(),
                        SequenceOrder.Created,
                        true,
                        cursor,
                        10,
                        Token
                    )
            );
            Assert.Equal("bad-cursor", fault.Reason);
        }
    }
}
