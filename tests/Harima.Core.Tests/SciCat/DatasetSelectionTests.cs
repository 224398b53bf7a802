using System.Globalization;
using System.Text.Json.Nodes;
using Harima.Access;
using Harima.Identity;
using Harima.SciCat;
using Harima.SciCat.Filters;
using Harima.Search.Feed;
using Harima.Sequences;

namespace Harima.Core.Tests.SciCat;

public sealed class DatasetSelectionOnSqlite(SqliteFacility facility)
    : DatasetSelectionTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class DatasetSelectionOnPostgres(PostgresFacility facility)
    : DatasetSelectionTests(facility),
        IClassFixture<PostgresFacility>;

/// <summary>
/// Filters made at random, answered from SQL and the search index, compared with a brute-force evaluation over every document that each
/// person may read.
/// </summary>
public abstract class DatasetSelectionTests(TestFacility facility) : FacilityTests(facility)
{
    static readonly string[] Proposals = ["2026A1000", "2026A7001", "2026A7002"];
    static readonly Principal[] People =
    [
        TestFacility.Leader,
        TestFacility.Member,
        TestFacility.Stranger,
        TestFacility.Admin,
        Principal.Anonymous,
    ];

    [Fact]
    public async Task Every_list_count_and_facet_is_that_of_brute_force_over_what_one_may_read()
    {
        const int Seed = 20261127;
        var random = new Random(Seed);
        foreach (var proposal in Proposals[1..])
            await Facility.AddProposalAsync(proposal);
        for (var n = 0; n < 60; n++)
            await RegisterAsync(random, n);
        await Get<SearchFeed>().CatchUpAsync(Token);
        // These the index has not taken up.
        for (var n = 60; n < 75; n++)
            await RegisterAsync(random, n);

        var everything = await DocumentsAsync(TestFacility.Admin);
        Assert.True(everything.Count >= 75);
        var narrowed = 0;
        var asked = 0;
        for (var round = 0; round < 250; round++)
        {
            var where = Where(random, 0);
            var condition = ConditionReading.Read(JsonNode.Parse(where.ToJsonString()));
            var who = People[random.Next(People.Length)];
            var readable = new HashSet<string>();
            foreach (var document in everything)
                if (await MayReadAsync(who, Pid(document)))
                    readable.Add(Pid(document));
            var expected = everything
                .Where(document => readable.Contains(Pid(document)) && condition.Holds(document))
                .Select(Pid)
                .Order(StringComparer.Ordinal)
                .ToList();
            var filter = Filter(where, """{"limit": 1000}""");
            var found = (await ListAsync(who, filter)).Select(Pid).Order(StringComparer.Ordinal).ToList();
            Assert.True(
                expected.SequenceEqual(found),
                $"{who.Actor} {where.ToJsonString()}\n expected {string.Join(' ', expected)}\n found    {string.Join(' ', found)}"
            );
            Assert.Equal(expected.Count, await Get<DatasetQueries>().CountAsync(who, filter, false, Token));
            asked++;
            if (DatasetIndexPlan.Of(condition) is not null)
                narrowed++;
            if (round % 5 == 0)
                await FacetsAreThoseOfAsync(who, filter, everything, readable, condition);
        }
        // The test says something about the index only if it was asked.
        Assert.True(narrowed > asked / 10, $"{narrowed} of {asked}");
    }

    [Fact]
    public async Task Pages_in_any_order_are_those_of_the_whole_list()
    {
        var random = new Random(7);
        await Facility.AddProposalAsync("2026A7003");
        for (var n = 0; n < 23; n++)
            await RegisterAsync(random, n, "2026A7003");
        foreach (
            var sort in (string[])
                [
                    """{"datasetName": "asc"}""",
                    """{"creationTime": "desc", "pid": "asc"}""",
                    """{"size": "asc"}""",
                    "{}",
                ]
        )
        {
            var where = new JsonObject { ["ownerGroup"] = "2026A7003" };
            var whole = (await ListAsync(TestFacility.Admin, Filter(where, $$"""{"limit": 100, "sort": {{sort}}}""")))
                .Select(Pid)
                .ToList();
            Assert.Equal(23, whole.Count);
            var pages = new List<string>();
            for (var skip = 0; skip < 23; skip += 5)
                pages.AddRange(
                    (
                        await ListAsync(
                            TestFacility.Admin,
                            Filter(where, $$"""{"limit": 5, "skip": {{skip}}, "sort": {{sort}}}""")
                        )
                    ).Select(Pid)
                );
            Assert.Equal(whole, pages);
        }
        var names = (
            await ListAsync(
                TestFacility.Admin,
                Filter(
                    new JsonObject { ["ownerGroup"] = "2026A7003" },
                    """{"limit": 100, "sort": {"datasetName": "desc"}}"""
                )
            )
        )
            .Select(document => document["datasetName"]!.ToString())
            .ToList();
        Assert.Equal(names.OrderDescending(StringComparer.Ordinal), names);
    }

