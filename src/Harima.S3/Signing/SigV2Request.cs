using System.Collections.Frozen;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Harima.S3.Errors;

namespace Harima.S3.Signing;

/// <summary>
/// A request signed with Signature Version 2, in its header or its query: what GakuNin RDM, boto 2 and s3cmd's
/// <c>--signature-v2</c> send. HMAC-SHA1 over
/// <code>
/// METHOD \n Content-MD5 \n Content-Type \n Date or Expires \n
/// x-amz-name:value \n …          sorted, lower case; headers only, or in a query also what stands there
/// /bucket/key?subresources       the path as sent; parameters sorted, their values decoded
/// </code>
/// </summary>
/// <remarks>Source: AWS, "Signing and authenticating REST requests (AWS signature version 2)".</remarks>
sealed partial class SigV2Request : SignedRequest
{
    public const string Scheme = "AWS ";

    static readonly TimeSpan AllowedSkew = TimeSpan.FromMinutes(15);

    // AWS's list, what boto and botocore sign besides, and every other parameter that makes another action of a request:
    // what is not in here can be added to a presigned URL by whoever holds it.
    static readonly FrozenSet<string> SubResources = FrozenSet.Create(
        StringComparer.Ordinal,
        "accelerate",
        "acl",
        "analytics",
        "append",
        "attributes",
        "billing",
        "compose",
        "cors",
        "defaultObjectAcl",
        "delete",
        "encryption",
        "encryptionConfig",
        "intelligent-tiering",
        "inventory",
        "legal-hold",
        "lifecycle",
        "location",
        "logging",
        "metadataConfiguration",
        "metadataTable",
        "metrics",
        "notification",
        "object-lock",
        "ownershipControls",
        "partNumber",
        "policy",
        "policyStatus",
        "publicAccessBlock",
        "renameObject",
        "replication",
        "requestPayment",
        "response-cache-control",
        "response-content-disposition",
        "response-content-encoding",
        "response-content-language",
        "response-content-type",
        "response-expires",
        "restore",
        "retention",
        "select",
        "select-type",
        "session",
        "storageClass",
        "tagging",
        "torrent",
        "uploadId",
        "uploads",
        "userProject",
        "versionId",
        "versioning",
        "versions",
        "website",
        "websiteConfig"
    );

    readonly string _method;
    readonly RequestTarget _target;
    readonly HeaderLookup _headers;
    readonly IReadOnlyList<string> _amzHeaders;
    readonly string? _hostBucket;
    readonly string _signature;

    // The text of the fourth line; the time it stands for is SignedAt or, in a query, the end.
    readonly string _date;
    readonly DateTimeOffset? _expiresAt;

    SigV2Request(
        SigV2Source source,
        string accessKeyId,
        string signature,
        string date,
        DateTimeOffset signedAt,
        DateTimeOffset? expiresAt
    )
    {
        _method = source.Method;
        _target = source.Target;
        _headers = source.Headers;
        _hostBucket = source.HostBucket;
        _amzHeaders =
        [
            .. source
                .HeaderNames.Select(name => name.ToLowerInvariant())
                .Where(name => name.StartsWith("x-amz-", StringComparison.Ordinal))
                .Distinct(StringComparer.Ordinal),
        ];
        _signature = signature;
        _date = date;
        _expiresAt = expiresAt;
        AccessKeyId = accessKeyId;
        SignedAt = signedAt;
        SessionToken =
            _headers("x-amz-security-token") ?? (expiresAt is null ? null : _target.Find("x-amz-security-token"));
        Payload = ParsePayload(_headers("x-amz-content-sha256"));
    }

    public override string AccessKeyId { get; }
    public override string? SessionToken { get; }
    public override DateTimeOffset SignedAt { get; }
    public override bool IsPresigned => _expiresAt is not null;
    public override PayloadHash Payload { get; }

