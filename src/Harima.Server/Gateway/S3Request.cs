using System.Globalization;
using Harima.Identity;
using Harima.S3.Errors;
using Harima.S3.Signing;

namespace Harima.Gateway;

/// <summary>A request whose signer is known.</summary>
/// <param name="Http">The exchange.</param>
/// <param name="Target">The target as sent.</param>
/// <param name="Route">What it asks for.</param>
/// <param name="Principal">Who asks.</param>
/// <param name="Signature">How they signed; null for an anonymous caller.</param>
sealed record S3Request(
    HttpContext Http,
    RequestTarget Target,
    S3Route Route,
    Principal Principal,
    SignedRequest? Signature
)
{
    /// <summary>What the access log will say.</summary>
    public Exchange Exchange { get; init; } = new();

    public string Bucket => Route.Bucket;

    public string Key => Route.Key;

    public HttpResponse Response => Http.Response;

    public string? Header(string name) => LookUp(Http.Request.Headers, name);

    public string? Query(string name) => Target.Find(name);

    /// <summary>The version asked for; null for the current one.</summary>
    public string? VersionId => Query("versionId") is { Length: > 0 } version ? version : null;

    /// <summary>A number in the query, cut to the maximum.</summary>
    /// <exception cref="S3Exception">InvalidArgument when it is not one.</exception>
    public int QueryNumber(string name, int otherwise, int maximum, int minimum = 0)
    {
        if (Query(name) is not { Length: > 0 } text)
            return otherwise;
        if (
            !int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            || number < minimum
        )
            throw S3Errors.InvalidArgument.With($"Provided {name} not an integer or within integer range.");
        return Math.Min(number, maximum);
    }

    /// <summary>True when the client asked for <c>encoding-type=url</c>.</summary>
    /// <exception cref="S3Exception">InvalidArgument for any other encoding.</exception>
    public bool WantsUrlEncoding() =>
        Query("encoding-type") switch
        {
            null or "" => false,
            "url" => true,
            _ => throw S3Errors.InvalidArgument.With("Invalid Encoding Method specified in Request"),
        };

    /// <summary>The part number in the query.</summary>
    /// <exception cref="S3Exception">InvalidArgument unless it is 1 to 10,000.</exception>
    public int PartNumber()
    {
        if (
            int.TryParse(Query("partNumber"), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number is >= 1 and <= 10_000
        )
        {
            return number;
        }
        throw S3Errors.InvalidArgument.With("Part number must be an integer between 1 and 10000, inclusive");
    }

    public static string? LookUp(IHeaderDictionary headers, string name) =>
        headers.TryGetValue(name, out var values) ? values.ToString() : null;
}
