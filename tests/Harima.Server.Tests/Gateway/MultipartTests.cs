using System.Net;
using System.Security.Cryptography;
using System.Xml.Linq;
using Harima.Access;
using Harima.S3.Checksums;
using Harima.S3.Client;
using Harima.S3.Errors;

namespace Harima.Gateway;

public sealed class MultipartOnSqlite(SqliteHarima harima) : MultipartTests(harima);

public sealed class MultipartOnPostgres(PostgresHarima harima) : MultipartTests(harima);

/// <summary>CreateMultipartUpload, UploadPart, UploadPartCopy, CompleteMultipartUpload, AbortMultipartUpload, ListParts,
/// ListMultipartUploads.</summary>
public abstract class MultipartTests(RunningHarima harima) : GatewayTests(harima)
{
    const int PartBytes = 5 << 20;

    async Task<(string Target, string UploadId)> BeginAsync(params (string, string)[] headers)
    {
        var target = $"/{Bucket}/{NewSequence()}/large.bin";
        var answer = (await SendAsync("leader", "POST", target + "?uploads", headers: headers)).IsOk();
        return (target, answer.Xml.Element(Xmlns + "UploadId")!.Value);
    }

    Task<Answer> PartAsync(
        string target,
        string uploadId,
        int number,
        byte[] bytes,
        params (string, string)[] headers
    ) =>
        SendAsync(
            "leader",
            "PUT",
            $"{target}?partNumber={number}&uploadId={uploadId}",
            new ByteArrayContent(bytes),
            headers
        );

    Task<Answer> CompleteAsync(string target, string uploadId, params (int Number, string ETag)[] parts)
    {
        var xml = new XElement(
            Xmlns + "CompleteMultipartUpload",
            parts.Select(part => new XElement(
                Xmlns + "Part",
                new XElement(Xmlns + "PartNumber", part.Number),
                new XElement(Xmlns + "ETag", $"\"{part.ETag}\"")
            ))
        );
        return SendAsync("leader", "POST", $"{target}?uploadId={uploadId}", xml.ToString());
    }

    static byte[] Random(int length) => RandomNumberGenerator.GetBytes(length);

    [Fact]
    public async Task Those_who_may_not_write_begin_nothing_and_see_no_upload()
    {
        var (target, uploadId) = await BeginAsync();
        await PutAsync(target[(Bucket.Length + 2)..] + "-other", "x");
        await Harima.ShareAsync(target.Split('/')[2], "stranger", Right.Read);

        (await SendAsync("stranger", "POST", target + "?uploads")).IsRefused(403, "AccessDenied");
        (await SendAsync("stranger", "PUT", $"{target}?partNumber=1&uploadId={uploadId}", "x")).IsRefused(
            403,
            "AccessDenied"
        );
        (await SendAsync("stranger", "DELETE", $"{target}?uploadId={uploadId}")).IsRefused(403, "AccessDenied");
        (await SendAsync("stranger", "GET", $"{target}?uploadId={uploadId}")).IsRefused(403, "AccessDenied");
        (await SendAsync("stranger", "GET", $"/{PrivateBucket}?uploads")).IsRefused(404, "NoSuchBucket");
        (await SendAsync("leader", "GET", $"{target}?uploadId={uploadId}")).IsOk();
    }

    [Fact]
    public async Task An_upload_that_does_not_exist_says_so()
    {
        var target = $"/{Bucket}/{NewSequence()}/large.bin";
        (await PartAsync(target, "none", 1, [1])).IsRefused(404, "NoSuchUpload");
        (await CompleteAsync(target, "none", (1, "a"))).IsRefused(404, "NoSuchUpload");
        (await SendAsync("leader", "DELETE", target + "?uploadId=none")).IsRefused(404, "NoSuchUpload");
        (await SendAsync("leader", "GET", target + "?uploadId=none")).IsRefused(404, "NoSuchUpload");
    }

    [Theory]
    [InlineData("0")]
    [InlineData("10001")]
    [InlineData("x")]
    public async Task A_part_number_out_of_bounds_is_refused(string number)
    {
        var (target, uploadId) = await BeginAsync();
        (await SendAsync("leader", "PUT", $"{target}?partNumber={number}&uploadId={uploadId}", "x")).IsRefused(
            400,
            "InvalidArgument"
        );
    }

