using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Harima.Gateway;
using Harima.Identity;
using Harima.S3.Checksums;
using Harima.S3.Errors;
using Harima.S3.Forms;
using Harima.S3.Policies;
using Harima.S3.Signing;
using Harima.S3.Streaming;
using Harima.S3.Sts;
using Harima.S3.Xml;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Harima.Fuzz;

/// <summary>
/// Everything that reads what anybody may send, as functions of bytes. They return, or they throw an <see cref="S3Exception"/> with a
/// status of 4xx or 501: that is a refusal. Everything else is a finding.
/// </summary>
static class Targets
{
    const string SecretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    /// <summary>When the clients sent the requests of the corpus: their signatures are right at that time.</summary>
    static readonly DateTimeOffset RecordedAt = new(2026, 11, 27, 12, 44, 40, TimeSpan.Zero);

    static readonly SignatureVerifier Verifier = new(new Stopped());
    static readonly CredentialScope Scope = new("20261127", "us-east-1", "s3");
    static readonly byte[] SigningKey = SigningKeys.Derive(SecretKey, Scope);

    public static IReadOnlyDictionary<string, Func<byte[], Task>> All { get; } =
        new SortedDictionary<string, Func<byte[], Task>>(StringComparer.Ordinal)
        {
            ["chunks"] = ReadChunksAsync,
            ["form"] = ReadFormAsync,
            ["policy"] = ReadPolicyAsync,
            ["request"] = ReadRequestAsync,
            ["words"] = ReadWordsAsync,
            ["xml"] = ReadXmlAsync,
        };

    /// <summary>Whether this is how something is refused.</summary>
    public static bool IsRefusal(Exception thrown) => thrown is S3Exception { Status: (>= 400 and < 500) or 501 };

    /// <summary>Pieces that mean something to a reader, for who makes inputs up.</summary>
    public static IReadOnlyList<string> WordsOf(string target) =>
        target switch
        {
            "request" =>
            [
                "%2F",
                "%00",
                "%2e%2e",
                "//",
                "..",
                "%c0%ae",
                "%ff",
                "%",
                "+",
                "?",
                "&",
                "=",
                ";",
                ",",
                "\r\n",
                ": ",
                "X-Amz-Signature=",
                "X-Amz-Expires=",
                "X-Amz-Algorithm=AWS4-HMAC-SHA256",
                "AWSAccessKeyId=",
                "Signature=",
                "Expires=",
                "AWS4-HMAC-SHA256 Credential=",
                "SignedHeaders=",
                "aws4_request",
                "x-amz-date: ",
                "x-amz-content-sha256: ",
                "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
                "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
                "UNSIGNED-PAYLOAD",
                "x-amz-decoded-content-length: ",
                "x-amz-trailer: x-amz-checksum-crc32",
                "content-md5: ",
                "uploadId=",
                "partNumber=",
                "versionId=",
                "x-amz-copy-source: ",
                "list-type=2",
                "delete",
                "99999999999999999999",
                "-1",
            ],
            "chunks" =>
            [
                "\r\n",
                ";chunk-signature=",
                "0\r\n",
                "ffffffffffffffff",
                "7fffffffffffffff",
                "-1",
                "x-amz-checksum-crc32:",
                "x-amz-trailer-signature:",
                "0000000000000000000000000000000000000000000000000000000000000000",
                ":",
                ";",
            ],
            "form" =>
            [
                "\r\n",
                "--",
                "Content-Disposition: form-data; name=\"",
                "filename=\"",
                "filename*=UTF-8''",
                "${filename}",
                "name=\"file\"",
                "name=\"policy\"",
                "name=\"key\"",
                "\"",
                "boundary=",
                "Content-Type: ",
                "%",
                "\\",
            ],
            "policy" =>
            [
                "{",
                "}",
                "[",
                "]",
                "\"",
                ":",
                ",",
                "\\u0000",
                "\\ud800",
                "1e999",
                "null",
                "\"Statement\"",
                "\"Effect\"",
                "\"Deny\"",
                "\"Principal\"",
                "\"*\"",
                "\"Action\"",
                "\"Resource\"",
                "\"Condition\"",
                "\"IpAddress\"",
                "\"NumericLessThan\"",
                "\"DateGreaterThan\"",
                "\"StringLike\"",
                "${aws:username}",
                "aws:SourceIp",
                "::/0",
                "0.0.0.0/33",
                "*?*?*",
                "\"conditions\"",
                "\"expiration\"",
                "\"eq\"",
                "\"starts-with\"",
                "\"content-length-range\"",
                "arn:aws:s3:::",
            ],
            "xml" =>
            [
                "<",
                ">",
                "</",
                "/>",
                "<![CDATA[",
                "]]>",
                "<!--",
                "-->",
                "<?",
                "?>",
                "<!DOCTYPE a [<!ENTITY b \"c\">]>",
                "&b;",
                "&amp;",
                "&#0;",
                "&#xD800;",
                "&#x10FFFF;",
                "xmlns=\"a\"",
                "xmlns:b=\"c\"",
                "<Key>",
                "</Key>",
                "<Object>",
                "<Part>",
                "<PartNumber>",
                "<Tag>",
                "<Value>",
                "<CORSRule>",
                "<AllowedOrigin>",
                "<Grant>",
                "<Grantee>",
                "<URI>",
                "encoding=\"utf-16\"",
            ],
            _ =>
            [
                "bytes=",
                "-",
                ",",
                "0",
                "9223372036854775807",
                "99999999999999999999",
                "%",
                "=",
                "+",
                "/",
                "?versionId=",
            ],
        };

