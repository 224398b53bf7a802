using System.Text;
using Dapper;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Metadata;
using Harima.Metadata.Tables;
using Harima.Search;
using Harima.Search.Feed;
using Harima.Sequences;
using Harima.Work;

namespace Harima.Core.Tests.Search;

public sealed class EditFoundOnSqlite(SqliteFacility facility)
    : EditFoundTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class EditFoundOnPostgres(PostgresFacility facility)
    : EditFoundTests(facility),
        IClassFixture<PostgresFacility>;

public abstract class EditFoundTests(TestFacility facility) : FacilityTests(facility)
{
    static readonly MetadataEdit[] SetEdge = [new(MetadataKind.Measurement, "edge", "\"Fe K\"")];

    /// <summary>Sequences that are found by a word of their own.</summary>
    async Task<(string Word, List<string> Ids)> NewSequencesAsync(int count)
    {
        var word = "campaign" + NewId().ToLowerInvariant();
        var ids = Enumerable.Range(0, count).Select(_ => NewId()).ToList();
        foreach (var some in ids.Chunk(500))
            await Get<OpenSequences>()
                .HandleAsync(
                    TestFacility.Proposal,
                    [.. some.Select(id => new DescribedSequence(id, $$"""{"campaign": "{{word}}"}""", null))],
                    TestFacility.Leader,
                    Token
                );
        await Get<SearchFeed>().CatchUpAsync(Token);
        return (word, ids);
    }

    async Task WorkAsync()
    {
        while (await Get<WorkWorker>().RoundAsync(Get<LargeEdits>().Work, Token) > 0) { }
    }

    async Task<int> WithEdgeAsync(string word)
    {
        await Get<SearchFeed>().CatchUpAsync(Token);
        var found = await Get<FindSequences>()
            .HandleAsync(FindRequest.Of($"{word} edge:\"Fe K\"") with { Limit = 0 }, TestFacility.Leader, Token);
        return (int)found.Count.Count;
    }

    async Task<int> ChangesAsync(string id)
    {
        await using var connection = await Get<Database>().OpenAsync(Token);
        return await connection.ExecuteScalarAsync<int>(
            "SELECT COUNT(*) FROM metadata_change WHERE bulk_id = @id",
            new { id }
        );
    }

    [Fact]
    public async Task Everything_that_is_found_is_changed_and_put_back_and_what_is_closed_is_told()
    {
        var (word, ids) = await NewSequencesAsync(1_230);
        await Facility.PutAsync(ids[7] + "/a", [1]);
        await Get<CloseSequence>().HandleAsync(TestFacility.Proposal, ids[7], TestFacility.Leader, Token);
        var edit = Get<EditFound>();
        var preview = await edit.PreviewAsync(FindRequest.Of(word), SetEdge, TestFacility.Leader, Token);
        Assert.Equal((1_230, EditFound.Shown), (preview.Found.Count, preview.Some.Count()));
        Assert.True(preview.IsWhole);
        Assert.Equal((1_229, 0, 1), (preview.Changing, preview.Unchanged, preview.Refused));
        // Of some it is said how they change, of the others only that they do.
        Assert.Equal(BulkEdit.Described, preview.Looked.Count(one => one.Documents is [{ Differences.Count: > 0 }]));
        Assert.Equal(0, await WithEdgeAsync(word));

        var started = await edit.StartAsync(FindRequest.Of(word), SetEdge, TestFacility.Leader, Token);
        Assert.Equal(("running", 1_230, 0), (started.State, started.Total, started.Done));
        await WorkAsync();
        var large = Get<LargeEdits>();
        var done = await large.GetAsync(started.Id, TestFacility.Leader, Token);
        Assert.Equal(("done", 1_230, 1_229, 1), (done.State, done.Done, done.Changed, done.Refused));
        Assert.NotNull(done.EndedAt);
        Assert.Equal(1_229, await WithEdgeAsync(word));
        var refused = await large.RefusedAsync(started.Id, TestFacility.Leader, null, 10, Token);
        Assert.Equal([(ids[7], "sequence-closed")], refused.Items.Select(item => (item.SequenceId, item.Reason)));
        Assert.Equal(ids[7], refused.Items[0].Values["sequence"]);
        var same = await edit.PreviewAsync(FindRequest.Of(word), SetEdge, TestFacility.Leader, Token);
        Assert.Equal((0, 1_229, 1), (same.Changing, same.Unchanged, same.Refused));
        Assert.Equal(
            1_229,
            (await Get<BulkEdit>().ListAsync(TestFacility.Leader, Token)).First(b => b.Id == started.Id).Sequences
        );

        var tooLarge = await RefusedAsync(() => Get<BulkEdit>().UndoAsync(started.Id, TestFacility.Leader, Token));
        Assert.Equal("undo-large", tooLarge.Reason);
        // One is changed again since: it stays, and is told.
        await Get<SetMetadata>()
            .HandleAsync(TestFacility.Proposal, ids[3], MetadataKind.Measurement, "{}", TestFacility.Leader, Token);
        var undo = await large.UndoAsync(started.Id, TestFacility.Leader, Token);
        await WorkAsync();
        undo = await large.GetAsync(undo.Id, TestFacility.Leader, Token);
        Assert.Equal(("done", started.Id, 1_228, 1), (undo.State, undo.Undoes, undo.Changed, undo.Refused));
        Assert.Equal(0, await WithEdgeAsync(word));
        Assert.NotNull((await large.GetAsync(started.Id, TestFacility.Leader, Token)).UndoneAt);
        var again = await RefusedAsync(() => large.UndoAsync(started.Id, TestFacility.Leader, Token));
        Assert.Equal("already-undone", again.Reason);
    }

