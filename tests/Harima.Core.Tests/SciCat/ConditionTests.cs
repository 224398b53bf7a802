using System.Text.Json.Nodes;
using Harima.Faults;
using Harima.SciCat.Filters;

namespace Harima.Core.Tests.SciCat;

/// <summary>MongoDB's query language as its manual describes it: https://www.mongodb.com/docs/manual/reference/operator/query/.</summary>
public sealed class ConditionTests
{
    static readonly JsonObject Document = (JsonObject)
        JsonNode.Parse(
            """
            {"pid": "A/1", "size": 5, "name": "Iron foil", "tags": ["a", "b"], "none": null, "isPublished": true,
             "creationTime": "2026-05-01T00:00:00.000Z", "keywords": [],
             "scientificMetadata": {"energy": {"value": 7.112, "unit": "keV"}, "runs": [{"n": 1, "ok": true}, {"n": 2, "ok": false}], "grid": [[1, 2]]}}
            """
        )!;

    [Theory]
    [InlineData("{}", true)]
    [InlineData("""{"pid": "A/1"}""", true)]
    [InlineData("""{"pid": "A/2"}""", false)]
    [InlineData("""{"pid": "A/1", "size": 6}""", false)]
    [InlineData("""{"size": {"$gt": 4, "$lt": 6}}""", true)]
    [InlineData("""{"size": {"$gte": 5, "$lte": 5}}""", true)]
    [InlineData("""{"size": {"$gt": 5}}""", false)]
    // Only what is of one kind compares.
    [InlineData("""{"size": {"$gt": "4"}}""", false)]
    [InlineData("""{"name": {"$gt": 0}}""", false)]
    [InlineData("""{"size": {"$in": [4, 5]}}""", true)]
    [InlineData("""{"size": {"$nin": [4, 5]}}""", false)]
    [InlineData("""{"missing": {"$nin": [4, 5]}}""", true)]
    [InlineData("""{"size": {"$ne": 4}}""", true)]
    [InlineData("""{"missing": {"$ne": 4}}""", true)]
    // null is equal to what is not there.
    [InlineData("""{"missing": null}""", true)]
    [InlineData("""{"none": null}""", true)]
    [InlineData("""{"size": null}""", false)]
    [InlineData("""{"missing": {"$in": [null]}}""", true)]
    [InlineData("""{"none": {"$exists": true}}""", true)]
    [InlineData("""{"missing": {"$exists": false}}""", true)]
    [InlineData("""{"size": {"$exists": 0}}""", false)]
    // A list fulfils what one of its members does.
    [InlineData("""{"tags": "a"}""", true)]
    [InlineData("""{"tags": ["a", "b"]}""", true)]
    [InlineData("""{"tags": ["b", "a"]}""", false)]
    [InlineData("""{"tags": {"$all": ["b", "a"]}}""", true)]
    [InlineData("""{"tags": {"$size": 2}}""", true)]
    [InlineData("""{"tags": {"$ne": "a"}}""", false)]
    [InlineData("""{"keywords": {"$exists": true}}""", true)]
    [InlineData("""{"keywords": {"$size": 0}}""", true)]
    [InlineData("""{"scientificMetadata.energy.value": {"$gt": 7}}""", true)]
    [InlineData("""{"scientificMetadata.energy": {"value": 7.112, "unit": "keV"}}""", true)]
    [InlineData("""{"scientificMetadata.runs.n": 2}""", true)]
    [InlineData("""{"scientificMetadata.runs.1.n": 2}""", true)]
    [InlineData("""{"scientificMetadata.runs.0.n": 2}""", false)]
    // Each in one member, and both in the same.
    [InlineData("""{"scientificMetadata.runs.n": 2, "scientificMetadata.runs.ok": true}""", true)]
    [InlineData("""{"scientificMetadata.runs": {"$elemMatch": {"n": 2, "ok": true}}}""", false)]
    [InlineData("""{"scientificMetadata.runs": {"$elemMatch": {"n": 2, "ok": false}}}""", true)]
    [InlineData("""{"$or": [{"size": 1}, {"pid": "A/1"}]}""", true)]
    [InlineData("""{"$and": [{"size": 5}, {"pid": "A/2"}]}""", false)]
    [InlineData("""{"$nor": [{"size": 1}, {"pid": "A/2"}]}""", true)]
    [InlineData("""{"size": {"$not": {"$gt": 6}}}""", true)]
    [InlineData("""{"missing": {"$not": {"$gt": 6}}}""", true)]
    [InlineData("""{"name": {"$regex": "foil"}}""", true)]
    [InlineData("""{"name": {"$regex": "^foil"}}""", false)]
    [InlineData("""{"name": {"$regex": "IRON", "$options": "i"}}""", true)]
    [InlineData("""{"name": {"$regex": "IRON"}}""", false)]
    [InlineData("""{"tags": {"$regex": "^b$"}}""", true)]
    [InlineData("""{"size": {"$regex": "5"}}""", false)]
    [InlineData("""{"isPublished": true}""", true)]
    [InlineData("""{"isPublished": {"$ne": true}}""", false)]
    // Times compare as times, however they are written.
    [InlineData("""{"creationTime": "2026-05-01T09:00:00+09:00"}""", true)]
    [InlineData("""{"creationTime": {"$gte": "2026-05-01", "$lt": "2026-05-02"}}""", true)]
    // LoopBack's spelling.
    [InlineData("""{"size": {"inq": [5]}}""", true)]
    [InlineData("""{"name": {"like": "Iron"}}""", true)]
    [InlineData("""{"scientificMetadata.energy": {"value": 1}}""", false)]
    public void A_condition_holds_as_the_manual_says(string where, bool holds) =>
        Assert.Equal(holds, ConditionReading.Read(JsonNode.Parse(where)).Holds(Document));