    /// <summary>Inputs to begin with that no client was heard to say, most of them as the tests hold them.</summary>
    public static IEnumerable<byte[]> SeedsOf(string target)
    {
        switch (target)
        {
            case "chunks":
                foreach (var flags in new byte[] { 0, 1, 2, 3 })
                    yield return [flags, .. Chunked(signed: (flags & 1) != 0, trailer: (flags & 2) != 0)];
                break;
            case "policy":
                foreach (var text in Policies)
                    yield return Encoding.UTF8.GetBytes(text);
                break;
            case "xml":
                for (byte n = 0; n < Documents.Length; n++)
                    yield return [n, .. Encoding.UTF8.GetBytes(Documents[n])];
                break;
            case "words":
                foreach (
                    var text in new[]
                    {
                        "bytes=0-9",
                        "bytes=-5",
                        "bytes=5-",
                        "MjAyNg",
                        "/2026a1234/S1/a%20b?versionId=null",
                        "AAAAAA==",
                    }
                )
                    yield return Encoding.UTF8.GetBytes(text);
                break;
            case "form":
                yield return Encoding.UTF8.GetBytes(
                    "multipart/form-data; boundary=b\r\n\r\n--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nS1/${filename}\r\n"
                        + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\a b.h5\"\r\nContent-Type: a/b\r\n\r\nbytes\r\n--b--\r\n"
                );
                break;
        }
    }

    // The way of S3Pipeline and Authenticator, as far as no database is needed.
    static async Task ReadRequestAsync(byte[] input)
    {
        var http = Request(input);
        var target = RequestTarget.Parse(http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);
        string? Header(string name) => S3Request.LookUp(http.Request.Headers, name);
        var signature = SignatureVerifier.Parse(http.Request.Method, target, Header, () => http.Request.Headers.Keys);
        if (signature is not null)
        {
            Verifier.Verify(signature, SecretKey);
            signature.FindUncovered(http.Request.Headers.Keys);
        }
        var route = S3Router.Route(http.Request.Method, target, Header);
        PolicyFacts.Of(http, target, route, signature, RecordedAt);
        var request = new S3Request(http, target, route, Principal.Anonymous, signature);
        await using var body = S3Body.Open(request);
        var length = await DrainAsync(body.Stream);
        body.Expectation.Checksum?.Invoke();
        Require(length <= input.Length, "more came out of a body than went in");
    }

    static async Task ReadChunksAsync(byte[] input)
    {
        if (input.Length == 0)
            return;
        var signer = (input[0] & 1) != 0 ? Signer() : null;
        await using var reader = new AwsChunkedReader(
            new MemoryStream(input, 1, input.Length - 1),
            ChunkedLength,
            signer,
            (input[0] & 2) != 0
        );
        var length = await DrainAsync(reader);
        Require(length == ChunkedLength, "a body ended well with another length than was announced");
    }

    static async Task ReadFormAsync(byte[] input)
    {
        var http = Request(input, withTarget: false);
        var form = await PostForm.ReadAsync(http.Request, CancellationToken.None);
        if (PolicySignature.Parse(form.Fields) is { } signature)
        {
            Verifier.Verify(signature, SecretKey);
            var policy = PostPolicy.Parse(form.Find("policy") ?? "");
            policy.Require(form.Fields, RecordedAt);
        }
        await using var file = form.OpenFile(0, 1 << 20);
        Require(await DrainAsync(file) <= input.Length, "a file is longer than its form");
    }

