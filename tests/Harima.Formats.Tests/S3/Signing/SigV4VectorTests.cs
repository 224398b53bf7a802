using System.Security.Cryptography;
using System.Text;
using Harima.S3.Signing;

namespace Harima.Formats.S3.Signing;

/// <summary>AWS's Signature Version 4 test suite, as far as S3 (which never normalises a path) goes along with it.</summary>
public class SigV4VectorTests
{
    const string EmptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const string FormHash = "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e";
    const string Unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    [Theory]
    [InlineData("GET", "/", "", EmptyHash, "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31")]
    [InlineData(
        "GET",
        "/",
        "my-header1:value2,value2,value1",
        EmptyHash,
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"
    )]
    [InlineData(
        "GET",
        "/",
        "my-header1:value4,value1,value3,value2",
        EmptyHash,
        "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"
    )]
    [InlineData(
        "GET",
        "/",
        "my-header1: value1|my-header2: \"a   b   c\"",
        EmptyHash,
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"
    )]
    [InlineData(
        "GET",
        "/" + Unreserved,
        "",
        EmptyHash,
        "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"
    )]
    [InlineData("GET", "/ሴ", "", EmptyHash, "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85")]
    [InlineData("GET", "/%E1%88%b4", "", EmptyHash, "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85")]
    [InlineData(
        "GET",
        "/?Param1=value1",
        "",
        EmptyHash,
        "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"
    )]
    [InlineData(
        "GET",
        "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
        "",
        EmptyHash,
        "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac"
    )]
    [InlineData(
        "GET",
        "/?Param2=value2&Param1=value1",
        "",
        EmptyHash,
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
    )]
    [InlineData(
        "GET",
        "/?Param1=value2&Param1=value1",
        "",
        EmptyHash,
        "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"
    )]
    [InlineData(
        "GET",
        "/?" + Unreserved + "=" + Unreserved,
        "",
        EmptyHash,
        "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"
    )]
    [InlineData("GET", "/?ሴ=bar", "", EmptyHash, "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04")]
    [InlineData(
        "GET",
        "/example space/",
        "",
        EmptyHash,
        "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"
    )]
    [InlineData(
        "POST",
        "/",
        "my-header1:value1",
        EmptyHash,
        "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"
    )]
    [InlineData(
        "POST",
        "/?Param1=value1",
        "",
        EmptyHash,
        "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"
    )]
    [InlineData(
        "POST",
        "/",
        "content-type:application/x-www-form-urlencoded",
        FormHash,
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
    )]
    public void Signature_is_the_one_AWS_published(
        string method,
        string target,
        string headers,
        string payloadHash,
        string expected
    )
    {
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["host"] = "example.amazonaws.com",
            ["x-amz-date"] = "20150830T123600Z",
        };
        foreach (var header in headers.Split('|', StringSplitOptions.RemoveEmptyEntries))
            values[header[..header.IndexOf(':')]] = header[(header.IndexOf(':') + 1)..];
        var scope = new CredentialScope("20150830", "us-east-1", "service");
        var parsed = RequestTarget.Parse(target);

        var canonical = new ByteBuffer(stackalloc byte[16]);
        CanonicalRequest.Append(
            ref canonical,
            method,
            parsed.RawPath,
            parsed.RawQuery,
            [.. values.Keys],
            values.GetValueOrDefault,
            payloadHash
        );
        var stringToSign = new ByteBuffer(stackalloc byte[16]);
        SigV4Request.AppendStringToSign(ref stringToSign, "20150830T123600Z", scope, canonical.Written);
        var key = SigningKeys.Derive("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", scope);
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, stringToSign.Written));

        Assert.True(
            expected == signature,
            $"{signature} instead of {expected} for\n{Encoding.UTF8.GetString(canonical.Written)}"
        );
    }
}
