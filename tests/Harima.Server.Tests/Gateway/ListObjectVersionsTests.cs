using System.Xml.Linq;
using Harima.Access;
using Harima.S3.Signing;

namespace Harima.Gateway;

public sealed class ListObjectVersionsOnSqlite(SqliteHarima harima) : ListObjectVersionsTests(harima);

public sealed class ListObjectVersionsOnPostgres(PostgresHarima harima) : ListObjectVersionsTests(harima);

/// <summary>ListObjectVersions of a bucket that was never versioned.</summary>
public abstract class ListObjectVersionsTests(RunningHarima harima) : GatewayTests(harima)
{
    static string[] Keys(XElement xml) =>
        [.. xml.Elements(Xmlns + "Version").Select(entry => entry.Element(Xmlns + "Key")!.Value)];

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

    [Fact]
    public async Task A_bucket_one_may_not_read_does_not_exist()
    {
        (await SendAsync("stranger", "GET", $"/{PrivateBucket}?versions")).IsRefused(404, "NoSuchBucket");
        (await SendAsync(Anonymous, "GET", $"/{PrivateBucket}?versions")).IsRefused(403, "AccessDenied");
        (await SendAsync("stranger", "GET", "/no-such-bucket?versions")).IsRefused(404, "NoSuchBucket");
    }

    [Theory]
    [InlineData("max-keys=-1")]
    [InlineData("max-keys=many")]
    [InlineData("encoding-type=base64")]
    [InlineData("version-id-marker=null")]
    public async Task Parameters_that_make_no_sense_are_refused(string query) =>
        (await SendAsync("leader", "GET", $"/{Bucket}?versions&{query}")).IsRefused(400, "InvalidArgument");

    [Fact]
    public async Task Only_the_shared_sequences_are_listed()
    {
        var shared = await FillAsync("a.txt");
        var other = await FillAsync("b.txt");
        await Harima.ShareAsync(shared, "stranger", Right.Read);

        var keys = Keys((await SendAsync("stranger", "GET", $"/{Bucket}?versions")).IsOk().Xml);
        var groups = Prefixes((await SendAsync("stranger", "GET", $"/{Bucket}?versions&delimiter=/")).IsOk().Xml);

        Assert.Contains($"{shared}/a.txt", keys);
        Assert.DoesNotContain($"{other}/b.txt", keys);
        Assert.Contains(shared + "/", groups);
        Assert.DoesNotContain(other + "/", groups);
        Assert.Empty(Keys((await SendAsync("stranger", "GET", $"/{Bucket}?versions&prefix={other}")).IsOk().Xml));
    }

    [Fact]
    public async Task Every_object_is_its_one_version()
    {
        var sequence = await FillAsync("a");

        var xml = (await SendAsync("leader", "GET", $"/{Bucket}?versions=&prefix={sequence}/")).IsOk().Xml;

        Assert.Equal("ListVersionsResult", xml.Name.LocalName);
        Assert.Equal((Bucket, "false"), (Value(xml, "Name"), Value(xml, "IsTruncated")));
        var version = Assert.Single(xml.Elements(Xmlns + "Version"));
        Assert.Equal(($"{sequence}/a", "null"), (Value(version, "Key"), Value(version, "VersionId")));
        Assert.Equal(("true", "1"), (Value(version, "IsLatest"), Value(version, "Size")));
        Assert.Equal("\"0cc175b9c0f1b6a831c399e269772661\"", Value(version, "ETag"));
        Assert.Equal("leader", version.Element(Xmlns + "Owner")!.Element(Xmlns + "ID")!.Value);
    }

    [Fact]
    public async Task Keys_come_in_order_of_their_bytes_and_percent_encoded_on_request()
    {
        var sequence = await FillAsync("\U0001F4A1", "\uFFFD", "a b", "B");

        var xml = (await SendAsync("leader", "GET", $"/{Bucket}?versions&prefix={sequence}/&encoding-type=url"))
            .IsOk()
            .Xml;

        Assert.Equal("url", Value(xml, "EncodingType"));
        Assert.Equal(
            [$"{sequence}/B", $"{sequence}/a%20b", $"{sequence}/%EF%BF%BD", $"{sequence}/%F0%9F%92%A1"],
            Keys(xml)
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task Pages_hold_everything_once(int size)
    {
        var sequence = await FillAsync("a", "b/1", "b/2", "c", "d/e/f", "e");
        var found = new List<string>();
        var next = "";
        do
        {
            var target = $"/{Bucket}?versions&prefix={sequence}/&delimiter=/&max-keys={size}{next}";
            var xml = (await SendAsync("leader", "GET", target)).IsOk().Xml;
            found.AddRange(Keys(xml).Concat(Prefixes(xml)).Order(StringComparer.Ordinal));
            Assert.Equal(Value(xml, "IsTruncated") == "true", Value(xml, "NextKeyMarker") is not null);
            next = Value(xml, "NextKeyMarker") is { } key ? "&key-marker=" + UriEncoding.Encode(key) : "";
            if (Value(xml, "NextVersionIdMarker") is { } version)
                next += "&version-id-marker=" + version;
        } while (next.Length > 0);

        Assert.Equal(["a", "b/", "c", "d/", "e"], found.Select(key => key[(sequence.Length + 1)..]));
    }
}
