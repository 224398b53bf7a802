using System.Net;
using System.Text;
using System.Text.Json;
using Harima.Access;

namespace Harima.Api;

public sealed class MetadataOnSqlite(SqliteHarima harima) : MetadataTests(harima);

public sealed class MetadataOnPostgres(PostgresHarima harima) : MetadataTests(harima);

/// <summary>Documents and their versions, what files propose, what people say.</summary>
public abstract class MetadataTests(RunningHarima harima) : ApiTests(harima)
{
    static string At(string id) => $"/proposals/{Proposal}/sequences/{id}";

    static string Document(string id) => At(id) + "/metadata/measurement";

    [Fact]
    public async Task A_document_is_written_under_the_ETag_it_was_read_with_and_not_over_somebody_elses_change()
    {
        var id = await NewSequenceAsync();
        var read = (await SendAsync("leader", "GET", Document(id))).IsOk();
        var seen = read.Header("ETag")!;
        var first = await SendAsync("leader", "PUT", Document(id), """{"energy": 1}""", ("If-Match", seen));
        first.IsOk(HttpStatusCode.NoContent);
        var late = await SendAsync("member", "PUT", Document(id), """{"energy": 2}""", ("If-Match", seen));
        late.IsProblem(412, "metadata-changed");
        Assert.Equal("leader", late.Json().GetProperty("fields").GetProperty("by").GetString());
        Assert.Equal(
            first.Header("ETag"),
            $"\"{late.Json().GetProperty("fields").GetProperty("version").GetString()}\""
        );
        (await SendAsync("member", "DELETE", Document(id), null, ("If-Match", seen))).IsProblem(
            412,
            "metadata-changed"
        );
        var now = (await SendAsync("leader", "GET", Document(id))).IsOk();
        Assert.Equal("""{"energy": 1}""", now.Text);
        Assert.Equal(first.Header("ETag"), now.Header("ETag"));
        (await SendAsync("member", "PUT", Document(id), """{"energy": 2}""", ("If-Match", now.Header("ETag")!))).IsOk(
            HttpStatusCode.NoContent
        );
    }

    [Fact]
    public async Task Restoring_and_importing_keep_to_If_Match_as_writing_does()
    {
        var id = await NewSequenceAsync();
        var seen = (await SendAsync("leader", "GET", Document(id))).IsOk().Header("ETag")!;
        (await SendAsync("leader", "PUT", Document(id), """{"energy": 1}""")).IsOk(HttpStatusCode.NoContent);
        var changes = (await SendAsync("leader", "GET", At(id) + "/metadata/changes")).IsOk().Json();
        var change = changes.GetProperty("items")[0].GetProperty("id").GetInt64();
        var restore = At(id) + $"/metadata/changes/{change}/restore?before=true";
        (await SendAsync("member", "POST", restore, null, ("If-Match", seen))).IsProblem(412, "metadata-changed");
        var now = (await SendAsync("leader", "GET", Document(id))).IsOk().Header("ETag")!;
        var restored = await SendAsync("member", "POST", restore, null, ("If-Match", now));
        restored.IsOk(HttpStatusCode.NoContent);
        Assert.Equal(seen, restored.Header("ETag"));

        const string Flat = """{"@measurement@energy": "7.1"}""";
        var import = At(id) + "/metadata/import?format=benten-json";
        var trial = (await SendAsync("leader", "POST", import + "&trial=true", Flat)).IsOk();
        Assert.Equal($"{seen[..^1]}.none\"", trial.Header("ETag"));
        (await SendAsync("member", "PUT", Document(id), """{"energy": 3}""")).IsOk(HttpStatusCode.NoContent);
        (await SendAsync("leader", "POST", import, Flat, ("If-Match", trial.Header("ETag")!))).IsProblem(
            412,
            "metadata-changed"
        );
        Assert.Equal("""{"energy": 3}""", (await SendAsync("leader", "GET", Document(id))).IsOk().Text);
        (await SendAsync("leader", "POST", import, Flat, ("If-Match", seen))).IsProblem(400, "metadata-condition");
        trial = (await SendAsync("leader", "POST", import + "&trial=true", Flat)).IsOk();
        (await SendAsync("leader", "POST", import, Flat, ("If-Match", trial.Header("ETag")!))).IsOk();
    }

