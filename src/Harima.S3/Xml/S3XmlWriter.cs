using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Harima.S3.Checksums;
using Harima.S3.Signing;

namespace Harima.S3.Xml;

/// <summary>A document S3 answers with.</summary>
public interface IS3Document
{
    /// <summary>Writes the whole document as UTF-8.</summary>
    void WriteTo(IBufferWriter<byte> output);
}

/// <summary>Writes elements straight as UTF-8: a page of 1,000 keys passes without a string or a tree in between.</summary>
readonly struct S3XmlWriter(IBufferWriter<byte> output)
{
    // What XML wants escaped, and the control characters a key may hold: AWS writes those as references too.
    static readonly SearchValues<char> Escaped = SearchValues.Create(
        "&<>\"\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009\u000a\u000b\u000c\u000d\u000e\u000f"
            + "\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f\ufffe\uffff"
    );

    // "</" and ">"
    const int TagBytes = 3;

    public void StartDocument(ReadOnlySpan<byte> root)
    {
        output.Write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<"u8);
        output.Write(root);
        output.Write(" xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"u8);
    }

    public void Declaration() => output.Write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"u8);

    public void Start(ReadOnlySpan<byte> name)
    {
        var span = output.GetSpan(name.Length + TagBytes);
        output.Advance(Open(span, name));
    }

    public void End(ReadOnlySpan<byte> name)
    {
        var span = output.GetSpan(name.Length + TagBytes);
        output.Advance(Close(span, name));
    }

    /// <summary>Writes an element; nothing when the value is null.</summary>
    public void Element(ReadOnlySpan<byte> name, string? value)
    {
        if (value is null)
            return;
        if (value.AsSpan().ContainsAny(Escaped))
        {
            Start(name);
            Text(value);
            End(name);
            return;
        }
        // All at once: a page is some thousand of these.
        var span = output.GetSpan(Encoding.UTF8.GetMaxByteCount(value.Length) + 2 * (name.Length + TagBytes));
        var written = Open(span, name);
        written += Encoding.UTF8.GetBytes(value, span[written..]);
        output.Advance(written + Close(span[written..], name));
    }

    /// <summary>Writes a key, prefix or marker, percent-encoded when the client asked for <c>encoding-type=url</c>.</summary>
    public void Key(ReadOnlySpan<byte> name, string? value, bool urlEncoded) =>
        Element(name, value is not null && urlEncoded ? UriEncoding.Encode(value, keepSlash: true) : value);

    public void Element(ReadOnlySpan<byte> name, long value)
    {
        var span = output.GetSpan(20 + 2 * (name.Length + TagBytes));
        var written = Open(span, name);
        Utf8Formatter.TryFormat(value, span[written..], out var digits);
        written += digits;
        output.Advance(written + Close(span[written..], name));
    }

    public void Element(ReadOnlySpan<byte> name, bool value) => Element(name, value ? "true" : "false");

    public void Element(ReadOnlySpan<byte> name, DateTimeOffset value)
    {
        // yyyy-MM-ddTHH:mm:ss.fffffffZ, which .NET writes ten times as fast as a pattern of one's own, cut to milliseconds.
        const int ThroughMilliseconds = 23;
        var span = output.GetSpan(32 + 2 * (name.Length + TagBytes));
        var written = Open(span, name);
        value.UtcDateTime.TryFormat(span[written..], out _, "O", CultureInfo.InvariantCulture);
        written += ThroughMilliseconds;
        span[written++] = (byte)'Z';
        output.Advance(written + Close(span[written..], name));
    }

    public void ETag(string etag)
    {
        Start("ETag"u8);
        output.Write("&quot;"u8);
        Text(etag.AsSpan().Trim('"'));
        output.Write("&quot;"u8);
        End("ETag"u8);
    }

    public void Owner(ReadOnlySpan<byte> name, Owner? owner)
    {
        if (owner is null)
            return;
        Start(name);
        Element("ID"u8, owner.Id);
        Element("DisplayName"u8, owner.DisplayName);
        End(name);
    }

    public void Checksums(IReadOnlyList<Checksum> checksums)
    {
        foreach (var checksum in checksums)
            Element(Encoding.ASCII.GetBytes(checksum.Algorithm.Element()), checksum.Value);
    }

    static int Open(Span<byte> span, ReadOnlySpan<byte> name)
    {
        span[0] = (byte)'<';
        name.CopyTo(span[1..]);
        span[name.Length + 1] = (byte)'>';
        return name.Length + 2;
    }

    static int Close(Span<byte> span, ReadOnlySpan<byte> name)
    {
        span[0] = (byte)'<';
        span[1] = (byte)'/';
        name.CopyTo(span[2..]);
        span[name.Length + 2] = (byte)'>';
        return name.Length + TagBytes;
    }

    void Text(ReadOnlySpan<char> text)
    {
        while (true)
        {
            var special = text.IndexOfAny(Escaped);
            var plain = special < 0 ? text : text[..special];
            if (!plain.IsEmpty)
            {
                var span = output.GetSpan(Encoding.UTF8.GetMaxByteCount(plain.Length));
                output.Advance(Encoding.UTF8.GetBytes(plain, span));
            }
            if (special < 0)
                return;
            switch (text[special])
            {
                case '&':
                    output.Write("&amp;"u8);
                    break;
                case '<':
                    output.Write("&lt;"u8);
                    break;
                case '>':
                    output.Write("&gt;"u8);
                    break;
                case '"':
                    output.Write("&quot;"u8);
                    break;
                case var control:
                    var reference = string.Create(CultureInfo.InvariantCulture, $"&#x{(int)control:X};");
                    output.Write(Encoding.ASCII.GetBytes(reference));
                    break;
            }
            text = text[(special + 1)..];
        }
    }
}
