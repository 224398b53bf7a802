using Harima.S3.Errors;
using Harima.S3.Signing;

namespace Harima.Formats.S3.Signing;

/// <summary>The worked examples of "Authenticating Requests (AWS Signature Version 4)", and what must be refused.</summary>
public class SignatureVerifierTests
{
    const string EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const string Presigned =
        "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2F"
        + "aws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature="
        + "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

    static readonly HeaderLookup Host = Example.Headers(("host", "examplebucket.s3.amazonaws.com"));

    static HeaderLookup Get(
        string signature,
        string signedHeaders = "host;x-amz-content-sha256;x-amz-date",
        params (string, string)[] more
    ) =>
        Example.Headers([
            ("Host", "examplebucket.s3.amazonaws.com"),
            ("x-amz-content-sha256", EmptyHash),
            ("x-amz-date", Example.Timestamp),
            ("Authorization", Example.Authorization(signedHeaders, signature)),
            .. more,
        ]);

    [Fact]
    public void A_wrong_secret_is_refused_and_says_what_was_signed()
    {
        var refusal = Example.Refused("GET", Presigned, Host, secret: "other");

        Assert.Equal("SignatureDoesNotMatch", refusal.Code);
        Assert.Contains(refusal.Details, detail => detail.Key == "CanonicalRequest");
    }

    [Theory]
    [InlineData("PUT", "/?lifecycle")]
    [InlineData("GET", "/?lifecycle=1")]
    [InlineData("GET", "/x?lifecycle")]
    [InlineData("GET", "/?lifecycle&acl")]
    public void A_changed_request_is_refused(string method, string target) =>
        Assert.Equal(
            "SignatureDoesNotMatch",
            Example
                .Refused(method, target, Get("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"))
                .Code
        );

    [Theory]
    [InlineData("zz")]
    [InlineData("")]
    [InlineData("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a013678354")]
    [InlineData("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a013678354300")]
    public void A_signature_of_the_wrong_form_is_refused(string signature) =>
        Assert.Equal("SignatureDoesNotMatch", Example.Refused("GET", "/?lifecycle", Get(signature)).Code);