    // Every x-amz- header is part of what was signed: one more, and the signature is another.
    public override bool Covers(string header) =>
        header.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase)
        || header.Equals("content-md5", StringComparison.OrdinalIgnoreCase)
        || header.Equals("content-type", StringComparison.OrdinalIgnoreCase);

    internal override void Verify(string secretKey, DateTimeOffset now, SigningKeys keys)
    {
        RequireFresh(now);

        Span<byte> given = stackalloc byte[20];
        // Some clients leave the + of base64 as it is in a query, where it reads as a blank.
        if (
            !Convert.TryFromBase64String(_signature.Replace(' ', '+'), given, out var length)
            || length != given.Length
            || !(
                IsSignedBy(secretKey, fromQueryToo: false, given)
                // botocore signs /bucket as /bucket/.
                || (NamesBucketOnly && IsSignedBy(secretKey, fromQueryToo: false, given, slashAfterPath: true))
                // boto3 signs, as if they were headers, the x-amz- parameters it puts into the query of a presigned URL.
                || (IsPresigned && IsSignedBy(secretKey, fromQueryToo: true, given))
            )
        )
            throw Mismatch();
    }

    bool NamesBucketOnly =>
        _hostBucket is null && _target.RawPath.Length > 1 && !_target.RawPath.AsSpan(1).Contains('/');

    bool IsSignedBy(string secretKey, bool fromQueryToo, ReadOnlySpan<byte> given, bool slashAfterPath = false)
    {
        var text = new ByteBuffer(stackalloc byte[1024]);
        AppendStringToSign(ref text, fromQueryToo, slashAfterPath);
        Span<byte> expected = stackalloc byte[20];
        HMACSHA1.HashData(Encoding.UTF8.GetBytes(secretKey), text.Written, expected);
        text.Dispose();
        return CryptographicOperations.FixedTimeEquals(expected, given);
    }

    void RequireFresh(DateTimeOffset now)
    {
        if (_expiresAt is { } end)
        {
            if (now > end)
            {
                throw new S3Exception(S3Errors.AccessDenied, "Request has expired")
                {
                    Details = [new("Expires", Iso(end)), new("ServerTime", Iso(now))],
                };
            }
        }
        else if ((now - SignedAt).Duration() > AllowedSkew)
        {
            throw new S3Exception(S3Errors.RequestTimeTooSkewed)
            {
                Details =
                [
                    new("RequestTime", Iso(SignedAt)),
                    new("ServerTime", Iso(now)),
                    new("MaxAllowedSkewMilliseconds", "900000"),
                ],
            };
        }
    }

    void AppendStringToSign(ref ByteBuffer text, bool fromQueryToo, bool slashAfterPath = false)
    {
        string? Value(string name) => _headers(name) ?? (fromQueryToo ? _target.Find(name) : null);

        text.AppendLatin1(_method);
        text.Append((byte)'\n');
        text.AppendLatin1(Value("content-md5"));
        text.Append((byte)'\n');
        text.AppendLatin1(Value("content-type"));
        text.Append((byte)'\n');
        text.AppendLatin1(_date);
        text.Append((byte)'\n');
        AppendHeaders(ref text, fromQueryToo);
        AppendResource(ref text, slashAfterPath);
    }

    void AppendHeaders(ref ByteBuffer text, bool fromQueryToo)
    {
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in _amzHeaders)
            headers[name] = _headers(name) ?? "";
        foreach (var parameter in fromQueryToo ? _target.Query : [])
        {
            if (parameter.Name.StartsWith("x-amz-", StringComparison.Ordinal))
                headers.TryAdd(parameter.Name, parameter.Value);
        }
        foreach (var (name, value) in headers)
        {
            text.AppendLatin1(name);
            text.Append((byte)':');
            text.AppendLatin1(value.AsSpan().Trim(" \t"));
            text.Append((byte)'\n');
        }
    }

    void AppendResource(ref ByteBuffer text, bool slashAfterPath)
    {
        if (_hostBucket is not null)
        {
            text.Append((byte)'/');
            text.AppendLatin1(_hostBucket);
        }
        // As sent: clients differ in what they encode, and each signs what it sends.
        text.AppendLatin1(_target.RawPath);
        if (slashAfterPath)
            text.Append((byte)'/');

        // GakuNin RDM's client sends parameters twice, and `versions=` for the `versions` it signed: the first counts, and
        // an empty value is none.
        var signed = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var parameter in _target.Query)
        {
            if (SubResources.Contains(parameter.Name))
                signed.TryAdd(parameter.Name, parameter.Value);
        }
        var separator = '?';
        foreach (var (name, value) in signed)
        {
            text.Append((byte)separator);
            text.AppendLatin1(name);
            if (value.Length > 0)
            {
                text.Append((byte)'=');
                text.Append(Encoding.UTF8.GetBytes(value));
            }
            separator = '&';
        }
    }

    S3Exception Mismatch()
    {
        var text = new ByteBuffer(stackalloc byte[1024]);
        AppendStringToSign(ref text, fromQueryToo: false);
        var exception = new S3Exception(S3Errors.SignatureDoesNotMatch)
        {
            Details =
            [
                new("AWSAccessKeyId", AccessKeyId),
                new("StringToSign", Encoding.Latin1.GetString(text.Written)),
                new("SignatureProvided", _signature),
            ],
        };
        text.Dispose();
        return exception;
    }

    static PayloadHash ParsePayload(string? header)
    {
        var payload = header is null ? PayloadHash.UnsignedPayload : PayloadHash.Parse(header);
        return payload.HasSignedChunks
            ? throw S3Errors.InvalidRequest.With("Signed chunks need Signature Version 4.")
            : payload;
    }

    static string Iso(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}

/// <summary>What a Version 2 signature is computed from.</summary>
/// <param name="Method">The method as sent.</param>
/// <param name="Target">The target as sent.</param>
/// <param name="Headers">The headers, decoded as Latin-1.</param>
/// <param name="HeaderNames">Their names: each <c>x-amz-</c> header is signed.</param>
/// <param name="HostBucket">The bucket, where the host names it and not the path.</param>
readonly record struct SigV2Source(
    string Method,
    RequestTarget Target,
    HeaderLookup Headers,
    IEnumerable<string> HeaderNames,
    string? HostBucket
);
