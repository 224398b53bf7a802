using System.Text;

namespace Harima.Cli;

/// <summary>What <c>harima metadata</c> and <c>harima table</c> do to a real server.</summary>
public sealed class MetadataCommandsTests(SqliteHarima harima)
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static string NewPlace() => $"{RunningHarima.Proposal}/T{Guid.NewGuid().ToString("N")[..10]}";

    static Task WriteAsync(HarimaProgram program, string name, string text) =>
        File.WriteAllTextAsync(Path.Combine(program.Folder("."), name), text, Stop);

    static Task<string> ReadAsync(HarimaProgram program, string name) =>
        File.ReadAllTextAsync(Path.Combine(program.Folder("."), name), Stop);

    /// <summary>A sequence with one file and the measurement document given.</summary>
    static async Task<string> NewSequenceAsync(HarimaProgram leader, string measurement)
    {
        var place = NewPlace();
        await WriteAsync(leader, "data", "data");
        await WriteAsync(leader, "m.json", measurement);
        await leader.ExpectAsync(0, ["put", "data", place, "--measurement", "m.json"], Stop);
        return place;
    }

    [Fact]
    public async Task A_document_is_set_got_validated_and_restored_to_the_letter()
    {
        using var leader = await HarimaProgram.OfAsync(harima, "leader", Stop);
        var place = await NewSequenceAsync(leader, "{\"energy\": 7.10}");
        Assert.Equal(
            "{\"energy\": 7.10}",
            (await leader.ExpectAsync(0, ["metadata", "get", place, "measurement"], Stop)).Output
        );

        const string Text = "{\n  \"title\": \"銀箔\",\n  \"measurement\": {\"method\": {\"edge\": \"L9\"}}\n}";
        await WriteAsync(leader, "new.json", Text);
        await leader.ExpectAsync(0, ["metadata", "set", place, "measurement", "new.json", "--schema", "xafs"], Stop);
        Assert.Equal(Text, (await leader.ExpectAsync(0, ["metadata", "get", place, "measurement"], Stop)).Output);

        var standing = await leader.ExpectAsync(7, ["metadata", "validate", place], Stop);
        Assert.Contains("xafs/1 not valid yet", standing.Output, StringComparison.Ordinal);
        Assert.Contains("measurement:3:38: $.measurement.method.edge", standing.Output, StringComparison.Ordinal);
        Assert.Contains("missing $.instrument", standing.Output, StringComparison.Ordinal);
        var offline = await leader.ExpectAsync(7, ["metadata", "validate", "new.json", "--schema", "xafs/1"], Stop);
        Assert.Contains("new.json:3:38: $.measurement.method.edge", offline.Output, StringComparison.Ordinal);

        var history = await leader.ExpectAsync(0, ["metadata", "history", place, "--json"], Stop);
        var newest = history.Json.GetProperty("items")[0];
        Assert.Equal("leader", newest.GetProperty("actor").GetString());
        var id = newest.GetProperty("id").GetInt64().ToString(System.Globalization.CultureInfo.InvariantCulture);
        await leader.ExpectAsync(0, ["metadata", "restore", place, id, "--before"], Stop);
        Assert.Equal(
            "{\"energy\": 7.10}",
            (await leader.ExpectAsync(0, ["metadata", "get", place, "measurement"], Stop)).Output
        );
    }

    [Fact]
    public async Task Who_may_not_write_or_read_is_told_by_the_exit_code_and_nothing_changes()
    {
        using var leader = await HarimaProgram.OfAsync(harima, "leader", Stop);
        using var stranger = await HarimaProgram.OfAsync(harima, "stranger", Stop);
        var place = await NewSequenceAsync(leader, "{\"energy\": 1}");
        await WriteAsync(stranger, "x.json", "{}");
        await stranger.ExpectAsync(5, ["metadata", "get", place, "measurement"], Stop);
        await stranger.ExpectAsync(5, ["metadata", "set", place, "measurement", "x.json"], Stop);
        await WriteAsync(leader, "bad.json", "{\"energy\": }");
        await leader.ExpectAsync(7, ["metadata", "set", place, "measurement", "bad.json"], Stop);
        Assert.Equal(
            "{\"energy\": 1}",
            (await leader.ExpectAsync(0, ["metadata", "get", place, "measurement"], Stop)).Output
        );
    }

    [Fact]
    public async Task A_table_goes_out_is_edited_comes_in_and_is_undone()
    {
        using var leader = await HarimaProgram.OfAsync(harima, "leader", Stop);
        var first = await NewSequenceAsync(leader, "{\"run\": 1, \"note\": \"銀\"}");
        var second = await NewSequenceAsync(leader, "{\"run\": 2}");
        await leader.ExpectAsync(0, ["table", "export", "t.csv", first, second], Stop);
        var table = await ReadAsync(leader, "t.csv");
        Assert.StartsWith(
            "proposal,sequence,measurement:run,measurement:note",
            table.TrimStart('\uFEFF'),
            StringComparison.Ordinal
        );
        // The same by standard input, one column, to standard output.
        var one = await leader.ExpectAsync(
            0,
            ["table", "export", "-", "--column", "measurement:run"],
            Stop,
            $"{second}\n{first}\n"
        );
        Assert.Equal(
            ["proposal,sequence,measurement:run", $"{second.Replace('/', ',')},2", $"{first.Replace('/', ',')},1"],
            one.Output.TrimStart('\uFEFF').Split("\r\n", StringSplitOptions.RemoveEmptyEntries)
        );

        await WriteAsync(leader, "t.csv", table.Replace(",2,", ",22,", StringComparison.Ordinal));
        var shown = await leader.ExpectAsync(0, ["table", "import", "t.csv"], Stop);
        Assert.Contains($"{second}  measurement  $.run  2 -> 22", shown.Output, StringComparison.Ordinal);
        Assert.Equal(
            "{\"run\": 2}",
            (await leader.ExpectAsync(0, ["metadata", "get", second, "measurement"], Stop)).Output
        );
        var made = await leader.ExpectAsync(0, ["table", "import", "t.csv", "--apply", "--json"], Stop);
        Assert.Equal(
            "{\"run\": 22}",
            (await leader.ExpectAsync(0, ["metadata", "get", second, "measurement"], Stop)).Output
        );
        await leader.ExpectAsync(0, ["table", "undo", made.Json.GetProperty("id").GetString()!], Stop);
        Assert.Equal(
            "{\"run\": 2}",
            (await leader.ExpectAsync(0, ["metadata", "get", second, "measurement"], Stop)).Output
        );
    }

    [Fact]
    public async Task A_table_with_rows_that_cannot_be_used_says_which_and_ends_with_another_code()
    {
        using var leader = await HarimaProgram.OfAsync(harima, "leader", Stop);
        await WriteAsync(
            leader,
            "t.csv",
            $"proposal,sequence,measurement:run\r\n{RunningHarima.Proposal},no-such,1\r\n"
        );
        var ended = await leader.ExpectAsync(7, ["table", "import", "t.csv", "--apply"], Stop);
        Assert.Contains("row 2, column 2", ended.Errors, StringComparison.Ordinal);
        await WriteAsync(leader, "t.csv", "not,a,table\r\n1,2,3\r\n");
        Assert.NotEqual(0, (await leader.RunAsync(["table", "import", "t.csv"], Stop)).ExitCode);
    }

    /// <summary>More than an address can name.</summary>
    [Fact]
    public async Task A_table_of_a_thousand_sequences_goes_out_whole()
    {
        using var leader = await HarimaProgram.OfAsync(harima, "leader", Stop);
        var names = new StringBuilder();
        var open = harima.Get<Harima.Sequences.OpenSequence>();
        for (var n = 0; n < 1200; n++)
        {
            var id = FormattableString.Invariant($"many-{n:0000}-{Guid.NewGuid():N}");
            await open.HandleAsync(new(RunningHarima.Proposal, id), RunningHarima.PrincipalOf("leader"), Stop);
            names.Append(RunningHarima.Proposal).Append('/').Append(id).Append('\n');
        }
        await leader.ExpectAsync(0, ["table", "export", "t.csv"], Stop, names.ToString());
        var rows = (await ReadAsync(leader, "t.csv")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(1201, rows.Length);
        Assert.Contains("many-0000-", rows[1], StringComparison.Ordinal);
        Assert.Contains("many-1199-", rows[^1], StringComparison.Ordinal);
        await leader.ExpectAsync(0, ["table", "export", "t.xlsx"], Stop, names.ToString());
        await using var workbook = File.OpenRead(Path.Combine(leader.Folder("."), "t.xlsx"));
        Assert.Equal(1201, Harima.Metadata.Tables.XlsxFile.Read(workbook, 2000).Count);
    }

    [Fact]
    public async Task Many_sequences_are_opened_from_lines_and_tables_and_changed_by_a_question()
    {
        using var leader = await HarimaProgram.OfAsync(harima, "leader", Stop);
        var word = "word" + Guid.NewGuid().ToString("N")[..10];
        await WriteAsync(
            leader,
            "new.jsonl",
            $$$"""
            {"id": "{{{word}}}-1", "measurement": {"campaign": "{{{word}}}", "energy": 7.10}, "sample": {"sample": [{"name": "鉄箔"}]}}
            {"id": "{{{word}}}-2", "measurement": {"campaign": "{{{word}}}"}}

            {"id": "not an id", "measurement": {}}
            """
        );
        var opened = await leader.ExpectAsync(7, ["create", RunningHarima.Proposal, "--from", "new.jsonl"], Stop);
        Assert.Contains("2 opened, 1 refused", opened.Output, StringComparison.Ordinal);
        await WriteAsync(
            leader,
            "new.csv",
            $"""
            sequence,measurement:campaign,measurement:method.edge,measurement:energy,sample:note
            {word}-3,{word},鉄 K,7.1,"a ""b"", c"
            """
        );
        await leader.ExpectAsync(0, ["create", RunningHarima.Proposal, "--from", "new.csv"], Stop);
        Assert.Equal(
            $$"""{"campaign":"{{word}}","method":{"edge":"鉄 K"},"energy":7.1}""",
            (
                await leader.ExpectAsync(
                    0,
                    ["metadata", "get", $"{RunningHarima.Proposal}/{word}-3", "measurement"],
                    Stop
                )
            ).Output
        );
        await WriteAsync(leader, "broken.jsonl", $$"""{"id": "{{word}}-4"}""" + "\n{\"id\": 5");
        await leader.ExpectAsync(2, ["create", RunningHarima.Proposal, "--from", "broken.jsonl"], Stop);

        string[] change = ["edit", word, "--set", "measurement:edge=白金 L3", "--remove", "measurement:energy"];
        while (!(await leader.ExpectAsync(0, change, Stop)).Output.Contains(word + "-3", StringComparison.Ordinal))
            await Task.Delay(200, Stop);
        var made = await leader.ExpectAsync(0, [.. change, "--apply", "--wait", "--json"], Stop);
        Assert.Equal(3, made.Json.GetProperty("changed").GetInt64());
        Assert.Equal(
            $$"""{"campaign": "{{word}}", "edge": "白金 L3"}""",
            (
                await leader.ExpectAsync(
                    0,
                    ["metadata", "get", $"{RunningHarima.Proposal}/{word}-2", "measurement"],
                    Stop
                )
            ).Output
        );
        var id = made.Json.GetProperty("id").GetString()!;
        await leader.ExpectAsync(0, ["edits", id, "--undo", "--wait"], Stop);
        Assert.Contains("undone", (await leader.ExpectAsync(0, ["edits"], Stop)).Output, StringComparison.Ordinal);
        Assert.Equal(
            $$"""{"campaign": "{{word}}"}""",
            (
                await leader.ExpectAsync(
                    0,
                    ["metadata", "get", $"{RunningHarima.Proposal}/{word}-2", "measurement"],
                    Stop
                )
            ).Output
        );
    }
}