    static Task ReadPolicyAsync(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        foreach (
            var read in new Action[]
            {
                () => PostPolicy.Parse(Convert.ToBase64String(input)).Require(FormFields, RecordedAt),
                () => SessionPolicy.Parse(text),
                () =>
                {
                    var policy = BucketPolicy.Parse(text);
                    foreach (var user in new[] { null, "leader" })
                    {
                        var asked = new PolicyRequest(user, "s3:GetObject", "arn:aws:s3:::bench/a/b", Facts);
                        policy.Denies(asked);
                        policy.Allows(asked);
                    }
                    _ = policy.Allowed.Sum(allowed => allowed.Actions.Count);
                },
            }
        )
        {
            try
            {
                read();
            }
            catch (S3Exception refusal) when (IsRefusal(refusal))
            {
                // The next one reads it all the same.
            }
        }
        return Task.CompletedTask;
    }

    static async Task ReadXmlAsync(byte[] input)
    {
        if (input.Length == 0)
            return;
        using var body = new MemoryStream(input, 1, input.Length - 1);
        var none = CancellationToken.None;
        Task read = (input[0] % 9) switch
        {
            0 => Delete.ReadAsync(body, none),
            1 => CompleteMultipartUpload.ReadAsync(body, none),
            2 => Tagging.ReadAsync(body, none),
            3 => CorsConfiguration.ReadAsync(body, none),
            4 => VersioningConfiguration.ReadAsync(body, none),
            5 => PublicAccessBlockConfiguration.ReadAsync(body, none),
            6 => OwnershipControls.ReadAsync(body, none),
            7 => AccessControlPolicy.ReadAsync(body, none),
            _ => CreateBucketConfiguration.ReadAsync(body, none),
        };
        await read;
    }

    static Task ReadWordsAsync(byte[] input)
    {
        var text = Encoding.Latin1.GetString(input);
        foreach (var size in new long[] { 0, 1, 1000, long.MaxValue })
        {
            if (ByteRange.TryParse(text, size, out var range) is true)
                Require(
                    range.Start >= 0 && range.LengthBytes > 0 && range.LengthBytes <= size - range.Start,
                    "a range lies outside its object"
                );
        }
        var refusals = new List<Action>
        {
            () => PageToken.Decode(text),
            () => RequestTarget.Parse(text).DecodePath(),
            () => S3Body.ReadMd5(text),
            () => PayloadHash.Parse(text),
        };
        refusals.AddRange(
            ChecksumAlgorithms.All.Select<ChecksumAlgorithm, Action>(algorithm => () => Checksum.Parse(algorithm, text))
        );
        foreach (var read in refusals)
        {
            try
            {
                read();
            }
            catch (S3Exception refusal) when (IsRefusal(refusal))
            {
                // The next one reads it all the same.
            }
        }
        return Task.CompletedTask;
    }

