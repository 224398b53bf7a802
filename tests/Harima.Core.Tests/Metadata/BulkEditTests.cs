using Harima.Identity;
using Harima.Metadata;
using Harima.Metadata.Schemas;
using Harima.Metadata.Tables;
using Harima.Sequences;

namespace Harima.Core.Tests.Metadata;

public sealed class JsonEditTests
{
    [Theory]
    [InlineData("{\n  \"a\": 8.00,\n  \"b\": 1\n}", "b", "2", "{\n  \"a\": 8.00,\n  \"b\": 2\n}")]
    [InlineData("{\n  \"a\": 8.00\n}", "c", "\"x\"", "{\n  \"a\": 8.00,\n  \"c\": \"x\"\n}")]
    [InlineData("{ \"a\": 1 }", "b.c", "2", "{ \"a\": 1, \"b\": { \"c\": 2 } }")]
    [InlineData("{}", "試料.名", "\"銀\"", "{\"試料\": { \"名\": \"銀\" }}")]
    [InlineData("{\"a\": 1, \"b\": 2}", "a", null, "{\"b\": 2}")]
    [InlineData("{\"a\": 1, \"b\": 2}", "b", null, "{\"a\": 1}")]
    [InlineData("{\"s\":[{\"n\":1},{\"n\":2}]}", "s.n", "9", "{\"s\":[{\"n\":9},{\"n\":9}]}")]
    [InlineData("{\"s\":[{\"n\":1},{\"n\":2}]}", "s[1].n", "9", "{\"s\":[{\"n\":1},{\"n\":9}]}")]
    [InlineData("{\"s\":[1,2,3]}", "s[1]", null, "{\"s\":[1,3]}")]
    [InlineData("{\"s\":[1]}", "s[1]", "2", "{\"s\":[1, 2]}")]
    [InlineData("{\"a.b\":1}", "[\"a.b\"]", "2", "{\"a.b\":2}")]
    [InlineData("{\"a\":1}", "b", null, "{\"a\":1}")]
    public void One_value_changes_and_every_other_byte_stays(string before, string path, string? value, string after) =>
        Assert.Equal(after, JsonEdit.Apply(before, path, value));

    [Theory]
    [InlineData("{\"a\":1}", "a.b")]
    [InlineData("{\"a\":{}}", "")]
    [InlineData("{\"a\":{}}", "a..b")]
    [InlineData("{\"a\":[]}", "a[5]")]
    public void What_cannot_be_set_is_told(string json, string path) => Assert.Null(JsonEdit.Apply(json, path, "1"));
}

public sealed class MetadataDiffTests
{
    /// <summary>Older texts may have what is refused today, and their history is read all the same.</summary>
    [Fact]
    public void Half_a_character_is_a_difference_like_any_other()
    {
        var difference = Assert.Single(
            MetadataDiff.Of("""{"a": "\ud83d", "\ude00": 1}""", """{"a": "x", "\ude00": 1}""")
        );
        Assert.Equal(("$.a", "\"x\""), (difference.Path, difference.After));
    }

    [Fact]
    public void A_diff_tells_every_value_that_was_added_removed_or_changed()
    {
        var differences = MetadataDiff.Of(
            "{\"a\":1,\"b\":{\"c\":8.0},\"s\":[{\"n\":\"x\"}]}",
            "{\"b\":{\"c\":8.00},\"s\":[{\"n\":\"x\"},{\"n\":\"y\"}]}"
        );
        Assert.Equal(
            [
                new("$.a", DifferenceKind.Removed, "1", null),
                new("$.b.c", DifferenceKind.Changed, "8.0", "8.00"),
                new("$.s[1].n", DifferenceKind.Added, null, "\"y\""),
            ],
            differences
        );
    }

    [Fact]
    public void White_space_and_order_are_no_difference() =>
        Assert.Empty(MetadataDiff.Of("{\"a\":1,\"b\":2}", "{ \"b\": 2,\n \"a\": 1 }"));
}

