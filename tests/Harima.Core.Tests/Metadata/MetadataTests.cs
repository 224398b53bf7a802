using Harima.Faults;
using Harima.Metadata;
using Harima.Sequences;

namespace Harima.Core.Tests.Metadata;

public sealed class MetadataCheckTests
{
    [Theory]
    [InlineData("{\n  \"energy\": 11.5,\n  \"edge\" \"Pt L3\"\n}", 3, 10)]
    [InlineData("{\"a\": 1,}", 1, 9)]
    [InlineData("{\"a\": 1} // b", 1, 10)]
    [InlineData("{\"試料\": nope}", 1, 9)]
    [InlineData("", 1, 1)]
    [InlineData("[1, 2]", 1, 1)]
    [InlineData("{\n \"a\": {\"b\": 1,\n  \"b\": 2}}", 3, 3)]
    public void An_error_is_told_with_line_and_column(string json, int line, int column)
    {
        var problem = Assert.Single(MetadataCheck.Check(json));
        Assert.Equal((line, column), (problem.Line, problem.Column));
        Assert.NotEmpty(problem.Message);
        Assert.NotNull(problem.MessageJa);
        Assert.DoesNotContain("options", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"a\": [1, {\"b\": ?}]}", "$.a[1].b", "「?」")]
    [InlineData("{\"a\": {\"b\": 1, \"b\": 2}}", "$.a.b", "二つ")]
    [InlineData("{\"a\": [1, 2 ", "$.a[1]", "途中で終わって")]
    public void An_error_says_at_which_path_and_in_Japanese_what_is_there(string json, string path, string says)
    {
        var problem = Assert.Single(MetadataCheck.Check(json));
        Assert.Equal(path, problem.Path);
        Assert.Contains(says, problem.MessageJa, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a": "\ud83d"}""", 7)]
    [InlineData("""{"\ud83d": "a"}""", 2)]
    [InlineData("""{"a": "\ude00\ud83d"}""", 7)]
    public void Half_a_character_is_refused_where_it_stands(string json, int column)
    {
        var problem = Assert.Single(MetadataCheck.Check(json));
        Assert.Equal((1, column), (problem.Line, problem.Column));
    }

    [Theory]
    [InlineData("""{"a": "\ud83d\ude00 \\ud83d"}""")]
    [InlineData("{}")]
    [InlineData("""{"measurement":{"energy":{"value":11.564,"unit":"keV"}},"list":[{"a":1},{"a":2}]}""")]
    public void A_json_object_is_fine(string json) => Assert.Empty(MetadataCheck.Check(json));
}

public sealed class SetMetadataOnSqlite(SqliteFacility facility)
    : SetMetadataTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class SetMetadataOnPostgres(PostgresFacility facility)
    : SetMetadataTests(facility),
        IClassFixture<PostgresFacility>;

public abstract class SetMetadataTests(TestFacility facility) : FacilityTests(facility)
{
    [Fact]
    public async Task Text_is_kept_to_the_letter_and_every_change_is_remembered()
    {
        var id = NewId();
        await Get<OpenSequence>().HandleAsync(new(TestFacility.Proposal, id), TestFacility.Member, Token);
        string[] texts = ["{ \"energy\" : 11.50 }", "{\"エネルギー\":\t1.150e1}"];
        foreach (var text in texts)
            await Get<SetMetadata>()
                .HandleAsync(TestFacility.Proposal, id, MetadataKind.Measurement, text, TestFacility.Member, Token);
        var queries = Get<MetadataQueries>();
        var document = Assert.Single(await queries.OfAsync(TestFacility.Leader, TestFacility.Proposal, id, Token));
        Assert.Equal(texts[1], document.Json);
        var changes = await queries.ChangesAsync(TestFacility.Leader, TestFacility.Proposal, id, null, 10, Token);
        Assert.Equal(
            [(texts[0], texts[1]), (null, texts[0])],
            changes.Items.Select(change => (change.Before, change.After))
        );
    }

    [Fact]
    public async Task Text_that_is_no_json_or_comes_too_late_is_refused()
    {
        var id = NewId();
        await Facility.PutAsync(id + "/a", [1]);
        Task SetAsync(string json) =>
            Get<SetMetadata>()
                .HandleAsync(TestFacility.Proposal, id, MetadataKind.Sample, json, TestFacility.Leader, Token);
        var fault = await RefusedAsync(() => SetAsync("{\n\"a\": }"));
        Assert.Equal(("2", "6", "$.a"), (fault.Fields["line"], fault.Fields["column"], fault.Fields["path"]));
        Assert.EndsWith("(line 2, column 6, at $.a)", fault.Message, StringComparison.Ordinal);
        await Get<CloseSequence>().HandleAsync(TestFacility.Proposal, id, TestFacility.Leader, Token);
        Assert.Equal(FaultCode.Closed, (await RefusedAsync(() => SetAsync("{}"))).Code);
    }
}
