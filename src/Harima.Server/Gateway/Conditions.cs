using System.Globalization;
using Harima.S3.Errors;
using Harima.S3.Signing;

namespace Harima.Gateway;

/// <summary>The conditions of RFC 9110 section 13 as S3 applies them.</summary>
static class Conditions
{
    static readonly string[] DateFormats =
    [
        "r",
        "dddd, dd-MMM-yy HH:mm:ss 'GMT'",
        "ddd MMM d HH:mm:ss yyyy",
        "yyyy-MM-dd'T'HH:mm:ss'Z'",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'",
    ];

    /// <summary>Checks a read of an object, or of the source of a copy (<paramref name="headerPrefix"/>).</summary>
    /// <param name="headers">The request's headers.</param>
    /// <param name="etag">The object's entity tag without quotes.</param>
    /// <param name="modifiedAt">When it was last written.</param>
    /// <param name="earlier">Another tag that means the same version, or null.</param>
    /// <param name="headerPrefix">Empty, or <c>x-amz-copy-source-</c>.</param>
    /// <exception cref="S3Exception">PreconditionFailed; NotModified (304), for a copy PreconditionFailed.</exception>
    public static void Check(
        HeaderLookup headers,
        string etag,
        DateTimeOffset modifiedAt,
        string headerPrefix = "",
        string? earlier = null
    )
    {
        var ifMatch = headers(headerPrefix + "if-match");
        var ifNoneMatch = headers(headerPrefix + "if-none-match");
        // HTTP dates have whole seconds.
        var modified = DateTimeOffset.FromUnixTimeSeconds(modifiedAt.ToUnixTimeSeconds());

        if (ifMatch is not null && !Matches(ifMatch, etag, earlier))
            throw Failed("If-Match");
        if (
            ifMatch is null
            && TryDate(headers(headerPrefix + "if-unmodified-since"), out var unmodifiedSince)
            && modified > unmodifiedSince
        )
        {
            throw Failed("If-Unmodified-Since");
        }
        var unchanged = ifNoneMatch is not null
            ? Matches(ifNoneMatch, etag, earlier)
            : TryDate(headers(headerPrefix + "if-modified-since"), out var modifiedSince) && modified <= modifiedSince;
        if (unchanged && headerPrefix.Length > 0)
            throw Failed(ifNoneMatch is not null ? "If-None-Match" : "If-Modified-Since");
        if (unchanged)
            throw S3Errors.NotModified.Exception();
    }

    /// <summary>False when <c>If-Range</c> names another version: then the whole object is the answer.</summary>
    public static bool RangeStillApplies(
        HeaderLookup headers,
        string etag,
        DateTimeOffset modifiedAt,
        string? earlier = null
    )
    {
        if (headers("if-range") is not { } condition)
            return true;
        return TryDate(condition, out var date)
            ? modifiedAt.ToUnixTimeSeconds() <= date.ToUnixTimeSeconds()
            : Matches(condition, etag, earlier);
    }

    /// <summary>True when a list of entity tags holds this one, or is <c>*</c>.</summary>
    /// <param name="earlier">Another tag that will do, or null.</param>
    public static bool Matches(string header, string etag, string? earlier = null)
    {
        foreach (var range in header.AsSpan().Split(','))
        {
            var candidate = header.AsSpan(range).Trim();
            if (candidate is "*")
                return true;
            if (candidate.StartsWith("W/"))
                candidate = candidate[2..];
            candidate = candidate.Trim('"');
            if (
                candidate.Equals(etag, StringComparison.OrdinalIgnoreCase)
                || (earlier is not null && candidate.Equals(earlier, StringComparison.OrdinalIgnoreCase))
            )
                return true;
        }
        return false;
    }

    static S3Exception Failed(string condition) =>
        new(S3Errors.PreconditionFailed) { Details = [new("Condition", condition)] };

    /// <summary>Reads a date as HTTP or, for S3's own headers, ISO 8601 writes it.</summary>
    public static bool TryDate(string? text, out DateTimeOffset date)
    {
        date = default;
        return text is not null
            && DateTimeOffset.TryParseExact(
                text,
                DateFormats,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces,
                out date
            );
    }
}