public sealed class BulkEditOnSqlite(SqliteFacility facility) : BulkEditTests(facility), IClassFixture<SqliteFacility>;

public sealed class BulkEditOnPostgres(PostgresFacility facility)
    : BulkEditTests(facility),
        IClassFixture<PostgresFacility>;

public abstract class BulkEditTests(TestFacility facility) : FacilityTests(facility)
{
    async Task<string> NewSequenceAsync(string json)
    {
        var id = NewId();
        await Get<OpenSequence>().HandleAsync(new(TestFacility.Proposal, id), TestFacility.Member, Token);
        await Get<SetMetadata>()
            .HandleAsync(TestFacility.Proposal, id, MetadataKind.Measurement, json, TestFacility.Member, Token);
        return id;
    }

    async Task<string?> TextAsync(string id) =>
        (await Get<MetadataQueries>().OfAsync(TestFacility.Leader, TestFacility.Proposal, id, Token))
            .FirstOrDefault(document => document.Kind == MetadataKind.Measurement)
            ?.Json;

    static SequenceEdit Edit(string id, string path, string? json) =>
        new(TestFacility.Proposal, id, [new MetadataEdit(MetadataKind.Measurement, path, json)]);

    [Fact]
    public async Task A_preview_changes_nothing_a_change_is_one_and_undo_puts_back_what_was_not_changed_since()
    {
        var (first, second) = (await NewSequenceAsync("{\"e\": 8.00}"), await NewSequenceAsync("{\"e\": 9}"));
        SequenceEdit[] edits = [Edit(first, "e", "7.1"), Edit(second, "e", "7.1")];
        var preview = await Get<BulkEdit>().PreviewAsync(edits, TestFacility.Member, Token);
        Assert.Equal("8.00", preview[0].Documents[0].Differences[0].Before);
        Assert.Equal("{\"e\": 8.00}", await TextAsync(first));

        var (change, outcomes) = await Get<BulkEdit>().ApplyAsync(edits, "e", TestFacility.Member, Token);
        Assert.Equal(2, change!.Sequences);
        Assert.All(outcomes, outcome => Assert.Null(outcome.Refusal));
        Assert.Equal("{\"e\": 7.1}", await TextAsync(first));
        await Get<SetMetadata>()
            .HandleAsync(
                TestFacility.Proposal,
                second,
                MetadataKind.Measurement,
                "{\"e\": 1}",
                TestFacility.Leader,
                Token
            );

        var undone = await Get<BulkEdit>().UndoAsync(change.Id, TestFacility.Member, Token);
        Assert.Equal("changed-since", undone.Single(outcome => outcome.SequenceId == second).Refusal!.Reason);
        Assert.Equal("{\"e\": 8.00}", await TextAsync(first));
        Assert.Equal("{\"e\": 1}", await TextAsync(second));
        var again = await RefusedAsync(() => Get<BulkEdit>().UndoAsync(change.Id, TestFacility.Member, Token));
        Assert.Equal("already-undone", again.Reason);
        Assert.Equal(
            FaultCodeOfStranger,
            (await RefusedAsync(() => Get<BulkEdit>().UndoAsync(change.Id, TestFacility.Stranger, Token))).Code
        );
    }

    const Faults.FaultCode FaultCodeOfStranger = Faults.FaultCode.NotFound;

    [Fact]
    public async Task What_may_not_be_written_is_told_and_the_others_are_changed()
    {
        var (open, closed) = (await NewSequenceAsync("{}"), await NewSequenceAsync("{}"));
        await Facility.PutAsync(closed + "/a", [1]);
        await Get<CloseSequence>().HandleAsync(TestFacility.Proposal, closed, TestFacility.Leader, Token);
        var (_, outcomes) = await Get<BulkEdit>()
            .ApplyAsync(
                [Edit(open, "a", "1"), Edit(closed, "a", "1"), Edit("none", "a", "1")],
                "a",
                TestFacility.Leader,
                Token
            );
        Assert.Equal([null, "sequence-closed", "not-found"], outcomes.Select(outcome => outcome.Refusal?.Reason));
        var hidden = await Get<BulkEdit>().PreviewAsync([Edit(open, "a", "2")], TestFacility.Stranger, Token);
        Assert.Equal("not-found", hidden[0].Refusal!.Reason);
        Assert.Equal("{\"a\": 1}", await TextAsync(open));
    }

