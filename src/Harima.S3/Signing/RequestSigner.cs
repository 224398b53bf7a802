using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Harima.S3.Signing;

/// <summary>Signs requests with Signature Version 4, in their headers or as presigned URLs.</summary>
public sealed class RequestSigner(Credentials credentials, string region, TimeProvider time)
{
    readonly SigningKeys _keys = new();

    /// <summary>Adds date, payload hash, session token and Authorization to a request; signs host and every <c>x-amz-</c> header.</summary>
    /// <returns>What signs the chunks of its body, where they are to be signed; otherwise null.</returns>
    public ChunkSigner? Sign(HttpRequestMessage request, PayloadHash payload)
    {
        var uri = request.RequestUri ?? throw new ArgumentException("The request has no URI.", nameof(request));
        var (timestamp, scope) = Now();
        request.Headers.TryAddWithoutValidation("x-amz-date", timestamp);
        request.Headers.TryAddWithoutValidation("x-amz-content-sha256", payload.Value);
        if (credentials.SessionToken is { } token)
            request.Headers.TryAddWithoutValidation("x-amz-security-token", token);

        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["host"] = Host(uri) };
        var all = request.Content is null ? request.Headers : request.Headers.Concat(request.Content.Headers);
        foreach (var (name, values) in all)
        {
            var lower = name.ToLowerInvariant();
            if (lower.StartsWith("x-amz-", StringComparison.Ordinal) || lower is "content-md5" or "range")
                headers[lower] = string.Join(',', values);
        }
        string[] signed = [.. headers.Keys];
        var signature = Signature(
            request.Method.Method,
            uri,
            signed,
            headers.GetValueOrDefault,
            payload,
            timestamp,
            scope
        );
        request.Headers.TryAddWithoutValidation(
            "Authorization",
            $"{SigV4Request.Algorithm} Credential={credentials.AccessKeyId}/{scope}, "
                + $"SignedHeaders={string.Join(';', signed)}, Signature={signature}"
        );
        return payload.HasSignedChunks
            ? new ChunkSigner(_keys.Get(credentials.SecretKey, scope), timestamp, scope, signature)
            : null;
    }

    /// <summary>A URL which whoever holds it may use until it expires.</summary>
    /// <param name="method">The method the URL is for.</param>
    /// <param name="uri">The URL, with the query parameters that are to be signed.</param>
    /// <param name="lifetime">At most seven days.</param>
    public Uri Presign(HttpMethod method, Uri uri, TimeSpan lifetime)
    {
        var (timestamp, scope) = Now();
        var query = new StringBuilder(uri.Query.TrimStart('?'));
        Add("X-Amz-Algorithm", SigV4Request.Algorithm);
        Add("X-Amz-Credential", $"{credentials.AccessKeyId}/{scope}");
        Add("X-Amz-Date", timestamp);
        Add("X-Amz-Expires", ((long)lifetime.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        if (credentials.SessionToken is { } token)
            Add("X-Amz-Security-Token", token);
        Add("X-Amz-SignedHeaders", "host");

        var unsigned = RawUri.Create($"{uri.GetLeftPart(UriPartial.Path)}?{query}");
        var signature = Signature(
            method.Method,
            unsigned,
            ["host"],
            _ => Host(uri),
            PayloadHash.UnsignedPayload,
            timestamp,
            scope
        );
        return RawUri.Create($"{unsigned.OriginalString}&X-Amz-Signature={signature}");

        void Add(string name, string value) =>
            query.Append(query.Length == 0 ? "" : "&").Append(name).Append('=').Append(UriEncoding.Encode(value));
    }

    string Signature(
        string method,
        Uri uri,
        string[] signedHeaders,
        HeaderLookup headers,
        PayloadHash payload,
        string timestamp,
        CredentialScope scope
    )
    {
        var canonical = new ByteBuffer(stackalloc byte[2048]);
        var stringToSign = new ByteBuffer(stackalloc byte[256]);
        CanonicalRequest.Append(
            ref canonical,
            method,
            uri.AbsolutePath,
            uri.Query.TrimStart('?'),
            signedHeaders,
            headers,
            payload.Value
        );
        SigV4Request.AppendStringToSign(ref stringToSign, timestamp, scope, canonical.Written);
        Span<byte> signature = stackalloc byte[32];
        HMACSHA256.HashData(_keys.Get(credentials.SecretKey, scope), stringToSign.Written, signature);
        stringToSign.Dispose();
        canonical.Dispose();
        return Convert.ToHexStringLower(signature);
    }

    (string Timestamp, CredentialScope Scope) Now()
    {
        var timestamp = time.GetUtcNow().UtcDateTime.ToString(SigV4Request.DateFormat, CultureInfo.InvariantCulture);
        return (timestamp, new CredentialScope(timestamp[..8], region, "s3"));
    }

    static string Host(Uri uri) => uri.IsDefaultPort ? uri.IdnHost : $"{uri.IdnHost}:{uri.Port}";
}
