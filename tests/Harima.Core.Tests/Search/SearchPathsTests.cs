using Harima.Access;
using Harima.Faults;
using Harima.Metadata;
using Harima.Search;
using Harima.Search.Feed;
using Harima.Sequences;

namespace Harima.Core.Tests.Search;

public sealed class SearchPathsOnSqlite(SqliteFacility facility)
    : SearchPathsTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class SearchPathsOnPostgres(PostgresFacility facility)
    : SearchPathsTests(facility),
        IClassFixture<PostgresFacility>;

/// <summary>What a path of the metadata means in a question, whatever else people write at paths like it.</summary>
public abstract class SearchPathsTests(TestFacility facility) : FacilityTests(facility)
{
    // Paths are remembered by the whole facility: each test has names of its own.
    readonly string _mark = NewId().ToLowerInvariant().Replace('-', '_');

    async Task<string> DescribeAsync(string json, bool forStranger = false)
    {
        var id = NewId();
        await Get<OpenSequence>().HandleAsync(new(TestFacility.Proposal, id), TestFacility.Leader, Token);
        await Get<SetMetadata>()
            .HandleAsync(TestFacility.Proposal, id, MetadataKind.Measurement, json, TestFacility.Leader, Token);
        if (forStranger)
            await Get<ShareSequence>()
                .HandleAsync(
                    new(TestFacility.Proposal, id, TestFacility.Stranger.UserId!, Right.Read),
                    TestFacility.Leader,
                    Token
                );
        await Get<SearchFeed>().CatchUpAsync(Token);
        return id;
    }

    Task<FindResult> FindAsync(FindRequest request, bool asStranger = false) =>
        Get<FindSequences>().HandleAsync(request, asStranger ? TestFacility.Stranger : TestFacility.Leader, Token);

    [Fact]
    public async Task The_end_of_a_path_means_the_same_whatever_path_others_use_whom_one_may_not_see()
    {
        var (edge, thickness) = ("edge_" + _mark, "thickness_" + _mark);
        await DescribeAsync($$"""{"{{edge}}": "Cu", "{{thickness}}": {"value": 3, "unit": "s"} }""");
        var mine = await DescribeAsync(
            $$"""{"method": {"{{edge}}": "Fe"}, "film": {"{{thickness}}": {"value": 5, "unit": "mm"} } }""",
            forStranger: true
        );
        await DescribeAsync($$"""{"film": {"{{thickness}}": {"value": 3, "unit": "kg"} } }""");
        var found = await FindAsync(
            FindRequest.Of($"{edge}:Fe {thickness}:5000um") with
            {
                Facets = [edge],
                Histograms = [thickness],
                Columns = [edge, thickness],
                Sort = thickness,
            },
            asStranger: true
        );
        var hit = Assert.Single(found.Hits);
        Assert.Equal((mine, "Fe", "5 mm"), (hit.Sequence.Id, hit.Columns[edge], hit.Columns[thickness]));
        Assert.Empty(found.UnknownPaths);
        Assert.Equal(["Fe"], found.Facets[0].Values.Select(value => value.Value));
        Assert.Equal(("mm", 1), (found.Histograms[0].Unit, found.Histograms[0].Counts.Sum()));
        var complete = Get<CompleteQuery>();
        Assert.Equal(
            [("film." + thickness, "mm")],
            (await complete.PathsAsync(thickness, 10, TestFacility.Stranger, Token)).Select(path =>
                (path.Path, path.Unit)
            )
        );
        Assert.Equal(
            ["Fe"],
            (await complete.ValuesAsync(edge, "", FindRequest.Of(""), 10, TestFacility.Stranger, Token)).Select(value =>
                value.Value
            )
        );
        // Who sees both finds both by the end, and either by the whole path.
        Assert.Equal(2, (await FindAsync(FindRequest.Of($"has:{edge}"))).Count.Count);
        Assert.Equal(1, (await FindAsync(FindRequest.Of($"method.{edge}:Fe"))).Count.Count);
    }

    [Fact]
    public async Task Numbers_that_no_axis_can_hold_break_no_histogram_plot_or_order()
    {
        var (huge, tiny, none, far) = ("huge_" + _mark, "tiny_" + _mark, "none_" + _mark, "far_" + _mark);
        await DescribeAsync(
            $$"""
            {"{{huge}}": [1.7e308, -1.7e308], "{{tiny}}": 1e-323, "{{none}}": 1e999, "{{far}}": {"value": 1e300, "unit": "GeV"},
             "{{far}}_too": {"value": 1e300, "unit": "eV"} }
            """
        );
        await DescribeAsync($$"""{"{{huge}}": 0, "{{tiny}}": 0, "{{far}}": {"value": 1, "unit": "eV"} }""");
        var request = FindRequest.Of($"has:{huge}");
        var found = await FindAsync(request with { Histograms = [huge, tiny, none, far], Columns = [none] });
        Assert.Equal([3, 2, 0, 2], found.Histograms.Select(histogram => histogram.Counts.Sum()));
        Assert.All(
            found.Histograms.SelectMany(histogram => histogram.Edges),
            edge => Assert.True(double.IsFinite(edge), $"{edge}")
        );
        foreach (var sort in new[] { huge, tiny, none, far })
        {
            var first = await FindAsync(request with { Sort = sort, Limit = 1 });
            var second = await FindAsync(request with { Sort = sort, Limit = 1, Cursor = first.Next });
            Assert.NotEqual(first.Hits[0].Sequence.Id, second.Hits[0].Sequence.Id);
        }
        var plot = await Get<PlotPoints>().HandleAsync(request, far, huge, 10, TestFacility.Leader, Token);
        Assert.All(plot.Points, point => Assert.True(double.IsFinite(point.X) && double.IsFinite(point.Y)));
    }

    [Fact]
    public async Task Pages_go_on_in_the_order_they_began_in_though_numbers_come_where_there_was_text()
    {
        var path = "grade_" + _mark;
        var ids = new List<string>();
        foreach (var grade in new[] { "\"a\"", "\"b\"", "\"c\"", "\"d\"" })
            ids.Add(await DescribeAsync($$"""{"{{path}}": {{grade}}}"""));
        var request = FindRequest.Of($"has:{path}") with { Sort = path, Descending = false, Limit = 2 };
        var first = await FindAsync(request);
        await DescribeAsync($$"""{"{{path}}": 7}""");
        var second = await FindAsync(request with { Cursor = first.Next });
        Assert.Equal(ids, first.Hits.Concat(second.Hits).Select(hit => hit.Sequence.Id));
    }

    [Fact]
    public async Task What_an_answer_has_no_room_for_is_refused_and_not_left_out()
    {
        string[] names = [.. Enumerable.Range(0, 41).Select(n => $"path{n}")];
        foreach (
            var request in new[]
            {
                FindRequest.Of("") with
                {
                    Columns = names,
                },
                FindRequest.Of("") with
                {
                    Facets = names[..21],
                },
                FindRequest.Of("") with
                {
                    Histograms = names[..21],
                },
            }
        )
            Assert.Equal(FaultCode.Invalid, (await RefusedAsync(() => FindAsync(request))).Code);
    }
}