    [Fact]
    public async Task Words_find_what_was_indexed_and_what_was_not_yet()
    {
        await Facility.AddProposalAsync("2026A7004");
        var indexed = await RegisterAsync(new Random(1), 1, "2026A7004", "zirconium gallium alloy");
        await Get<SearchFeed>().CatchUpAsync(Token);
        var fresh = await RegisterAsync(new Random(2), 2, "2026A7004", "alloy of zirconium and gallium");
        var other = await RegisterAsync(new Random(3), 3, "2026A7004", "zirconium alone");
        var found = await TextAsync(TestFacility.Member, "zirconium gallium");
        Assert.Equal(new[] { indexed, fresh }.Order(), found.Order());
        Assert.DoesNotContain(other, found);
        Assert.Empty(await TextAsync(TestFacility.Stranger, "zirconium gallium"));
    }

    async Task<List<string>> TextAsync(Principal who, string text) =>
        [
            .. (
                await ListAsync(
                    who,
                    SciCatFilter.ParseFullQuery(
                        new JsonObject { ["text"] = text, ["ownerGroup"] = "2026A7004" }.ToJsonString(),
                        null,
                        SciCatVersion.V3
                    )
                )
            ).Select(Pid),
        ];

    async Task FacetsAreThoseOfAsync(
        Principal who,
        SciCatFilter filter,
        List<JsonObject> everything,
        HashSet<string> readable,
        Condition condition
    )
    {
        // Fields that no condition of these filters is about, so that every facet has the same question.
        var answer = (JsonObject)
            (await Get<DatasetQueries>().FacetsAsync(who, filter, """["createdBy", "keywords"]""", false, Token))[0]!;
        var fits = everything.Where(document => readable.Contains(Pid(document)) && condition.Holds(document)).ToList();
        Assert.Equal(fits.Count, answer["all"]![0]!["totalSets"]!.GetValue<long>());
        Dictionary<string, long> Counted(string field) =>
            answer[field]!
                .AsArray()
                .ToDictionary(value => value!["_id"]!.ToString(), value => value!["count"]!.GetValue<long>());
        Assert.Equal(
            fits.GroupBy(document => document["createdBy"]!.ToString())
                .ToDictionary(group => group.Key, group => (long)group.Count()),
            Counted("createdBy")
        );
        Assert.Equal(
            fits.SelectMany(document => document["keywords"]!.AsArray().Select(word => word!.ToString()))
                .GroupBy(word => word)
                .ToDictionary(group => group.Key, group => (long)group.Count()),
            Counted("keywords")
        );
    }

    async Task<bool> MayReadAsync(Principal who, string pid)
    {
        var id = DatasetId.Parse(pid);
        return await Get<SequenceAccess>().FindAsync(who, id.ProposalId, id.SequenceId, Token) is not null;
    }

    async Task<List<JsonObject>> DocumentsAsync(Principal who) =>
        await ListAsync(who, Filter([], """{"limit": 1000}"""));

    async Task<List<JsonObject>> ListAsync(Principal who, SciCatFilter filter) =>
        [
            .. (await Get<DatasetQueries>().ListAsync(who, filter, false, SciCatVersion.V3, Token)).Select(document =>
                (JsonObject)document!
            ),
        ];

    static string Pid(JsonObject document) => document["pid"]!.ToString();

    static SciCatFilter Filter(JsonObject where, string limits) =>
        SciCatFilter.Parse(
            new JsonObject { ["where"] = where.DeepClone(), ["limits"] = JsonNode.Parse(limits) }.ToJsonString(),
            SciCatVersion.V3
        );