    [Fact]
    public async Task A_table_of_everything_that_is_found_comes_back_edited_however_many_rows_it_has()
    {
        var (word, ids) = await NewSequencesAsync(1_010);
        var all = await Get<EditFound>().AllAsync(FindRequest.Of(word), TestFacility.Leader, Token);
        Assert.Equal(ids.Order(), all.Select(one => one.SequenceId).Order());
        using var csv = new MemoryStream();
        var rows = await Get<MetadataTable>().ExportAsync(TestFacility.Leader, all, null, Token);
        await TableFile.WriteAsync(csv, "csv", rows, Token);
        var edited = Encoding
            .UTF8.GetString(csv.ToArray())
            .Replace("\r\n", ",Fe K\r\n", StringComparison.Ordinal)
            .Replace(":campaign,Fe K", ":campaign,measurement:edge", StringComparison.Ordinal);
        var tooLong = Assert.Throws<FaultException>(() => TableFile.Read(Encoding.UTF8.GetBytes(edited)));
        Assert.Equal(("table-unreadable", "rows"), (tooLong.Reason, tooLong.Fields["what"]));

        var table = TableFile.Read(Encoding.UTF8.GetBytes(edited), LargeEdits.MaxSequences);
        var imported = await Get<MetadataTable>().ReadAsync(TestFacility.Leader, table, Token, LargeEdits.MaxSequences);
        Assert.Empty(imported.Problems);
        await Get<LargeEdits>().StartAsync(imported.Edits, "table", TestFacility.Leader, Token);
        await WorkAsync();
        Assert.Equal(1_010, await WithEdgeAsync(word));
    }

