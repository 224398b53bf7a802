using System.Net;
using System.Text;
using Harima.Access;
using Harima.S3.Client;
using Harima.S3.Signing;
using Harima.Sequences;

namespace Harima.Gateway;

public sealed class GetObjectOnSqlite(SqliteHarima harima) : GetObjectTests(harima);

public sealed class GetObjectOnPostgres(PostgresHarima harima) : GetObjectTests(harima);

public abstract class GetObjectTests(RunningHarima harima) : GatewayTests(harima)
{
    [Theory]
    [InlineData("stranger", "GET")]
    [InlineData("stranger", "HEAD")]
    [InlineData(Anonymous, "GET")]
    [InlineData(Anonymous, "HEAD")]
    public async Task What_one_may_not_read_does_not_exist(string user, string method)
    {
        var target = await NewFileAsync("secret", bucket: PrivateBucket);

        var there = await SendAsync(user, method, target);
        var notThere = await SendAsync(user, method, target + "-not");

        var (status, code) = user == Anonymous ? (403, "AccessDenied") : (404, "NoSuchBucket");
        Assert.Equal(status, (int)there.Status);
        Assert.Equal(status, (int)notThere.Status);
        if (method == "GET")
        {
            there.IsRefused(status, code);
            notThere.IsRefused(status, code);
        }
        Assert.Null(there.Header("ETag"));
    }

    [Fact]
    public async Task Sharing_one_sequence_shows_that_and_no_other()
    {
        var shared = await NewFileAsync("shared");
        var other = await NewFileAsync("other");
        await Harima.ShareAsync(shared.Split('/')[2], "stranger", Right.Read);

        Assert.Equal("shared", (await SendAsync("stranger", "GET", shared)).Text);
        (await SendAsync("stranger", "GET", other)).IsRefused(404, "NoSuchKey");
        (await SendAsync("stranger", "GET", shared + "-not")).IsRefused(404, "NoSuchKey");
    }

    [Fact]
    public async Task What_is_shared_with_everyone_is_read_without_a_key()
    {
        var target = await NewFileAsync("open");
        await Harima
            .Get<ShareSequence>()
            .SetVisibilityAsync(
                RunningHarima.Proposal,
                target.Split('/')[2],
                Visibility.Everyone,
                RunningHarima.PrincipalOf("leader"),
                Token
            );

        Assert.Equal("open", (await SendAsync(Anonymous, "GET", target)).Text);
        (await SendAsync(Anonymous, "PUT", target, "x")).IsRefused(403, "AccessDenied");
        (await SendAsync(Anonymous, "GET", target + "?response-content-type=text/html")).IsRefused(
            400,
            "InvalidRequest"
        );
    }

    [Theory]
    [InlineData("admin")]
    [InlineData("staff")]
    [InlineData("leader")]
    [InlineData("member")]
    public async Task Those_of_the_proposal_read_it(string user) =>
        Assert.Equal("text", (await SendAsync(user, "GET", await NewFileAsync("text"))).Text);

    [Theory]
    [InlineData("bytes=0-4", "01234", "bytes 0-4/10")]
    [InlineData("bytes=5-", "56789", "bytes 5-9/10")]
    [InlineData("bytes=-3", "789", "bytes 7-9/10")]
    [InlineData("bytes=-99", "0123456789", "bytes 0-9/10")]
    [InlineData("bytes=8-99", "89", "bytes 8-9/10")]
    public async Task A_range_is_answered_in_part(string range, string text, string contentRange)
    {
        var target = await NewFileAsync("0123456789");

        var answer = await SendAsync("leader", "GET", target, headers: [("Range", range)]);
        var head = await SendAsync("leader", "HEAD", target, headers: [("Range", range)]);

        Assert.Equal((HttpStatusCode.PartialContent, text), (answer.Status, answer.Text));
        Assert.Equal(contentRange, answer.Header("Content-Range"));
        Assert.Equal(contentRange, head.Header("Content-Range"));
        Assert.Equal(answer.Header("Content-Length"), head.Header("Content-Length"));
    }

