using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Harima.Metadata.Schemas;

/// <summary>A JSON value that knows where in its text it stands, so that every problem can be told with line and column.</summary>
public sealed class PlacedJson
{
    readonly PlacedText _text;

    PlacedJson(PlacedText text, JsonValueKind kind, int start)
    {
        _text = text;
        Kind = kind;
        Start = start;
    }

    public JsonValueKind Kind { get; }

    /// <summary>Byte offsets in the UTF-8 of the text; the end is behind the last byte.</summary>
    internal int Start { get; }
    internal int End { get; private set; }

    /// <summary>The decoded text of a string, the digits of a number as they were written.</summary>
    public string Text { get; private set; } = "";

    /// <summary>In the order of the text.</summary>
    public IReadOnlyList<PlacedMember> Members { get; private set; } = [];
    public IReadOnlyList<PlacedJson> Items { get; private set; } = [];

    /// <summary>From 1; columns in characters.</summary>
    public (int Line, int Column) Place => _text.PlaceOf(Start);

    internal ReadOnlySpan<byte> Bytes => _text.Bytes.AsSpan(Start..End);

    /// <summary>The white space before a place in the text.</summary>
    internal string TextBefore(int offset)
    {
        var start = offset;
        while (start > 0 && (_text.Bytes[start - 1] is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
            start--;
        return Encoding.UTF8.GetString(_text.Bytes.AsSpan(start..offset));
    }

    internal (int Line, int Column) PlaceOf(PlacedMember member) => _text.PlaceOf(member.NameStart);

    /// <summary>The last of several equal names, as most readers have it.</summary>
    public PlacedJson? Find(string name)
    {
        for (var n = Members.Count - 1; n >= 0; n--)
            if (Members[n].Name == name)
                return Members[n].Value;
        return null;
    }

    /// <exception cref="JsonException">For text that is no JSON; <see cref="MetadataCheck"/> says it better.</exception>
    public static PlacedJson Parse(string json)
    {
        var text = new PlacedText(Encoding.UTF8.GetBytes(json));
        var reader = new Utf8JsonReader(text.Bytes, new JsonReaderOptions { MaxDepth = 128 });
        reader.Read();
        var root = Read(ref reader, text);
        // Anything behind the value is a fault, which only reading on shows.
        reader.Read();
        return root;
    }

    static PlacedJson Read(ref Utf8JsonReader reader, PlacedText text)
    {
        var kind = reader.TokenType switch
        {
            JsonTokenType.StartObject => JsonValueKind.Object,
            JsonTokenType.StartArray => JsonValueKind.Array,
            JsonTokenType.String => JsonValueKind.String,
            JsonTokenType.Number => JsonValueKind.Number,
            JsonTokenType.True => JsonValueKind.True,
            JsonTokenType.False => JsonValueKind.False,
            _ => JsonValueKind.Null,
        };
        var value = new PlacedJson(text, kind, (int)reader.TokenStartIndex);
        if (kind == JsonValueKind.Object)
        {
            var members = new List<PlacedMember>();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var (name, start) = (TextOf(ref reader), (int)reader.TokenStartIndex);
                reader.Read();
                members.Add(new PlacedMember(name, start, Read(ref reader, text)));
            }
            value.Members = members;
        }
        else if (kind == JsonValueKind.Array)
        {
            var items = new List<PlacedJson>();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                items.Add(Read(ref reader, text));
            value.Items = items;
        }
        else if (kind == JsonValueKind.String)
            value.Text = TextOf(ref reader);
        else if (kind == JsonValueKind.Number)
            value.Text = Encoding.ASCII.GetString(reader.ValueSpan);
        value.End = (int)reader.BytesConsumed;
        return value;
    }

    // Half a character in an escape is refused where metadata is put; a text that has it all the same is shown as it was written.
    static string TextOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetString(reader.ValueSpan);
        }
    }

    /// <summary>Equal values have equal canonical texts: members sorted, 1.0 and 1 the same.</summary>
    internal string Canonical()
    {
        var text = new StringBuilder();
        Write(this, text);
        return text.ToString();
    }

    static void Write(PlacedJson value, StringBuilder text)
    {
        switch (value.Kind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                foreach (var member in value.Members.OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    text.Append(JsonSerializer.Serialize(member.Name)).Append(':');
                    Write(member.Value, text);
                    text.Append(',');
                }
                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                foreach (var item in value.Items)
                {
                    Write(item, text);
                    text.Append(',');
                }
                text.Append(']');
                break;
            case JsonValueKind.String:
                text.Append(JsonSerializer.Serialize(value.Text));
                break;
            case JsonValueKind.Number:
                text.Append(CanonicalNumber(value.Text));
                break;
            default:
                text.Append(value.Kind);
                break;
        }
    }

    /// <summary>Significant digits and a power of ten: exact, whatever the number's size.</summary>
    internal static string CanonicalNumber(string written)
    {
        var text = written.AsSpan();
        var negative = text[0] == '-';
        if (negative)
            text = text[1..];
        var e = text.IndexOfAny('e', 'E');
        long exponent = 0;
        if (e >= 0)
        {
            if (
                !long.TryParse(
                    text[(e + 1)..],
                    NumberStyles.AllowLeadingSign,
                    CultureInfo.InvariantCulture,
                    out exponent
                )
            )
                return written;
            text = text[..e];
        }
        var point = text.IndexOf('.');
        var digits = text.ToString().Replace(".", "", StringComparison.Ordinal);
        if (point >= 0)
            exponent -= text.Length - point - 1;
        var trimmed = digits.TrimEnd('0');
        exponent += digits.Length - trimmed.Length;
        trimmed = trimmed.TrimStart('0');
        return trimmed.Length == 0 ? "0" : FormattableString.Invariant($"{(negative ? "-" : "")}{trimmed}E{exponent}");
    }
}

/// <param name="NameStart">Byte offset of the quote before the name.</param>
public sealed record PlacedMember(string Name, int NameStart, PlacedJson Value);

sealed class PlacedText(byte[] bytes)
{
    int[]? _lines;

    public byte[] Bytes => bytes;

    public (int Line, int Column) PlaceOf(int offset)
    {
        _lines ??= [0, .. Enumerable.Range(0, bytes.Length).Where(at => bytes[at] == (byte)'\n').Select(at => at + 1)];
        var line = Array.BinarySearch(_lines, offset);
        if (line < 0)
            line = ~line - 1;
        return (line + 1, Encoding.UTF8.GetCharCount(bytes.AsSpan(_lines[line]..offset)) + 1);
    }
}