    [Fact]
    public async Task Parts_that_do_not_fit_are_refused_and_the_upload_stays()
    {
        var (target, uploadId) = await BeginAsync();
        var small = (await PartAsync(target, uploadId, 1, Random(1000))).IsOk().ETag;
        var last = (await PartAsync(target, uploadId, 2, Random(1000))).IsOk().ETag;

        (await CompleteAsync(target, uploadId, (1, small), (2, last))).IsRefused(400, "EntityTooSmall");
        (await CompleteAsync(target, uploadId, (1, last))).IsRefused(400, "InvalidPart");
        (await CompleteAsync(target, uploadId, (3, last))).IsRefused(400, "InvalidPart");
        (await CompleteAsync(target, uploadId, (2, last), (1, small))).IsRefused(400, "InvalidPartOrder");
        (await CompleteAsync(target, uploadId)).IsRefused(400, "MalformedXML");
        (await PartAsync(target, uploadId, 3, [1], ("Content-MD5", "1B2M2Y8AsgTpgAmY7PhCfg=="))).IsRefused(
            400,
            "BadDigest"
        );
        (await SendAsync("leader", "GET", target)).IsRefused(404, "NoSuchKey");
        // RGW 16 does not let parts be left out.
        var done = await CompleteAsync(target, uploadId, (1, small));
        if (Harima is Storage.HarimaOnRadosgw && done.Status != HttpStatusCode.OK)
            done.IsRefused(400, "InvalidPart");
        else
            done.IsOk();
    }

    [Theory]
    [InlineData("x-amz-checksum-algorithm", "MD4")]
    [InlineData("x-amz-checksum-type", "FULL_OBJECT")]
    public async Task A_checksum_not_offered_is_refused(string header, string value) =>
        (
            await SendAsync("leader", "POST", $"/{Bucket}/{NewSequence()}/a?uploads", headers: [(header, value)])
        ).IsRefused(400, "InvalidRequest");

    [Fact]
    public async Task Parts_in_any_order_and_sent_again_make_the_whole()
    {
        var (target, uploadId) = await BeginAsync(("content-type", "application/x-hdf5"));
        byte[][] parts = [Random(PartBytes), Random(PartBytes), Random(12345)];
        var third = (await PartAsync(target, uploadId, 3, parts[2])).IsOk().ETag;
        await PartAsync(target, uploadId, 1, Random(PartBytes));
        var first = (await PartAsync(target, uploadId, 1, parts[0])).IsOk().ETag;
        var second = (await PartAsync(target, uploadId, 2, parts[1])).IsOk().ETag;

        var listed = (await SendAsync("leader", "GET", $"{target}?uploadId={uploadId}&max-parts=2")).IsOk().Xml;
        Assert.Equal(["1", "2"], listed.Elements(Xmlns + "Part").Select(p => p.Element(Xmlns + "PartNumber")!.Value));
        Assert.Equal("2", listed.Element(Xmlns + "NextPartNumberMarker")!.Value);

        var done = (await CompleteAsync(target, uploadId, (1, first), (2, second), (3, third))).IsOk();
        byte[] whole = [.. parts[0], .. parts[1], .. parts[2]];
        var read = await SendAsync("leader", "GET", target, headers: [("x-amz-checksum-mode", "ENABLED")]);

        Assert.Equal(whole, read.Body);
        Assert.Equal(MultipartChecksums.ETag([.. parts.Select(MD5.HashData)]), read.ETag);
        Assert.Equal($"\"{read.ETag}\"", done.Xml.Element(Xmlns + "ETag")!.Value);
        Assert.Equal("application/x-hdf5", read.Header("content-type"));
        using var sums = new ChecksumAccumulator([ChecksumAlgorithm.Crc64Nvme]);
        sums.Append(whole);
        Assert.Equal(sums.Find(ChecksumAlgorithm.Crc64Nvme)!.Value.Value, read.Header("x-amz-checksum-crc64nvme"));

        var part = await SendAsync("leader", "GET", target + "?partNumber=3");
        Assert.Equal((HttpStatusCode.PartialContent, "3"), (part.Status, part.Header("x-amz-mp-parts-count")));
        Assert.Equal(parts[2], part.Body);
        (await CompleteAsync(target, uploadId, (1, first))).IsRefused(404, "NoSuchUpload");
    }

    [Fact]
    public async Task A_composite_checksum_is_stated_alone()
    {
        var (target, uploadId) = await BeginAsync(("x-amz-checksum-algorithm", "SHA256"));
        var bytes = Random(100);
        var sha = Convert.ToBase64String(SHA256.HashData(bytes));
        var part = (await PartAsync(target, uploadId, 1, bytes, ("x-amz-checksum-sha256", sha))).IsOk();
        Assert.Equal(sha, part.Header("x-amz-checksum-sha256"));

        (await CompleteAsync(target, uploadId, (1, part.ETag))).IsOk();
        var head = await SendAsync("leader", "HEAD", target, headers: [("x-amz-checksum-mode", "ENABLED")]);

        var composite = Convert.ToBase64String(SHA256.HashData(SHA256.HashData(bytes))) + "-1";
        Assert.Equal(composite, head.Header("x-amz-checksum-sha256"));
        Assert.Equal("COMPOSITE", head.Header("x-amz-checksum-type"));
        Assert.Null(head.Header("x-amz-checksum-crc64nvme"));
    }

