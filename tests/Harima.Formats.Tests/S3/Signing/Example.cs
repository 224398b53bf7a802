using Harima.S3.Errors;
using Harima.S3.Signing;

namespace Harima.Formats.S3.Signing;

/// <summary>The key and the moment of the examples in Amazon's S3 documentation.</summary>
static class Example
{
    public const string AccessKeyId = "AKIAIOSFODNN7EXAMPLE";
    public const string SecretKey = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    public const string Timestamp = "20130524T000000Z";
    public static readonly DateTimeOffset Now = new(2013, 5, 24, 0, 0, 0, TimeSpan.Zero);
    public static readonly CredentialScope Scope = new("20130524", "us-east-1", "s3");

    public static HeaderLookup Headers(params (string Name, string Value)[] headers) =>
        name => headers.FirstOrDefault(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    public static string Authorization(string signedHeaders, string signature) =>
        $"AWS4-HMAC-SHA256 Credential={AccessKeyId}/{Scope},SignedHeaders={signedHeaders},Signature={signature}";

    public static SignedRequest Verified(
        string method,
        string target,
        HeaderLookup headers,
        DateTimeOffset? now = null,
        string secret = SecretKey
    )
    {
        var request = SignatureVerifier.Parse(method, RequestTarget.Parse(target), headers);
        Assert.NotNull(request);
        Assert.Equal(AccessKeyId, request.AccessKeyId);
        new SignatureVerifier(new StoppedClock(now ?? Now)).Verify(request, secret);
        return request;
    }

    public static S3Exception Refused(
        string method,
        string target,
        HeaderLookup headers,
        DateTimeOffset? now = null,
        string secret = SecretKey
    ) => Assert.Throws<S3Exception>(() => Verified(method, target, headers, now, secret));

    public sealed class StoppedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
