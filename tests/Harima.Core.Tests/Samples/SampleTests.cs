using Harima.Faults;
using Harima.Identity;
using Harima.Samples;
using Harima.Sequences;

namespace Harima.Core.Tests.Samples;

public sealed class SampleOnSqlite(SqliteFacility facility) : SampleTests(facility), IClassFixture<SqliteFacility>;

public sealed class SampleOnPostgres(PostgresFacility facility)
    : SampleTests(facility),
        IClassFixture<PostgresFacility>;

public abstract class SampleTests(TestFacility facility) : FacilityTests(facility)
{
    const string Silver =
        """{ "names": ["Silver foil", "銀箔"], "chemical_formula": "Ag", "CAS_number": "7440-22-4" }""";

    Task<Sample> CreateAsync(string json = Silver, Principal? who = null, params string[] parents) =>
        Get<PutSample>()
            .CreateAsync(TestFacility.Proposal, new PutSampleRequest(json, parents), who ?? TestFacility.Member, Token);

    Task<SampleView> SeeAsync(string id, Principal who) => Get<SampleQueries>().GetAsync(who, id, Token);

    [Fact]
    public async Task A_description_is_kept_to_the_letter_and_every_change_is_remembered()
    {
        var sample = await CreateAsync();
        Assert.Equal((Silver, "Silver foil", 1), (sample.Json, sample.Name, sample.Version));
        var changed = """{"names":["Silver foil 2"]}""";
        await Get<PutSample>().ChangeAsync(sample.Id, new(changed, Version: 1), TestFacility.Leader, Token);
        var view = await SeeAsync(sample.Id.ToLowerInvariant(), TestFacility.Member);
        Assert.Equal((changed, "leader", 2), (view.Sample.Json, view.Sample.ChangedBy, view.Sample.Version));
        var changes = await Get<SampleQueries>().ChangesAsync(TestFacility.Leader, sample.Id, null, 10, Token);
        Assert.Equal([(Silver, changed), (null, Silver)], changes.Items.Select(item => (item.Before, item.After)));
        var late = await RefusedAsync(() =>
            Get<PutSample>().ChangeAsync(sample.Id, new(Silver, Version: 1), TestFacility.Leader, Token)
        );
        Assert.Equal("sample-changed", late.Reason);
    }

    [Fact]
    public async Task A_sample_is_seen_through_its_proposal_or_a_sequence_that_refers_to_it_and_by_nobody_else()
    {
        var sample = await CreateAsync();
        foreach (var who in new[] { TestFacility.Leader, TestFacility.Member, TestFacility.Staff, TestFacility.Admin })
            Assert.Equal(sample.Id, (await SeeAsync(sample.Id, who)).Sample.Id);
        foreach (var who in new[] { TestFacility.Stranger, Principal.Anonymous })
        {
            Assert.Equal(FaultCode.NotFound, (await RefusedAsync(() => SeeAsync(sample.Id, who))).Code);
            Assert.DoesNotContain(
                (await Get<SampleQueries>().ListAsync(who, null, null, null, 100, Token)).Items,
                item => item.Id == sample.Id
            );
        }
        var id = NewId();
        await Facility.PutAsync(id + "/a", [1]);
        await Get<SequenceSamples>().SetAsync(TestFacility.Proposal, id, sample.Id, true, TestFacility.Member, Token);
        await Get<ShareSequence>()
            .HandleAsync(
                new ShareSequenceRequest(TestFacility.Proposal, id, "stranger", Harima.Access.Right.Write),
                TestFacility.Leader,
                Token
            );
        var seen = await SeeAsync(sample.Id, TestFacility.Stranger);
        Assert.False(seen.MayChange);
        Assert.Equal([$"{TestFacility.Proposal}/{id}"], seen.Sequences);
        Assert.Contains(
            (await Get<SampleQueries>().ListAsync(TestFacility.Stranger, null, "銀箔", null, 100, Token)).Items,
            item => item.Id == sample.Id
        );
        Assert.Equal(
            FaultCode.Forbidden,
            (
                await RefusedAsync(() =>
                    Get<PutSample>().ChangeAsync(sample.Id, new(Silver), TestFacility.Stranger, Token)
                )
            ).Code
        );
        // Whoever may write the sequence may drop the reference, but could not hand the sample on.
        await Get<SequenceSamples>()
            .SetAsync(TestFacility.Proposal, id, sample.Id, false, TestFacility.Stranger, Token);
        Assert.Equal(FaultCode.NotFound, (await RefusedAsync(() => SeeAsync(sample.Id, TestFacility.Stranger))).Code);
    }

    [Fact]
    public async Task Parents_and_children_name_each_other_and_make_no_circle()
    {
        var foil = await CreateAsync();
        var piece = await CreateAsync("""{"names": ["piece"]}""", null, foil.Id);
        Assert.Equal([foil.Id], (await SeeAsync(piece.Id, TestFacility.Member)).Parents.Select(link => link.Id));
        Assert.Equal([piece.Id], (await SeeAsync(foil.Id, TestFacility.Member)).Children.Select(link => link.Id));
        foreach (var id in new[] { piece.Id, foil.Id })
            Assert.Equal(
                "sample-circle",
                (
                    await RefusedAsync(() =>
                        Get<PutSample>().ChangeAsync(foil.Id, new(Silver, [id]), TestFacility.Member, Token)
                    )
                ).Reason
            );
        Assert.Equal(
            "sample-in-use",
            (await RefusedAsync(() => Get<PutSample>().DeleteAsync(foil.Id, TestFacility.Member, Token))).Reason
        );
        await Get<PutSample>().DeleteAsync(piece.Id, TestFacility.Member, Token);
        await Get<PutSample>().DeleteAsync(foil.Id, TestFacility.Member, Token);
        Assert.Equal(FaultCode.NotFound, (await RefusedAsync(() => SeeAsync(foil.Id, TestFacility.Admin))).Code);
    }

    [Fact]
    public async Task A_closed_sequence_refers_to_what_it_referred_to()
    {
        var sample = await CreateAsync();
        var id = NewId();
        await Facility.PutAsync(id + "/a", [1]);
        await Get<SequenceSamples>().SetAsync(TestFacility.Proposal, id, sample.Id, true, TestFacility.Member, Token);
        await Get<CloseSequence>().HandleAsync(TestFacility.Proposal, id, TestFacility.Leader, Token);
        foreach (var refers in new[] { true, false })
            Assert.Equal(
                FaultCode.Closed,
                (
                    await RefusedAsync(() =>
                        Get<SequenceSamples>()
                            .SetAsync(TestFacility.Proposal, id, sample.Id, refers, TestFacility.Leader, Token)
                    )
                ).Code
            );
        Assert.Equal(
            [sample.Id],
            (await Get<SequenceSamples>().OfAsync(TestFacility.Staff, TestFacility.Proposal, id, Token)).Select(link =>
                link.Id
            )
        );
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"names": []}""")]
    [InlineData("""{"names": [" "]}""")]
    [InlineData("""{"names": [1]}""")]
    [InlineData("""{"names": ["\ud83d"]}""")]
    [InlineData("""{"names": ["x"], "\ude00": 1}""")]
    public async Task A_sample_without_a_readable_name_is_refused(string json) =>
        Assert.Equal("sample-invalid", (await RefusedAsync(() => CreateAsync(json))).Reason);
}
