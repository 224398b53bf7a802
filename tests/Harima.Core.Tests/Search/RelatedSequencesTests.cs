using Harima.Access;
using Harima.Faults;
using Harima.Identity;
using Harima.Metadata;
using Harima.Search;
using Harima.Search.Feed;
using Harima.Sequences;

namespace Harima.Core.Tests.Search;

public sealed class RelatedSequencesOnSqlite(SqliteFacility facility)
    : RelatedSequencesTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class RelatedSequencesOnPostgres(PostgresFacility facility)
    : RelatedSequencesTests(facility),
        IClassFixture<PostgresFacility>;

public abstract class RelatedSequencesTests(TestFacility facility) : FacilityTests(facility)
{
    readonly string _mark = NewId();

    async Task<string> AddAsync(string measurement, string sample = "{}", string proposal = TestFacility.Proposal)
    {
        var id = NewId();
        await Get<OpenSequence>().HandleAsync(new(proposal, id), TestFacility.Leader, Token);
        foreach (var (kind, json) in new[] { (MetadataKind.Measurement, measurement), (MetadataKind.Sample, sample) })
            await Get<SetMetadata>().HandleAsync(proposal, id, kind, json, TestFacility.Leader, Token);
        return id;
    }

    async Task<Dictionary<Relation, (long Count, List<string> Ids)>> RelatedAsync(Principal who, string id)
    {
        await Get<SearchFeed>().CatchUpAsync(Token);
        return (await Get<RelatedSequences>().OfAsync(who, TestFacility.Proposal, id, 50, Token)).ToDictionary(
            group => group.Relation,
            group => (group.Count.Count, group.Sequences.Select(sequence => sequence.Id).Order().ToList())
        );
    }

    string Xafs(double energyKeV, string edge = "Pt L3-edge") =>
        FormattableString.Invariant(
            $$"""{"measurement": {"energy": {{energyKeV}}, "energy_unit": "keV", "method": {"sub_category": "XAFS{{_mark}}", "absorption_edge": "{{edge}}"} } }"""
        );

    [Fact]
    public async Task The_same_sample_and_similar_conditions_relate_and_no_others()
    {
        var sample = $$"""{"sample": [{"name": "Film {{_mark}}"}]}""";
        var one = await AddAsync(Xafs(11.5), sample);
        var sameSample = await AddAsync("{}", $$"""{"sample": {"name": "ＦＩＬＭ {{_mark}}"} }""");
        var similar = await AddAsync(Xafs(11.6));
        var both = await AddAsync(Xafs(11.4), sample);
        // Another energy, another element: neither is similar.
        await AddAsync(Xafs(12.5));
        await AddAsync(Xafs(11.5, "Fe K-edge"));
        var related = await RelatedAsync(TestFacility.Leader, one);
        Assert.Equal(new[] { sameSample, both }.Order(), related[Relation.SameSample].Ids);
        Assert.Equal(new[] { similar, both }.Order(), related[Relation.SimilarConditions].Ids);
        Assert.DoesNotContain(one, related[Relation.SameProposal].Ids);
        Assert.Contains(similar, related[Relation.SameProposal].Ids);
        Assert.False(related.ContainsKey(Relation.Derived));
    }

    [Fact]
    public async Task What_was_made_from_it_and_what_it_was_made_from_relate_both_ways()
    {
        var raw = await AddAsync("{}");
        var reduced = await AddAsync($$"""{"processing": {"derived_from": "{{TestFacility.Proposal}}/{{raw}}"} }""");
        var merged = await AddAsync(
            $$"""{"inputs": ["{{TestFacility.Proposal}}/{{reduced}}", "{{TestFacility.Proposal}}/none", "no name"]}"""
        );
        Assert.Equal([reduced], (await RelatedAsync(TestFacility.Leader, raw))[Relation.Derived].Ids);
        Assert.Equal(
            new[] { raw, merged }.Order(),
            (await RelatedAsync(TestFacility.Leader, reduced))[Relation.Derived].Ids
        );
        Assert.Equal([reduced], (await RelatedAsync(TestFacility.Leader, merged))[Relation.Derived].Ids);
    }

    [Fact]
    public async Task What_one_may_not_see_is_in_no_relation_and_no_count()
    {
        var sample = $$"""{"sample": [{"name": "Secret {{_mark}}"}]}""";
        var one = await AddAsync(Xafs(11.5), sample);
        var seen = await AddAsync(Xafs(11.5), sample);
        await AddAsync(Xafs(11.5), sample);
        await AddAsync($$"""{"derived_from": "{{TestFacility.Proposal}}/{{one}}"}""");
        foreach (var id in new[] { one, seen })
            await Get<ShareSequence>()
                .HandleAsync(
                    new(TestFacility.Proposal, id, TestFacility.Stranger.UserId!, Right.Read),
                    TestFacility.Leader,
                    Token
                );
        var related = await RelatedAsync(TestFacility.Stranger, one);
        foreach (var (count, ids) in related.Values)
        {
            Assert.Equal(1, count);
            Assert.Equal([seen], ids);
        }
        Assert.Equal([Relation.SameSample, Relation.SimilarConditions, Relation.SameProposal], related.Keys.Order());
        var refusal = await RefusedAsync(() => RelatedAsync(new Principal("nobody", "test"), one));
        Assert.Equal(FaultCode.NotFound, refusal.Code);
    }
}
