using System.Net;
using System.Xml.Linq;
using Harima.Gateway;
using Harima.Storage;

namespace Harima.Hostile;

/// <summary>Keys that look like paths lead nowhere but to themselves.</summary>
public sealed class PathTests(HostileHarima harima) : GatewayTests(harima), IClassFixture<HostileHarima>
{
    public static TheoryData<string> Tricks =>
        [
            "../evil",
            "../../../../../../../../tmp/evil",
            "%2e%2e/evil",
            "%2e%2e%2f%2e%2e%2fevil",
            "a/../../evil",
            "./evil",
            "a/./evil",
            "/evil",
            "//evil",
            "a//evil",
            "evil/",
            "evil//",
            "..",
            ".",
            "%5c..%5cevil",
            ".harima/staging/evil",
            "a%0ab",
            "a%0d%0ab",
            "a%1b%5b31m",
            "%c0%ae%c0%ae/evil",
            "%e0%80%ae/evil",
            "%ff%fe",
            "%ed%a0%80",
            "a%00b",
            "%00",
            "%u002e/evil",
            "%",
            "%2",
            "%zz",
            "con",
            "~root/evil",
            "$(id)",
            "a;b",
            "a?b",
            "%3F",
            "%23",
        ];

    [Theory]
    [MemberData(nameof(Tricks))]
    public async Task A_key_that_looks_like_a_path_is_itself_or_refused(string trick)
    {
        var store = Harima.Get<PosixStore>().Root;
        var sequence = NewSequence();
        var target = $"/{Bucket}/{sequence}/{trick}";

        var put = await SendAsync("leader", "PUT", target, "trick");

        Assert.True(put.Status is HttpStatusCode.OK or HttpStatusCode.BadRequest, $"{(int)put.Status} {put.Text}");
        if (put.Status == HttpStatusCode.OK)
        {
            Assert.Equal("trick", (await SendAsync("leader", "GET", target)).IsOk().Text);
            var listed = (
                await SendAsync("leader", "GET", $"/{Bucket}?list-type=2&encoding-type=url&prefix={sequence}/")
            )
                .IsOk()
                .Xml;
            Assert.Single(listed.Elements(Xmlns + "Contents"));
        }
        foreach (
            var outside in new[]
            {
                "/tmp/evil",
                "/evil",
                Path.Combine(store, "evil"),
                Path.Combine(store, "..", "evil"),
                Path.Combine(store, RunningHarima.Proposal, "evil"),
            }
        )
            Assert.False(Path.Exists(outside), outside);
        var staging = Path.Combine(store, ".harima", "staging");
        Assert.False(Path.Exists(Path.Combine(staging, "evil")));
        // Removing it removes nothing else.
        var neighbour = await NewFileAsync("neighbour");
        var removed = await SendAsync("leader", "DELETE", target);
        Assert.True(removed.Status is HttpStatusCode.NoContent or HttpStatusCode.BadRequest, $"{(int)removed.Status}");
        Assert.True(Directory.Exists(staging));
        Assert.Equal("neighbour", (await SendAsync("leader", "GET", neighbour)).IsOk().Text);
    }

    [Theory]
    [InlineData("/..")]
    [InlineData("/../")]
    [InlineData("/%2e%2e/%2e%2e/etc/passwd")]
    [InlineData("/..%2f..%2fetc%2fpasswd")]
    [InlineData("/.harima/staging/x")]
    [InlineData("/.harima")]
    [InlineData("//2026a2000/x")]
    [InlineData("/2026a2000%2fx")]
    [InlineData("/%00/x")]
    [InlineData("/2026a2000%00/x")]
    [InlineData("/%ff")]
    [InlineData("/2026a2000/../2026a2001/x")]
    public async Task A_bucket_that_looks_like_a_path_is_no_bucket(string target)
    {
        foreach (var method in new[] { "GET", "PUT", "DELETE", "HEAD" })
        {
            var answer = await SendAsync("leader", method, target);
            Assert.True(
                (int)answer.Status is (>= 400 and < 500) or 501,
                $"{method}: {(int)answer.Status} {answer.Text}"
            );
        }
    }

    [Theory]
    [InlineData(255, true)]
    [InlineData(900, true)]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    [InlineData(5000, false)]
    public async Task Keys_have_up_to_1024_bytes(int length, bool isTaken)
    {
        var sequence = NewSequence();
        var key = sequence + "/" + new string('k', length - sequence.Length - 1);

        var answer = await SendAsync("leader", "PUT", $"/{Bucket}/{key}", "long");

        if (!isTaken)
        {
            answer.IsRefused(400, "KeyTooLongError");
            return;
        }
        answer.IsOk();
        Assert.Equal("long", (await SendAsync("leader", "GET", $"/{Bucket}/{key}")).IsOk().Text);
    }

    [Theory]
    [InlineData("max-keys=99999999999999999999")]
    [InlineData("max-keys=-1")]
    [InlineData("max-keys=%00")]
    [InlineData("list-type=2&continuation-token=%ff%00garbage")]
    [InlineData("list-type=2&continuation-token=AAAA")]
    [InlineData("list-type=2&start-after=%ff&prefix=%ed%a0%80&delimiter=%00")]
    [InlineData("prefix=%00&marker=%00")]
    [InlineData("uploads&key-marker=%ff&upload-id-marker=../../x")]
    [InlineData("encoding-type=%ff")]
    [InlineData("versions&key-marker=%00&version-id-marker=x")]
    [InlineData("list-type=2&prefix=a&prefix=b&prefix")]
    public async Task Odd_parameters_of_a_listing_are_answered_or_refused(string query)
    {
        var answer = await SendAsync("leader", "GET", $"/{Bucket}?{query}");

        Assert.True((int)answer.Status is 200 or (>= 400 and < 500) or 501, $"{(int)answer.Status} {answer.Text}");
        if (answer.Status == HttpStatusCode.OK)
            XDocument.Parse(answer.Text);
    }

    [Theory]
    [InlineData("uploadId=..%2f..%2fx&partNumber=1")]
    [InlineData("uploadId=%00&partNumber=1")]
    [InlineData("uploadId=x&partNumber=0")]
    [InlineData("uploadId=x&partNumber=10001")]
    [InlineData("uploadId=x&partNumber=-1")]
    [InlineData("uploadId=x&partNumber=1e3")]
    [InlineData("uploadId=x&partNumber=999999999999")]
    [InlineData("uploadId=x")]
    [InlineData("uploadId=")]
    public async Task Odd_upload_ids_and_part_numbers_are_refused(string query)
    {
        var key = NewSequence() + "/a";
        foreach (var method in new[] { "PUT", "DELETE", "POST", "GET" })
        {
            var answer = await SendAsync("leader", method, $"/{Bucket}/{key}?{query}", "x");
            Assert.InRange((int)answer.Status, 400, 499);
        }
        (await SendAsync("leader", "GET", $"/{Bucket}/{key}")).IsRefused(404, "NoSuchKey");
    }
}
