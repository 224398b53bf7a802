using Harima.Metadata.Schemas;

namespace Harima.Core.Tests.Metadata.Schemas;

public sealed class JsonSchemaTests
{
    const string Draft7 = "\"$schema\":\"http://json-schema.org/draft-07/schema#\"";

    static IReadOnlyList<SchemaProblem> Check(string schema, string document) =>
        JsonSchema.Parse(schema).Check(PlacedJson.Parse(document));

    [Theory]
    [InlineData("""{"type":"integer"}""", "1.0", true)]
    [InlineData("""{"type":"integer"}""", "1.5", false)]
    [InlineData("""{"type":["string","null"]}""", "null", true)]
    [InlineData("""{"enum":["K","L3"]}""", "\"L3\"", true)]
    [InlineData("""{"enum":["K","L3"]}""", "\"M\"", false)]
    [InlineData("""{"const":{"a":1,"b":2}}""", "{\"b\":2.0,\"a\":1}", true)]
    [InlineData("""{"minimum":0.1}""", "0.1", true)]
    [InlineData("""{"exclusiveMinimum":0}""", "0", false)]
    [InlineData("""{"multipleOf":0.01}""", "0.07", true)]
    [InlineData("""{"maxLength":2}""", "\"試料\"", true)]
    [InlineData("""{"pattern":"^\\d{2}$"}""", "\"１２\"", false)]
    [InlineData("""{"pattern":"^a$"}""", "\"a\\n\"", false)]
    [InlineData("""{"format":"date"}""", "\"2026-02-30\"", false)]
    [InlineData("""{"format":"uuid"}""", "\"3adf9874-7bcb-e5f8-99cb-3d6fd9d7b55e\"", true)]
    [InlineData("""{"format":"markdown"}""", "\"# any\"", true)]
    [InlineData("""{"uniqueItems":true}""", "[1,1.0]", false)]
    [InlineData("""{"prefixItems":[{"type":"string"}],"items":false}""", "[\"a\",1]", false)]
    [InlineData("""{"contains":{"const":1},"minContains":2}""", "[1,2,1]", true)]
    [InlineData("""{"dependentRequired":{"value":["unit"]}}""", "{\"value\":1}", false)]
    [InlineData("""{"oneOf":[{"type":"string"},{"type":"null"}]}""", "5", false)]
    [InlineData("""{"if":{"properties":{"e":{"const":"K"}}},"then":{"required":["n"]}}""", "{\"e\":\"K\"}", false)]
    [InlineData("""{"allOf":[{"properties":{"a":true}}],"unevaluatedProperties":false}""", "{\"a\":1,\"b\":2}", false)]
    [InlineData(
        """{"$defs":{"n":{"type":"number"}},"properties":{"a":{"$ref":"#/$defs/n"}}}""",
        "{\"a\":\"x\"}",
        false
    )]
    public void A_keyword_holds_or_not(string schema, string document, bool valid) =>
        Assert.Equal(valid, Check(schema, document).Count == 0);

    [Fact]
    public void In_draft_07_a_reference_hides_what_stands_beside_it()
    {
        const string rest =
            "\"definitions\":{\"n\":{\"type\":\"number\"}},\"properties\":{\"a\":{\"$ref\":\"#/definitions/n\",\"minimum\":5}}}";
        Assert.Empty(Check("{" + Draft7 + "," + rest, "{\"a\":1}"));
        Assert.Single(Check("{" + rest, "{\"a\":1}"));
    }

