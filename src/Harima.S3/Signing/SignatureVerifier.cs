using Harima.S3.Errors;

namespace Harima.S3.Signing;

/// <summary>Checks signatures. First <see cref="Parse"/>, then the caller finds the secret, then <see cref="Verify(SignedRequest, string)"/>.</summary>
public sealed class SignatureVerifier(TimeProvider time)
{
    readonly SigningKeys _keys = new();

    /// <summary>Reads who signed a request; null when nobody did.</summary>
    /// <param name="method">The method as sent.</param>
    /// <param name="target">The target as sent.</param>
    /// <param name="headers">The headers, decoded as Latin-1.</param>
    /// <param name="headerNames">Names of the headers, asked for by Signature Version 2 only.</param>
    /// <param name="hostBucket">The bucket, where the host names it and not the path.</param>
    /// <exception cref="S3Exception">The signature's form is wrong or of a kind not offered.</exception>
    public static SignedRequest? Parse(
        string method,
        RequestTarget target,
        HeaderLookup headers,
        Func<IEnumerable<string>>? headerNames = null,
        string? hostBucket = null
    )
    {
        var authorization = headers("authorization");
        var presignedV4 = target.Has("X-Amz-Algorithm") || target.Has("X-Amz-Signature");
        var presignedV2 = !presignedV4 && (target.Has("AWSAccessKeyId") || target.Has("Signature"));

        if (authorization is not null && (presignedV4 || presignedV2))
        {
            throw S3Errors.InvalidArgument.With(
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string "
                    + "parameter or the Authorization header should be specified."
            );
        }
        if (presignedV4)
            return SigV4Request.ParseQuery(method, target, headers);
        if (presignedV2)
            return SigV2Request.ParseQuery(V2Source());
        if (authorization is null)
            return null;
        if (authorization.StartsWith(SigV2Request.Scheme, StringComparison.Ordinal))
            return SigV2Request.ParseHeader(V2Source(), authorization);
        if (!authorization.StartsWith(SigV4Request.Algorithm, StringComparison.Ordinal))
            throw S3Errors.InvalidArgument.With("Unsupported Authorization Type.");
        return SigV4Request.ParseHeader(method, target, headers, authorization);

        SigV2Source V2Source() => new(method, target, headers, headerNames?.Invoke() ?? [], hostBucket);
    }

    /// <summary>Reads who signed a request to a service other than S3, in its header; null when nobody did.</summary>
    /// <param name="service">The service, such as <c>sts</c>.</param>
    /// <param name="method">The method as sent.</param>
    /// <param name="target">The target as sent.</param>
    /// <param name="headers">The headers, decoded as Latin-1.</param>
    /// <param name="bodySha256">SHA-256 of the body, 32 bytes.</param>
    /// <exception cref="S3Exception">The signature's form is wrong or of a kind not offered.</exception>
    public static SignedRequest? ParseService(
        string service,
        string method,
        RequestTarget target,
        HeaderLookup headers,
        ReadOnlySpan<byte> bodySha256
    )
    {
        if (headers("authorization") is not { } authorization)
            return null;
        if (!authorization.StartsWith(SigV4Request.Algorithm, StringComparison.Ordinal))
            throw S3Errors.InvalidArgument.With("Unsupported Authorization Type.");
        var hash = Convert.ToHexStringLower(bodySha256);
        return SigV4Request.ParseHeader(method, target, headers, authorization, service, hash);
    }

    /// <summary>Checks time and signature against the secret.</summary>
    /// <exception cref="S3Exception">RequestTimeTooSkewed, AccessDenied when expired, or SignatureDoesNotMatch.</exception>
    public void Verify(SignedRequest request, string secretKey) => request.Verify(secretKey, time.GetUtcNow(), _keys);

    /// <summary>Checks the signature of a form's policy against the secret; what the policy allows is checked apart.</summary>
    /// <exception cref="S3Exception">SignatureDoesNotMatch.</exception>
    public void Verify(PolicySignature signature, string secretKey)
    {
        if (!signature.IsSignedBy(secretKey, _keys))
        {
            throw new S3Exception(S3Errors.SignatureDoesNotMatch)
            {
                Details = [new("AWSAccessKeyId", signature.AccessKeyId)],
            };
        }
    }
}