    [Theory]
    [InlineData(
        """{"customField": {"datasetName": "test"}}""",
        "Property customField should not exist in the filter object"
    )]
    [InlineData("""{"limits": {"limit": 1},}""", "Invalid JSON in filter")]
    [InlineData("""{"where": {"a": 1, "a": 2}}""", "Invalid JSON in filter")]
    [InlineData("[]", "JSON object")]
    [InlineData("""{"where": []}""", "JSON object")]
    [InlineData("""{"where": {"$where": "sleep(1000)"}}""", "$where")]
    [InlineData("""{"where": {"$expr": {}}}""", "$expr")]
    [InlineData("""{"where": {"a": {"$function": {}}}}""", "$function")]
    [InlineData("""{"where": {"$or": []}}""", "$or")]
    [InlineData("""{"where": {"$or": {"a": 1}}}""", "$or")]
    [InlineData("""{"where": {"a": {"$in": 5}}}""", "$in")]
    [InlineData("""{"where": {"a": {"$regex": "("}}}""", "regular expression")]
    [InlineData("""{"where": {"a": {"$regex": "(a)\\1"}}}""", "regular expression")]
    [InlineData("""{"where": {"a": {"$regex": "((((x{1000}){1000}){1000}){1000})"}}}""", "regular expression")]
    [InlineData("""{"where": {"a": {"$regex": "a", "$options": "e"}}}""", "$options")]
    [InlineData("""{"where": {"a": {"$regex": 5}}}""", "$regex")]
    [InlineData("""{"where": {"": 5}}""", "name of a field")]
    [InlineData("""{"include": ["users"]}""", "users")]
    [InlineData("""{"limits": {"limit": -1}}""", "limit")]
    [InlineData("""{"limits": {"limit": 1000000}}""", "at most")]
    [InlineData("""{"limits": {"sort": {"a": "up"}}}""", "asc or desc")]
    [InlineData("""{"fields": "datasetName"}""", "Fields must be an array")]
    public void What_is_no_filter_is_refused_with_a_sentence(string filter, string says)
    {
        var refused = Assert.Throws<FaultException>(() => SciCatFilter.Parse(filter, SciCatVersion.V4));
        Assert.Equal(FaultCode.Invalid, refused.Code);
        Assert.Contains(says, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_and_enormous_filters_are_refused()
    {
        var deep =
            string.Concat(Enumerable.Repeat("""{"$and":[""", 30))
            + """{"a":1}"""
            + string.Concat(Enumerable.Repeat("]}", 30));
        var wide = """{"$or":[""" + string.Join(',', Enumerable.Repeat("""{"a":1}""", 2_000)) + "]}";
        var bottomless = new string('[', 5_000);
        var huge = $$"""{"a":"{{new string('x', 70_000)}}"}""";
        foreach (var where in (string[])[deep, wide, bottomless, huge])
            Assert.Throws<FaultException>(() => SciCatFilter.Parse($$"""{"where":{{where}}}""", SciCatVersion.V4));
    }

    [Theory]
    [InlineData("^(a+)+$")]
    [InlineData("(a|aa)+$")]
    [InlineData("(.*a){20}")]
    public void An_expression_that_would_explode_elsewhere_ends_here(string pattern)
    {
        var condition = ConditionReading.Read(new JsonObject { ["name"] = new JsonObject { ["$regex"] = pattern } });
        var document = new JsonObject { ["name"] = new string('a', 50_000) + "!" };
        try
        {
            condition.Holds(document);
        }
        catch (System.Text.RegularExpressions.RegexMatchTimeoutException)
        {
            // Also an end; the request is refused. Backtracking would need longer than the age of the world.
        }
    }

    [Fact]
    public void A_full_query_reads_times_numbers_lists_and_values_with_units()
    {
        bool Holds(string fields) => SciCatFilter.ParseFullQuery(fields, null, SciCatVersion.V3).Where.Holds(Document);
        Assert.True(Holds("""{"pid": "A/1", "tags": ["a", "z"]}"""));
        Assert.False(Holds("""{"tags": ["z"]}"""));
        Assert.True(Holds("""{"creationTime": {"begin": "2026-04-30", "end": "2026-05-02"}}"""));
        Assert.True(Holds("""{"size": {"min": 5, "max": 5}}"""));
        Assert.True(Holds("""{"mode": {"$or": [{"size": 5}]}}"""));
        Assert.True(Holds("""{"text": "iron"}"""));
        Assert.False(Holds("""{"text": "copper"}"""));
        string Scientific(string relation, string rhs, string unit) =>
            $$"""{"scientific": [{"lhs": "energy", "relation": "{{relation}}", "rhs": {{rhs}}, "unit": "{{unit}}"}]}""";
        Assert.True(Holds(Scientific("GREATER_THAN", "7100", "eV")));
        Assert.False(Holds(Scientific("GREATER_THAN", "7112", "eV")));
        Assert.True(Holds(Scientific("GREATER_THAN_OR_EQUAL", "7112", "eV")));
        Assert.True(Holds(Scientific("EQUAL_TO_NUMERIC", "7.112", "keV")));
        Assert.True(Holds(Scientific("EQUAL_TO_NUMERIC", "7.112", "")));
        Assert.True(Holds(Scientific("LESS_THAN", "1e-14", "J")));
        Assert.False(Holds(Scientific("LESS_THAN", "100", "mm")));
        Assert.True(Holds(Scientific("RANGE", "[7000, 7200]", "eV")));
        Assert.False(Holds(Scientific("RANGE", "[7112, 7200]", "eV")));
        Assert.Throws<FaultException>(() => Holds(Scientific("GREATER_THAN", "1", "furlong")));
        Assert.Throws<FaultException>(() => Holds(Scientific("NEAR", "1", "")));
        Assert.Throws<FaultException>(() => Holds(Scientific("RANGE", "5", "")));
        // What a client puts there is text, not an expression.
        Assert.False(
            Holds("""{"scientific": [{"lhs": "energy", "relation": "CONTAINS_STRING", "rhs": ".*", "unit": ""}]}""")
        );
    }
}
