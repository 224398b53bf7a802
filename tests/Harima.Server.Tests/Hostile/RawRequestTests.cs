using System.Security.Cryptography;
using System.Text;
using Harima.Gateway;
using Harima.S3.Signing;

namespace Harima.Hostile;

/// <summary>What no honest client sends, said over raw sockets to the real server: refused in order, and the server goes on.</summary>
public sealed class RawRequestTests(HostileHarima harima) : GatewayTests(harima), IClassFixture<HostileHarima>
{
    const string Host = "Host: x\r\n";
    const string Smuggled = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";

    async Task<string> SayAsync(string text, bool portal = false)
    {
        using var connection = await RawConnection.OpenAsync(portal ? Harima.Portal : Harima.S3, Token);
        await connection.SendAsync(text, Token);
        return await connection.ReadToEndAsync(Token);
    }

    async Task RequireAliveAsync() => Assert.Equal("ok\n", (await SendAsync(Anonymous, "GET", "/healthz")).IsOk().Text);

    public static TheoryData<string> Malformed =>
        [
            "\r\n\r\n",
            "GET\r\n\r\n",
            "GET / HTTP/9.9\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET  /  HTTP/1.1\r\nHost: x\r\n\r\n",
            "G\0T / HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /\0 HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nA\0: b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n folded: c\r\n\r\n",
            "PUT /a/b HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
            "PUT /a/b HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na",
            "PUT /a/b HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\na",
            "PUT /a/b HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\na",
            "PUT /a/b HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
            "PUT /a/b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n",
            "PUT /a/b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            "PUT /a/b HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
            "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003",
        ];

    [Theory]
    [MemberData(nameof(Malformed))]
    public async Task A_malformed_request_is_refused_or_the_connection_closed(string text)
    {
        foreach (var portal in new[] { false, true })
        {
            var answer = await SayAsync(text, portal);
            Assert.DoesNotContain(
                RawConnection.Statuses(answer),
                status => status >= 500 && status is not (501 or 505)
            );
        }
        await RequireAliveAsync();
    }

    public static TheoryData<string> Smuggling =>
        [
            // Lengths that two servers may read differently; the rest of the body looks like a request of its own.
            $"POST /a?delete HTTP/1.1\r\n{Host}Content-Length: {5 + Smuggled.Length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{Smuggled}",
            $"POST /a?delete HTTP/1.1\r\n{Host}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n{Smuggled}",
            $"POST /a?delete HTTP/1.1\r\n{Host}Content-Length: 0\r\nContent-Length: {Smuggled.Length}\r\n\r\n{Smuggled}",
            $"POST /a?delete HTTP/1.1\r\n{Host}Transfer-Encoding: xchunked\r\n\r\n{Smuggled}",
            $"POST /a?delete HTTP/1.1\r\n{Host}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n{Smuggled}",
            $"POST /a?delete HTTP/1.1\r\n{Host}Transfer-Encoding\u000b: chunked\r\n\r\n0\r\n\r\n{Smuggled}",
            $"POST /a?delete HTTP/1.1\r\n{Host}Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n\r\n{Smuggled}",
            $"POST /a?delete HTTP/1.1\r\n{Host}Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n{Smuggled}",
            $"POST /a?delete HTTP/1.1\r\n{Host}Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n{Smuggled}",
        ];

    [Theory]
    [MemberData(nameof(Smuggling))]
    public async Task A_request_hidden_in_a_body_of_doubtful_length_is_not_answered(string text)
    {
        var answer = await SayAsync(text);

        // What follows the first answer can only be the refusal to read on.
        Assert.True(RawConnection.Statuses(answer).Skip(1).All(status => status == 400), answer);
        Assert.DoesNotContain("ok\n", answer, StringComparison.Ordinal);
        await RequireAliveAsync();
    }

    [Fact]
    public async Task Floods_of_headers_are_refused()
    {
        var many = string.Concat(Enumerable.Range(0, 20_000).Select(n => $"x-amz-meta-{n}: v\r\n"));
        var large = "x-amz-meta-a: " + new string('v', 4 << 20) + "\r\n";
        var target = new string('k', 1 << 20);
        foreach (
            var text in new[]
            {
                $"GET / HTTP/1.1\r\n{Host}{many}\r\n",
                $"GET / HTTP/1.1\r\n{Host}{large}\r\n",
                $"GET /{target} HTTP/1.1\r\n{Host}\r\n",
            }
        )
        {
            var answer = await SayAsync(text);
            Assert.True(RawConnection.Statuses(answer).All(status => status is 400 or 414 or 431), answer);
        }
        await RequireAliveAsync();
    }

    [Fact]
    public async Task Random_bytes_close_the_connection_and_nothing_else()
    {
        for (var n = 0; n < 50; n++)
        {
            using var connection = await RawConnection.OpenAsync(Harima.S3, Token);
            await connection.SendAsync(RandomNumberGenerator.GetBytes(10_000), Token);
            Assert.DoesNotContain("HTTP/1.1 2", await connection.ReadToEndAsync(Token), StringComparison.Ordinal);
        }
        await RequireAliveAsync();
    }