    [Theory]
    [InlineData(-16)]
    [InlineData(16)]
    public void A_clock_more_than_15_minutes_off_is_refused(int minutes)
    {
        var headers = Get("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
        var refusal = Example.Refused("GET", "/?lifecycle", headers, Example.Now.AddMinutes(minutes));
        Assert.Equal(("RequestTimeTooSkewed", 403), (refusal.Code, refusal.Status));
    }

    [Theory]
    [InlineData(-14)]
    [InlineData(14)]
    public void A_clock_less_than_15_minutes_off_is_accepted(int minutes) =>
        Example.Verified(
            "GET",
            "/?lifecycle",
            Get("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
            Example.Now.AddMinutes(minutes)
        );

    [Fact]
    public void An_expired_presigned_URL_is_refused()
    {
        var refusal = Example.Refused("GET", Presigned, Host, Example.Now.AddSeconds(86401));
        Assert.Equal(("AccessDenied", "Request has expired"), (refusal.Code, refusal.Message));
    }

    [Fact]
    public void A_presigned_URL_of_the_future_is_refused() =>
        Assert.Equal("AccessDenied", Example.Refused("GET", Presigned, Host, Example.Now.AddHours(-1)).Code);

    [Theory]
    [InlineData("604801", "AuthorizationQueryParametersError")]
    [InlineData("-1", "AccessDenied")]
    [InlineData("soon", "AuthorizationQueryParametersError")]
    public void A_presigned_lifetime_out_of_bounds_is_refused(string seconds, string code) =>
        Assert.Equal(code, Example.Refused("GET", Presigned.Replace("Expires=86400", "Expires=" + seconds), Host).Code);

    [Theory]
    [InlineData("AWS4-HMAC-SHA256 Credential=A/20130524/us-east-1/s3/aws4_request", "AuthorizationHeaderMalformed")]
    [InlineData("AWS4-HMAC-SHA256 ", "AuthorizationHeaderMalformed")]
    [InlineData(
        "AWS4-HMAC-SHA256 Credential=A/20130524/us-east-1/iam/aws4_request,SignedHeaders=host,Signature=0",
        "AuthorizationHeaderMalformed"
    )]
    [InlineData(
        "AWS4-HMAC-SHA256 Credential=A/20130523/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=0",
        "AuthorizationHeaderMalformed"
    )]
    [InlineData(
        "AWS4-HMAC-SHA256 Credential=A/20130524/us-east-1/s3/aws4_request,SignedHeaders=range,Signature=0",
        "AuthorizationHeaderMalformed"
    )]
    [InlineData("Bearer abc", "InvalidArgument")]
    public void An_authorization_header_of_the_wrong_form_is_refused(string authorization, string code) =>
        Assert.Equal(
            code,
            Example
                .Refused(
                    "GET",
                    "/",
                    Example.Headers(
                        ("host", "h"),
                        ("x-amz-date", Example.Timestamp),
                        ("x-amz-content-sha256", EmptyHash),
                        ("authorization", authorization)
                    )
                )
                .Code
        );

    [Fact]
    public void Signing_in_header_and_query_at_once_is_refused() =>
        Assert.Equal("InvalidArgument", Example.Refused("GET", Presigned, Get("00")).Code);

    [Fact]
    public void A_request_without_signature_is_anonymous() =>
        Assert.Null(SignatureVerifier.Parse("GET", RequestTarget.Parse("/b/k?list-type=2"), Host));

    [Fact]
    public void A_header_that_changes_the_request_must_be_signed()
    {
        var request = Example.Verified("GET", Presigned, Host);

        Assert.Equal("X-Amz-Copy-Source", request.FindUncovered(["Host", "X-Amz-Copy-Source"]));
        Assert.Null(request.FindUncovered(["Host", "User-Agent", "x-amz-checksum-crc32", "x-amz-content-sha256"]));
    }

    [Fact]
    public void Get_with_range_of_the_documentation_is_accepted() =>
        Example.Verified(
            "GET",
            "/test.txt",
            Get(
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
                "host;range;x-amz-content-sha256;x-amz-date",
                ("Range", "bytes=0-9")
            )
        );

    [Theory]
    [InlineData("/test$file.text")]
    [InlineData("/test%24file.text")]
    public void Put_of_the_documentation_is_accepted_however_the_path_is_encoded(string target)
    {
        var request = Example.Verified(
            "PUT",
            target,
            Example.Headers(
                ("host", "examplebucket.s3.amazonaws.com"),
                ("date", "Fri, 24 May 2013 00:00:00 GMT"),
                ("x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
                ("x-amz-date", Example.Timestamp),
                ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
                (
                    "authorization",
                    Example.Authorization(
                        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
                        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"
                    )
                )
            )
        );
        Assert.Equal(PayloadKind.Sha256, request.Payload.Kind);
    }

    [Fact]
    public void Get_lifecycle_of_the_documentation_is_accepted() =>
        Example.Verified("GET", "/?lifecycle", Get("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));

    [Theory]
    [InlineData("/?max-keys=2&prefix=J")]
    [InlineData("/?prefix=J&max-keys=2")]
    [InlineData("http://examplebucket.s3.amazonaws.com/?prefix=%4A&max-keys=2")]
    public void List_of_the_documentation_is_accepted_in_any_order(string target) =>
        Example.Verified("GET", target, Get("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));

    [Fact]
    public void Presigned_URL_of_the_documentation_is_accepted_until_its_last_second()
    {
        var request = Example.Verified("GET", Presigned, Host, Example.Now.AddSeconds(86400));

        Assert.True(request.IsPresigned);
        Assert.Equal(PayloadKind.UnsignedPayload, request.Payload.Kind);
        Assert.Null(request.SessionToken);
    }

    [Fact]
    public void Unknown_payload_hashes_are_refused() =>
        Assert.Equal(
            "InvalidArgument",
            Assert.Throws<S3Exception>(() => PayloadHash.Parse("STREAMING-SOMETHING")).Code
        );
}