    /// <summary>The host stops when one portion has been done.</summary>
    async Task StopAfterOnePortionAsync()
    {
        var edits = Get<LargeEdits>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var stopped = edits.Work with
        {
            HandleAsync = async (item, token) =>
            {
                Assert.True(await edits.GoOnAsync(item, token));
                await stop.CancelAsync();
                token.ThrowIfCancellationRequested();
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Get<WorkWorker>().RoundAsync(stopped, stop.Token)
        );
    }

    [Fact]
    public async Task What_is_still_being_made_is_not_put_back_by_the_small_undo_either()
    {
        var (word, _) = await NewSequencesAsync(450);
        var started = await Get<EditFound>().StartAsync(FindRequest.Of(word), SetEdge, TestFacility.Leader, Token);
        await StopAfterOnePortionAsync();
        var refused = await RefusedAsync(() => Get<BulkEdit>().UndoAsync(started.Id, TestFacility.Leader, Token));
        Assert.Equal("large-edit-running", refused.Reason);
        await WorkAsync();
        await Get<BulkEdit>().UndoAsync(started.Id, TestFacility.Leader, Token);
        Assert.Equal(0, await WithEdgeAsync(word));
    }

    [Fact]
    public async Task A_worker_that_is_stopped_half_way_leaves_nothing_out_and_does_nothing_twice()
    {
        var (word, ids) = await NewSequencesAsync(900);
        var started = await Get<EditFound>().StartAsync(FindRequest.Of(word), SetEdge, TestFacility.Leader, Token);
        await StopAfterOnePortionAsync();
        var half = await Get<LargeEdits>().GetAsync(started.Id, TestFacility.Leader, Token);
        Assert.InRange(half.Done, 1, 899);
        Assert.Equal(half.Done, await ChangesAsync(started.Id));
        await WorkAsync();
        Assert.Equal(900, await ChangesAsync(started.Id));
        Assert.Equal(900, await WithEdgeAsync(word));
    }

    [Fact]
    public async Task What_is_cancelled_goes_no_further()
    {
        var (word, _) = await NewSequencesAsync(30);
        var large = Get<LargeEdits>();
        var started = await Get<EditFound>().StartAsync(FindRequest.Of(word), SetEdge, TestFacility.Leader, Token);
        await large.CancelAsync(started.Id, TestFacility.Leader, Token);
        await WorkAsync();
        Assert.Equal("cancelled", (await large.GetAsync(started.Id, TestFacility.Leader, Token)).State);
        Assert.Equal(0, await WithEdgeAsync(word));
        var ended = await RefusedAsync(() => large.CancelAsync(started.Id, TestFacility.Leader, Token));
        Assert.Equal("large-edit-ended", ended.Reason);
    }

    async Task<IReadOnlyList<LargeEdit>> ToldAsync(Principal who, bool unseen = true) =>
        (await Get<LargeEdits>().EndedAsync(who, unseen, null, 1_000, Token)).Items;

    [Fact]
    public async Task Whoever_made_a_change_is_told_once_that_it_has_ended_however_it_did()
    {
        var (word, ids) = await NewSequencesAsync(2);
        var (edit, large) = (Get<EditFound>(), Get<LargeEdits>());
        await large.SeenAsync(TestFacility.Leader, null, Token);
        var started = await edit.StartAsync(FindRequest.Of(word), SetEdge, TestFacility.Leader, Token);
        Assert.Empty(await ToldAsync(TestFacility.Leader));
        Assert.Contains(await large.RunningAsync(TestFacility.Leader, 10, Token), one => one.Id == started.Id);
        // What goes on cannot be seen to its end.
        await large.SeenAsync(TestFacility.Leader, started.Id, Token);
        await WorkAsync();

        var done = Assert.Single(await ToldAsync(TestFacility.Leader));
        Assert.Equal((started.Id, "done", 2), (done.Id, done.State, done.Changed));
        Assert.Equal(1, await large.UnseenAsync(TestFacility.Leader, 99, Token));
        Assert.DoesNotContain(await large.RunningAsync(TestFacility.Leader, 10, Token), one => one.Id == started.Id);
        foreach (var other in new[] { TestFacility.Member, TestFacility.Admin, Principal.Anonymous })
        {
            Assert.DoesNotContain(await ToldAsync(other, unseen: false), one => one.Id == started.Id);
            await large.SeenAsync(other, started.Id, Token);
        }
        Assert.Equal(1, await large.UnseenAsync(TestFacility.Leader, 99, Token));
        await large.SeenAsync(TestFacility.Leader, started.Id, Token);
        Assert.Equal(0, await large.UnseenAsync(TestFacility.Leader, 99, Token));
        Assert.NotNull((await ToldAsync(TestFacility.Leader, unseen: false)).First(one => one.Id == started.Id).SeenAt);

        var undo = await large.UndoAsync(started.Id, TestFacility.Leader, Token);
        await WorkAsync();
        Assert.Equal([undo.Id], (await ToldAsync(TestFacility.Leader)).Select(one => one.Id));
        await large.SeenAsync(TestFacility.Leader, null, Token);
        Assert.Empty(await ToldAsync(TestFacility.Leader));

        // Given up, it waits for somebody; cancelled then, it has ended another time.
        var failing = await edit.StartAsync(FindRequest.Of(word), SetEdge, TestFacility.Leader, Token);
        var broken = new WorkKind(LargeEdits.Queue, (_, _) => throw new IOException("no space left"))
        {
            FirstRetry = TimeSpan.Zero,
            MaxAttempts = 1,
        };
        await Get<WorkWorker>().RoundAsync(broken, Token);
        var failed = Assert.Single(await ToldAsync(TestFacility.Leader));
        Assert.Equal((failing.Id, "failed"), (failed.Id, failed.State));
        await large.SeenAsync(TestFacility.Leader, null, Token);
        Assert.Empty(await ToldAsync(TestFacility.Leader));
        await large.CancelAsync(failing.Id, TestFacility.Leader, Token);
        await WorkAsync();
        var cancelled = Assert.Single(await ToldAsync(TestFacility.Leader));
        Assert.Equal((failing.Id, "cancelled", ids.Count), (cancelled.Id, cancelled.State, (int)cancelled.Total));
        await large.SeenAsync(TestFacility.Leader, null, Token);
    }

    [Fact]
    public async Task The_list_of_ones_changes_is_read_page_by_page()
    {
        var large = Get<LargeEdits>();
        var made = new List<string>();
        for (var n = 0; n < 5; n++)
            made.Add(
                (
                    await large.StartAsync(
                        [new(TestFacility.Proposal, "none", SetEdge)],
                        $"{n}",
                        TestFacility.Staff,
                        Token
                    )
                ).Id
            );
        var read = new List<string>();
        string? cursor = null;
        do
        {
            var page = await large.ListAsync(TestFacility.Staff, cursor, 2, Token);
            Assert.InRange(page.Items.Count, 1, 2);
            read.AddRange(page.Items.Select(one => one.Id));
            cursor = page.Next;
        } while (cursor is not null);
        Assert.Equal(made.Order(StringComparer.Ordinal).Reverse(), read);
        foreach (var foreign in new[] { "x", "WzFd" })
            Assert.Equal(
                "bad-cursor",
                (await RefusedAsync(() => large.ListAsync(TestFacility.Staff, foreign, 2, Token))).Reason
            );
        Assert.Empty((await large.ListAsync(Principal.Anonymous, null, 2, Token)).Items);
        await WorkAsync();
    }

    [Fact]
    public async Task An_edit_that_names_no_value_is_refused()
    {
        var (word, _) = await NewSequencesAsync(1);
        var refusal = await RefusedAsync(() =>
            Get<EditFound>().StartAsync(FindRequest.Of(word), [], TestFacility.Leader, Token)
        );
        Assert.Equal("edit-nothing", refusal.Reason);
    }

    [Fact]
    public async Task Nobody_changes_or_learns_of_what_they_may_not()
    {
        var (word, ids) = await NewSequencesAsync(3);
        var (edit, large) = (Get<EditFound>(), Get<LargeEdits>());
        var nothing = await RefusedAsync(() =>
            edit.StartAsync(FindRequest.Of(word), SetEdge, TestFacility.Stranger, Token)
        );
        Assert.Equal("large-edit-size", nothing.Reason);
        var anonymous = await RefusedAsync(() =>
            large.StartAsync([new(TestFacility.Proposal, ids[0], SetEdge)], "", Principal.Anonymous, Token)
        );
        Assert.Equal(FaultCode.Unauthenticated, anonymous.Code);
        // Named by hand, what is hidden is as if it were not there.
        var mine = await large.StartAsync(
            [new(TestFacility.Proposal, ids[0], SetEdge), new(TestFacility.Proposal, "none", SetEdge)],
            "",
            TestFacility.Stranger,
            Token
        );
        await WorkAsync();
        var refused = await large.RefusedAsync(mine.Id, TestFacility.Stranger, null, 10, Token);
        Assert.Equal(["not-found", "not-found"], refused.Items.Select(item => item.Reason));
        Assert.Equal(0, await WithEdgeAsync(word));
        var others = await RefusedAsync(() => large.GetAsync(mine.Id, TestFacility.Leader, Token));
        Assert.Equal(FaultCode.NotFound, others.Code);
        Assert.DoesNotContain(
            (await large.ListAsync(TestFacility.Leader, null, 1_000, Token)).Items,
            one => one.Id == mine.Id
        );
    }
}