    [Theory]
    [InlineData("a..b", "1", "metadata-path")]
    [InlineData("a", "{", "metadata-value")]
    [InlineData("a", "1}, \"b\": {", "metadata-value")]
    public async Task A_path_or_value_that_is_none_is_refused(string path, string json, string reason)
    {
        var fault = await RefusedAsync(() =>
            Get<BulkEdit>().PreviewAsync([Edit("any", path, json)], TestFacility.Leader, Token)
        );
        Assert.Equal(reason, fault.Reason);
    }

    [Fact]
    public async Task An_earlier_text_comes_back_to_the_letter_and_that_is_a_change_too()
    {
        var id = await NewSequenceAsync("{ \"e\" : 8.00 }");
        await Get<SetMetadata>()
            .HandleAsync(TestFacility.Proposal, id, MetadataKind.Measurement, "{}", TestFacility.Member, Token);
        var changes = await Get<MetadataQueries>()
            .ChangesAsync(TestFacility.Leader, TestFacility.Proposal, id, null, 10, Token);
        var restore = Get<RestoreMetadata>();
        await restore.HandleAsync(
            TestFacility.Proposal,
            id,
            changes.Items[0].Id,
            true,
            null,
            TestFacility.Leader,
            Token
        );
        Assert.Equal("{ \"e\" : 8.00 }", await TextAsync(id));
        var after = await Get<MetadataQueries>()
            .ChangesAsync(TestFacility.Leader, TestFacility.Proposal, id, null, 10, Token);
        Assert.Equal((3, "leader"), (after.Items.Count, after.Items[0].Actor));
        await restore.HandleAsync(
            TestFacility.Proposal,
            id,
            changes.Items[1].Id,
            true,
            null,
            TestFacility.Leader,
            Token
        );
        Assert.Null(await TextAsync(id));
        var stranger = await RefusedAsync(() =>
            restore.HandleAsync(
                TestFacility.Proposal,
                id,
                changes.Items[0].Id,
                true,
                null,
                TestFacility.Stranger,
                Token
            )
        );
        Assert.Equal(Faults.FaultCode.NotFound, stranger.Code);
    }

    [Fact]
    public async Task An_earlier_text_does_not_come_back_over_what_somebody_wrote_meanwhile()
    {
        var id = await NewSequenceAsync("""{"energy": 8}""");
        var seen = MetadataVersion.Of(await TextAsync(id));
        await Get<SetMetadata>()
            .HandleAsync(TestFacility.Proposal, id, MetadataKind.Measurement, "{}", TestFacility.Member, Token);
        var changes = await Get<MetadataQueries>()
            .ChangesAsync(TestFacility.Leader, TestFacility.Proposal, id, null, 10, Token);
        var restore = Get<RestoreMetadata>();
        Task<string> RestoreAsync(string? version) =>
            restore.HandleAsync(
                TestFacility.Proposal,
                id,
                changes.Items[0].Id,
                true,
                version,
                TestFacility.Leader,
                Token
            );
        var refusal = await RefusedAsync(() => RestoreAsync(seen));
        Assert.Equal((Faults.FaultCode.PreconditionFailed, "metadata-changed"), (refusal.Code, refusal.Reason));
        Assert.Equal("{}", await TextAsync(id));
        Assert.Equal(seen, await RestoreAsync(MetadataVersion.Of("{}")));
        Assert.Equal("""{"energy": 8}""", await TextAsync(id));
    }

