using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Harima.Access;
using Harima.S3.Errors;
using Harima.S3.Signing;
using Harima.Sequences;

namespace Harima.Gateway;

public sealed class PutObjectOnSqlite(SqliteHarima harima) : PutObjectTests(harima);

public sealed class PutObjectOnPostgres(PostgresHarima harima) : PutObjectTests(harima);

public abstract class PutObjectTests(RunningHarima harima) : GatewayTests(harima)
{
    static string Md5Of(string text) => Convert.ToBase64String(MD5.HashData(Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("stranger", 404, "NoSuchBucket")]
    [InlineData(Anonymous, 403, "AccessDenied")]
    public async Task Put_by_one_who_may_not_read_meets_no_bucket(string user, int status, string code) =>
        (await SendAsync(user, "PUT", $"/{PrivateBucket}/{NewSequence()}/a.txt", "x")).IsRefused(status, code);

    [Fact]
    public async Task Put_by_one_who_may_only_read_is_refused_and_changes_nothing()
    {
        var target = await NewFileAsync("before");
        await Harima.ShareAsync(target.Split('/')[2], "stranger", Right.Read);

        (await SendAsync("stranger", "PUT", target, "after")).IsRefused(403, "AccessDenied");

        Assert.Equal("before", (await SendAsync("leader", "GET", target)).Text);
    }

    [Fact]
    public async Task Put_without_a_sequence_is_refused_with_a_sentence_that_says_how_to_name_it()
    {
        var answer = await SendAsync("leader", "PUT", $"/{Bucket}/loose.txt", "x");

        answer.IsRefused(400, "InvalidArgument");
        Assert.Contains("S0042/loose.txt", answer.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Put_into_a_closed_sequence_is_refused()
    {
        var target = await NewFileAsync("kept");
        await Harima
            .Get<CloseSequence>()
            .HandleAsync(RunningHarima.Proposal, target.Split('/')[2], RunningHarima.PrincipalOf("leader"), Token);

        var answer = await SendAsync("leader", "PUT", target, "changed");

        answer.IsRefused(403, "AccessDenied");
        Assert.Contains("closed", answer.Text, StringComparison.Ordinal);
        Assert.Equal("kept", (await SendAsync("leader", "GET", target)).Text);
    }

    [Theory]
    [InlineData("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==", "BadDigest")]
    [InlineData("content-md5", "nonsense", "InvalidDigest")]
    [InlineData("x-amz-checksum-crc32", "AAAAAA==", "BadDigest")]
    [InlineData("x-amz-checksum-crc64nvme", "AAAAAAAAAAA=", "BadDigest")]
    [InlineData("x-amz-checksum-sha256", "short", "BadDigest")]
    [InlineData("x-amz-acl", "public-read", "AccessControlListNotSupported")]
    public async Task Put_with_a_wrong_checksum_or_header_is_refused_and_leaves_no_object(
        string header,
        string value,
        string code
    )
    {
        var target = $"/{Bucket}/{NewSequence()}/a.txt";

        (await SendAsync("leader", "PUT", target, "hello", (header, value))).IsRefused(400, code);

        (await SendAsync("leader", "GET", target)).IsRefused(404, "NoSuchKey");
    }

    [Fact]
    public async Task Put_with_two_checksums_is_refused() =>
        (
            await SendAsync(
                "leader",
                "PUT",
                $"/{Bucket}/{NewSequence()}/a.txt",
                "123456789",
                ("x-amz-checksum-crc32", "y/Q5Jg=="),
                ("x-amz-checksum-crc32c", "4waSgw==")
            )
        ).IsRefused(400, "InvalidRequest");

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    [InlineData(3_000_001)]
    public async Task A_body_whose_length_shows_at_its_end_is_stored(int bytes)
    {
        var target = $"/{Bucket}/{NewSequence()}/piped.bin";
        var text = new string('x', bytes);
        using var content = new StringContent(text);
        (await SendAsync("leader", "PUT", target, content, ("Transfer-Encoding", "chunked"))).IsOk();
        Assert.Equal(text, (await SendAsync("leader", "GET", target)).IsOk().Text);
    }

    [Fact]
    public async Task Put_with_too_much_metadata_is_refused() =>
        (
            await SendAsync(
                "leader",
                "PUT",
                $"/{Bucket}/{NewSequence()}/a.txt",
                "x",
                ("x-amz-meta-long", new string('m', 2100))
            )
        ).IsRefused(400, "MetadataTooLarge");

    [Fact]
    public async Task Put_with_a_wrong_trailing_checksum_is_refused_and_leaves_no_object()
    {
        var target = $"/{Bucket}/{NewSequence()}/a.txt";
        using var body = new ByteArrayContent("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n"u8.ToArray());

        var answer = await SendUnsignedTrailerAsync(target, body, 5, "x-amz-checksum-crc32");

        answer.IsRefused(400, "BadDigest");
        (await SendAsync("leader", "GET", target)).IsRefused(404, "NoSuchKey");
    }

    [Theory]
    [InlineData("5\r\nhello\r\n0\r\n\r\n", "MalformedTrailerError")]
    [InlineData("5\r\nhello\r\n0\r\nx-amz-checksum-sha1:x\r\n\r\n", "MalformedTrailerError")]
    [InlineData("4\r\nhell\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "IncompleteBody")]
    public async Task Put_with_a_malformed_chunked_body_is_refused(string text, string code)
    {
        using var body = new ByteArrayContent(Encoding.ASCII.GetBytes(text));
        (await SendUnsignedTrailerAsync($"/{Bucket}/{NewSequence()}/a.txt", body, 5, "x-amz-checksum-crc32")).IsRefused(
            400,
            code
        );
    }

    [Fact]
    public async Task Put_that_breaks_off_leaves_the_old_object()
    {
        var target = await NewFileAsync("old and whole");
        var url = Leader.Presign(HttpMethod.Put, Bucket, target[(Bucket.Length + 2)..], TimeSpan.FromMinutes(5));
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(IPAddress.Loopback, Harima.S3.Port, Token);
            var head =
                $"PUT {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Length: 1000000\r\n\r\npartial";
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), Token);
            await Task.Delay(200, Token);
        }

        Assert.Equal("old and whole", (await SendAsync("leader", "GET", target)).Text);
    }

    [Fact]
    public async Task A_refused_put_does_not_ask_for_its_body()
    {
        var url = Harima
            .ClientOf("stranger")
            .Presign(HttpMethod.Put, PrivateBucket, $"{NewSequence()}/a", TimeSpan.FromMinutes(5));
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, Harima.S3.Port, Token);
        var head =
            $"PUT {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Length: 1000000\r\n"
            + "Expect: 100-continue\r\n\r\n";
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), Token);
        using var reader = new StreamReader(socket.GetStream());

