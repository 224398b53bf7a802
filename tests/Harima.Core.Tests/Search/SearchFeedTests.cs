using System.Data.Common;
using Dapper;
using Harima.Catalogue;
using Harima.Metadata;
using Harima.Metadata.Annotations;
using Harima.Metadata.Schemas;
using Harima.Samples;
using Harima.Search;
using Harima.Search.Feed;
using Harima.Sequences;

namespace Harima.Core.Tests.Search;

public sealed class SearchFeedOnSqlite(SqliteFacility facility)
    : SearchFeedTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class SearchFeedOnPostgres(PostgresFacility facility)
    : SearchFeedTests(facility),
        IClassFixture<PostgresFacility>
{
    [Fact]
    public async Task A_transaction_that_ends_late_is_not_passed_over()
    {
        await Get<SearchFeed>().CatchUpAsync(Token);
        var (early, late) = (await NewAsync(), await NewAsync());
        await Get<SearchFeed>().CatchUpAsync(Token);
        using var slow = Get<Database>().OpenForWriting();
        using var transaction = await slow.BeginTransactionAsync(Token);
        Describe(transaction, late, "langsam");
        // Begun later, and ended sooner.
        await Get<CatalogueWriter>().WriteAsync(change => Describe(change, early, "schnell"), Token);
        await Get<SearchFeed>().CatchUpAsync(Token);
        Assert.Equal([early], await FindAsync("schnell"));
        Assert.Empty(await FindAsync("langsam"));
        await transaction.CommitAsync(Token);
        await Get<SearchFeed>().CatchUpAsync(Token);
        Assert.Equal([late], await FindAsync("langsam"));
        Assert.Equal([early], await FindAsync("schnell"));
    }

    static void Describe(DbTransaction transaction, string id, string word) =>
        transaction.Connection!.Execute(
            """
            INSERT INTO metadata (sequence_row, kind, json, changed_at, changed_by)
            SELECT row, 'measurement', @json, 0, 'test' FROM sequence WHERE proposal_id = @Proposal AND id = @id
            """,
            new
            {
                TestFacility.Proposal,
                id,
                json = $$"""{"comment": "{{word}}"}""",
            },
            transaction
        );
}

/// <summary>The index follows the catalogue, whatever happens to either.</summary>
public abstract class SearchFeedTests(TestFacility facility) : FacilityTests(facility)
{
    protected async Task<string> NewAsync()
    {
        var id = NewId();
        await Get<OpenSequence>().HandleAsync(new(TestFacility.Proposal, id), TestFacility.Leader, Token);
        return id;
    }

    Task DescribeAsync(string id, string word) => DescribeWithAsync(id, $$"""{"comment": "{{word}}"}""");

    Task DescribeWithAsync(string id, string json) =>
        Get<SetMetadata>()
            .HandleAsync(TestFacility.Proposal, id, MetadataKind.Measurement, json, TestFacility.Leader, Token);

    protected async Task<IEnumerable<string>> FindAsync(string question) =>
        (await Get<FindSequences>().HandleAsync(FindRequest.Of(question), TestFacility.Leader, Token)).Hits.Select(
            hit => hit.Sequence.Id
        );

    [Fact]
    public async Task Every_kind_of_change_is_found()
    {
        var id = await NewAsync();
        var feed = Get<SearchFeed>();
        await feed.CatchUpAsync(Token);
        Assert.Equal([id], await FindAsync($"id:{id}"));
        await DescribeAsync(id, "zirkon");
        await feed.CatchUpAsync(Token);
        Assert.Equal([id], await FindAsync("zirkon"));
        await DescribeAsync(id, "rubin");
        await feed.CatchUpAsync(Token);
        Assert.Empty(await FindAsync("zirkon"));
        Assert.Equal([id], await FindAsync("rubin"));
        await Facility.PutAsync($"{id}/raw/map_07.edf", [1, 2, 3]);
        await feed.CatchUpAsync(Token);
        Assert.Equal([id], await FindAsync($"id:{id} type:edf file:map_07.edf size:3"));
        await Get<CatalogueWriter>()
            .WriteAsync(
                transaction =>
                    transaction.Connection!.Execute(
                        "UPDATE proposal SET title_ja = '準結晶の研究' WHERE id = @Proposal",
                        new { TestFacility.Proposal },
                        transaction
                    ),
                Token
            );
        await Get<CatalogueWriter>()
            .WriteAsync(
                transaction =>
                    transaction.Connection!.Execute(
                        "UPDATE app_user SET display_name = '播磨 花子' WHERE id = 'leader'",
                        transaction: transaction
                    ),
                Token
            );
        await feed.CatchUpAsync(Token);
        Assert.Equal([id], await FindAsync($"準結晶 id:{id} owner:播磨"));
        await Get<CloseSequence>().HandleAsync(TestFacility.Proposal, id, TestFacility.Leader, Token);
        await feed.CatchUpAsync(Token);
        Assert.Equal([id], await FindAsync($"id:{id} status:closed"));
    }