    [Fact]
    public async Task Uploads_are_listed_until_they_are_aborted()
    {
        var (target, uploadId) = await BeginAsync();
        var key = target[(Bucket.Length + 2)..];
        var other = (await SendAsync("leader", "POST", target + "2?uploads")).IsOk();

        var page = (await SendAsync("leader", "GET", $"/{Bucket}?uploads&prefix={key.Split('/')[0]}/&max-uploads=1"))
            .IsOk()
            .Xml;
        Assert.Equal("true", page.Element(Xmlns + "IsTruncated")!.Value);
        Assert.Equal(key, page.Element(Xmlns + "NextKeyMarker")!.Value);

        var listed = new List<string>();
        await foreach (var upload in Leader.ListMultipartUploadsAsync(Bucket, key.Split('/')[0] + "/", Token))
            listed.Add(upload.UploadId);
        Assert.Equal([uploadId, other.Xml.Element(Xmlns + "UploadId")!.Value], listed);

        (await SendAsync("leader", "DELETE", $"{target}?uploadId={uploadId}")).IsOk(HttpStatusCode.NoContent);
        (await SendAsync("leader", "GET", $"{target}?uploadId={uploadId}")).IsRefused(404, "NoSuchUpload");
    }

    [Fact]
    public async Task Parts_are_copied_from_what_one_may_read()
    {
        var bytes = Random(1000);
        var source = $"{NewSequence()}/source";
        await Leader.PutObjectAsync(Bucket, source, new MemoryStream(bytes), bytes.Length, null, Token);
        var (target, uploadId) = await BeginAsync();
        var at = $"{target}?partNumber=1&uploadId={uploadId}";

        Task<Answer> CopyAsync(string range) =>
            SendAsync(
                "leader",
                "PUT",
                at,
                headers: [("x-amz-copy-source", $"{Bucket}/{source}"), ("x-amz-copy-source-range", range)]
            );

        (await CopyAsync("bytes=0-1000")).IsRefused(416, "InvalidRange");
        (await CopyAsync("bytes=5-")).IsRefused(400, "InvalidArgument");
        var copied = (await CopyAsync("bytes=100-199")).IsOk();
        var etag = copied.Xml.Element(Xmlns + "ETag")!.Value.Trim('"');
        (await CompleteAsync(target, uploadId, (1, etag))).IsOk();

        Assert.Equal(bytes[100..200], (await SendAsync("leader", "GET", target)).Body);
    }

    [Fact]
    public async Task Our_own_client_uploads_in_parts_and_the_checksums_agree()
    {
        var key = $"{NewSequence()}/parts.bin";
        byte[][] parts = [Random(PartBytes), Random(777)];
        var uploadId = await Leader.CreateMultipartUploadAsync(
            Bucket,
            key,
            new ObjectOptions { ContentType = "image/tiff" },
            Token
        );
        var sent = new List<UploadedPart>();
        for (var i = 0; i < parts.Length; i++)
        {
            sent.Add(
                await Leader.UploadPartAsync(
                    Bucket,
                    key,
                    uploadId,
                    i + 1,
                    new MemoryStream(parts[i]),
                    parts[i].Length,
                    Token
                )
            );
        }
        var found = new List<S3.Xml.PartEntry>();
        await foreach (var part in Leader.ListPartsAsync(Bucket, key, uploadId, Token))
            found.Add(part);
        Assert.Equal(sent.Select(part => part.Checksum!.Value), found.SelectMany(part => part.Checksums));

        var written = await Leader.CompleteMultipartUploadAsync(Bucket, key, uploadId, sent, Token);

        var expected = MultipartChecksums.FullObject(
            sent.Zip(parts, (part, bytes) => (part.Checksum!.Value, (long)bytes.Length))
        );
        Assert.Equal(expected, written.Checksum);
        Assert.Equal("image/tiff", (await Leader.FindObjectAsync(Bucket, key, Token))!.ContentType);
        await Assert.ThrowsAsync<S3Exception>(() => Leader.AbortMultipartUploadAsync(Bucket, key, uploadId, Token));
    }
}
