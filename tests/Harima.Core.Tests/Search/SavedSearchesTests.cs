using Harima.Faults;
using Harima.Metadata;
using Harima.Search;
using Harima.Search.Feed;
using Harima.Search.Query;
using Harima.Search.Saved;
using Harima.Sequences;

namespace Harima.Core.Tests.Search;

public sealed class SavedSearchesOnSqlite(SqliteFacility facility)
    : SavedSearchesTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class SavedSearchesOnPostgres(PostgresFacility facility)
    : SavedSearchesTests(facility),
        IClassFixture<PostgresFacility>;

/// <summary>What people keep of their searches is theirs, and a slip can be taken back.</summary>
public abstract class SavedSearchesTests(TestFacility facility) : FacilityTests(facility)
{
    static SaveSearchRequest Request(string title, string? id = null) =>
        new(
            id,
            title,
            "technique:XAFS",
            "date",
            true,
            ["energy", "sample.name"],
            "plot",
            Plot: new("energy", "measurement.dwell", "y")
        );

    [Fact]
    public async Task A_deleted_search_is_gone_for_everybody_and_comes_back_as_it_was()
    {
        var searches = Get<SavedSearches>();
        await Get<SearchFeed>().CatchUpAsync(Token);
        var (saved, _) = await searches.SaveAsync(Request("白金"), TestFacility.Member, Token);
        await searches.DeleteAsync(TestFacility.Member, saved.Id, Token);
        Assert.DoesNotContain(await searches.ListAsync(TestFacility.Member, Token), search => search.Id == saved.Id);
        await Assert.ThrowsAsync<FaultException>(() => searches.GetAsync(TestFacility.Leader, saved.Id, Token));
        await Assert.ThrowsAsync<FaultException>(() =>
            searches.SaveAsync(Request("other", saved.Id), TestFacility.Member, Token)
        );
        await Assert.ThrowsAsync<FaultException>(() => searches.RestoreAsync(TestFacility.Leader, saved.Id, Token));

        var restored = await searches.RestoreAsync(TestFacility.Member, saved.Id, Token);
        Assert.Equal(("白金", "plot"), (restored.Title, restored.View));
        Assert.Equal(new PlotAxes("energy", "measurement.dwell", "y"), restored.Plot);
        Assert.Equal(saved.Columns, restored.Columns);
        await Assert.ThrowsAsync<FaultException>(() => searches.RestoreAsync(TestFacility.Member, saved.Id, Token));
    }

    [Fact]
    public async Task What_could_not_be_opened_or_told_is_not_saved()
    {
        await Get<SearchFeed>().CatchUpAsync(Token);
        async Task<string> RefusalAsync(SaveSearchRequest request) =>
            (await RefusedAsync(() => Get<SavedSearches>().SaveAsync(request, TestFacility.Member, Token))).Reason;
        Assert.Equal("search-title", await RefusalAsync(Request("two\nlines")));
        Assert.Equal("search-title", await RefusalAsync(Request(" ")));
        Assert.Equal("search-view", await RefusalAsync(Request("x") with { View = "globe" }));
        Assert.Equal("query-no-numbers", await RefusalAsync(Request("x") with { Plot = new("owner", null, null) }));
        Assert.Equal("search-axes", await RefusalAsync(Request("x") with { Plot = new(null, null, "z") }));
        Assert.Equal("query-no-sort", await RefusalAsync(Request("x") with { Sort = "title" }));
        Assert.Equal("query-incomplete", await RefusalAsync(Request("x") with { Query = "technique:(" }));
    }

    [Fact]
    public async Task Column_sets_are_kept_by_name_for_their_owner_alone()
    {
        var sets = Get<ColumnSets>();
        await sets.PutAsync(TestFacility.Member, " XAFS ", ["energy"], Token);
        await sets.PutAsync(TestFacility.Member, "XAFS", ["energy", "sample.name"], Token);
        var kept = Assert.Single(await sets.ListAsync(TestFacility.Member, Token), set => set.Title == "XAFS");
        Assert.Equal(["energy", "sample.name"], kept.Columns);
        Assert.DoesNotContain(await sets.ListAsync(TestFacility.Leader, Token), set => set.Title == "XAFS");

        var refusal = await Assert.ThrowsAsync<FaultException>(() =>
            sets.DeleteAsync(TestFacility.Leader, "XAFS", Token)
        );
        Assert.Equal(FaultCode.NotFound, refusal.Code);
        await sets.DeleteAsync(TestFacility.Member, "XAFS", Token);
        Assert.DoesNotContain(await sets.ListAsync(TestFacility.Member, Token), set => set.Title == "XAFS");
        await Assert.ThrowsAsync<FaultException>(() => sets.PutAsync(TestFacility.Member, " ", ["energy"], Token));
        await Assert.ThrowsAsync<FaultException>(() => sets.PutAsync(TestFacility.Member, "x", [""], Token));
    }

    [Fact]
    public async Task Where_nothing_is_found_each_condition_says_what_it_takes_away()
    {
        var word = "explain" + Guid.NewGuid().ToString("N")[..6];
        var id = NewId();
        await Get<OpenSequence>().HandleAsync(new(TestFacility.Proposal, id), TestFacility.Leader, Token);
        await Get<SetMetadata>()
            .HandleAsync(
                TestFacility.Proposal,
                id,
                MetadataKind.Measurement,
                $$"""{"comment": "{{word}}"}""",
                TestFacility.Leader,
                Token
            );
        await Get<SearchFeed>().CatchUpAsync(Token);
        var question = QueryText.Parse($"{word} id:{id} beamline:NOWHERE");
        var shares = await Get<ExplainNothing>().HandleAsync(question, TestFacility.Member, Token);
        Assert.Equal(
            [(word, 0L, 1L), ($"id:{id}", 0L, 1L), ("beamline:NOWHERE", 1L, 0L)],
            shares.Select(share => (QueryText.Print(share.Term), share.Without.Count, share.Alone.Count))
        );
        // To one who may not see it, it is not there.
        Assert.All(
            await Get<ExplainNothing>().HandleAsync(question, TestFacility.Stranger, Token),
            share => Assert.Equal((0L, 0L), (share.Without.Count, share.Alone.Count))
        );
    }
}
