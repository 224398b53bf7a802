using System.Text;
using CsCheck;
using Harima.Formats.S3.Signing;
using Harima.S3.Errors;
using Harima.S3.Forms;
using Harima.S3.Signing;

namespace Harima.Formats.S3.Forms;

/// <summary>The worked example of "Browser-Based Upload using HTTP POST", and policies that are wrong in one thing.</summary>
public class PostPolicyTests
{
    const string Amazons =
        "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2"
        + "NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJs"
        + "aWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25h"
        + "d3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0s"
        + "DQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24i"
        + "OiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRp"
        + "YWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxn"
        + "b3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9";

    static readonly DateTimeOffset Now = new(2015, 12, 29, 0, 0, 0, TimeSpan.Zero);

    static Dictionary<string, string> Form(params (string Name, string Value)[] changes)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["bucket"] = "sigv4examplebucket",
            ["key"] = "user/user1/${filename}",
            ["acl"] = "public-read",
            ["success_action_redirect"] = "http://sigv4examplebucket.s3.amazonaws.com/successful_upload.html",
            ["Content-Type"] = "image/jpeg",
            ["x-amz-meta-uuid"] = "14365123651274",
            ["x-amz-server-side-encryption"] = "AES256",
            ["X-Amz-Credential"] = "AKIAIOSFODNN7EXAMPLE/20151229/us-east-1/s3/aws4_request",
            ["X-Amz-Algorithm"] = "AWS4-HMAC-SHA256",
            ["X-Amz-Date"] = "20151229T000000Z",
            ["x-amz-meta-tag"] = "",
            ["Policy"] = Amazons,
            ["X-Amz-Signature"] = "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e",
        };
        foreach (var (name, value) in changes)
        {
            if (value == "-")
                fields.Remove(name);
            else
                fields[name] = value;
        }
        return fields;
    }

    static void Verify(IReadOnlyDictionary<string, string> fields, string secret = Example.SecretKey)
    {
        var signature = PolicySignature.Parse(fields);
        Assert.NotNull(signature);
        Assert.Equal(Example.AccessKeyId, signature.AccessKeyId);
        new SignatureVerifier(new Example.StoppedClock(Now)).Verify(signature, secret);
    }

    static PostPolicy Policy(string json) => PostPolicy.Parse(Convert.ToBase64String(Encoding.UTF8.GetBytes(json)));

    static PostPolicy PolicyOf(string conditions) =>
        Policy($$"""{"expiration": "2015-12-30T12:00:00.000Z", "conditions": [{{conditions}}]}""");

    static string CodeOf(Action act) => Assert.Throws<S3Exception>(act).Code;

    [Theory]
    [InlineData("X-Amz-Signature", "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699f")]
    [InlineData("X-Amz-Signature", "zz")]
    [InlineData("X-Amz-Signature", "")]
    [InlineData("Policy", "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoifQ==")]
    [InlineData("X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE/20151229/us-east-2/s3/aws4_request")]
    public void A_changed_form_is_refused(string name, string value) =>
        Assert.Equal("SignatureDoesNotMatch", CodeOf(() => Verify(Form((name, value)))));

    [Theory]
    [InlineData("X-Amz-Signature", "-")]
    [InlineData("X-Amz-Credential", "-")]
    [InlineData("X-Amz-Credential", "AKIAIOSFODNN7EXAMPLE")]
    [InlineData("X-Amz-Algorithm", "AWS4-HMAC-SHA1")]
    [InlineData("X-Amz-Date", "20151228T000000Z")]
    [InlineData("Policy", "-")]
    public void A_form_that_lacks_something_is_refused(string name, string value) =>
        Assert.Equal("InvalidArgument", CodeOf(() => Verify(Form((name, value)))));

    [Fact]
    public void A_form_without_policy_and_signature_is_anonymous() =>
        Assert.Null(PolicySignature.Parse(new Dictionary<string, string> { ["key"] = "a" }));

    [Theory]
    [InlineData("bucket", "other")]
    [InlineData("key", "user/user2/x")]
    [InlineData("key", "-")]
    [InlineData("Content-Type", "text/html")]
    [InlineData("Content-Type", "image/png,text/html")]
    [InlineData("x-amz-meta-uuid", "1")]
    [InlineData("x-amz-meta-tag", "-")]
    [InlineData("x-amz-meta-more", "not spoken of")]
    public void A_form_that_does_not_keep_to_it_is_refused(string name, string value) =>
        Assert.Equal("AccessDenied", CodeOf(() => PostPolicy.Parse(Amazons).Require(Form((name, value)), Now)));

    [Fact]
    public void An_expired_policy_is_refused() =>
        Assert.Equal("AccessDenied", CodeOf(() => PostPolicy.Parse(Amazons).Require(Form(), Now.AddHours(37))));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("""{"conditions": []}""")]
    [InlineData("""{"expiration": "2015-12-30T12:00:00Z"}""")]
    [InlineData("""{"Expiration": "2015-12-30T12:00:00Z", "conditions": []}""")]
    [InlineData("""{"expiration": "2015-12-30T12:00:00Z", "CONDITIONS": []}""")]
    [InlineData("""{"expiration": "2015-12-30 12:00:00", "conditions": []}""")]
    [InlineData("""{"expiration": 1, "conditions": []}""")]
    [InlineData("""{"expiration": "2015-12-30T12:00:00Z", "conditions": {}}""")]
    [InlineData("""{"expiration": "2015-12-30T12:00:00Z", "conditions": [{}]}""")]
    [InlineData("""{"expiration": "2015-12-30T12:00:00Z", "conditions": [{"a": "b", "c": "d"}]}""")]
    [InlineData("""{"expiration": "2015-12-30T12:00:00Z", "conditions": [{"a": 1}]}""")]
    [InlineData("""{"expiration": "2015-12-30T12:00:00Z", "conditions": ["a"]}""")]
    [InlineData("""{"expiration": "2015-12-30T12:00:00Z", "conditions": [["eq", "$a"]]}""")]
    [InlineData("""{"expiration": "2015-12-30T12:00:00Z", "conditions": [["eq", "a", "b"]]}""")]
    [InlineData("""{"expiration": "2015-12-30T12:00:00Z", "conditions": [["like", "$a", "b"]]}""")]
    [InlineData("""{"expiration": "2015-12-30T12:00:00Z", "conditions": [["eq", "$a", "\uD800"]]}""")]
    [InlineData("""{"expiration": "2015-12-30T12:00:00Z", "conditions": [["content-length-range", 0]]}""")]
    [InlineData("""{"expiration": "2015-12-30T12:00:00Z", "conditions": [["content-length-range", -1, 0]]}""")]
    [InlineData("""{"expiration": "2015-12-30T12:00:00Z", "conditions": [["content-length-range", 2, 1]]}""")]
    [InlineData("""{"expiration": "2015-12-30T12:00:00Z", "conditions": [["content-length-range", 0, 1e99]]}""")]
    public void A_document_of_the_wrong_form_is_refused(string json) =>
        Assert.Equal("InvalidPolicyDocument", CodeOf(() => Policy(json)));

    [Fact]
    public void What_is_not_base64_is_refused() =>
        Assert.Equal("InvalidPolicyDocument", CodeOf(() => PostPolicy.Parse("{}")));

    [Fact]
    public void Whatever_comes_is_read_or_refused() =>
        Gen.String[Gen.Char["{}[]\":,$\\ae0-1 ecxpirationonditionseqkey"], 0, 60]
            .Sample(
                text =>
                {
                    try
                    {
                        Policy(text);
                    }
                    catch (S3Exception) { }
                    try
                    {
                        PostPolicy.Parse(text);
                    }
                    catch (S3Exception) { }
                },
                iter: 20_000
            );

    [Fact]
    public void The_form_of_the_documentation_is_accepted()
    {
        Verify(Form());
        PostPolicy.Parse(Amazons).Require(Form(), Now);
    }

    // Made with botocore 1.43's HmacV1PostAuth.
    [Fact]
    public void A_form_signed_by_botocore_with_version_2_is_accepted()
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["bucket"] = "b",
            ["key"] = "user/x",
            ["AWSAccessKeyId"] = Example.AccessKeyId,
            ["policy"] =
                "eyJleHBpcmF0aW9uIjogIjIwMTUtMTItMzBUMTI6MDA6MDBaIiwgImNvbmRpdGlvbnMiOiBbeyJidWNrZXQiOiAiYiJ9LCBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci8iXV19",
            ["signature"] = "Zc1BrBpMwPFuCUnGX9UqOYNDqRY=",
        };

        Verify(fields);
        PostPolicy.Parse(fields["policy"]).Require(fields, Now);
        Assert.Equal("SignatureDoesNotMatch", CodeOf(() => Verify(fields, "other")));
        fields["signature"] = "x" + fields["signature"][1..];
        Assert.Equal("SignatureDoesNotMatch", CodeOf(() => Verify(fields)));
    }

    [Fact]
    public void Case_of_fields_and_operators_does_not_matter() =>
        PolicyOf("""{"bUcKeT": "b"}, ["StArTs-WiTh", "$KeY", "foo"]""")
            .Require(
                new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
                {
                    ["bucket"] = "b",
                    ["kEy"] = "foo.txt",
                },
                Now
            );

    [Fact]
    public void Several_ranges_narrow_each_other()
    {
        var policy = PolicyOf("""["content-length-range", 1, "10"], ["Content-Length-Range", 0, 5]""");
        Assert.Equal((1, 5), (policy.MinFileBytes, policy.MaxFileBytes));
    }

    [Theory]
    [InlineData("\\$foo.txt")]
    [InlineData("$foo.txt")]
    public void An_escaped_dollar_may_stand_in_the_field_escaped_or_not(string key) =>
        PolicyOf("""["starts-with", "$key", "\\$foo"]""")
            .Require(new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["key"] = key }, Now);
}
