using System.Globalization;
using Harima.Metadata;
using Harima.Search;
using Harima.Search.Feed;

namespace Harima.Core.Tests.Search;

/// <summary>Counting is the index's, whatever the database: one is enough for so many sequences.</summary>
public sealed class SearchCountTests(SqliteFacility facility) : FacilityTests(facility), IClassFixture<SqliteFacility>
{
    [Fact]
    public async Task Counts_are_exact_to_ten_thousand_and_say_so_beyond()
    {
        var word = "many" + NewId().ToLowerInvariant();
        async Task AddAsync(int from, int to)
        {
            foreach (var some in Enumerable.Range(from, to - from).Chunk(1_000))
                await Get<OpenSequences>()
                    .HandleAsync(
                        TestFacility.Proposal,
                        [
                            .. some.Select(n => new DescribedSequence(
                                word + n.ToString("00000", CultureInfo.InvariantCulture),
                                $$"""{"campaign": "{{word}}", "grade": "{{(n % 4 == 0 ? "rare" : "usual")}}"}""",
                                null
                            )),
                        ],
                        TestFacility.Leader,
                        Token
                    );
            await Get<SearchFeed>().CatchUpAsync(Token);
        }
        Task<FindResult> FindAsync() =>
            Get<FindSequences>()
                .HandleAsync(
                    FindRequest.Of(word) with
                    {
                        Limit = 0,
                        Facets = ["campaign", "grade"],
                    },
                    TestFacility.Leader,
                    Token
                );

        await AddAsync(0, 10_000);
        var found = await FindAsync();
        Assert.Equal(new SearchCount(10_000, false), found.Count);
        Assert.Equal(new SearchCount(10_000, false), Assert.Single(found.Facets[0].Values).Count);
        Assert.Equal(
            [("usual", 7_500), ("rare", 2_500)],
            found.Facets[1].Values.Select(value => (value.Value, value.Count.Count))
        );

        await AddAsync(10_000, 10_001);
        found = await FindAsync();
        Assert.Equal(new SearchCount(10_000, true), found.Count);
        Assert.Equal(new SearchCount(10_000, true), Assert.Single(found.Facets[0].Values).Count);
        // What is below stays exact.
        Assert.Equal(
            [("usual", 7_500), ("rare", 2_501)],
            found.Facets[1].Values.Select(value => (value.Value, value.Count.Count))
        );
    }
}