    [Fact]
    public async Task Changes_made_while_nobody_followed_are_found_after_a_restart_and_a_damaged_index_is_made_again()
    {
        var (kept, changed) = (await NewAsync(), await NewAsync());
        await DescribeAsync(kept, "olivin");
        await Get<SearchFeed>().CatchUpAsync(Token);
        await DescribeAsync(changed, "granat");
        await Facility.StopAsync();
        await Facility.StartAsync();
        await Get<SearchFeed>().CatchUpAsync(Token);
        Assert.Equal([kept], await FindAsync("olivin"));
        Assert.Equal([changed], await FindAsync("granat"));
        await Facility.StopAsync();
        foreach (
            var file in Directory.EnumerateFiles(
                Path.Combine(Facility.Folder, "search"),
                "*",
                SearchOption.AllDirectories
            )
        )
            if (file.Contains("/index/", StringComparison.Ordinal))
                await File.WriteAllBytesAsync(file, [0xde, 0xad], Token);
        await Facility.StartAsync();
        await Get<SearchFeed>().CatchUpAsync(Token);
        Assert.Equal([kept], await FindAsync("olivin"));
        Assert.Equal([changed], await FindAsync("granat"));
        Assert.Equal(SearchPhase.Ready, Get<SearchFeed>().State.Phase);
    }

    [Fact]
    public async Task An_index_of_another_catalogue_is_not_used()
    {
        var id = await NewAsync();
        await DescribeAsync(id, "topas");
        await Get<SearchFeed>().CatchUpAsync(Token);
        await Facility.StopAsync();
        foreach (
            var file in Directory.EnumerateFiles(
                Path.Combine(Facility.Folder, "search"),
                "catalogue",
                SearchOption.AllDirectories
            )
        )
            await File.WriteAllTextAsync(file, "somebody else's", Token);
        await Facility.StartAsync();
        await Get<SearchFeed>().CatchUpAsync(Token);
        Assert.Equal([id], await FindAsync("topas"));
    }

    [Fact]
    public async Task A_transaction_marks_a_sequence_once_however_often_it_changes()
    {
        var id = await NewAsync();
        await Get<SearchFeed>().CatchUpAsync(Token);
        long Marks(DbTransaction transaction) =>
            transaction.Connection!.ExecuteScalar<long>(
                """
                SELECT COUNT(*) FROM search_change c JOIN sequence s ON s.row = c.sequence_row
                WHERE s.proposal_id = @Proposal AND s.id = @id
                """,
                new { TestFacility.Proposal, id },
                transaction
            );
        var made = await Get<CatalogueWriter>()
            .WriteAsync(
                transaction =>
                {
                    var before = Marks(transaction);
                    for (var n = 0; n < 50; n++)
                        transaction.Connection!.Execute(
                            "UPDATE sequence SET size_bytes = size_bytes + 1, file_count = file_count + 1 WHERE proposal_id = @Proposal AND id = @id",
                            new { TestFacility.Proposal, id },
                            transaction
                        );
                    return Marks(transaction) - before;
                },
                Token
            );
        Assert.Equal(1, made);
    }

    [Fact]
    public async Task Keywords_tags_and_stars_are_found_and_no_longer_when_taken_away()
    {
        var (id, feed) = (await NewAsync(), Get<SearchFeed>());
        var labels = Get<Labels>();
        Task<string> AddAsync(LabelKind kind, string label) =>
            labels.AddAsync(TestFacility.Proposal, id, kind, label, TestFacility.Leader, Token);
        await feed.CatchUpAsync(Token);
        await AddAsync(LabelKind.Keyword, "熱電 Material");
        await AddAsync(LabelKind.Tag, "for-paper");
        await Get<Ratings>().HandleAsync(TestFacility.Proposal, id, 5, TestFacility.Leader, Token);
        await Get<Ratings>().HandleAsync(TestFacility.Proposal, id, 2, TestFacility.Member, Token);
        await feed.CatchUpAsync(Token);
        Assert.Equal([id], await FindAsync("keyword:\"熱電 material\""));
        Assert.Equal([id], await FindAsync("タグ:For-Paper rating:3.5"));
        Assert.Equal([id], await FindAsync("熱電 paper 評価:>=3"));
        Assert.Empty(await FindAsync("keyword:for-paper"));
        var facets = await Get<FindSequences>()
            .HandleAsync(FindRequest.Of($"id:{id}") with { Facets = ["tag", "keyword"] }, TestFacility.Leader, Token);
        Assert.Equal(
            ["for-paper", "熱電 Material"],
            facets.Facets.SelectMany(facet => facet.Values).Select(value => value.Value)
        );
        Assert.Equal(
            ["for-paper"],
            (
                await Get<CompleteQuery>().ValuesAsync("tag", "FOR", FindRequest.Of(""), 5, TestFacility.Leader, Token)
            ).Select(value => value.Value)
        );
        await labels.RemoveAsync(TestFacility.Proposal, id, LabelKind.Tag, "for-paper", TestFacility.Leader, Token);
        await Get<Ratings>().HandleAsync(TestFacility.Proposal, id, null, TestFacility.Member, Token);
        await feed.CatchUpAsync(Token);
        Assert.Empty(await FindAsync("tag:for-paper"));
        Assert.Equal([id], await FindAsync("keyword:\"熱電 material\" rating:>4"));
    }

