using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Harima.Api;

/// <summary>The contract is checked in: whoever changes it sees what they change.</summary>
public sealed class OpenApiTests(SqliteHarima harima) : ApiTests(harima)
{
    static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [Fact]
    public async Task The_description_is_the_one_that_is_checked_in()
    {
        var answer = (await SendAsync(Anonymous, "GET", "//openapi/v1.json")).IsOk();
        var now = JsonNode.Parse(answer.Text)!.ToJsonString(Readable) + "\n";
        var file = CheckedInFile();
        if (Environment.GetEnvironmentVariable("HARIMA_UPDATE_OPENAPI") == "1")
            await File.WriteAllTextAsync(file, now, Token);
        Assert.True(
            await File.ReadAllTextAsync(file, Token) == now,
            "The REST contract changed. If that is meant: HARIMA_UPDATE_OPENAPI=1 and run this test again, then commit docs/reference/openapi.json."
        );
    }

    [Fact]
    public async Task Every_route_has_a_name_a_summary_and_a_tag()
    {
        var description = (await SendAsync(Anonymous, "GET", "//openapi/v1.json")).Json();
        Assert.StartsWith("3.1", description.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        foreach (var path in description.GetProperty("paths").EnumerateObject())
        foreach (var method in path.Value.EnumerateObject())
        {
            Assert.False(string.IsNullOrEmpty(method.Value.GetProperty("operationId").GetString()), path.Name);
            Assert.False(string.IsNullOrEmpty(method.Value.GetProperty("summary").GetString()), path.Name);
            Assert.NotEmpty(method.Value.GetProperty("tags").EnumerateArray());
        }
    }

    [Fact]
    public async Task The_reference_page_is_served() =>
        Assert.Contains(
            "scalar",
            (await SendAsync(Anonymous, "GET", "//api/")).IsOk().Text,
            StringComparison.OrdinalIgnoreCase
        );

    static string CheckedInFile([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../docs/reference/openapi.json"));
}