        Assert.Equal("HTTP/1.1 404 Not Found", await reader.ReadLineAsync(Token));
    }

    [Theory]
    [InlineData("raw/scan 1+2.txt")]
    [InlineData("試料/触媒#1?.h5")]
    [InlineData("a//b/../c/./d")]
    [InlineData("ends/with/")]
    [InlineData("percent%2Fsign%")]
    public async Task Any_name_comes_back_as_it_went(string name)
    {
        var target = await NewFileAsync("text of " + name, name);

        Assert.Equal("text of " + name, (await SendAsync("leader", "GET", target)).Text);
    }

    [Fact]
    public async Task Put_answers_md5_as_etag_and_a_checksum()
    {
        var answer = await SendAsync(
            "member",
            "PUT",
            $"/{Bucket}/{NewSequence()}/a.txt",
            "123456789",
            ("content-md5", Md5Of("123456789")),
            ("x-amz-checksum-crc32c", "4waSgw==")
        );

        answer.IsOk();
        Assert.Equal("25f9e794323b453885f5181f1b624d0b", answer.ETag);
        Assert.Equal("4waSgw==", answer.Header("x-amz-checksum-crc32c"));
        Assert.Equal("FULL_OBJECT", answer.Header("x-amz-checksum-type"));
    }

    [Fact]
    public async Task Headers_and_metadata_come_back_and_aws_chunked_does_not()
    {
        var target = $"/{Bucket}/{NewSequence()}/a.txt";
        using var content = new ByteArrayContent("x"u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", "text/plain; charset=utf-8");
        content.Headers.TryAddWithoutValidation("Content-Encoding", "aws-chunked,gzip");
        content.Headers.TryAddWithoutValidation("Content-Disposition", "attachment; filename=\"a.txt\"");
        (
            await SendAsync(
                "leader",
                "PUT",
                target,
                content,
                ("x-amz-meta-Sample", "NMC811"),
                ("cache-control", "no-cache")
            )
        ).IsOk();

        var head = await SendAsync("leader", "HEAD", target);

        Assert.Equal("text/plain; charset=utf-8", head.Header("content-type"));
        Assert.Equal("gzip", head.Header("content-encoding"));
        Assert.Equal("attachment; filename=\"a.txt\"", head.Header("content-disposition"));
        Assert.Equal("NMC811", head.Header("x-amz-meta-sample"));
        Assert.Equal("no-cache", head.Header("cache-control"));
    }

    // Answered without the "continue" it waits for; botocore misreads what comes next on such a connection.
    [Fact]
    public async Task An_empty_body_that_waits_to_be_asked_for_ends_the_connection()
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Put,
            new Uri(Harima.S3, $"/{Bucket}/{NewSequence()}/empty")
        );
        request.Content = new ByteArrayContent([]);
        request.Headers.ExpectContinue = true;
        new RequestSigner(Harima.KeyOf("leader"), "us-east-1", TimeProvider.System).Sign(
            request,
            PayloadHash.UnsignedPayload
        );

        using var answer = await Harima.Http.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(answer.Headers.ConnectionClose);
    }

    [Fact]
    public async Task Put_without_length_is_empty_and_put_again_replaces()
    {
        var target = await NewFileAsync("first");
        (await SendAsync("leader", "PUT", target)).IsOk();

        var answer = await SendAsync("leader", "GET", target);

        Assert.Empty(answer.Body);
        Assert.Equal("d41d8cd98f00b204e9800998ecf8427e", answer.ETag);
    }

    [Fact]
    public async Task If_none_match_star_keeps_what_is_there()
    {
        var target = await NewFileAsync("first");

        (await SendAsync("leader", "PUT", target, "second", ("If-None-Match", "*"))).IsRefused(
            412,
            "PreconditionFailed"
        );
        Assert.Equal("first", (await SendAsync("leader", "GET", target)).Text);
    }

    [Fact]
    public async Task Put_with_trailer_by_our_own_client_is_verified_and_whole()
    {
        var bytes = RandomNumberGenerator.GetBytes(3_000_000);
        var key = $"{NewSequence()}/random.bin";

        var written = await Leader.PutObjectAsync(Bucket, key, new MemoryStream(bytes), bytes.Length, null, Token);

        Assert.Equal(Convert.ToHexStringLower(MD5.HashData(bytes)), written.ETag);
        var head = await Leader.FindObjectAsync(Bucket, key, Token);
        Assert.Equal(bytes.Length, head!.SizeBytes);
        Assert.Contains(written.Checksum!.Value, head.Checksums);
        using var body = await Leader.GetObjectAsync(Bucket, key, null, written.ETag, Token);
        using var copy = new MemoryStream();
        await body.Content.CopyToAsync(copy, Token);
        Assert.Equal(bytes, copy.ToArray());
    }

    [Fact]
    public async Task Our_own_client_meets_typed_refusals()
    {
        var refusal = await Assert.ThrowsAsync<S3Exception>(() =>
            Leader.PutObjectAsync(Bucket, "loose", new MemoryStream([1]), 1, null, Token)
        );

        Assert.Equal(("InvalidArgument", 400), (refusal.Code, refusal.Status));
        Assert.Contains("sequence", refusal.Message, StringComparison.Ordinal);
    }

    async Task<Answer> SendUnsignedTrailerAsync(string target, HttpContent body, int length, string trailer)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(Harima.S3, target)) { Content = body };
        request.Headers.TryAddWithoutValidation("x-amz-trailer", trailer);
        request.Headers.TryAddWithoutValidation(
            "x-amz-decoded-content-length",
            length.ToString(CultureInfo.InvariantCulture)
        );
        new S3.Signing.RequestSigner(Harima.KeyOf("leader"), "us-east-1", TimeProvider.System).Sign(
            request,
            S3.Signing.PayloadHash.UnsignedTrailer
        );
        using var response = await Harima.Http.SendAsync(request, Token);
        return await Answer.ReadAsync(response, Token);
    }
}
