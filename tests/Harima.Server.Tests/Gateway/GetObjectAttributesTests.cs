using System.Security.Cryptography;
using System.Xml.Linq;

namespace Harima.Gateway;

public sealed class GetObjectAttributesOnSqlite(SqliteHarima harima) : GetObjectAttributesTests(harima);

public sealed class GetObjectAttributesOnPostgres(PostgresHarima harima) : GetObjectAttributesTests(harima);

public abstract class GetObjectAttributesTests(RunningHarima harima) : GatewayTests(harima)
{
    const string All = "ETag,Checksum,ObjectParts,StorageClass,ObjectSize";

    Task<Answer> AskAsync(string target, string? wanted, params (string, string)[] headers) =>
        SendAsync(
            "leader",
            "GET",
            target + "?attributes",
            headers: wanted is null ? headers : [("x-amz-object-attributes", wanted), .. headers]
        );

    static string? Value(XElement xml, params string[] path)
    {
        XElement? at = xml;
        foreach (var name in path)
            at = at?.Element(Xmlns + name);
        return at?.Value;
    }

    [Theory]
    [InlineData(null, "InvalidRequest")]
    [InlineData("", "InvalidRequest")]
    [InlineData("ETag,Colour", "InvalidArgument")]
    public async Task What_cannot_be_told_is_refused(string? wanted, string code) =>
        (await AskAsync(await NewFileAsync("x"), wanted)).IsRefused(400, code);

    [Fact]
    public async Task What_is_not_there_does_not_exist() =>
        (await AskAsync($"/{Bucket}/{NewSequence()}/none", All)).IsRefused(404, "NoSuchKey");

    [Fact]
    public async Task Only_what_was_asked_for_is_told()
    {
        var target = await NewFileAsync("123456789");

        var size = (await AskAsync(target, "ObjectSize")).IsOk();
        var all = (await AskAsync(target, All)).IsOk();

        Assert.Equal("9", Assert.Single(size.Xml.Elements()).Value);
        Assert.Equal("25f9e794323b453885f5181f1b624d0b", Value(all.Xml, "ETag"));
        Assert.Equal("STANDARD", Value(all.Xml, "StorageClass"));
        // The check value of CRC-64/NVME.
        Assert.Equal(
            ("rosUhgp5mIg=", "FULL_OBJECT"),
            (Value(all.Xml, "Checksum", "ChecksumCRC64NVME"), Value(all.Xml, "Checksum", "ChecksumType"))
        );
        Assert.Null(all.Xml.Element(Xmlns + "ObjectParts"));
        Assert.NotNull(all.Header("Last-Modified"));
        Assert.Null(all.Header("x-amz-version-id"));
    }

    [Fact]
    public async Task Parts_come_in_pages_with_their_checksums()
    {
        var target = $"/{Bucket}/{NewSequence()}/parts";
        var begun = await SendAsync("leader", "POST", target + "?uploads", "", ("x-amz-checksum-algorithm", "SHA256"));
        var upload = $"{target}?uploadId={begun.IsOk().Xml.Element(Xmlns + "UploadId")!.Value}";
        byte[][] parts =
        [
            RandomNumberGenerator.GetBytes(5 << 20),
            RandomNumberGenerator.GetBytes(5 << 20),
            RandomNumberGenerator.GetBytes(7),
        ];
        string[] sums = [.. parts.Select(part => Convert.ToBase64String(SHA256.HashData(part)))];
        var named = "";
        for (var n = 0; n < 3; n++)
        {
            var part = await SendAsync(
                "leader",
                "PUT",
                $"{upload}&partNumber={n + 1}",
                new ByteArrayContent(parts[n]),
                ("x-amz-checksum-sha256", sums[n])
            );
            named +=
                $"<Part><PartNumber>{n + 1}</PartNumber><ETag>{part.IsOk().ETag}</ETag><ChecksumSHA256>{sums[n]}</ChecksumSHA256></Part>";
        }
        var complete = $"<CompleteMultipartUpload>{named}</CompleteMultipartUpload>";
        var done = (await SendAsync("leader", "POST", upload, complete)).IsOk();
        var whole = Convert.ToBase64String(SHA256.HashData([.. parts.SelectMany(SHA256.HashData)])) + "-3";
        Assert.Equal(whole, Value(done.Xml, "ChecksumSHA256"));
        // A client that lost the answer asks again.
        Assert.Equal(
            Value(done.Xml, "ETag"),
            Value((await SendAsync("leader", "POST", upload, complete)).IsOk().Xml, "ETag")
        );

        var all = (await AskAsync(target, All)).IsOk().Xml;
        var page = (await AskAsync(target, "ObjectParts", ("x-amz-max-parts", "1"), ("x-amz-part-number-marker", "1")))
            .IsOk()
            .Xml.Element(Xmlns + "ObjectParts")!;

        Assert.Equal(
            (whole, "COMPOSITE"),
            (Value(all, "Checksum", "ChecksumSHA256"), Value(all, "Checksum", "ChecksumType"))
        );
        var listed = all.Element(Xmlns + "ObjectParts")!;
        Assert.Equal(("3", "false"), (Value(listed, "PartsCount"), Value(listed, "IsTruncated")));
        Assert.Equal(sums, listed.Elements(Xmlns + "Part").Select(part => Value(part, "ChecksumSHA256")));
        Assert.Equal(
            parts.Select(part => part.Length.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            listed.Elements(Xmlns + "Part").Select(part => Value(part, "Size"))
        );
        Assert.Equal("2", Value(Assert.Single(page.Elements(Xmlns + "Part")), "PartNumber"));
        Assert.Equal(
            ("1", "2", "true"),
            (Value(page, "PartNumberMarker"), Value(page, "NextPartNumberMarker"), Value(page, "IsTruncated"))
        );
        var read = await SendAsync(
            "leader",
            "GET",
            target + "?partNumber=2",
            headers: ("x-amz-checksum-mode", "ENABLED")
        );
        Assert.Equal((sums[1], "3"), (read.Header("x-amz-checksum-sha256"), read.Header("x-amz-mp-parts-count")));
        (await SendAsync("leader", "GET", target + "?partNumber=4")).IsRefused(400, "InvalidPart");
    }
}