    /// <summary>A request as it stands on the wire; where <paramref name="withTarget"/> is false its first line may be a content type alone.</summary>
    static DefaultHttpContext Request(byte[] input, bool withTarget = true)
    {
        var end = input.AsSpan().IndexOf("\r\n\r\n"u8);
        var lines = Encoding.Latin1.GetString(input, 0, end < 0 ? input.Length : end).Split("\r\n");
        var http = new DefaultHttpContext();
        var first = lines[0].Split(' ', 3);
        if (withTarget)
        {
            http.Request.Method = first[0];
            http.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = first.Length > 1 ? first[1] : "/";
        }
        else if (!lines[0].StartsWith("POST ", StringComparison.Ordinal))
        {
            http.Request.ContentType = lines[0];
        }
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
                http.Request.Headers.Append(line[..colon], line[(colon + 1)..].Trim());
        }
        http.Request.Body = end < 0 ? Stream.Null : new MemoryStream(input, end + 4, input.Length - end - 4);
        return http;
    }

    static async Task<long> DrainAsync(Stream stream)
    {
        var buffer = new byte[4096];
        long length = 0;
        for (int read; (read = await stream.ReadAsync(buffer)) > 0; )
            length += read;
        return length;
    }

    static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidOperationException(otherwise);
    }

    static ChunkSigner Signer() => new(SigningKey, "20261127T125000Z", Scope, new string('0', 64));

    const int ChunkedLength = 300;

    static byte[] Chunked(bool signed, bool trailer)
    {
        var signer = signed ? Signer() : null;
        using var body = new MemoryStream();
        foreach (var size in new[] { 200, 100, 0 })
        {
            var data = new byte[size];
            var head = size.ToString("x", CultureInfo.InvariantCulture);
            if (signer is not null)
                head += ";chunk-signature=" + signer.SignChunk(SHA256.HashData(data));
            body.Write(Encoding.ASCII.GetBytes(head + "\r\n"));
            body.Write(data);
            if (size > 0)
                body.Write("\r\n"u8);
        }
        if (trailer)
        {
            const string Checksum = "x-amz-checksum-crc32:AAAAAA==\n";
            body.Write("x-amz-checksum-crc32:AAAAAA==\r\n"u8);
            if (signer is not null)
                body.Write(
                    Encoding.ASCII.GetBytes(
                        $"x-amz-trailer-signature:{signer.SignTrailer(SHA256.HashData(Encoding.ASCII.GetBytes(Checksum)))}\r\n"
                    )
                );
        }
        body.Write("\r\n"u8);
        return body.ToArray();
    }

    static readonly Dictionary<string, string> FormFields = new(StringComparer.OrdinalIgnoreCase)
    {
        ["bucket"] = "bench",
        ["key"] = "S1/a",
        ["content-type"] = "a/b",
    };

    static IReadOnlyList<string> Facts(string key) =>
        key switch
        {
            "aws:sourceip" => ["192.0.2.7"],
            "aws:securetransport" => ["false"],
            "aws:currenttime" => ["2026-11-27T12:50:00Z"],
            "aws:epochtime" => ["1795783800"],
            "s3:prefix" => ["a/"],
            "s3:max-keys" => ["10"],
            _ => [],
        };

    static readonly string[] Policies =
    [
        """
            {"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Deny","Principal":{"AWS":["arn:aws:iam::harima:user/leader","x"]},
            "Action":["s3:Get*","s3:PutObject"],"Resource":["arn:aws:s3:::bench/*","arn:aws:s3:::bench/${aws:username}/?"],
            "Condition":{"IpAddress":{"aws:SourceIp":["192.0.2.0/24","2001:db8::/32"]},"Bool":{"aws:SecureTransport":"false"},
            "DateLessThan":{"aws:CurrentTime":"2027-01-01T00:00:00Z"},"NumericLessThanEqualsIfExists":{"s3:max-keys":"10"},
            "StringNotLike":{"s3:prefix":["b*","?"]},"Null":{"aws:Referer":"true"}}}]}
            """,
        """{"Statement":{"Effect":"Deny","NotPrincipal":"*","NotAction":"s3:*","NotResource":"arn:aws:s3:::bench"}}""",
        """{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::2026a1234/S1/*"]}]}""",
        """
            {"expiration":"2026-11-28T00:00:00.000Z","conditions":[{"bucket":"bench"},["starts-with","$key","S1/"],["eq","$content-type","a/b"],
            ["content-length-range",1,"1000"],{"success_action_status":"201"}]}
            """,
    ];

    // In the order of the readers.
    static readonly string[] Documents =
    [
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet><Object><Key>S1/a&amp;&#x1;</Key><VersionId>null</VersionId><ETag>\"a\"</ETag><Size>1</Size></Object></Delete>",
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>\"a\"</ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32></Part></CompleteMultipartUpload>",
        "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>",
        "<CORSConfiguration><CORSRule><AllowedOrigin>https://*.jp</AllowedOrigin><AllowedMethod>PUT</AllowedMethod><AllowedHeader>*</AllowedHeader><ExposeHeader>ETag</ExposeHeader><MaxAgeSeconds>3</MaxAgeSeconds></CORSRule></CORSConfiguration>",
        "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>",
        "<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>",
        "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>",
        "<AccessControlPolicy xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><Owner><ID>leader</ID></Owner><AccessControlList><Grant><Grantee xsi:type=\"CanonicalUser\"><ID>a</ID></Grantee><Permission>READ</Permission></Grant></AccessControlList></AccessControlPolicy>",
        "<CreateBucketConfiguration><LocationConstraint>us-east-1</LocationConstraint></CreateBucketConfiguration>",
    ];

    sealed class Stopped : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => RecordedAt;
    }
}
