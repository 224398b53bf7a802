using System.Buffers;
using System.Text;
using System.Xml.Linq;
using Harima.S3.Checksums;
using Harima.S3.Errors;
using Harima.S3.Xml;

namespace Harima.Formats.S3.Xml;

public class S3XmlTests
{
    static readonly XNamespace S3 = "http://s3.amazonaws.com/doc/2006-03-01/";
    static readonly DateTimeOffset Moment = new(2009, 10, 12, 17, 50, 30, TimeSpan.Zero);

    static string Text(IS3Document document)
    {
        var buffer = new ArrayBufferWriter<byte>();
        document.WriteTo(buffer);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    static XElement Parse(IS3Document document) => XDocument.Parse(Text(document)).Root!;

    static MemoryStream Body(string xml) => new MemoryStream(Encoding.UTF8.GetBytes(xml));

    [Theory]
    [InlineData("")]
    [InlineData("<Delete>")]
    [InlineData("<Delete/>")]
    [InlineData("<Other><Object><Key>a</Key></Object></Other>")]
    [InlineData("<Delete><Object><Key></Key></Object></Delete>")]
    [InlineData("<Delete><Object/></Delete>")]
    [InlineData("<!DOCTYPE x [<!ENTITY a \"b\">]><Delete><Object><Key>&a;</Key></Object></Delete>")]
    [InlineData("<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><Delete><Object><Key>a</Key></Object></Delete>")]
    [InlineData("<Delete><a><b><c><d><e><f><g><h><i>deep</i></h></g></f></e></d></c></b></a></Delete>")]
    public async Task Malformed_Delete_is_refused(string xml) =>
        Assert.Equal(
            "MalformedXML",
            (
                await Assert.ThrowsAsync<S3Exception>(() =>
                    Delete.ReadAsync(Body(xml), TestContext.Current.CancellationToken)
                )
            ).Code
        );

    [Fact]
    public async Task More_than_1000_keys_are_refused()
    {
        var objects = string.Concat(Enumerable.Range(0, 1001).Select(i => $"<Object><Key>{i}</Key></Object>"));
        await Assert.ThrowsAsync<S3Exception>(() =>
            Delete.ReadAsync(Body($"<Delete>{objects}</Delete>"), TestContext.Current.CancellationToken)
        );
    }

    [Theory]
    [InlineData(
        "<Part><PartNumber>2</PartNumber><ETag>a</ETag></Part><Part><PartNumber>1</PartNumber><ETag>b</ETag></Part>",
        "InvalidPartOrder"
    )]
    [InlineData("<Part><PartNumber>x</PartNumber><ETag>a</ETag></Part>", "MalformedXML")]
    [InlineData("<Part><PartNumber>-1</PartNumber><ETag>a</ETag></Part>", "MalformedXML")]
    [InlineData("<Part><PartNumber>1</PartNumber></Part>", "MalformedXML")]
    [InlineData("", "MalformedXML")]
    public async Task Malformed_CompleteMultipartUpload_is_refused(string parts, string code) =>
        Assert.Equal(
            code,
            (
                await Assert.ThrowsAsync<S3Exception>(() =>
                    CompleteMultipartUpload.ReadAsync(
                        Body($"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>"),
                        TestContext.Current.CancellationToken
                    )
                )
            ).Code
        );

    [Fact]
    public async Task Of_a_part_that_is_named_again_the_last_counts()
    {
        var read = await CompleteMultipartUpload.ReadAsync(
            Body(
                "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>a</ETag></Part>"
                    + "<Part><PartNumber>1</PartNumber><ETag>b</ETag></Part></CompleteMultipartUpload>"
            ),
            TestContext.Current.CancellationToken
        );
        Assert.Equal((1, "b"), (Assert.Single(read.Parts).PartNumber, read.Parts[0].ETag));
    }

    [Fact]
    public async Task Delete_is_read_with_and_without_namespace()
    {
        var xml =
            $"<?xml version=\"1.0\"?><Delete xmlns=\"{S3}\">\n <Quiet>true</Quiet>\n <Object><Key>a &amp; b</Key></Object>"
            + "<Object><Key>  </Key><VersionId>null</VersionId></Object><Object><Key>c&#x1;<![CDATA[<d>]]></Key></Object></Delete>";

        var delete = await Delete.ReadAsync(Body(xml), TestContext.Current.CancellationToken);

        Assert.True(delete.Quiet);
        Assert.Equal(["a & b", "  ", "c\u0001<d>"], delete.Objects.Select(o => o.Key));
        Assert.Equal([null, "null", null], delete.Objects.Select(o => o.VersionId));
    }

    [Fact]
    public async Task CompleteMultipartUpload_is_read_with_checksums()
    {
        var xml =
            "<CompleteMultipartUpload><Part><ETag>&quot;aa&quot;</ETag><PartNumber>1</PartNumber>"
            + "<ChecksumCRC32>y/Q5Jg==</ChecksumCRC32></Part><Part><PartNumber>7</PartNumber><ETag>bb</ETag></Part>"
            + "</CompleteMultipartUpload>";

        var complete = await CompleteMultipartUpload.ReadAsync(Body(xml), TestContext.Current.CancellationToken);

        Assert.Equal([(1, "aa"), (7, "bb")], complete.Parts.Select(part => (part.PartNumber, part.ETag)));
        Assert.Equal(new Checksum(ChecksumAlgorithm.Crc32, "y/Q5Jg=="), Assert.Single(complete.Parts[0].Checksums));
    }

    [Fact]
    public void Any_key_survives_a_listing()
    {
        string[] keys = ["a&b<c>\"d'", "試料/1.h5", "tab\tcr\rlf\n", "blank ", "𝒳"];
        var listing = new ListBucketResult
        {
            Name = "b",
            MaxKeys = 1000,
            Contents = [.. keys.Select(key => new ObjectEntry(key, Moment, "abc", 5))],
        };

        Assert.Equal(keys, Parse(listing).Elements(S3 + "Contents").Select(e => e.Element(S3 + "Key")!.Value));
        Assert.Contains(
            "<Key>&#x1;</Key>",
            Text(listing with { Contents = [new("\u0001", Moment, "e", 0)] }),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void ListObjectsV2_has_what_clients_read()
    {
        var xml = Parse(
            new ListBucketResultV2
            {
                Name = "bucket",
                Prefix = "a b/",
                Delimiter = "/",
                MaxKeys = 2,
                UrlEncoded = true,
                IsTruncated = true,
                NextContinuationToken = "t/1",
                StartAfter = "ö",
                Contents = [new ObjectEntry("a b/é", Moment, "abc", 434234, new Owner("id", "name"))],
                CommonPrefixes = ["a b/c/"],
            }
        );

        Assert.Equal("2", xml.Element(S3 + "KeyCount")!.Value);
        Assert.Equal("url", xml.Element(S3 + "EncodingType")!.Value);
        Assert.Equal("a%20b/", xml.Element(S3 + "Prefix")!.Value);
        Assert.Equal("true", xml.Element(S3 + "IsTruncated")!.Value);
        Assert.Equal("t/1", xml.Element(S3 + "NextContinuationToken")!.Value);
        Assert.Equal("a%20b/c/", xml.Element(S3 + "CommonPrefixes")!.Element(S3 + "Prefix")!.Value);
        var contents = xml.Element(S3 + "Contents")!;
        Assert.Equal("a%20b/%C3%A9", contents.Element(S3 + "Key")!.Value);
        Assert.Equal("2009-10-12T17:50:30.000Z", contents.Element(S3 + "LastModified")!.Value);
        Assert.Equal("\"abc\"", contents.Element(S3 + "ETag")!.Value);
        Assert.Equal("434234", contents.Element(S3 + "Size")!.Value);
        Assert.Equal("id", contents.Element(S3 + "Owner")!.Element(S3 + "ID")!.Value);
    }

    [Fact]
    public void Every_other_document_is_well_formed_and_named_as_S3_names_it()
    {
        var owner = new Owner("id", "name");
        (string Root, IS3Document Document)[] documents =
        [
            ("ListAllMyBucketsResult", new ListAllMyBucketsResult(owner, [new BucketEntry("b", Moment)])),
            ("CopyObjectResult", new CopyObjectResult("e", Moment)),
            ("CopyPartResult", new CopyPartResult("e", Moment)),
            ("InitiateMultipartUploadResult", new InitiateMultipartUploadResult("b", "k", "u")),
            (
                "CompleteMultipartUploadResult",
                new CompleteMultipartUploadResult("http://h/b/k", "b", "k", "e-2")
                {
                    Checksums = [new Checksum(ChecksumAlgorithm.Crc32, "y/Q5Jg==")],
                    ChecksumType = ChecksumType.FullObject,
                }
            ),
            (
                "ListPartsResult",
                new ListPartsResult("b", "k", "u") { MaxParts = 1000, Parts = [new PartEntry(1, Moment, "e", 5)] }
            ),
            (
                "ListMultipartUploadsResult",
                new ListMultipartUploadsResult("b") { MaxUploads = 9, Uploads = [new UploadEntry("k", "u", Moment)] }
            ),
            (
                "DeleteResult",
                new DeleteResult([new DeletedObject("a")], [new DeleteFailure("b", "AccessDenied", "No")])
            ),
            ("Tagging", new Tagging([new("k", "v")])),
            ("LocationConstraint", new LocationConstraint("eu")),
            ("VersioningConfiguration", new VersioningConfiguration(null)),
        ];

        foreach (var (root, document) in documents)
            Assert.Equal(S3 + root, Parse(document).Name);
        Assert.Equal("eu", Parse(new LocationConstraint("eu")).Value);
    }

    [Fact]
    public void The_error_document_has_no_namespace()
    {
        var xml = Parse(new ErrorDocument("NoSuchKey", "No <key>", "/b/k", "r") { Details = [new("Key", "k")] });
        Assert.Equal(
            [("Code", "NoSuchKey"), ("Message", "No <key>"), ("Key", "k"), ("Resource", "/b/k"), ("RequestId", "r")],
            xml.Elements().Select(e => (e.Name.ToString(), e.Value))
        );
    }
}
