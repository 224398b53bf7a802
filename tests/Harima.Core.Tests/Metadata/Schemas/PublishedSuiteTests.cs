using System.Text.Json;
using Harima.Metadata.Schemas;

namespace Harima.Core.Tests.Metadata.Schemas;

/// <summary>
/// The JSON-Schema-Test-Suite (https://github.com/json-schema-org/JSON-Schema-Test-Suite), where HARIMA_JSON_SCHEMA_SUITE names
/// its folder: every test of both drafts but those that fetch other documents.
/// </summary>
public sealed class PublishedSuiteTests(ITestOutputHelper output)
{
    // Schemas here stand by themselves: what needs the meta-schema or another document cannot be followed.
    static readonly string[] LeftOut = ["refRemote.json", "vocabulary.json"];

    // What is not checked is a note to people.
    static readonly string[] FormatsLeftOut =
    [
        "idn-",
        "iri",
        "hostname",
        "relative-json-pointer",
        "uri-template",
        "uri-reference",
        "ipv6",
        "ecmascript",
        "unknown",
    ];

    [Theory]
    [InlineData("draft7")]
    [InlineData("draft2020-12")]
    public void Every_keyword_does_what_the_suite_says(string draft)
    {
        var failed = new List<string>();
        foreach (var file in Files(draft, "*.json").Where(file => !LeftOut.Contains(Path.GetFileName(file))))
            Run(file, formats: false, failed);
        Assert.Empty(failed);
    }

    [Theory]
    [InlineData("draft7")]
    [InlineData("draft2020-12")]
    public void The_formats_that_are_checked_are_checked_as_the_suite_says(string draft)
    {
        var failed = new List<string>();
        foreach (var file in Files(draft, "optional/format/*.json"))
            if (!FormatsLeftOut.Any(left => Path.GetFileName(file).StartsWith(left, StringComparison.Ordinal)))
                Run(file, formats: true, failed);
        Assert.Empty(failed);
    }

    static string[] Files(string draft, string pattern)
    {
        var root = Environment.GetEnvironmentVariable("HARIMA_JSON_SCHEMA_SUITE");
        Assert.SkipWhen(root is null, "HARIMA_JSON_SCHEMA_SUITE names no folder");
        var folder = Path.Combine(root!, "tests", draft, Path.GetDirectoryName(pattern)!);
        return [.. Directory.GetFiles(folder, Path.GetFileName(pattern)).Order()];
    }

    void Run(string file, bool formats, List<string> failed)
    {
        var (passed, all, outside) = (0, 0, 0);
        using var cases = JsonDocument.Parse(File.ReadAllText(file));
        foreach (var group in cases.RootElement.EnumerateArray())
        {
            var text = group.GetProperty("schema").GetRawText();
            // What refers to a document that has to be fetched is refused when it is registered.
            if (
                text.Contains("\"http://localhost:1234", StringComparison.Ordinal)
                    && text.Contains("$ref", StringComparison.Ordinal)
                    && NeedsAnother(text)
                || text.Contains("\"$ref\": \"http://json-schema.org", StringComparison.Ordinal)
                || text.Contains("\"$ref\": \"https://json-schema.org", StringComparison.Ordinal)
            )
            {
                outside += group.GetProperty("tests").GetArrayLength();
                continue;
            }
            var schema = JsonSchema.Parse(WithDraft(text, file));
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                all++;
                var good = schema.Check(PlacedJson.Parse(test.GetProperty("data").GetRawText()), formats).Count == 0;
                if (good == test.GetProperty("valid").GetBoolean())
                    passed++;
                else
                    failed.Add(
                        $"{Path.GetFileName(file)}: {group.GetProperty("description")}: {test.GetProperty("description")}"
                    );
            }
        }
        output.WriteLine(
            $"{Path.GetFileNameWithoutExtension(file)} {passed}/{all}{(outside > 0 ? $" ({outside} need another document)" : "")}"
        );
    }

    static bool NeedsAnother(string text) =>
        JsonSchema
            .CheckSchema(text)
            .Any(problem => problem.Message.Contains("not in this document", StringComparison.Ordinal));

    static string WithDraft(string schema, string file) =>
        file.Contains("draft7", StringComparison.Ordinal)
        && schema.StartsWith('{')
        && !schema.Contains("\"$schema\"", StringComparison.Ordinal)
            ? "{\"$schema\":\"http://json-schema.org/draft-07/schema#\""
                + (schema.TrimStart('{').Trim() == "}" ? "" : ",")
                + schema[1..]
            : schema;
}