    [Fact]
    public async Task A_table_shows_each_person_what_they_may_read_in_the_order_asked_for()
    {
        var ids = new List<string>();
        for (var n = 0; n < 450; n++)
        {
            var id = NewId();
            await Get<OpenSequence>().HandleAsync(new(TestFacility.Proposal, id), TestFacility.Leader, Token);
            ids.Add(id);
        }
        await Get<ShareSequence>()
            .HandleAsync(
                new ShareSequenceRequest(TestFacility.Proposal, ids[400], "stranger", Harima.Access.Right.Read),
                TestFacility.Leader,
                Token
            );
        await Get<SetMetadata>()
            .HandleAsync(
                TestFacility.Proposal,
                ids[449],
                MetadataKind.Measurement,
                "{\"last\": true}",
                TestFacility.Leader,
                Token
            );
        ids.Reverse();
        async Task<List<IReadOnlyList<TableCell>>> TableAsync(Principal who) =>
            await (
                await Get<MetadataTable>()
                    .ExportAsync(who, [.. ids.Select(id => (TestFacility.Proposal, id))], null, Token)
            ).ToListAsync(Token);
        var all = await TableAsync(TestFacility.Leader);
        Assert.Equal(ids, all.Skip(1).Select(row => row[1].Text));
        Assert.Equal("measurement:last", all[0][2].Text);
        Assert.Equal("true", all[1][2].Text);
        var shared = await TableAsync(TestFacility.Stranger);
        Assert.Equal([ids[49]], shared.Skip(1).Select(row => row[1].Text));
        // Not even the name of a value that stands where the reader may not look.
        Assert.Equal(2, shared[0].Count);
    }

    [Fact]
    public async Task A_table_edited_elsewhere_comes_back_as_the_changes_that_were_made()
    {
        var id = await NewSequenceAsync(
            "{\"title\": \"foil\", \"lot\": \"0042\", \"beam\": {\"energy\": 8.00}, \"list\": [{\"n\": 1}]}"
        );
        var other = await NewSequenceAsync("{\"title\": \"same\"}");
        var rows = await Get<MetadataTable>()
            .ExportAsync(
                TestFacility.Member,
                [(TestFacility.Proposal, id), (TestFacility.Proposal, other), (TestFacility.Proposal, "none")],
                null,
                Token
            );
        var table = await rows.ToListAsync(Token);
        Assert.Equal(
            "proposal,sequence,measurement:title,measurement:lot,measurement:beam.energy,measurement:list[0].n",
            string.Join(',', table[0].Select(cell => cell.Text))
        );
        foreach (var format in new[] { "csv", "xlsx" })
        {
            var read = TableFile.Read(Bytes(table, format));
            Assert.Equal(3, read.Count);
            var unchanged = await Get<MetadataTable>().ReadAsync(TestFacility.Member, read, Token);
            Assert.Empty(unchanged.Problems);
            Assert.Empty(unchanged.Edits);

            TableCell[] row = [.. read[1]];
            (row[2], row[3], row[4], row[5]) = (new("foil, 銀\n\"x\""), new("0043"), new("9.5"), default);
            var changed = await Get<MetadataTable>()
                .ReadAsync(
                    TestFacility.Member,
                    TableFile.Read(Bytes([read[0], row, [new(TestFacility.Proposal), new("none"), new("y")]], format)),
                    Token
                );
            Assert.Equal(3, Assert.Single(changed.Problems).Row);
            var edits = Assert.Single(changed.Edits).Edits;
            Assert.Equal(
                ["list[0].n ", "title \"foil, 銀\\n\\\"x\\\"\"", "lot \"0043\"", "beam.energy 9.5"],
                edits.Select(edit => $"{edit.Path} {edit.Json}")
            );
        }
    }

    static byte[] Bytes(IReadOnlyList<IReadOnlyList<TableCell>> table, string format)
    {
        if (format == "csv")
            return System.Text.Encoding.UTF8.GetBytes(CsvText.Write(table));
        using var stream = new MemoryStream();
        XlsxFile.Write(stream, "metadata", table);
        return stream.ToArray();
    }
}
