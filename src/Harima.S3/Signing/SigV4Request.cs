using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Harima.S3.Errors;

namespace Harima.S3.Signing;

/// <summary>A request signed with Signature Version 4, in its header or its query.</summary>
sealed partial class SigV4Request : SignedRequest
{
    public const string Algorithm = "AWS4-HMAC-SHA256";
    public const string DateFormat = "yyyyMMdd'T'HHmmss'Z'";

    static readonly TimeSpan AllowedSkew = TimeSpan.FromMinutes(15);

    readonly string _method;
    readonly RequestTarget _target;
    readonly HeaderLookup _headers;
    readonly string _timestamp;
    readonly CredentialScope _scope;
    readonly string[] _signedHeaders;
    readonly string _signature;

    // Null for a signature in the header.
    readonly TimeSpan? _expiresAfter;

    SigV4Request(
        string method,
        RequestTarget target,
        HeaderLookup headers,
        Credential credential,
        string timestamp,
        DateTimeOffset signedAt,
        string[] signedHeaders,
        string signature,
        PayloadHash payload,
        string? sessionToken,
        TimeSpan? expiresAfter
    )
    {
        _method = method;
        _target = target;
        _headers = headers;
        AccessKeyId = credential.AccessKeyId;
        _scope = credential.Scope;
        _timestamp = timestamp;
        SignedAt = signedAt;
        _signedHeaders = signedHeaders;
        _signature = signature;
        Payload = payload;
        SessionToken = sessionToken;
        _expiresAfter = expiresAfter;
    }

    public override string AccessKeyId { get; }
    public override string? SessionToken { get; }
    public override DateTimeOffset SignedAt { get; }
    public override bool IsPresigned => _expiresAfter is not null;
    public override PayloadHash Payload { get; }

    public override bool Covers(string header) =>
        _signedHeaders.AsSpan().Contains(header)
        || Array.Exists(_signedHeaders, name => name.Equals(header, StringComparison.OrdinalIgnoreCase));

    internal override void Verify(string secretKey, DateTimeOffset now, SigningKeys keys)
    {
        RequireFresh(now);

        var key = keys.Get(secretKey, _scope);
        Span<byte> expected = stackalloc byte[32];
        Span<byte> given = stackalloc byte[32];
        if (
            Convert.FromHexString(_signature, given, out _, out var length) != System.Buffers.OperationStatus.Done
            || length != 32
        )
            throw Mismatch();

        Sign(key, pathAsSent: false, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, given))
        {
            // Some clients sign their path as they sent it, though S3 encodes it once more from its decoded form.
            Sign(key, pathAsSent: true, expected);
            if (!CryptographicOperations.FixedTimeEquals(expected, given))
                throw Mismatch();
        }
        if (Payload.HasSignedChunks)
            Chunks = new ChunkSigner(key, _timestamp, _scope, _signature);
    }

    void RequireFresh(DateTimeOffset now)
    {
        if (_expiresAfter is { } lifetime)
        {
            if (SignedAt > now + AllowedSkew)
                throw S3Errors.AccessDenied.With("Request is not valid yet.");
            if (now > SignedAt + lifetime)
            {
                throw new S3Exception(S3Errors.AccessDenied, "Request has expired")
                {
                    Details = [new("Expires", Iso(SignedAt + lifetime)), new("ServerTime", Iso(now))],
                };
            }
        }
        else if ((now - SignedAt).Duration() > AllowedSkew)
        {
            throw new S3Exception(S3Errors.RequestTimeTooSkewed)
            {
                Details =
                [
                    new("RequestTime", _timestamp),
                    new("ServerTime", Iso(now)),
                    new("MaxAllowedSkewMilliseconds", "900000"),
                ],
            };
        }
    }

    void Sign(byte[] key, bool pathAsSent, Span<byte> signature)
    {
        var canonical = new ByteBuffer(stackalloc byte[2048]);
        var stringToSign = new ByteBuffer(stackalloc byte[256]);
        AppendCanonical(ref canonical, pathAsSent);
        AppendStringToSign(ref stringToSign, canonical.Written);
        HMACSHA256.HashData(key, stringToSign.Written, signature);
        stringToSign.Dispose();
        canonical.Dispose();
    }

    void AppendCanonical(ref ByteBuffer canonical, bool pathAsSent) =>
        CanonicalRequest.Append(
            ref canonical,
            _method,
            _target.RawPath,
            _target.RawQuery,
            _signedHeaders,
            _headers,
            Payload.Value,
            pathAsSent
        );

    void AppendStringToSign(ref ByteBuffer target, ReadOnlySpan<byte> canonical) =>
        AppendStringToSign(ref target, _timestamp, _scope, canonical);

    public static void AppendStringToSign(
        ref ByteBuffer target,
        string timestamp,
        CredentialScope scope,
        ReadOnlySpan<byte> canonical
    )
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(canonical, hash);
        target.Append("AWS4-HMAC-SHA256\n"u8);
        target.AppendLatin1(timestamp);
        target.Append((byte)'\n');
        AppendScope(ref target, scope);
        target.Append((byte)'\n');
        target.AppendHex(hash);
    }

    public static void AppendScope(ref ByteBuffer target, CredentialScope scope)
    {
        target.AppendLatin1(scope.Date);
        target.Append((byte)'/');
        target.AppendLatin1(scope.Region);
        target.Append((byte)'/');
        target.AppendLatin1(scope.Service);
        target.Append("/aws4_request"u8);
    }

    // AWS shows both texts too: comparing them is how one finds what a client or a proxy changed.
    S3Exception Mismatch()
    {
        var canonical = new ByteBuffer(stackalloc byte[2048]);
        var stringToSign = new ByteBuffer(stackalloc byte[256]);
        AppendCanonical(ref canonical, pathAsSent: false);
        AppendStringToSign(ref stringToSign, canonical.Written);
        var exception = new S3Exception(S3Errors.SignatureDoesNotMatch)
        {
            Details =
            [
                new("AWSAccessKeyId", AccessKeyId),
                new("StringToSign", Encoding.Latin1.GetString(stringToSign.Written)),
                new("SignatureProvided", _signature),
                new("CanonicalRequest", Encoding.Latin1.GetString(canonical.Written)),
            ],
        };
        stringToSign.Dispose();
        canonical.Dispose();
        return exception;
    }

    static string Iso(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    internal readonly record struct Credential(string AccessKeyId, CredentialScope Scope);
}