    [Theory]
    [InlineData("bytes=10-")]
    [InlineData("bytes=-0")]
    public async Task A_range_outside_is_refused(string range)
    {
        var answer = await SendAsync("leader", "GET", await NewFileAsync("0123456789"), headers: [("Range", range)]);

        answer.IsRefused(416, "InvalidRange");
        Assert.Equal("bytes */10", answer.Header("Content-Range"));
    }

    [Theory]
    [InlineData("bytes=5-2")]
    [InlineData("bytes=a-b")]
    [InlineData("lines=1-2")]
    [InlineData("bytes=0-1,4-5")]
    public async Task A_range_that_makes_no_sense_is_ignored(string range) =>
        Assert.Equal(
            "0123456789",
            (await SendAsync("leader", "GET", await NewFileAsync("0123456789"), headers: [("Range", range)])).Text
        );

    [Theory]
    [InlineData("If-Match", "\"other\"", 412)]
    [InlineData("If-Match", "*", 200)]
    [InlineData("If-Match", "\"ETAG\"", 200)]
    [InlineData("If-None-Match", "\"ETAG\"", 304)]
    [InlineData("If-None-Match", "W/\"ETAG\", \"other\"", 304)]
    [InlineData("If-None-Match", "\"other\"", 200)]
    [InlineData("If-Modified-Since", "Wed, 01 Jan 2020 00:00:00 GMT", 200)]
    [InlineData("If-Modified-Since", "Fri, 01 Jan 2100 00:00:00 GMT", 304)]
    [InlineData("If-Unmodified-Since", "Wed, 01 Jan 2020 00:00:00 GMT", 412)]
    [InlineData("If-Unmodified-Since", "Fri, 01 Jan 2100 00:00:00 GMT", 200)]
    public async Task Conditions_are_obeyed(string header, string value, int status)
    {
        var target = await NewFileAsync("text");
        var etag = (await SendAsync("leader", "HEAD", target)).ETag;
        value = value.Replace("ETAG", etag, StringComparison.Ordinal);

        Assert.Equal(status, (int)(await SendAsync("leader", "GET", target, headers: [(header, value)])).Status);
        Assert.Equal(status, (int)(await SendAsync("leader", "HEAD", target, headers: [(header, value)])).Status);
    }

    [Fact]
    public async Task Not_modified_has_an_etag_and_no_body()
    {
        var target = await NewFileAsync("text");
        var etag = (await SendAsync("leader", "HEAD", target)).ETag;

        var answer = await SendAsync("leader", "GET", target, headers: [("If-None-Match", etag)]);

        Assert.Equal(etag, answer.ETag);
        Assert.Empty(answer.Body);
    }

    [Fact]
    public async Task If_range_of_another_version_gives_the_whole()
    {
        var target = await NewFileAsync("0123456789");
        var answer = await SendAsync(
            "leader",
            "GET",
            target,
            headers: [("Range", "bytes=0-1"), ("If-Range", "\"other\"")]
        );
        Assert.Equal("0123456789", answer.Text);
    }

    [Fact]
    public async Task Response_headers_of_a_signed_request_are_overridden()
    {
        var target = await NewFileAsync("text");
        var query =
            "?response-content-disposition="
            + UriEncoding.Encode("attachment; filename*=UTF-8''%E8%A9%A6.txt")
            + "&response-content-type=text%2Fplain&response-cache-control=no-store";

        var answer = (await SendAsync("leader", "GET", target + query)).IsOk();

        Assert.Equal("attachment; filename*=UTF-8''%E8%A9%A6.txt", answer.Header("content-disposition"));
        Assert.Equal("text/plain", answer.Header("content-type"));
        Assert.Equal("no-store", answer.Header("cache-control"));
    }

    [Fact]
    public async Task Text_beyond_ASCII_travels_in_headers_as_UTF8()
    {
        static string Bytes(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));
        var target = $"/{Bucket}/{NewSequence()}/a.txt";
        (await SendAsync("leader", "PUT", target, "x", ("x-amz-meta-sample", Bytes("触媒 é")))).IsOk();

        var answer = (
            await SendAsync("leader", "GET", target + "?response-content-disposition=" + UriEncoding.Encode("試.txt"))
        ).IsOk();

