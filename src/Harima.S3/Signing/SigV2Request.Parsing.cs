using System.Globalization;
using Harima.S3.Errors;

namespace Harima.S3.Signing;

sealed partial class SigV2Request
{
    static readonly string[] DateFormats =
    [
        "d MMM yyyy HH:mm:ss 'GMT'",
        "d MMM yyyy HH:mm:ss 'UTC'",
        "d MMM yyyy HH:mm:ss zzz",
        "yyyyMMdd'T'HHmmss'Z'",
        "yyyy-MM-dd'T'HH:mm:ss'Z'",
        "yyyy-MM-dd'T'HH:mm:ss.fff'Z'",
    ];

    /// <summary><c>AWS access-key-id:base64</c></summary>
    public static SigV2Request ParseHeader(SigV2Source source, string authorization)
    {
        var credential = authorization[Scheme.Length..].Trim();
        var colon = credential.LastIndexOf(':');
        if (colon <= 0)
        {
            throw S3Errors.InvalidArgument.With(
                "AWS authorization header is invalid. Expected AwsAccessKeyId:signature"
            );
        }
        var amzDate = source.Headers("x-amz-date");
        var date = source.Headers("date");
        if (!TryParseDate(amzDate ?? date, out var signedAt))
            throw S3Errors.AccessDenied.With("AWS authentication requires a valid Date or x-amz-date header");
        return new SigV2Request(
            source,
            credential[..colon],
            credential[(colon + 1)..],
            // x-amz-date stands among the headers already.
            amzDate is null
                ? date!
                : "",
            signedAt,
            expiresAt: null
        );
    }

    /// <summary><c>?AWSAccessKeyId=…&amp;Expires=unix seconds&amp;Signature=base64</c></summary>
    public static SigV2Request ParseQuery(SigV2Source source)
    {
        var accessKeyId = source.Target.Find("AWSAccessKeyId");
        var signature = source.Target.Find("Signature");
        var expires = source.Target.Find("Expires");
        if (accessKeyId is null || signature is null || expires is null)
        {
            throw S3Errors.AccessDenied.With(
                "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"
            );
        }
        if (
            !long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds()
        )
            throw S3Errors.AccessDenied.With($"Invalid date (should be seconds since epoch): {expires}");
        var end = DateTimeOffset.FromUnixTimeSeconds(seconds);
        return new SigV2Request(source, accessKeyId, signature, expires, end, end);
    }

    /// <summary>As clients write it in <c>Date</c>; the name of the day is not looked at, since some get it wrong.</summary>
    internal static bool TryParseDate(string? text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(
            text is not null && text.IndexOf(',', StringComparison.Ordinal) is var comma and > 0
                ? text[(comma + 1)..].TrimStart()
                : text,
            DateFormats,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
            out time
        )
        // S3 takes what lies before its epoch for no date at all.
        && time >= DateTimeOffset.UnixEpoch;
}
