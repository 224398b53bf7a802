using System.Xml.Linq;
using Harima.Access;

namespace Harima.Gateway;

public sealed class TaggingOnSqlite(SqliteHarima harima) : TaggingTests(harima);

public sealed class TaggingOnPostgres(PostgresHarima harima) : TaggingTests(harima);

/// <summary>Get-, Put- and DeleteObjectTagging, and tags that come with a write.</summary>
public abstract class TaggingTests(RunningHarima harima) : GatewayTests(harima)
{
    static string Document(params (string Key, string Value)[] tags) =>
        $"<Tagging xmlns=\"{Xmlns}\"><TagSet>"
        + string.Concat(
            tags.Select(tag =>
                new XElement("Tag", new XElement("Key", tag.Key), new XElement("Value", tag.Value)).ToString()
            )
        )
        + "</TagSet></Tagging>";

    async Task<string> TagsAsync(string target)
    {
        var answer = (await SendAsync("leader", "GET", target + "?tagging")).IsOk();
        return string.Join(
            '&',
            answer
                .Xml.Element(Xmlns + "TagSet")!
                .Elements(Xmlns + "Tag")
                .Select(tag => tag.Element(Xmlns + "Key")!.Value + "=" + tag.Element(Xmlns + "Value")!.Value)
        );
    }

    public static TheoryData<string, string> Impossible =>
        new()
        {
            { Document([.. Enumerable.Range(0, 11).Select(n => ($"k{n}", "v"))]), "InvalidTag" },
            { Document((new string('k', 129), "v")), "InvalidTag" },
            { Document(("k", new string('v', 257))), "InvalidTag" },
            { Document(("", "v")), "InvalidTag" },
            { Document(("k", "1"), ("k", "2")), "InvalidTag" },
            { "<Tagging><TagSet><Tag><Value>v</Value></Tag></TagSet></Tagging>", "MalformedXML" },
            { "<Tags/>", "MalformedXML" },
            { "<!DOCTYPE d [<!ENTITY x \"y\">]><Tagging>&x;</Tagging>", "MalformedXML" },
        };

    [Theory]
    [MemberData(nameof(Impossible))]
    public async Task Tags_that_cannot_be_are_refused_and_the_old_ones_stay(string document, string code)
    {
        var target = await NewFileAsync("x");
        (await SendAsync("leader", "PUT", target + "?tagging", Document(("kept", "yes")))).IsOk();

        (await SendAsync("leader", "PUT", target + "?tagging", document)).IsRefused(400, code);

        Assert.Equal("kept=yes", await TagsAsync(target));
    }

    [Fact]
    public async Task Readers_see_tags_and_change_none()
    {
        var target = await NewFileAsync("x");
        await Harima.ShareAsync(target.Split('/')[2], "stranger", Right.Read);
        (await SendAsync("stranger", "GET", target + "?tagging")).IsOk();
        (await SendAsync("stranger", "PUT", target + "?tagging", Document(("a", "b")))).IsRefused(403, "AccessDenied");
        (await SendAsync("stranger", "DELETE", target + "?tagging")).IsRefused(403, "AccessDenied");
        (await SendAsync("leader", "PUT", target + "-not?tagging", Document())).IsRefused(404, "NoSuchKey");
    }

    [Fact]
    public async Task Tags_are_set_counted_replaced_and_removed()
    {
        var target = await NewFileAsync("x");
        (string, string)[] ten =
        [
            .. Enumerable.Range(0, 9).Select(n => ($"k{n}", new string('値', 256))),
            (new string('鍵', 128), "<&>"),
        ];

        (await SendAsync("leader", "PUT", target + "?tagging", Document(ten))).IsOk();
        Assert.Equal("10", (await SendAsync("leader", "HEAD", target)).Header("x-amz-tagging-count"));
        Assert.EndsWith(new string('鍵', 128) + "=<&>", await TagsAsync(target), StringComparison.Ordinal);
        (await SendAsync("leader", "PUT", target + "?tagging", Document(("z", "1"), ("a", "2")))).IsOk();
        Assert.Equal("a=2&z=1", await TagsAsync(target));
        (await SendAsync("leader", "DELETE", target + "?tagging")).IsOk(System.Net.HttpStatusCode.NoContent);

        Assert.Equal("", await TagsAsync(target));
        Assert.Null((await SendAsync("leader", "HEAD", target)).Header("x-amz-tagging-count"));
    }

    [Fact]
    public async Task Tags_come_with_a_write_and_go_with_the_next()
    {
        var target = $"/{Bucket}/{NewSequence()}/a";
        (await SendAsync("leader", "PUT", target, "x", ("x-amz-tagging", "foo=b%26r+1&bar"))).IsOk();
        Assert.Equal("bar=&foo=b&r 1", await TagsAsync(target));

        (await SendAsync("leader", "PUT", target, "y")).IsOk();

        Assert.Equal("", await TagsAsync(target));
        (await SendAsync("leader", "PUT", target, "z", ("x-amz-tagging", "a=1&a=2"))).IsRefused(400, "InvalidTag");
        Assert.Equal("y", (await SendAsync("leader", "GET", target)).Text);
    }

    [Fact]
    public async Task A_copy_takes_its_tags_or_gets_its_own()
    {
        var source = $"/{Bucket}/{NewSequence()}/a";
        (await SendAsync("leader", "PUT", source, "x", ("x-amz-tagging", "a=1"))).IsOk();

        (await SendAsync("leader", "PUT", source + "-same", headers: ("x-amz-copy-source", source))).IsOk();
        (
            await SendAsync(
                "leader",
                "PUT",
                source + "-own",
                headers:
                [
                    ("x-amz-copy-source", source),
                    ("x-amz-tagging-directive", "REPLACE"),
                    ("x-amz-tagging", "b=2"),
                ]
            )
        ).IsOk();

        Assert.Equal("a=1", await TagsAsync(source + "-same"));
        Assert.Equal("b=2", await TagsAsync(source + "-own"));
    }

    [Fact]
    public async Task A_multipart_upload_gives_its_tags_to_the_object()
    {
        var target = $"/{Bucket}/{NewSequence()}/a";
        var begun = await SendAsync(
            "leader",
            "POST",
            target + "?uploads",
            "",
            ("x-amz-tagging", "Hello=World&foo=bar")
        );
        var upload = $"{target}?uploadId={begun.IsOk().Xml.Element(Xmlns + "UploadId")!.Value}";
        var part = (await SendAsync("leader", "PUT", upload + "&partNumber=1", "x")).IsOk();
        (
            await SendAsync(
                "leader",
                "POST",
                upload,
                $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{part.ETag}</ETag></Part></CompleteMultipartUpload>"
            )
        ).IsOk();
        Assert.Equal("Hello=World&foo=bar", await TagsAsync(target));
    }
}