    [Fact]
    public void Every_problem_is_told_at_once_with_line_column_path_and_both_languages()
    {
        const string schema = """
            {"type":"object","required":["title","edge"],"additionalProperties":false,
             "properties":{"title":{"type":"string","label":{"en":"Title","ja":"題名"}},"edge":{"enum":["K"],"label":{"en":"Edge","ja":"吸収端"}},
             "scan":{"items":{"properties":{"step":{"type":"number","exclusiveMinimum":0}}}}}}
            """;
        const string document = "{\n  \"title\": 5,\n  \"scan\": [{\"step\": 1}, {\"step\": -1}],\n  \"試料\": 1\n}";
        Assert.Equal(
            [
                (1, 1, "$.edge", "required"),
                (2, 12, "$.title", "type"),
                (3, 34, "$.scan[1].step", "exclusiveMinimum"),
                (4, 3, "$.試料", "additionalProperties"),
            ],
            Check(schema, document).Select(problem => (problem.Line, problem.Column, problem.Path, problem.Keyword))
        );
        var missing = Check(schema, document)[0];
        Assert.True(missing.IsMissing);
        Assert.Equal(("Edge", "吸収端"), (missing.LabelEn, missing.LabelJa));
        Assert.Contains("がありません", missing.MessageJa, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_several_allowed_forms_the_problems_of_the_one_that_was_meant_are_told()
    {
        var problem = Assert.Single(
            Check(
                """{"oneOf":[{"type":"null"},{"type":"object","properties":{"n":{"type":"number"}}}]}""",
                "{\"n\":\"x\"}"
            )
        );
        Assert.Equal("$.n", problem.Path);
    }

    [Theory]
    [InlineData("""{"type":"text"}""", "$.type")]
    [InlineData("""{"properties":{"a":{"required":"b"}}}""", "$.properties.a.required")]
    [InlineData("""{"pattern":"("}""", "$.pattern")]
    [InlineData("""{"properties":{"a":{"$ref":"#/$defs/none"}}}""", "$.properties.a.$ref")]
    [InlineData("""{"$ref":"https://example.org/other.json"}""", "$.$ref")]
    [InlineData("""{"$schema":"http://json-schema.org/draft-04/schema#"}""", "$.$schema")]
    [InlineData("""{"anyOf":[]}""", "$.anyOf")]
    public void A_text_that_is_no_schema_is_refused_with_its_place(string schema, string path) =>
        Assert.Equal(path, Assert.Single(JsonSchema.CheckSchema(schema)).Path);

    [Theory]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"allOf":[{"$ref":"#"}]}""")]
    [InlineData("""{"$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}},"$ref":"#/$defs/a"}""")]
    public void A_schema_that_refers_only_to_itself_ends(string schema) => Assert.Empty(Check(schema, "{\"a\":1}"));

    [Fact]
    public void A_pattern_that_explodes_does_not_keep_the_server()
    {
        // Backtracking would take longer than the world has lasted.
        const string schema = """{"pattern":"^(a+)+$"}""";
        Assert.Single(Check(schema, "\"" + new string('a', 5000) + "!\""));
    }

    [Fact]
    public void The_labels_and_units_of_NIMS_are_read()
    {
        // In the manner of an RDE dataset template's invoice.schema.json.
        const string schema = """
            {"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://rde.nims.go.jp/rde/dataset-templates/x/invoice.schema.json",
             "properties":{"custom":{"type":"object","required":["energy"],"properties":{"energy":{"label":{"ja":"エネルギー","en":"Energy"},
               "type":"number","options":{"unit":"keV","placeholder":{"ja":"例 11.5","en":"e.g. 11.5"}}}}}}}
            """;
        Assert.Empty(JsonSchema.CheckSchema(schema));
        var field = Assert.Single(SchemaFields.Of(JsonSchema.Parse(schema)));
        Assert.Equal(("custom.energy", "number", "keV", true), (field.Path, field.Type, field.Unit, field.Required));
        Assert.Equal(new SchemaLabel("Energy", "エネルギー"), field.Label);
    }

    [Fact]
    public void What_Harima_ships_are_schemas_with_a_label_in_both_languages_for_every_field()
    {
        foreach (var shipped in BuiltInSchemas.All)
        {
            Assert.Empty(JsonSchema.CheckSchema(shipped.Json));
            var fields = SchemaFields.Of(JsonSchema.Parse(shipped.Json));
            Assert.True(fields.Count > 15, shipped.Id);
            // a, b, c and alpha are the same everywhere; a word is not.
            Assert.DoesNotContain(fields, field => field.Label.Ja.Length > 6 && field.Label.Ja.All(char.IsAsciiLetter));
        }
    }

    [Fact]
    public void The_units_that_the_shipped_schemas_offer_are_known()
    {
        var unknown =
            from shipped in BuiltInSchemas.All
            from unit in System
                .Text.RegularExpressions.Regex.Matches(shipped.Json, "\"unit\": \"([^\"]+)\"")
                .Select(match => match.Groups[1].Value)
            where !Harima.Metadata.Units.UnitOfMeasure.TryParse(unit, out _)
            select $"{shipped.Id}: {unit}";
        Assert.Empty(unknown);
    }
}

/// <summary>The schemas and metadata that SPring-8 published (matumot/metadata-schema), where they are.</summary>
public sealed class PublishedSchemaTests
{
    static string Read(string name)
    {
        var root =
            Environment.GetEnvironmentVariable("HARIMA_TEST_DATA")
            ?? Path.Combine(House.Repository.Root, "..", "shared", "data");
        var file = Path.Combine(root, "spring8-metadata-schema", "schema", name);
        Assert.SkipUnless(File.Exists(file), $"{file} is not here");
        return File.ReadAllText(file);
    }

    [Theory]
    [InlineData("schema.sp8_xafs.json", 60)]
    [InlineData("schema.rksr_xafs.json", 100)]
    public void They_are_read_as_they_are(string name, int leaves)
    {
        var text = Read(name);
        Assert.Empty(JsonSchema.CheckSchema(text));
        Assert.True(SchemaFields.Of(JsonSchema.Parse(text)).Count > leaves);
    }

    [Fact]
    public void Their_descriptions_are_labels_in_both_languages()
    {
        var fields = SchemaFields.Of(JsonSchema.Parse(Read("schema.sp8_xafs.json"))).ToDictionary(field => field.Path);
        Assert.Equal(new SchemaLabel("Persistent ID", "PID番号"), fields["data_info.identifier.pid"].Label);
        Assert.Equal("number", fields["facility.ring.energy"].Type);
        Assert.True(fields.ContainsKey("instrument.slit.vertical_size_unit"));
    }

    [Fact]
    public void A_real_measurement_of_BL14B2_follows_its_schema_and_a_wrong_one_is_told_where()
    {
        var schema = JsonSchema.Parse(Read("schema.sp8_xafs.json"));
        // From example/sp8_xafs/metadata.all.yml of the same publication, as JSON.
        const string json = """
            {"data_info":{"identifier":{"pid":"spring8.a0912e4c-3114-4fd6-af5f-e39519ce8833","proposal_number":"2014S0000"},
               "date":{"create_time":"2020-05-19 18:15:10"},"license":{"name":"CC BY-NC-SA 4.0"}},
             "facility":{"ring":{"energy":8.0,"energy_unit":"GeV"}},
             "sample":[{"chemical_formula":"Ag-foil","name":"Silver","supplier":"NILACO CORPORATION"}],
             "measurement":{"method":{"category":"spectroscopy","sub_category":"XAFS","absorption_edge":"Ag K-edge"}}}
            """;
        Assert.Empty(schema.Check(PlacedJson.Parse(json)));
        var wrong = schema.Check(
            PlacedJson.Parse(
                json.Replace("2020-05-19", "19.5.2020", StringComparison.Ordinal)
                    .Replace("8.0", "\"8.0\"", StringComparison.Ordinal)
            )
        );
        Assert.Equal(["$.data_info.date.create_time", "$.facility.ring.energy"], wrong.Select(problem => problem.Path));
    }
}