        Assert.Equal(Bytes("触媒 é"), answer.Header("x-amz-meta-sample"));
        Assert.Equal(Bytes("試.txt"), answer.Header("content-disposition"));
    }

    [Theory]
    [InlineData("?prefix=%00")]
    [InlineData("?list-type=2&start-after=%00")]
    [InlineData("?uploads&key-marker=a%00")]
    public async Task NUL_is_refused_wherever_it_comes(string query) =>
        (await SendAsync("leader", "GET", $"/{Bucket}{query}")).IsRefused(400, "InvalidURI");

    [Fact]
    public async Task NUL_in_a_copy_source_is_refused() =>
        (
            await SendAsync(
                "leader",
                "PUT",
                $"/{Bucket}/{NewSequence()}/a",
                headers: [("x-amz-copy-source", $"{Bucket}/S1/%00")]
            )
        ).IsRefused(400, "InvalidURI");

    [Fact]
    public async Task An_override_cannot_split_the_answer() =>
        (
            await SendAsync(
                "leader",
                "GET",
                await NewFileAsync("text") + "?response-content-type=a%0d%0aSet-Cookie:%20x"
            )
        ).IsRefused(400, "InvalidArgument");

    [Fact]
    public async Task Checksums_are_stated_when_asked_for()
    {
        var target = await NewFileAsync("123456789");

        var asked = await SendAsync("leader", "GET", target, headers: [("x-amz-checksum-mode", "ENABLED")]);

        Assert.Equal("rosUhgp5mIg=", asked.Header("x-amz-checksum-crc64nvme"));
        Assert.Null((await SendAsync("leader", "GET", target)).Header("x-amz-checksum-crc64nvme"));
    }

    [Fact]
    public async Task An_uploaded_page_cannot_act_in_the_name_of_the_portal()
    {
        var answer = await SendAsync("leader", "GET", await NewFileAsync("<script>alert(1)</script>", "x.html"));

        Assert.Equal("sandbox", answer.Header("Content-Security-Policy"));
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
    }

    [Fact]
    public async Task A_presigned_url_works_without_a_key_until_it_expires()
    {
        var target = await NewFileAsync("text");
        var key = target[(Bucket.Length + 2)..];
        var url = Leader.Presign(HttpMethod.Get, Bucket, key, TimeSpan.FromHours(1));
        var late = new S3Client(
            Harima.Http,
            Harima.S3,
            "us-east-1",
            Harima.KeyOf("leader"),
            new Clock(DateTimeOffset.UtcNow.AddMinutes(-2))
        ).Presign(HttpMethod.Get, Bucket, key, TimeSpan.FromMinutes(1));

        Assert.Equal("text", (await SendAsync(Anonymous, "GET", url.PathAndQuery)).Text);
        (await SendAsync(Anonymous, "GET", late.PathAndQuery)).IsRefused(403, "AccessDenied");
        (await SendAsync(Anonymous, "PUT", url.PathAndQuery, "x")).IsRefused(403, "SignatureDoesNotMatch");
    }

    [Fact]
    public async Task Another_version_than_null_does_not_exist()
    {
        var target = await NewFileAsync("text");
        (await SendAsync("leader", "GET", target + "?versionId=null")).IsOk();
        (await SendAsync("leader", "GET", target + "?versionId=3")).IsRefused(404, "NoSuchVersion");
    }

    [Fact]
    public async Task A_large_object_comes_back_whole_and_by_range()
    {
        var bytes = new byte[9_000_001];
        Random.Shared.NextBytes(bytes);
        var key = $"{NewSequence()}/large.bin";
        await Leader.PutObjectAsync(Bucket, key, new MemoryStream(bytes), bytes.Length, null, Token);

        var whole = await SendAsync("leader", "GET", $"/{Bucket}/{key}");
        var part = await SendAsync("leader", "GET", $"/{Bucket}/{key}", headers: [("Range", "bytes=1048570-3145800")]);

        Assert.Equal(bytes, whole.Body);
        Assert.Equal(bytes[1048570..3145801], part.Body);
    }

    sealed class Clock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
