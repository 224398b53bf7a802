using Harima.Core.Tests.Sequences;
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

public abstract class ListSequencesTests(TestFacility facility) : SequenceListTests(facility)
{
    Task<List<string>> ListAsync(
        Principal who,
        string? text,
        SequenceFilter filter,
        SequenceOrder order = SequenceOrder.Created,
        bool descending = true,
        int size = 3
    ) =>
        WalkAsync(
            cursor => Get<ListSequences>().HandleAsync(who, text, filter, order, descending, cursor, size, Token),
            () => Get<ListSequences>().CountAsync(who, text, filter, Token),
            size
        );

    [Fact]
    public async Task Lists_counts_and_totals_show_each_person_exactly_what_they_may_read()
    {
        var (expected, open) = await FillAsync();
        await Get<SearchFeed>().CatchUpAsync(Token);
        foreach (var who in People)
        foreach (var order in Enum.GetValues<SequenceOrder>())
        foreach (var descending in new[] { true, false })
        {
            var found = await ListAsync(new Principal(who, "test"), "2026B 触媒", new(), order, descending);
            Assert.Equal(expected[who].Order(), found.Order());
            var inOrder = await Get<SequenceQueries>()
                .ListAsync(new Principal(who, "test"), new(), order, descending, null, 200, Token);
            if (order is SequenceOrder.Created or SequenceOrder.Size or SequenceOrder.Proposal)
                Assert.Equal(inOrder.Items.Select(NameOf).Where(expected[who].Contains), found);
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
