using System.Text;
using Harima.S3.Errors;

namespace Harima.S3.Signing;

/// <summary>One query parameter, decoded.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The value; empty when there was none.</param>
public readonly record struct QueryParameter(string Name, string Value);

/// <summary>
/// The target of a request exactly as it came on the wire. Signatures and keys are read from here and not from a server's
/// decoded path, where <c>%2F</c> and <c>/</c>, or <c>//</c> and <c>/</c>, can no longer be told apart.
/// </summary>
public sealed class RequestTarget
{
    // More parameters than any S3 client sends; sorting them must not become somebody's lever.
    const int MaxParameters = 128;

    static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    readonly QueryParameter[] _query;

    RequestTarget(string rawPath, string rawQuery, QueryParameter[] query)
    {
        RawPath = rawPath;
        RawQuery = rawQuery;
        _query = query;
    }

    /// <summary>The path, still percent-encoded, beginning with <c>/</c>.</summary>
    public string RawPath { get; }

    /// <summary>The query without its <c>?</c>, still percent-encoded; empty when there is none.</summary>
    public string RawQuery { get; }

    /// <summary>The parameters in the order sent, decoded.</summary>
    public IReadOnlyList<QueryParameter> Query => _query;

    /// <summary>Splits a target in origin form (<c>/bucket/key?query</c>) or absolute form.</summary>
    /// <exception cref="S3Exception">InvalidURI.</exception>
    public static RequestTarget Parse(string rawTarget)
    {
        var target = StripAuthority(rawTarget);
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        var path = mark < 0 ? target : target[..mark];
        var query = mark < 0 ? "" : target[(mark + 1)..];
        if (!path.StartsWith('/'))
            path = "/" + path;
        return new RequestTarget(path, query, ParseQuery(query));
    }

    /// <summary>The first value of a parameter, or null. Some clients send a parameter twice; the first counts.</summary>
    public string? Find(string name)
    {
        foreach (var parameter in _query)
        {
            if (parameter.Name == name)
                return parameter.Value;
        }
        return null;
    }

    /// <summary>True when the parameter is there, with or without a value.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>The decoded path, beginning with <c>/</c>.</summary>
    /// <exception cref="S3Exception">InvalidURI when it is not UTF-8.</exception>
    public string DecodePath() => Decode(RawPath, plusIsBlank: false);

    /// <summary>Decodes percent-encoded UTF-8; a <c>%</c> not followed by two hex digits stands for itself.</summary>
    /// <exception cref="S3Exception">InvalidURI when the bytes are not UTF-8, or hold NUL, which no database keeps.</exception>
    public static string Decode(ReadOnlySpan<char> raw, bool plusIsBlank)
    {
        if (raw.IndexOfAny('%', '+') < 0 && !raw.ContainsAnyExceptInRange('\x1', '\x7f'))
            return raw.ToString();

        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(raw.Length)];
        var length = 0;
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] == '%' && UriEncoding.TryReadHex(raw[i..], out var value))
            {
                bytes[length++] = value;
                i += 2;
            }
            else if (raw[i] == '+' && plusIsBlank)
            {
                bytes[length++] = (byte)' ';
            }
            else if (raw[i] < 0x80)
            {
                bytes[length++] = (byte)raw[i];
            }
            else
            {
                Rune.DecodeFromUtf16(raw[i..], out var rune, out var chars);
                length += rune.EncodeToUtf8(bytes.AsSpan(length));
                i += chars - 1;
            }
        }
        if (bytes.AsSpan(0, length).Contains((byte)0))
            throw S3Errors.InvalidURI.With("The request URI holds the NUL character.");
        try
        {
            return StrictUtf8.GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException exception)
        {
            throw new S3Exception(S3Errors.InvalidURI, "The request URI is not valid UTF-8.", exception);
        }
    }

    static string StripAuthority(string rawTarget)
    {
        if (rawTarget.StartsWith('/'))
            return rawTarget;
        var scheme = rawTarget.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0)
            return rawTarget;
        var path = rawTarget.AsSpan(scheme + 3).IndexOfAny('/', '?');
        return path < 0 ? "/" : rawTarget[(scheme + 3 + path)..];
    }

    static QueryParameter[] ParseQuery(string query)
    {
        if (query.Length == 0)
            return [];
        var parameters = new List<QueryParameter>(8);
        foreach (var range in query.AsSpan().Split('&'))
        {
            var pair = query.AsSpan(range);
            if (pair.IsEmpty)
                continue;
            if (parameters.Count == MaxParameters)
                throw S3Errors.InvalidURI.With($"More than {MaxParameters} query parameters.");
            var equals = pair.IndexOf('=');
            var name = equals < 0 ? pair : pair[..equals];
            var value = equals < 0 ? default : pair[(equals + 1)..];
            parameters.Add(new QueryParameter(Decode(name, plusIsBlank: true), Decode(value, plusIsBlank: true)));
        }
        return [.. parameters];
    }
}