    [Fact]
    public async Task A_plain_number_has_the_unit_of_the_schema_that_its_document_follows()
    {
        var (id, feed) = (await NewAsync(), Get<SearchFeed>());
        var schema = "beam" + NewId().ToLowerInvariant();
        await RegisterAsync(schema, "keV");
        await DescribeWithAsync(id, """{"photon_energy": 11.91, "mode": "quick"}""");
        await feed.CatchUpAsync(Token);
        var question = $"energy:11900..11920eV id:{id}";
        Assert.Empty(await FindAsync(question));
        await FollowAsync(id, schema);
        await feed.CatchUpAsync(Token);
        Assert.Equal([id], await FindAsync(question));
        Assert.Equal([id], await FindAsync($"photon_energy:>11.9keV スキーマ:{schema} schema:{schema}/1 valid:yes"));
        Assert.Empty(await FindAsync($"schema:{schema}/2"));
        // A version of its own, which nobody follows yet.
        await RegisterAsync(schema, "eV");
        await feed.CatchUpAsync(Token);
        Assert.Equal([id], await FindAsync(question));
        await FollowAsync(id, schema);
        await feed.CatchUpAsync(Token);
        Assert.Empty(await FindAsync(question));
        Assert.Equal([id], await FindAsync($"energy:11..12eV schema:{schema}/2"));
        await DescribeWithAsync(id, """{"photon_energy": 11.91}""");
        await feed.CatchUpAsync(Token);
        Assert.Equal([id], await FindAsync($"schema:{schema} valid:no"));
        Assert.Equal([id], await FindAsync($"schema:{schema} 妥当:いいえ"));
        await FollowAsync(id, null);
        await feed.CatchUpAsync(Token);
        Assert.Empty(await FindAsync($"schema:{schema}"));
        Assert.Equal([id], await FindAsync($"id:{id} NOT has:valid"));
    }

    [Fact]
    public async Task A_sequence_is_found_by_the_samples_it_refers_to_as_they_are_now()
    {
        var (first, second, feed) = (await NewAsync(), await NewAsync(), Get<SearchFeed>());
        var samples = Get<PutSample>();
        var sample = await samples.CreateAsync(
            TestFacility.Proposal,
            new(
                """{"names": ["GaN-37 ウェハ", "wafer 37"], "chemical_formula": "GaN", "thickness": {"value": 430, "unit": "um"}}"""
            ),
            TestFacility.Leader,
            Token
        );
        Task ReferAsync(string id, bool refers) =>
            Get<SequenceSamples>().SetAsync(TestFacility.Proposal, id, sample.Id, refers, TestFacility.Leader, Token);
        await ReferAsync(first, true);
        await ReferAsync(second, true);
        await feed.CatchUpAsync(Token);
        string[] both = [first, second];
        foreach (
            var question in new[]
            {
                "ウェハ",
                "sample:\"wafer 37\"",
                "element:Ga",
                "sample.name:\"wafer 37\"",
                "sample.thickness:0.43mm",
                $"sample.id:{sample.Id}",
            }
        )
            Assert.Equal(both, (await FindAsync(question)).Order(StringComparer.Ordinal));
        var related = await Get<RelatedSequences>()
            .OfAsync(TestFacility.Leader, TestFacility.Proposal, first, 5, Token);
        Assert.Equal(
            [second],
            related.Single(group => group.Relation == Relation.SameSample).Sequences.Select(other => other.Id)
        );
        await samples.ChangeAsync(
            sample.Id,
            new("""{"names": ["AlN-37"], "chemical_formula": "AlN"}"""),
            TestFacility.Leader,
            Token
        );
        await feed.CatchUpAsync(Token);
        Assert.Empty(await FindAsync("element:Ga"));
        Assert.Equal(both, (await FindAsync("sample:aln-37 element:Al")).Order(StringComparer.Ordinal));
        await ReferAsync(first, false);
        await feed.CatchUpAsync(Token);
        Assert.Equal([second], await FindAsync("sample:aln-37"));
    }

    Task RegisterAsync(string id, string unit) =>
        Get<RegisterSchema>()
            .HandleAsync(
                new(
                    id,
                    MetadataKind.Measurement,
                    "",
                    "",
                    null,
                    null,
                    $$"""
                    {
                        "type": "object",
                        "required": ["mode"],
                        "properties": {
                            "photon_energy": {"type": "number", "options": {"unit": "{{unit}}"} },
                            "mode": {"type": "string"}
                        }
                    }
                    """
                ),
                TestFacility.Admin,
                Token
            );

    Task FollowAsync(string id, string? schema) =>
        Get<FollowSchema>()
            .HandleAsync(TestFacility.Proposal, id, MetadataKind.Measurement, schema, null, TestFacility.Leader, Token);
}
