using Harima.Access;
using Harima.Faults;
using Harima.Identity;
using Harima.Sequences;

namespace Harima.Core.Tests.Sequences;

public sealed class OpenOrContinueSequenceOnSqlite(SqliteFacility facility)
    : OpenOrContinueSequenceTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class OpenOrContinueSequenceOnPostgres(PostgresFacility facility)
    : OpenOrContinueSequenceTests(facility),
        IClassFixture<PostgresFacility>;

public abstract class OpenOrContinueSequenceTests(TestFacility facility) : FacilityTests(facility)
{
    Task<Sequence> BeginAsync(string id, Principal who, string proposal = TestFacility.Proposal) =>
        Get<OpenOrContinueSequence>().HandleAsync(new OpenSequenceRequest(proposal, id), who, Token);

    Task ShareAsync(string id, Right right) =>
        Get<ShareSequence>().HandleAsync(new(TestFacility.Proposal, id, "stranger", right), TestFacility.Leader, Token);

    async Task<int> OpenedAsync(string id)
    {
        var history = await Get<SequenceQueries>()
            .HistoryAsync(TestFacility.Leader, TestFacility.Proposal, id, null, 100, Token);
        return history.Items.Count(item => item.Action == "sequence.opened");
    }

    [Fact]
    public async Task A_new_id_opens_a_sequence_owned_by_the_caller()
    {
        var id = NewId();
        var opened = await BeginAsync($" {id} ", TestFacility.Member);
        Assert.Equal((id, "member", SequenceState.Open), (opened.Id, opened.Owner, opened.State));
        Assert.Equal(1, await OpenedAsync(id));
    }

    [Fact]
    public async Task An_open_sequence_is_continued_by_whoever_may_write_it_and_keeps_its_owner()
    {
        var id = NewId();
        await BeginAsync(id, TestFacility.Member);
        await ShareAsync(id, Right.Write);
        foreach (
            var who in new[] { TestFacility.Member, TestFacility.Leader, TestFacility.Staff, TestFacility.Stranger }
        )
            Assert.Equal("member", (await BeginAsync($" {id}", who)).Owner);
        Assert.Equal(1, await OpenedAsync(id));
    }

    [Fact]
    public async Task A_closed_sequence_is_refused_as_closed_to_those_who_could_write_it()
    {
        var id = NewId();
        await BeginAsync(id, TestFacility.Member);
        await Facility.PutAsync(id + "/a", [1]);
        await Get<CloseSequence>().HandleAsync(TestFacility.Proposal, id, TestFacility.Member, Token);
        Assert.Equal(FaultCode.Closed, (await RefusedAsync(() => BeginAsync(id, TestFacility.Member))).Code);
        // To those who only read it, that they may not write comes first: closed or not makes no difference to them.
        await ShareAsync(id, Right.Read);
        Assert.Equal("needs-write", (await RefusedAsync(() => BeginAsync(id, TestFacility.Stranger))).Reason);
    }

    [Fact]
    public async Task Who_may_only_read_is_refused()
    {
        var id = NewId();
        await BeginAsync(id, TestFacility.Member);
        await ShareAsync(id, Right.Read);
        var fault = await RefusedAsync(() => BeginAsync(id, TestFacility.Stranger));
        Assert.Equal((FaultCode.Forbidden, "needs-write"), (fault.Code, fault.Reason));
    }

    [Fact]
    public async Task To_a_stranger_the_proposal_does_not_exist_whatever_is_in_it()
    {
        const string elsewhere = "2026A1077";
        await Facility.AddProposalAsync(elsewhere);
        var (hidden, missing) = (NewId(), NewId());
        await BeginAsync(hidden, TestFacility.Member, elsewhere);
        var faults = await RefusalsAsync(elsewhere, hidden, missing);
        Assert.All(faults, fault => Assert.Equal(FaultCode.NotFound, fault.Code));
        Assert.Equal(faults[0].Message, faults[1].Message);
        Assert.DoesNotContain(hidden, faults[0].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task To_a_reader_of_one_sequence_the_others_are_told_the_same_hidden_or_missing()
    {
        var (shared, hidden, missing) = (NewId(), NewId(), NewId());
        await BeginAsync(shared, TestFacility.Member);
        await BeginAsync(hidden, TestFacility.Member);
        await ShareAsync(shared, Right.Read);
        var faults = await RefusalsAsync(TestFacility.Proposal, hidden, missing);
        Assert.All(faults, fault => Assert.Equal((FaultCode.Forbidden, "no-upload"), (fault.Code, fault.Reason)));
        Assert.Equal(faults[0].Message, faults[1].Message);
        var left = await RefusedAsync(() =>
            Get<SequenceQueries>().GetAsync(TestFacility.Leader, TestFacility.Proposal, missing, Token)
        );
        Assert.Equal(FaultCode.NotFound, left.Code);
    }

    async Task<FaultException[]> RefusalsAsync(string proposal, params string[] ids)
    {
        var faults = new List<FaultException>();
        foreach (var id in ids)
            faults.Add(await RefusedAsync(() => BeginAsync(id, TestFacility.Stranger, proposal)));
        return [.. faults];
    }

    [Fact]
    public async Task Many_at_once_get_the_same_sequence()
    {
        var id = NewId();
        var all = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => BeginAsync(id, TestFacility.Member)));
        Assert.All(all, sequence => Assert.Equal(all[0], sequence));
        Assert.Equal(1, await OpenedAsync(id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a/b")]
    [InlineData("..")]
    public async Task What_is_no_id_opens_nothing(string id) =>
        Assert.Equal(FaultCode.Invalid, (await RefusedAsync(() => BeginAsync(id, TestFacility.Member))).Code);
}
