using System.Xml.Linq;
using Harima.Access;
using Harima.S3.Signing;

namespace Harima.Gateway;

public sealed class ListObjectsOnSqlite(SqliteHarima harima) : ListObjectsTests(harima);

public sealed class ListObjectsOnPostgres(PostgresHarima harima) : ListObjectsTests(harima);

/// <summary>ListObjects and ListObjectsV2: what both must do, asked of both.</summary>
public abstract class ListObjectsTests(RunningHarima harima) : GatewayTests(harima)
{
    static string[] Keys(XElement xml) =>
        [.. xml.Elements(Xmlns + "Contents").Select(entry => entry.Element(Xmlns + "Key")!.Value)];

    static string[] Prefixes(XElement xml) =>
        [.. xml.Elements(Xmlns + "CommonPrefixes").Select(entry => entry.Element(Xmlns + "Prefix")!.Value)];

    static string? Value(XElement xml, string name) => xml.Element(Xmlns + name)?.Value;

    async Task<string> FillAsync(params string[] names)
    {
        var sequence = NewSequence();
        foreach (var name in names)
            await PutAsync($"{sequence}/{name}", name);
        return sequence;
    }

    [Theory]
    [InlineData("stranger", "")]
    [InlineData("stranger", "list-type=2")]
    [InlineData(Anonymous, "list-type=2")]
    public async Task A_bucket_one_may_not_read_does_not_exist(string user, string query)
    {
        var (status, code) = user == Anonymous ? (403, "AccessDenied") : (404, "NoSuchBucket");
        (await SendAsync(user, "GET", $"/{PrivateBucket}?{query}")).IsRefused(status, code);
        (await SendAsync(user, "GET", $"/no-such-bucket?{query}")).IsRefused(status, code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("list-type=2&")]
    public async Task Keys_in_any_order_cannot_be_rolled_up(string query)
    {
        var sequence = await FillAsync("a", "b/c");
        var listed = $"/{Bucket}?{query}allow-unordered=true&prefix={sequence}/";

        var answer = (await SendAsync("leader", "GET", listed)).IsOk();

        Assert.Equal(2, answer.Xml.Elements(Xmlns + "Contents").Count());
        (await SendAsync("leader", "GET", listed + "&delimiter=/")).IsRefused(400, "InvalidArgument");
    }

    [Theory]
    [InlineData("max-keys=-1")]
    [InlineData("max-keys=many")]
    [InlineData("encoding-type=base64")]
    [InlineData("list-type=2&continuation-token=%20%20")]
    public async Task Parameters_that_make_no_sense_are_refused(string query) =>
        (await SendAsync("leader", "GET", $"/{Bucket}?{query}")).IsRefused(400, "InvalidArgument");

    [Fact]
    public async Task Only_the_shared_sequences_are_listed()
    {
        var shared = await FillAsync("a.txt");
        var other = await FillAsync("b.txt");
        await Harima.ShareAsync(shared, "stranger", Right.Read);

        var keys = Keys((await SendAsync("stranger", "GET", $"/{Bucket}?list-type=2")).IsOk().Xml);
        var groups = Prefixes((await SendAsync("stranger", "GET", $"/{Bucket}?delimiter=/")).IsOk().Xml);

        Assert.Contains($"{shared}/a.txt", keys);
        Assert.DoesNotContain($"{other}/b.txt", keys);
        Assert.Contains(shared + "/", groups);
        Assert.DoesNotContain(other + "/", groups);
        Assert.Empty(Keys((await SendAsync("stranger", "GET", $"/{Bucket}?prefix={other}")).IsOk().Xml));
    }

    [Theory]
    [InlineData("")]
    [InlineData("list-type=2&")]
    public async Task Keys_come_in_order_of_their_bytes(string version)
    {
        string[] names = ["B", "a", "a b", "a/b", "é", "試", "\U0001F4A1", "\uFFFD"];
        var sequence = await FillAsync(names);

        var xml = (await SendAsync("leader", "GET", $"/{Bucket}?{version}prefix={sequence}/")).IsOk().Xml;

        var expected = names
            .Select(name => $"{sequence}/{name}")
            .OrderBy(key => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(key)), StringComparer.Ordinal);
        Assert.Equal(expected, Keys(xml));
        Assert.Equal(Bucket, Value(xml, "Name"));
        Assert.Equal("false", Value(xml, "IsTruncated"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("list-type=2&")]
    public async Task A_delimiter_groups(string version)
    {
        var sequence = await FillAsync("a", "b/1", "b/2", "c", "d/e/f");

        var xml = (await SendAsync("leader", "GET", $"/{Bucket}?{version}prefix={sequence}/&delimiter=/")).IsOk().Xml;

        Assert.Equal([$"{sequence}/a", $"{sequence}/c"], Keys(xml));
        Assert.Equal([$"{sequence}/b/", $"{sequence}/d/"], Prefixes(xml));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task Pages_of_version_2_hold_everything_once(int size)
    {
        var sequence = await FillAsync("a", "b/1", "b/2", "c", "d/e/f", "e");
        var found = new List<string>();
        var token = "";
        do
        {
            var xml = (
                await SendAsync(
                    "leader",
                    "GET",
                    $"/{Bucket}?list-type=2&prefix={sequence}/&delimiter=/&max-keys={size}{token}"
                )
            )
                .IsOk()
                .Xml;
            found.AddRange(Keys(xml).Concat(Prefixes(xml)).Order(StringComparer.Ordinal));
            Assert.Equal(
                Value(xml, "KeyCount"),
                (Keys(xml).Length + Prefixes(xml).Length).ToString(System.Globalization.CultureInfo.InvariantCulture)
            );
            token = Value(xml, "NextContinuationToken") is { } next
                ? "&continuation-token=" + UriEncoding.Encode(next)
                : "";
        } while (token.Length > 0);

        Assert.Equal(["a", "b/", "c", "d/", "e"], found.Select(key => key[(sequence.Length + 1)..]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Pages_of_version_1_hold_everything_once(int size)
    {
        var sequence = await FillAsync("a", "b/1", "b/2", "c", "d/e/f", "e");
        var found = new List<string>();
        var marker = "";
        do
        {
            var xml = (
                await SendAsync(
                    "leader",
                    "GET",
                    $"/{Bucket}?prefix={sequence}/&delimiter=/&max-keys={size}&marker={UriEncoding.Encode(marker)}"
                )
            )
                .IsOk()
                .Xml;
            found.AddRange(Keys(xml).Concat(Prefixes(xml)).Order(StringComparer.Ordinal));
            marker = Value(xml, "NextMarker") ?? "";
        } while (marker.Length > 0);

        Assert.Equal(["a", "b/", "c", "d/", "e"], found.Select(key => key[(sequence.Length + 1)..]));
    }

    [Fact]
    public async Task Nothing_is_asked_for_and_nothing_comes()
    {
        var sequence = await FillAsync("a");
        var xml = (await SendAsync("leader", "GET", $"/{Bucket}?list-type=2&prefix={sequence}&max-keys=0")).IsOk().Xml;
        Assert.Equal(("0", "false"), (Value(xml, "KeyCount"), Value(xml, "IsTruncated")));
    }

    [Fact]
    public async Task Start_after_and_url_encoding_are_obeyed()
    {
        var sequence = await FillAsync("a b", "c+d", "é");

        var xml = (
            await SendAsync(
                "leader",
                "GET",
                $"/{Bucket}?list-type=2&prefix={sequence}/&start-after={sequence}/a%20b&encoding-type=url&fetch-owner=true"
            )
        )
            .IsOk()
            .Xml;

        Assert.Equal([$"{sequence}/c%2Bd", $"{sequence}/%C3%A9"], Keys(xml));
        Assert.Equal("leader", xml.Element(Xmlns + "Contents")!.Element(Xmlns + "Owner")!.Element(Xmlns + "ID")!.Value);
    }

    [Fact]
    public async Task A_workspace_has_free_keys()
    {
        await PutAsync("loose-file.txt", "x", Workspace);
        Assert.Contains(
            "loose-file.txt",
            Keys((await SendAsync("leader", "GET", $"/{Workspace}?list-type=2")).IsOk().Xml)
        );
        (await SendAsync("member", "GET", $"/{Workspace}?list-type=2")).IsRefused(404, "NoSuchBucket");
    }

    [Fact]
    public async Task Our_own_client_lists_page_by_page()
    {
        var sequence = await FillAsync("1", "2", "3");
        var keys = new List<string>();
        await foreach (var entry in Leader.ListObjectsAsync(Bucket, sequence + "/", Token))
            keys.Add(entry.Key);
        Assert.Equal([$"{sequence}/1", $"{sequence}/2", $"{sequence}/3"], keys);
    }
}
