using System.Text;
using CsCheck;
using Harima.Gateway;
using Harima.S3.Signing;

namespace Harima.Hostile;

/// <summary>Whatever a person with a key sends, signed as it should be, is answered or refused; it is never our failure.</summary>
public sealed class AnyRequestTests(HostileHarima harima) : GatewayTests(harima), IClassFixture<HostileHarima>
{
    static readonly string[] Methods = ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH"];

    static readonly string[] PathTokens =
    [
        "/",
        "//",
        "..",
        ".",
        "%2F",
        "%00",
        "%ff",
        "%E8%A9%A6",
        "%F0%9D%92%B3",
        "%ED%A0%80",
        "%",
        "a",
        "S1",
        "/S1/",
        "leaders-bench",
        "2026a2000",
        "2026a2001",
        "+",
        "%20",
        "~",
        "*",
    ];

    static readonly string[] QueryTokens =
    [
        "&",
        "=",
        "list-type=2",
        "uploads",
        "uploadId=",
        "partNumber=1",
        "versionId=null",
        "versionId=",
        "versions",
        "delete",
        "tagging",
        "acl",
        "cors",
        "policy",
        "location",
        "versioning",
        "attributes",
        "prefix=",
        "delimiter=/",
        "max-keys=",
        "marker=",
        "continuation-token=",
        "response-content-type=",
        "x-id=",
        "%00",
        "%ff",
        "1",
        "-1",
        "99999999999999999999",
        "a",
        "/",
    ];

    static readonly string[] HeaderNames =
    [
        "range",
        "if-match",
        "if-none-match",
        "if-modified-since",
        "if-unmodified-since",
        "if-range",
        "content-md5",
        "content-type",
        "content-encoding",
        "x-amz-copy-source",
        "x-amz-copy-source-range",
        "x-amz-copy-source-if-match",
        "x-amz-metadata-directive",
        "x-amz-checksum-crc32",
        "x-amz-checksum-sha256",
        "x-amz-checksum-algorithm",
        "x-amz-checksum-type",
        "x-amz-sdk-checksum-algorithm",
        "x-amz-checksum-mode",
        "x-amz-trailer",
        "x-amz-decoded-content-length",
        "x-amz-mp-object-size",
        "x-amz-tagging",
        "x-amz-acl",
        "x-amz-meta-a",
        "x-amz-server-side-encryption",
        "x-amz-object-attributes",
        "x-amz-security-token",
        "origin",
        "access-control-request-method",
    ];

    static readonly string[] ValueTokens =
    [
        "",
        "*",
        "\"",
        "bytes=",
        "0-",
        "-1",
        "5-2",
        ",",
        "99999999999999999999",
        "CRC32",
        "CRC64NVME",
        "COMPOSITE",
        "FULL_OBJECT",
        "AAAAAA==",
        "1B2M2Y8AsgTpgAmY7PhCfg==",
        "/2026a2000/S1/a",
        "2026a2000/S1/a?versionId=null",
        "%ff%00",
        "é",
        "Mon, 12 Oct 2009 17:50:30 GMT",
        "ENABLED",
        "REPLACE",
        "private",
        "a=b&c=d",
        "ETag",
        "ObjectSize",
        "aws-chunked",
    ];

    static readonly string[] Bodies =
    [
        "",
        "x",
        "<Delete><Object><Key>S1/a</Key></Object></Delete>",
        "<Delete><Object><Key>%</Key><VersionId>x</VersionId></Object></Delete>",
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>x</ETag></Part></CompleteMultipartUpload>",
        "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>",
        "<VersioningConfiguration><Status>x</Status></VersioningConfiguration>",
        "5\r\nhello\r\n0\r\n\r\n",
        "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
        "{",
        "<",
        "\0\u00ff",
    ];

    static readonly string[] Payloads =
    [
        "UNSIGNED-PAYLOAD",
        "UNSIGNED-PAYLOAD",
        "UNSIGNED-PAYLOAD",
        "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "nonsense",
    ];

    static Gen<string> OneOf(string[] tokens) => Gen.Int[0, tokens.Length - 1].Select(n => tokens[n]);

    static Gen<string> Several(string[] tokens, int most) => OneOf(tokens).Array[0, most].Select(string.Concat);

    [Fact]
    public async Task Any_signed_request_is_answered_or_refused_but_never_a_failure()
    {
        var wrong = new List<string>();
        var requests = Gen.Select(
            OneOf(Methods),
            Several(PathTokens, 6),
            Several(QueryTokens, 6),
            Gen.Select(OneOf(HeaderNames), Several(ValueTokens, 2)).Array[0, 4],
            Gen.Select(OneOf(Bodies), OneOf(Payloads))
        );
        await requests.SampleAsync(
            async (method, path, query, headers, body) =>
            {
                var target = "/" + path + (query.Length > 0 ? "?" + query : "");
                var status = await SendAnyAsync(method, target, headers, body.Item1, body.Item2);
                if (status is < 500 or 501 or 503)
                    return;
                lock (wrong)
                    wrong.Add($"{status}: {method} {target} {string.Join("; ", headers)} {body}");
            },
            iter: 3000,
            threads: 4
        );
        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Take(20)));
    }

    async Task<int> SendAnyAsync(
        string method,
        string target,
        (string Name, string Value)[] headers,
        string body,
        string payload
    )
    {
        using var request = new HttpRequestMessage(
            new HttpMethod(method),
            RawUri.Create(Harima.S3.GetLeftPart(UriPartial.Authority) + target)
        );
        if (body.Length > 0)
            request.Content = new ByteArrayContent(Encoding.Latin1.GetBytes(body));
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
                (request.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation(name, value);
        }
        var kind = payload switch
        {
            "UNSIGNED-PAYLOAD" => PayloadHash.UnsignedPayload,
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => PayloadHash.UnsignedTrailer,
            _ => new PayloadHash(PayloadKind.Sha256, payload),
        };
        var user = target.Length % 3 == 0 ? "stranger" : "leader";
        new RequestSigner(Harima.KeyOf(user), "us-east-1", TimeProvider.System).Sign(request, kind);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromMinutes(5));
        try
        {
            using var response = await Harima.Http.SendAsync(request, patience.Token);
            return (int)response.StatusCode;
        }
        catch (HttpRequestException)
        {
            // Refused while it was still being sent, and closed.
            return 400;
        }
    }
}
