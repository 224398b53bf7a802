using System.Buffers;
using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Harima.S3.Errors;
using Harima.S3.Policies;

namespace Harima.S3.Xml;

/// <summary>A rule of a bucket's CORS configuration. Origins and request headers may hold one <c>*</c>.</summary>
public sealed record CorsRule(IReadOnlyList<string> AllowedMethods, IReadOnlyList<string> AllowedOrigins)
{
    /// <summary>Request headers a page may send.</summary>
    public IReadOnlyList<string> AllowedHeaders { get; init; } = [];

    /// <summary>Response headers a page may read.</summary>
    public IReadOnlyList<string> ExposeHeaders { get; init; } = [];

    /// <summary>How long a browser may keep the answer of a preflight, in seconds; null where not said.</summary>
    public int? MaxAgeSeconds { get; init; }

    /// <summary>The rule's name, or null.</summary>
    public string? Id { get; init; }

    /// <summary>True where every origin is allowed, so that the answer need not name the caller's.</summary>
    public bool AllowsAnyOrigin => AllowedOrigins.Contains("*");

    /// <summary>Whether the rule speaks of this origin, method and all of these request headers.</summary>
    public bool Applies(string origin, string method, IEnumerable<string> headers) =>
        AllowedMethods.Contains(method)
        && AllowedOrigins.Any(pattern => Wildcard.Matches(pattern, origin))
        && headers.All(header => AllowedHeaders.Any(pattern => Wildcard.Matches(pattern, header, ignoreCase: true)));
}

/// <summary>Body of PutBucketCors and answer of GetBucketCors.</summary>
/// <remarks>Source: Amazon S3 API reference, CORSConfiguration; at most 100 rules.</remarks>
public sealed record CorsConfiguration(IReadOnlyList<CorsRule> Rules) : IS3Document
{
    const int MaxRules = 100;
    const int MaxCharacters = 128 * 1024;
    static readonly string[] Methods = ["GET", "PUT", "HEAD", "POST", "DELETE"];

    /// <summary>The first rule that applies, or null.</summary>
    public CorsRule? Find(string origin, string method, IReadOnlyCollection<string> headers) =>
        Rules.FirstOrDefault(rule => rule.Applies(origin, method, headers));

    /// <summary>Reads the body.</summary>
    /// <exception cref="S3Exception">MalformedXML, InvalidRequest.</exception>
    public static async Task<CorsConfiguration> ReadAsync(Stream body, CancellationToken cancellationToken)
    {
        var root = await S3XmlDocument
            .ReadAsync(body, "CORSConfiguration", MaxCharacters, cancellationToken)
            .ConfigureAwait(false);
        var rules = root.Elements("CORSRule").Select(ReadRule).ToArray();
        return rules.Length is 0 or > MaxRules ? throw S3Errors.MalformedXML.Exception() : new CorsConfiguration(rules);
    }

    static CorsRule ReadRule(XElement rule)
    {
        string[] All(string name) => [.. rule.Elements(name).Select(element => element.Value.Trim())];
        var methods = All("AllowedMethod");
        var origins = All("AllowedOrigin");
        var headers = All("AllowedHeader");
        if (methods.Length == 0 || origins.Length == 0)
            throw S3Errors.MalformedXML.Exception();
        if (methods.FirstOrDefault(method => !Methods.Contains(method)) is { } unknown)
            throw S3Errors.InvalidRequest.With(
                $"Found unsupported HTTP method in CORS config. Unsupported method is {unknown}"
            );
        if (origins.Concat(headers).FirstOrDefault(pattern => pattern.Count(c => c == '*') > 1) is { } wild)
            throw S3Errors.InvalidRequest.With($"\"{wild}\" can not have more than one wildcard.");
        int? maxAge = null;
        if (rule.Element("MaxAgeSeconds")?.Value is { } text)
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
                throw S3Errors.MalformedXML.Exception();
            maxAge = seconds;
        }
        return new CorsRule(methods, origins)
        {
            AllowedHeaders = headers,
            ExposeHeaders = All("ExposeHeader"),
            MaxAgeSeconds = maxAge,
            Id = rule.Element("ID")?.Value,
        };
    }

    /// <inheritdoc/>
    public void WriteTo(IBufferWriter<byte> output)
    {
        var xml = new S3XmlWriter(output);
        xml.StartDocument("CORSConfiguration"u8);
        foreach (var rule in Rules)
        {
            xml.Start("CORSRule"u8);
            xml.Element("ID"u8, rule.Id);
            Write(xml, "AllowedMethod", rule.AllowedMethods);
            Write(xml, "AllowedOrigin", rule.AllowedOrigins);
            Write(xml, "AllowedHeader", rule.AllowedHeaders);
            Write(xml, "ExposeHeader", rule.ExposeHeaders);
            if (rule.MaxAgeSeconds is { } seconds)
                xml.Element("MaxAgeSeconds"u8, seconds);
            xml.End("CORSRule"u8);
        }
        xml.End("CORSConfiguration"u8);
    }

    static void Write(S3XmlWriter xml, string name, IReadOnlyList<string> values)
    {
        foreach (var value in values)
            xml.Element(Encoding.ASCII.GetBytes(name), value);
    }
}
