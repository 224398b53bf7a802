namespace Harima.S3.Signing;

/// <summary>Looks a header up by its lower-case name; several values joined by <c>,</c>; null when absent.</summary>
public delegate string? HeaderLookup(string name);

/// <summary>Writes the canonical request of Signature Version 4 as S3 defines it: the path is neither normalised nor
/// encoded twice.</summary>
/// <remarks>Source: AWS, "Create a signed AWS API request", and "Authenticating Requests (AWS Signature Version 4)".</remarks>
static class CanonicalRequest
{
    public static void Append(
        ref ByteBuffer target,
        string method,
        string rawPath,
        string rawQuery,
        IReadOnlyList<string> signedHeaders,
        HeaderLookup headers,
        string payloadHash,
        bool pathAsSent = false
    )
    {
        target.AppendLatin1(method);
        target.Append((byte)'\n');
        if (pathAsSent)
            target.AppendLatin1(rawPath);
        else
            UriEncoding.AppendCanonical(ref target, rawPath, keepSlash: true, plusIsBlank: false);
        target.Append((byte)'\n');
        AppendQuery(ref target, rawQuery);
        target.Append((byte)'\n');
        foreach (var name in signedHeaders)
            AppendHeader(ref target, name, headers(name));
        target.Append((byte)'\n');
        for (var i = 0; i < signedHeaders.Count; i++)
        {
            if (i > 0)
                target.Append((byte)';');
            target.AppendLatin1(signedHeaders[i]);
        }
        target.Append((byte)'\n');
        target.AppendLatin1(payloadHash);
    }

    static void AppendHeader(ref ByteBuffer target, string name, ReadOnlySpan<char> value)
    {
        target.AppendLatin1(name);
        target.Append((byte)':');
        value = value.Trim(" \t");
        // Runs of blanks count as one.
        while (value.IndexOf("  ") is >= 0 and var run)
        {
            target.AppendLatin1(value[..(run + 1)]);
            value = value[run..].TrimStart(' ');
        }
        target.AppendLatin1(value);
        target.Append((byte)'\n');
    }

    static void AppendQuery(ref ByteBuffer target, string rawQuery)
    {
        if (rawQuery.Length == 0)
            return;

        // Encoded parameters lie one after another in `encoded`; what is sorted are their places in it.
        var encoded = new ByteBuffer(stackalloc byte[1024]);
        Span<Parameter> parameters = stackalloc Parameter[128];
        var count = 0;
        foreach (var range in rawQuery.AsSpan().Split('&'))
        {
            var pair = rawQuery.AsSpan(range);
            if (pair.IsEmpty || count == parameters.Length)
                continue;
            var equals = pair.IndexOf('=');
            var name = equals < 0 ? pair : pair[..equals];
            if (name is "X-Amz-Signature")
                continue;
            var start = encoded.Length;
            UriEncoding.AppendCanonical(ref encoded, name, keepSlash: false, plusIsBlank: true);
            var middle = encoded.Length;
            if (equals >= 0)
                UriEncoding.AppendCanonical(ref encoded, pair[(equals + 1)..], keepSlash: false, plusIsBlank: true);
            parameters[count++] = new Parameter(start, middle, encoded.Length);
        }

        Sort(parameters[..count], encoded.Written);
        for (var i = 0; i < count; i++)
        {
            if (i > 0)
                target.Append((byte)'&');
            target.Append(parameters[i].Name(encoded.Written));
            target.Append((byte)'=');
            target.Append(parameters[i].Value(encoded.Written));
        }
        encoded.Dispose();
    }

    static void Sort(Span<Parameter> parameters, ReadOnlySpan<byte> encoded)
    {
        // Insertion: a handful, mostly sorted already, and at most 128.
        for (var i = 1; i < parameters.Length; i++)
        {
            var moved = parameters[i];
            var j = i - 1;
            for (; j >= 0 && Compare(parameters[j], moved, encoded) > 0; j--)
                parameters[j + 1] = parameters[j];
            parameters[j + 1] = moved;
        }
    }

    static int Compare(Parameter left, Parameter right, ReadOnlySpan<byte> encoded)
    {
        var byName = left.Name(encoded).SequenceCompareTo(right.Name(encoded));
        return byName != 0 ? byName : left.Value(encoded).SequenceCompareTo(right.Value(encoded));
    }

    readonly record struct Parameter(int Start, int Middle, int End)
    {
        public ReadOnlySpan<byte> Name(ReadOnlySpan<byte> encoded) => encoded[Start..Middle];

        public ReadOnlySpan<byte> Value(ReadOnlySpan<byte> encoded) => encoded[Middle..End];
    }
}
