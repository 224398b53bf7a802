using System.Text.Json.Nodes;
using Dapper;
using Harima.Catalogue;
using Harima.Identity;
using Harima.Metadata;
using Harima.SciCat;
using Harima.SciCat.Filters;
using Harima.Work;

namespace Harima.Core.Tests.SciCat;

public sealed class DatasetNamesOnSqlite(SqliteFacility facility)
    : DatasetNamesTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class DatasetNamesOnPostgres(PostgresFacility facility)
    : DatasetNamesTests(facility),
        IClassFixture<PostgresFacility>;

/// <summary>Lists in the order of names, beyond the number of documents that are looked at.</summary>
public abstract class DatasetNamesTests(TestFacility facility) : FacilityTests(facility)
{
    const int Many = DatasetSelection.MaxLookedAt + 50;

    [Fact]
    public async Task More_than_are_looked_at_are_ordered_by_name_and_found_by_it()
    {
        await AddManyAsync();
        var titled = await RegisterAsync("000 before all of them");
        var last = await RegisterAsync("鉄箔");
        var longest = await RegisterAsync(new string('~', 9_000));

        var first = await ListAsync("""{"datasetName": "asc"}""", 3);
        Assert.Equal(("000 before all of them", titled), first[0]);
        // What has no title is called like itself.
        Assert.Equal(["2026A1000/MANY-00001", "2026A1000/MANY-00002"], first[1..].Select(one => one.Name));
        var end = await ListAsync("""{"datasetName": "desc"}""", 2);
        Assert.Equal([last, longest], end.Select(one => one.Pid));
        var page = await ListAsync("""{"datasetName": "asc"}""", 2, skip: 20_010);
        Assert.Equal(["2026A1000/MANY-20010", "2026A1000/MANY-20011"], page.Select(one => one.Pid));

        Assert.Equal([last], (await ListAsync("{}", 5, where: """{"datasetName": "鉄箔"}""")).Select(one => one.Pid));
        Assert.Equal(
            [longest],
            (await ListAsync("{}", 5, where: $$"""{"datasetName": "{{new string('~', 9_000)}}"}""")).Select(one =>
                one.Pid
            )
        );
        Assert.Empty(await ListAsync("{}", 5, where: $$"""{"datasetName": "{{new string('~', 8_999)}}"}"""));
        Assert.Empty(await ListAsync("{}", 5, where: """{"datasetName": "zero\u0000"}"""));
        Assert.Empty(await ListAsync("""{"datasetName": "asc"}""", 5, who: TestFacility.Stranger));
    }

    [Fact]
    public async Task The_name_follows_the_title_and_a_name_that_was_given_beside_another_title_stays()
    {
        var pid = await RegisterAsync("first");
        var id = DatasetId.Parse(pid);
        Assert.Equal("first", await NameAsync(pid));
        async Task SayAsync(string? json) =>
            await Get<SetMetadata>()
                .HandleAsync(id.ProposalId, id.SequenceId, MetadataKind.Measurement, json!, TestFacility.Leader, Token);
        await SayAsync("""{"data_info": {"title_ja": "鉄", "title": "second"}}""");
        Assert.Equal("second", await NameAsync(pid));
        await SayAsync("""{"data_info": {"title": 7, "title_ja": "鉄"}}""");
        Assert.Equal("鉄", await NameAsync(pid));
        await SayAsync("""{"data_info": "none"}""");
        Assert.Equal(pid, await NameAsync(pid));
        await SayAsync("""{"title": "third", "title_ja": "鉄"}""");
        Assert.Equal("third", await NameAsync(pid));

        var many = await Get<OpenSequences>()
            .HandleAsync(
                TestFacility.Proposal,
                [new(NewId(), """{"data_info": {"title": "one of many"}}""", null), new(NewId(), null, null)],
                TestFacility.Leader,
                Token
            );
        Assert.All(many, one => Assert.Null(one.Refusal));
        Assert.Equal("one of many", await NameAsync($"{TestFacility.Proposal}/{many[0].SequenceId}"));
        await NameAsync($"{TestFacility.Proposal}/{many[1].SequenceId}");

        var other = await RegisterAsync("said beside", """{"data_info": {"title": "in the metadata"}}""");
        Assert.Equal("said beside", await NameAsync(other));
    }