    [Fact]
    public async Task Yaml_comes_as_yaml_and_what_no_route_takes_is_told()
    {
        var id = await NewSequenceAsync();
        using var request = new HttpRequestMessage(
            HttpMethod.Post,
            new Uri(Harima.Portal, $"/api/v1{At(id)}/metadata/import?format=benten-yaml")
        )
        {
            Content = new StringContent("measurement:\n  energy: 7.1\n", Encoding.UTF8, "application/yaml"),
        };
        request.Headers.Authorization = new("Bearer", await TokenOfAsync("leader"));
        using var answer = await Harima.Http.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("7.1", (await SendAsync("leader", "GET", Document(id))).IsOk().Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_is_made_only_where_there_is_none_if_the_client_says_so()
    {
        var id = await NewSequenceAsync();
        var sample = At(id) + "/metadata/sample";
        (await SendAsync("leader", "PUT", sample, "{}", ("If-None-Match", "*"))).IsOk(HttpStatusCode.NoContent);
        (await SendAsync("leader", "PUT", sample, """{"a":1}""", ("If-None-Match", "*"))).IsProblem(
            412,
            "metadata-changed"
        );
        Assert.Equal("{}", (await SendAsync("leader", "GET", sample)).IsOk().Text);
    }

    /// <summary>A condition that is taken for none would write over others.</summary>
    [Theory]
    [InlineData("If-Match", "*")]
    [InlineData("If-Match", "\"a\", \"b\"")]
    [InlineData("If-Match", "W/\"a\"")]
    [InlineData("If-Match", "no etag")]
    [InlineData("If-None-Match", "\"a\"")]
    public async Task A_condition_that_is_not_understood_is_refused(string header, string value)
    {
        var id = await NewSequenceAsync();
        (await SendAsync("leader", "PUT", Document(id), """{"energy": 9}""", (header, value))).IsProblem(
            400,
            "metadata-condition"
        );
        Assert.Equal("""{"energy": 12.4}""", (await SendAsync("leader", "GET", Document(id))).IsOk().Text);
    }

    const string Spectrum = "# XDI/1.0\n# Element.symbol: Se\n# Element.edge: K\n# Sample.name: foil\n#----\n1 2\n";

    [Fact]
    public async Task What_files_propose_is_dismissed_brought_back_and_accepted_over_REST()
    {
        var id = await NewSequenceAsync();
        await PutAsync(Proposal.ToLowerInvariant(), $"{id}/a.xdi", System.Text.Encoding.UTF8.GetBytes(Spectrum));
        var proposed = await ProposedAsync(id);
        var name = Value(proposed, "sample.name");
        var field = Field(name);
        var dismissed = await SendAsync("leader", "POST", At(id) + "/metadata/proposed/dismiss", field);
        Assert.Equal(1, dismissed.IsOk().Json().GetProperty("count").GetInt32());
        name = Value(await ProposedAsync(id), "sample.name");
        Assert.Equal("dismissed", name.GetProperty("state").GetString());
        Assert.Equal("leader", name.GetProperty("dismissedBy").GetString());
        (await SendAsync("leader", "POST", At(id) + "/metadata/proposed/propose-again", """{"fields":null}""")).IsOk();
        proposed = await ProposedAsync(id);
        Assert.Equal("new", Value(proposed, "sample.name").GetProperty("state").GetString());

        var seen = proposed.GetProperty("seen").GetRawText();
        (await SendAsync("member", "PUT", At(id) + "/metadata/sample", """{"sample":{"name":"typed"}}""")).IsOk(
            HttpStatusCode.NoContent
        );
        var accept = field[..^1] + ",\"seen\":" + seen + "}";
        (await SendAsync("leader", "POST", At(id) + "/metadata/proposed/accept", accept)).IsProblem(
            412,
            "metadata-changed"
        );
        accept = field[..^1] + ",\"seen\":" + (await ProposedAsync(id)).GetProperty("seen").GetRawText() + "}";
        (await SendAsync("leader", "POST", At(id) + "/metadata/proposed/accept", accept)).IsOk();
        Assert.Contains(
            "foil",
            (await SendAsync("leader", "GET", At(id) + "/metadata/sample")).IsOk().Text,
            StringComparison.Ordinal
        );
        await ShareAsync(Proposal, id, "stranger", Right.Read);
        (await SendAsync("stranger", "POST", At(id) + "/metadata/proposed/dismiss", """{"fields":null}""")).IsProblem(
            403,
            "needs-write"
        );
    }

    /// <summary>The worker reads files that have arrived some seconds later.</summary>
    async Task<JsonElement> ProposedAsync(string id)
    {
        for (var tries = 0; ; tries++)
        {
            var answer = (await SendAsync("leader", "GET", At(id) + "/metadata/proposed")).IsOk().Json();
            if (answer.GetProperty("values").GetArrayLength() > 0)
                return answer;
            Assert.True(tries < 3_000, "the files were never read");
            await Task.Delay(100, Token);
        }
    }

    static JsonElement Value(JsonElement proposed, string path) =>
        proposed.GetProperty("values").EnumerateArray().Single(value => value.GetProperty("path").GetString() == path);

    static string Field(JsonElement value) =>
        JsonSerializer.Serialize(
            new
            {
                fields = new[]
                {
                    new
                    {
                        path = value.GetProperty("path").GetString(),
                        value = value.GetProperty("value").GetString(),
                    },
                },
            }
        );
}