    async Task<string> RegisterAsync(Random random, int n, string? proposal = null, string? name = null)
    {
        T Any<T>(params T[] of) => of[random.Next(of.Length)];
        var body = new JsonObject
        {
            ["contactEmail"] = Any("a@example.jp", "b@example.jp"),
            ["creationTime"] =
                $"2026-0{random.Next(1, 7)}-1{random.Next(0, 9)}T0{random.Next(0, 9)}:00:00.{random.Next(0, 999):000}Z",
            ["owner"] = Any("Ito", "Sato"),
            ["ownerGroup"] = proposal ?? Any(Proposals),
            ["sourceFolder"] = Any("/data/a", "/data/b"),
            ["type"] = Any("raw", "derived"),
            ["datasetName"] = name ?? Any("iron", "copper", "鉄箔") + " " + n.ToString(CultureInfo.InvariantCulture),
            ["keywords"] = random.Next(2) == 0 ? new JsonArray() : new JsonArray(Any("x", "y"), "z"),
            ["scientificMetadata"] = new JsonObject
            {
                ["energy"] =
                    random.Next(3) == 0
                        ? null
                        : new JsonObject { ["value"] = random.Next(5), ["unit"] = Any("keV", "eV", "furlong") },
                ["edge"] = Any("K", "L3", "k"),
                ["count"] = random.Next(2) == 0 ? JsonValue.Create(random.Next(4)) : JsonValue.Create("3"),
                ["list"] = new JsonArray(random.Next(3), random.Next(3)),
                ["deep"] = new JsonObject
                {
                    ["er"] = Any<JsonNode>(JsonValue.Create(true), JsonValue.Create("true"), JsonValue.Create(1.5)),
                },
                ["sample"] = new JsonObject { ["name"] = Any("foil", "powder") },
            },
        };
        if (random.Next(3) == 0)
            body["creationLocation"] = Any("/SPring-8/BL14B2", "/elsewhere");
        var who = Any(TestFacility.Leader, TestFacility.Member);
        var pid = await Get<RegisterDataset>().HandleAsync(body, SciCatVersion.V4, who, Token);
        var id = DatasetId.Parse(pid);
        if (random.Next(3) == 0)
            await Facility.PutAsync(
                $"{id.SequenceId}/f.bin",
                new byte[random.Next(1, 4)],
                who,
                id.ProposalId.ToLowerInvariant()
            );
        if (name is null && random.Next(5) == 0)
            await Get<ShareSequence>()
                .HandleAsync(new(id.ProposalId, id.SequenceId, "stranger", Right.Read), TestFacility.Leader, Token);
        if (name is null && random.Next(6) == 0)
            await Get<ShareSequence>()
                .SetVisibilityAsync(id.ProposalId, id.SequenceId, Visibility.Everyone, TestFacility.Leader, Token);
        return pid;
    }

    static JsonObject Where(Random random, int depth)
    {
        T Any<T>(params T[] of) => of[random.Next(of.Length)];
        if (depth < 3 && random.Next(3) == 0)
        {
            var parts = new JsonArray([
                .. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Where(random, depth + 1)),
            ]);
            return new JsonObject { [Any("$and", "$or", "$nor")] = parts };
        }
        var (field, values) = Any<(string, Func<JsonNode?>)>(
            ("ownerGroup", () => Any(Proposals)),
            ("proposalIds", () => Any(Proposals)),
            ("type", () => Any("raw", "derived", "custom")),
            ("sourceFolder", () => Any("/data/a", "/data/b", "/data/")),
            ("creationLocation", () => Any("/elsewhere", "BL14B2")),
            ("instrumentIds", () => Any("BL14B2", "BL99")),
            ("creationTime", () => $"2026-0{random.Next(1, 7)}-1{random.Next(0, 9)}"),
            ("isPublished", () => random.Next(2) == 0),
            ("size", () => random.Next(4)),
            ("numberOfFiles", () => random.Next(2)),
            ("owner", () => Any("Ito", "Sato")),
            ("datasetName", () => Any("iron 1", "copper 2")),
            ("scientificMetadata.energy.value", () => random.Next(5)),
            ("scientificMetadata.energy.unit", () => Any("keV", "furlong")),
            ("scientificMetadata.edge", () => Any("K", "L3", "M")),
            ("scientificMetadata.count", () => Any<JsonNode>(JsonValue.Create(2), JsonValue.Create("3"))),
            ("scientificMetadata.list", () => random.Next(3)),
            (
                "scientificMetadata.deep.er",
                () => Any<JsonNode>(JsonValue.Create(true), JsonValue.Create("true"), JsonValue.Create(1.5))
            ),
            ("scientificMetadata.sample.name", () => Any("foil", "powder")),
            ("scientificMetadata.missing", () => 1)
        );
        return new JsonObject
        {
            [field] = random.Next(12) switch
            {
                0 => new JsonObject { ["$ne"] = values() },
                1 => new JsonObject { ["$in"] = new JsonArray(values(), values()) },
                2 => new JsonObject { ["$nin"] = new JsonArray(values(), values()) },
                3 => new JsonObject { ["$gt"] = values() },
                4 => new JsonObject { ["$gte"] = values() },
                5 => new JsonObject { ["$lt"] = values() },
                6 => new JsonObject { ["$lte"] = values(), ["$gte"] = values() },
                7 => new JsonObject { ["$exists"] = random.Next(2) == 0 },
                8 => new JsonObject { ["$not"] = new JsonObject { ["$gt"] = values() } },
                9 => new JsonObject { ["$regex"] = Any("^i", "o", "[0-9]$"), ["$options"] = "i" },
                _ => values(),
            },
        };
    }
}