    [Fact]
    public async Task Names_of_before_are_written_down_once_and_lists_are_right_meanwhile()
    {
        var named = await RegisterAsync("of before", """{"data_info": {"title": "another"}}""");
        var titled = await RegisterAsync("titled before");
        await Get<CatalogueWriter>()
            .WriteAsync(
                transaction =>
                {
                    // As migration 0240 leaves a catalogue that is older.
                    transaction.Connection!.Execute(
                        "UPDATE sequence SET title = NULL, given_title = NULL WHERE ref IN (@named, @titled)",
                        new { named, titled },
                        transaction
                    );
                    WorkQueue.Ask(
                        transaction,
                        NameDatasets.Queue,
                        "all",
                        DateTimeOffset.UnixEpoch,
                        DateTimeOffset.UnixEpoch
                    );
                },
                Token
            );
        var names = new NameDatasets(Get<Database>(), Get<CatalogueWriter>());
        Assert.False(await names.AreKnownAsync(Token));

        Assert.True(await Get<WorkWorker>().RoundAsync(names.Work, Token) > 0);

        Assert.True(await names.AreKnownAsync(Token));
        Assert.Equal("of before", await NameAsync(named));
        Assert.Equal("titled before", await NameAsync(titled));
    }

    /// <summary>As SQL has it, which must be what a client reads.</summary>
    async Task<string> NameAsync(string pid)
    {
        await using var connection = await Get<Database>().OpenAsync(Token);
        var name = await connection.ExecuteScalarAsync<string>(
            $"SELECT {DatasetPlan.Find("datasetName", knowsNames: true)!.Sql} FROM sequence s WHERE s.ref = @pid",
            new { pid }
        );
        var shown = await ListAsync("{}", 1, where: $$"""{"pid": "{{pid}}"}""");
        Assert.Equal(shown[0].Name, name);
        return name!;
    }

    Task AddManyAsync() =>
        Get<CatalogueWriter>()
            .WriteAsync(
                transaction =>
                    transaction.Connection!.Execute(
                        """
                        WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < @Many)
                        INSERT INTO sequence (proposal_id, id, ref, beamline_id, state, owner, created_at)
                        SELECT @Proposal, 'MANY-' || substr('0000' || n, length('0000' || n) - 4),
                            @Proposal || '/MANY-' || substr('0000' || n, length('0000' || n) - 4), 'BL14B2', 'open', 'leader', 0 FROM n
                        """,
                        new { Many, TestFacility.Proposal },
                        transaction
                    ),
                Token
            );

    async Task<string> RegisterAsync(string name, string? metadata = null) =>
        await Get<RegisterDataset>()
            .HandleAsync(
                new JsonObject
                {
                    ["contactEmail"] = "a@example.jp",
                    ["creationTime"] = "2026-05-01T08:30:00Z",
                    ["owner"] = "Ito",
                    ["ownerGroup"] = TestFacility.Proposal,
                    ["sourceFolder"] = "/data/a",
                    ["type"] = "raw",
                    ["datasetName"] = name,
                    ["scientificMetadata"] = metadata is null ? null : JsonNode.Parse(metadata),
                },
                SciCatVersion.V4,
                TestFacility.Leader,
                Token
            );

    async Task<List<(string Name, string Pid)>> ListAsync(
        string sort,
        int limit,
        int skip = 0,
        string where = "{}",
        Principal? who = null
    )
    {
        var filter = SciCatFilter.Parse(
            $$$"""{"where": {{{where}}}, "limits": {"limit": {{{limit}}}, "skip": {{{skip}}}, "sort": {{{sort}}}}}""",
            SciCatVersion.V3
        );
        var found = await Get<DatasetQueries>()
            .ListAsync(who ?? TestFacility.Admin, filter, false, SciCatVersion.V3, Token);
        return [.. found.Select(one => (one!["datasetName"]!.ToString(), one["pid"]!.ToString()))];
    }
}