    [Theory]
    [InlineData("5\r\nhello\r\n0\r\n\r\n", "4", "IncompleteBody")]
    [InlineData("5\r\nhello\r\n0\r\n\r\n", "6", "IncompleteBody")]
    [InlineData("5\r\nhello", "5", "IncompleteBody")]
    [InlineData("ffffffffffffffff\r\nhello\r\n0\r\n\r\n", "5", null)]
    [InlineData("-5\r\nhello\r\n0\r\n\r\n", "5", null)]
    [InlineData("5;a=b;chunk-signature=x\r\nhello", "5", null)]
    [InlineData("5hello0", "5", null)]
    [InlineData("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n", "99999999999999999999", null)]
    public async Task Chunks_that_do_not_add_up_are_refused_and_store_nothing(string body, string length, string? code)
    {
        var target = $"/{Bucket}/{NewSequence()}/chunked";

        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(Harima.S3, target));
        request.Content = new ByteArrayContent(Encoding.Latin1.GetBytes(body));
        request.Content.Headers.TryAddWithoutValidation("Content-Encoding", "aws-chunked");
        request.Headers.TryAddWithoutValidation("x-amz-decoded-content-length", length);
        new RequestSigner(Harima.KeyOf("leader"), "us-east-1", TimeProvider.System).Sign(
            request,
            PayloadHash.UnsignedTrailer
        );
        using var response = await Harima.Http.SendAsync(request, Token);
        var answer = await Answer.ReadAsync(response, Token);

        Assert.InRange((int)answer.Status, 400, 499);
        if (code is not null)
            Assert.Equal(code, answer.Xml.Element("Code")!.Value);
        (await SendAsync("leader", "GET", target)).IsRefused(404, "NoSuchKey");
    }

    public static TheoryData<string> Bombs =>
        [
            "<!DOCTYPE l [<!ENTITY a \"lol\">"
                + string.Concat(
                    Enumerable
                        .Range(1, 9)
                        .Select(n =>
                            $"<!ENTITY {(char)('a' + n)} \"{string.Concat(Enumerable.Repeat($"&{(char)('a' + n - 1)};", 10))}\">"
                        )
                )
                + "]><ROOT><Object><Key>&j;</Key></Object></ROOT>",
            "<!DOCTYPE r SYSTEM \"file:///etc/passwd\"><ROOT/>",
            "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><ROOT><Object><Key>&x;</Key></Object></ROOT>",
            "<!DOCTYPE r [<!ENTITY % p SYSTEM \"http://127.0.0.1:1/\"> %p;]><ROOT/>",
            string.Concat(Enumerable.Repeat("<ROOT>", 100_000)),
            "<ROOT " + string.Join(' ', Enumerable.Range(0, 50_000).Select(n => $"a{n}=\"x\"")) + "/>",
            "<ROOT><Object><Key>" + new string('k', 9 << 20) + "</Key></Object></ROOT>",
            "<ROOT>" + new string(' ', 20 << 20) + "</ROOT>",
            "<ROOT><Object><Key>a</Key></Object>",
            "<ROOT><Object><Key>\u0001</Key></Object></ROOT>",
            "<ROOT>&#x0;&#xFFFF;&#xD800;</ROOT>",
            "\ufeff<ROOT/>",
            "{}",
        ];

    [Theory]
    [MemberData(nameof(Bombs))]
    public async Task Documents_that_explode_or_reach_outside_are_refused(string bomb)
    {
        var key = NewSequence() + "/a";
        var begun = (await SendAsync("leader", "POST", $"/{Bucket}/{key}?uploads")).IsOk();
        var upload = begun.Xml.Element(Xmlns + "UploadId")!.Value;
        foreach (
            var (method, target, root) in new[]
            {
                ("POST", $"/{Bucket}?delete", "Delete"),
                ("POST", $"/{Bucket}/{key}?uploadId={upload}", "CompleteMultipartUpload"),
                ("PUT", $"/{Bucket}/{key}?tagging", "Tagging"),
                ("PUT", $"/{Bucket}?cors", "CORSConfiguration"),
                ("PUT", $"/{Bucket}?versioning", "VersioningConfiguration"),
                ("PUT", $"/{Bucket}?publicAccessBlock", "PublicAccessBlockConfiguration"),
                ("PUT", $"/{Bucket}?policy", "x"),
                ("PUT", $"/{Workspace}?tagging", "Tagging"),
                ("PUT", $"/{Workspace}?acl", "AccessControlPolicy"),
                ("PUT", $"/{Workspace}?ownershipControls", "OwnershipControls"),
                ("PUT", "/new-bench-of-bombs", "CreateBucketConfiguration"),
            }
        )
        {
            // Of this one alone an empty document is a whole one.
            if (
                root == "CreateBucketConfiguration"
                && bomb.EndsWith("<ROOT/>", StringComparison.Ordinal)
                && !bomb.Contains('!')
            )
                continue;
            var bytes = Encoding.UTF8.GetBytes(bomb.Replace("ROOT", root, StringComparison.Ordinal));
            var answer = await SendAsync(
                "leader",
                method,
                target,
                new ByteArrayContent(bytes),
                ("Content-MD5", Convert.ToBase64String(MD5.HashData(bytes)))
            );
            Assert.True(
                (int)answer.Status is (>= 400 and < 500) or 501,
                $"{method} {target}: {answer.Status} {answer.Text}"
            );
            Assert.DoesNotContain("root:", answer.Text, StringComparison.Ordinal);
        }
        await RequireAliveAsync();
    }
}
