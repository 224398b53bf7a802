using CsCheck;
using Harima.S3.Errors;
using Harima.S3.Signing;

namespace Harima.Formats.S3.Signing;

/// <summary>Whatever arrives is read or refused in S3's words; nothing else is ever thrown.</summary>
public class GarbageTests
{
    static readonly string[] Tokens =
    [
        "/",
        "//",
        "?",
        "&",
        "=",
        ";",
        ",",
        " ",
        "%",
        "%2",
        "%2F",
        "%00",
        "%ff",
        "%E8%A9%A6",
        "+",
        "..",
        "a",
        "é",
        "\uD800",
        "host",
        "Z",
        "20130524",
        "20130524T000000Z",
        "AWS4-HMAC-SHA256",
        "AWS ",
        "Credential=",
        "SignedHeaders=",
        "Signature=",
        "aws4_request",
        "us-east-1/s3",
        "X-Amz-Algorithm=",
        "X-Amz-Credential=",
        "X-Amz-Signature=",
        "X-Amz-Date=",
        "X-Amz-Expires=",
        "X-Amz-SignedHeaders=",
        "AWSAccessKeyId=",
        "&Signature=",
        "&Expires=",
        "1369353600",
        "AWS a:b",
        "UNSIGNED-PAYLOAD",
    ];

    static readonly Gen<string> Text = Gen.Int[0, Tokens.Length - 1]
        .Select(i => Tokens[i])
        .Array[0, 25]
        .Select(string.Concat);

    [Fact]
    public void Any_request_is_parsed_and_verified_or_refused() =>
        Gen.Select(Text, Text, Text, Text)
            .Sample(
                (target, authorization, date, hash) =>
                {
                    string? Header(string name) =>
                        name switch
                        {
                            "authorization" when authorization.Length > 0 => authorization,
                            "x-amz-date" or "date" => date,
                            "x-amz-content-sha256" => hash,
                            "host" => "h",
                            _ => null,
                        };
                    try
                    {
                        var parsed = RequestTarget.Parse(target);
                        parsed.DecodePath();
                        var request = SignatureVerifier.Parse("GET", parsed, Header);
                        if (request is not null)
                            new SignatureVerifier(new Example.StoppedClock(Example.Now)).Verify(request, "secret");
                        return request is null;
                    }
                    catch (S3Exception)
                    {
                        return true;
                    }
                },
                iter: 20_000
            );

    [Fact]
    public void Any_well_formed_request_that_is_not_signed_right_is_refused() =>
        Gen.Select(Text, Text)
            .Sample(
                (path, query) =>
                {
                    try
                    {
                        Example.Verified(
                            "GET",
                            "/" + path.Replace("?", "", StringComparison.Ordinal) + "?" + query,
                            Example.Headers(
                                ("host", "h"),
                                ("x-amz-date", Example.Timestamp),
                                ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
                                ("authorization", Example.Authorization("host", new string('0', 64)))
                            )
                        );
                        return false;
                    }
                    catch (S3Exception)
                    {
                        return true;
                    }
                },
                iter: 20_000
            );
}
