using System.Globalization;
using Harima.S3.Errors;

namespace Harima.S3.Signing;

sealed partial class SigV4Request
{
    const int MaxExpirySeconds = 7 * 24 * 3600;
    const int MaxSignedHeaders = 64;

    /// <summary><c>AWS4-HMAC-SHA256 Credential=…/…/…/…/aws4_request, SignedHeaders=a;b, Signature=hex</c></summary>
    /// <param name="bodySha256Hex">The body's SHA-256 where the service, other than S3, signs it without a header.</param>
    public static SigV4Request ParseHeader(
        string method,
        RequestTarget target,
        HeaderLookup headers,
        string authorization,
        string service = "s3",
        string? bodySha256Hex = null
    )
    {
        string? credentialText = null;
        string? signedHeaders = null;
        string? signature = null;
        var fields = authorization.AsSpan(Algorithm.Length);
        foreach (var range in fields.Split(','))
        {
            var field = fields[range].Trim();
            if (field.StartsWith("Credential="))
                credentialText = field["Credential=".Length..].ToString();
            else if (field.StartsWith("SignedHeaders="))
                signedHeaders = field["SignedHeaders=".Length..].ToString();
            else if (field.StartsWith("Signature="))
                signature = field["Signature=".Length..].ToString();
        }
        if (credentialText is null || signedHeaders is null || signature is null)
        {
            throw S3Errors.AuthorizationHeaderMalformed.With(
                "The authorization header is malformed; it needs Credential, SignedHeaders and Signature."
            );
        }

        var credential = ParseCredential(credentialText, S3Errors.AuthorizationHeaderMalformed, service);
        var (timestamp, signedAt) = ReadDate(headers);
        RequireSameDay(credential, timestamp, S3Errors.AuthorizationHeaderMalformed);
        var payload =
            bodySha256Hex
            ?? headers("x-amz-content-sha256")
            ?? throw S3Errors.InvalidRequest.With("Missing required header for this request: x-amz-content-sha256");
        return new SigV4Request(
            method,
            target,
            headers,
            credential,
            timestamp,
            signedAt,
            ParseSignedHeaders(signedHeaders, S3Errors.AuthorizationHeaderMalformed),
            signature,
            PayloadHash.Parse(payload),
            headers("x-amz-security-token"),
            expiresAfter: null
        );
    }

    public static SigV4Request ParseQuery(string method, RequestTarget target, HeaderLookup headers)
    {
        var error = S3Errors.AuthorizationQueryParametersError;
        if (target.Find("X-Amz-Algorithm") != Algorithm)
            throw error.With("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\".");
        var credentialText = target.Find("X-Amz-Credential");
        var signature = target.Find("X-Amz-Signature");
        var timestamp = target.Find("X-Amz-Date");
        var signedHeaders = target.Find("X-Amz-SignedHeaders");
        var expires = target.Find("X-Amz-Expires");
        if (
            credentialText is null
            || signature is null
            || timestamp is null
            || signedHeaders is null
            || expires is null
        )
        {
            throw error.With(
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
                    + "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
            );
        }

        var credential = ParseCredential(credentialText, error);
        if (!TryParseDate(timestamp, out var signedAt))
            throw error.With("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\".");
        RequireSameDay(credential, timestamp, error);
        var payload = headers("x-amz-content-sha256") ?? target.Find("X-Amz-Content-Sha256");
        return new SigV4Request(
            method,
            target,
            headers,
            credential,
            timestamp,
            signedAt,
            ParseSignedHeaders(signedHeaders, error),
            signature,
            payload is null ? PayloadHash.UnsignedPayload : PayloadHash.Parse(payload),
            target.Find("X-Amz-Security-Token") ?? headers("x-amz-security-token"),
            ParseExpiry(expires)
        );
    }

    static TimeSpan ParseExpiry(string text)
    {
        var error = S3Errors.AuthorizationQueryParametersError;
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
            throw error.With("X-Amz-Expires should be a number.");
        if (seconds < 0)
            throw S3Errors.AccessDenied.With("Request has expired: X-Amz-Expires is negative.");
        if (seconds > MaxExpirySeconds)
            throw error.With(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds."
            );
        return TimeSpan.FromSeconds(seconds);
    }

    internal static Credential ParseCredential(string text, S3Error error, string service = "s3")
    {
        // From the right: an access key id may hold slashes, the other four fields may not.
        Span<Range> parts = stackalloc Range[4];
        var rest = text.AsSpan();
        for (var i = 3; i >= 0; i--)
        {
            var slash = rest.LastIndexOf('/');
            if (slash < 0)
                throw Malformed(error);
            parts[i] = (slash + 1)..rest.Length;
            rest = rest[..slash];
        }
        var scope = new CredentialScope(text[parts[0]], text[parts[1]], text[parts[2]]);
        if (rest.IsEmpty || scope.Date.Length != 8 || text[parts[3]] != "aws4_request")
            throw Malformed(error);
        if (scope.Service != service)
        {
            throw error.With(
                $"The credential scope names the service \"{scope.Service}\"; this endpoint is \"{service}\"."
            );
        }
        return new Credential(rest.ToString(), scope);
    }

    static S3Exception Malformed(S3Error error) =>
        error.With("The credential is malformed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".");

    static string[] ParseSignedHeaders(string text, S3Error error)
    {
        var names = text.Split(';');
        if (names.Length > MaxSignedHeaders || Array.IndexOf(names, "host") < 0)
            throw error.With("SignedHeaders must name the host header and at most 64 headers, separated by ';'.");
        return names;
    }

    static (string Timestamp, DateTimeOffset SignedAt) ReadDate(HeaderLookup headers)
    {
        if (headers("x-amz-date") is { } timestamp)
        {
            if (TryParseDate(timestamp, out var signedAt))
                return (timestamp, signedAt);
        }
        else if (headers("date") is { } date && SigV2Request.TryParseDate(date, out var signedAt))
        {
            return (signedAt.UtcDateTime.ToString(DateFormat, CultureInfo.InvariantCulture), signedAt);
        }
        throw S3Errors.AccessDenied.With("AWS authentication requires a valid Date or x-amz-date header");
    }

    static bool TryParseDate(string text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(
            text,
            DateFormat,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out time
        );

    static void RequireSameDay(Credential credential, string timestamp, S3Error error)
    {
        if (!timestamp.StartsWith(credential.Scope.Date, StringComparison.Ordinal))
            throw error.With(
                $"Invalid credential date \"{credential.Scope.Date}\". It must be the day of the request's date."
            );
    }
}
