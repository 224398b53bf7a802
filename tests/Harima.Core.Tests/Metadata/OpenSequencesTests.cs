using Harima.Access;
using Harima.Faults;
using Harima.Identity;
using Harima.Metadata;
using Harima.Search;
using Harima.Search.Feed;
using Harima.Sequences;

namespace Harima.Core.Tests.Metadata;

public sealed class OpenSequencesOnSqlite(SqliteFacility facility)
    : OpenSequencesTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class OpenSequencesOnPostgres(PostgresFacility facility)
    : OpenSequencesTests(facility),
        IClassFixture<PostgresFacility>;

public abstract class OpenSequencesTests(TestFacility facility) : FacilityTests(facility)
{
    Task<IReadOnlyList<OpenedSequence>> OpenAsync(Principal who, params DescribedSequence[] sequences) =>
        Get<OpenSequences>().HandleAsync(TestFacility.Proposal, sequences, who, Token);

    [Fact]
    public async Task Many_are_opened_with_their_texts_as_they_came_and_are_found()
    {
        var word = "malachit" + NewId().ToLowerInvariant();
        var text = $$"""{ "comment" : "{{word}}" }""";
        var sequences = Enumerable
            .Range(0, 450)
            .Select(n => new DescribedSequence($"{word}-{n:d3}", text, n % 2 == 0 ? """{"name": "石"}""" : null))
            .ToArray();
        var outcome = await OpenAsync(TestFacility.Member, sequences);
        Assert.Equal(sequences.Select(sequence => sequence.SequenceId), outcome.Select(one => one.SequenceId));
        Assert.All(outcome, one => Assert.Null(one.Refusal));
        var documents = await Get<MetadataQueries>()
            .OfAsync(TestFacility.Member, TestFacility.Proposal, $"{word}-448", Token);
        Assert.Equal([text, """{"name": "石"}"""], documents.Select(document => document.Json));
        var changes = await Get<MetadataQueries>()
            .ChangesAsync(TestFacility.Member, TestFacility.Proposal, $"{word}-449", null, 10, Token);
        Assert.Equal(text, Assert.Single(changes.Items).After);
        var history = await Get<SequenceQueries>()
            .HistoryAsync(TestFacility.Member, TestFacility.Proposal, $"{word}-000", null, 10, Token);
        Assert.Equal("sequence.opened", Assert.Single(history.Items).Action);
        await Get<SearchFeed>().CatchUpAsync(Token);
        var found = await Get<FindSequences>().HandleAsync(FindRequest.Of(word), TestFacility.Leader, Token);
        Assert.Equal(450, found.Count.Count);
        Assert.All(found.Hits, hit => Assert.Equal("member", hit.Sequence.Owner));
    }

    [Fact]
    public async Task What_is_wrong_with_one_leaves_the_others()
    {
        var (there, good) = (NewId(), NewId());
        await OpenAsync(TestFacility.Leader, new DescribedSequence(there, """{"a": 1}""", null));
        var outcome = await OpenAsync(
            TestFacility.Leader,
            new("a/b", null, null),
            new(there, """{"a": 2}""", null),
            new(good, null, null),
            new(good, """{"a": 3}""", null),
            new(NewId(), "[1]", null)
        );
        Assert.Equal(
            ["sequence-id", "sequence-exists", null, "sequence-exists", "metadata-invalid"],
            outcome.Select(one => one.Refusal?.Reason)
        );
        var kept = await Get<MetadataQueries>().OfAsync(TestFacility.Leader, TestFacility.Proposal, there, Token);
        Assert.Equal("""{"a": 1}""", Assert.Single(kept).Json);
        Assert.Empty(await Get<MetadataQueries>().OfAsync(TestFacility.Leader, TestFacility.Proposal, good, Token));
    }

    [Fact]
    public async Task Others_are_refused_and_nothing_is_opened()
    {
        var id = NewId();
        var sequence = new DescribedSequence(id, null, null);
        var stranger = await RefusedAsync(() => OpenAsync(TestFacility.Stranger, sequence));
        Assert.Equal(FaultCode.NotFound, stranger.Code);
        var shared = NewId();
        await OpenAsync(TestFacility.Leader, new DescribedSequence(shared, null, null));
        await Get<ShareSequence>()
            .HandleAsync(new(TestFacility.Proposal, shared, "stranger", Right.Read), TestFacility.Leader, Token);
        Assert.Equal(FaultCode.Forbidden, (await RefusedAsync(() => OpenAsync(TestFacility.Stranger, sequence))).Code);
        var many = Enumerable.Repeat(sequence, OpenSequences.Most + 1).ToArray();
        Assert.Equal("too-many-sequences", (await RefusedAsync(() => OpenAsync(TestFacility.Leader, many))).Reason);
        Assert.Equal(
            FaultCode.NotFound,
            (
                await RefusedAsync(() =>
                    Get<SequenceQueries>().GetAsync(TestFacility.Leader, TestFacility.Proposal, id, Token)
                )
            ).Code
        );
    }
}
