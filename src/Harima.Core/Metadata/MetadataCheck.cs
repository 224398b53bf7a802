using System.Text;
using System.Text.Json;

namespace Harima.Metadata;

/// <summary>What is wrong with a metadata text, and where. Line and column count from 1, columns in characters.</summary>
/// <param name="Path">JSON path of the place, such as <c>$.sample[0].name</c>; empty where the text cannot be parsed.</param>
public sealed record MetadataProblem(int Line, int Column, string Path, string Message);

/// <summary>Checks metadata texts before they are stored.</summary>
public static class MetadataCheck
{
    /// <summary>The longest metadata text, in bytes of UTF-8.</summary>
    public const int MaxBytes = 1 << 20;
    const int MaxDepth = 64;

    /// <returns>Nothing if the text is a JSON object.</returns>
    public static IReadOnlyList<MetadataProblem> Check(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        if (bytes.Length > MaxBytes)
            return
            [
                new MetadataProblem(
                    1,
                    1,
                    "",
                    "The metadata is larger than 1 MiB. Put large tables into data files instead."
                ),
            ];
        if (string.IsNullOrWhiteSpace(json))
            return [new MetadataProblem(1, 1, "", "The metadata is empty. Write a JSON object, at least {}.")];
        try
        {
            return CheckNames(bytes);
        }
        catch (JsonException fault)
        {
            var line = (int)(fault.LineNumber ?? 0);
            var column = ColumnOf(bytes, line, (int)(fault.BytePositionInLine ?? 0));
            return [new MetadataProblem(line + 1, column, "", Sentence(fault))];
        }
    }

    static List<MetadataProblem> CheckNames(byte[] bytes)
    {
        var problems = new List<MetadataProblem>();
        var names = new Stack<HashSet<string>>();
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = MaxDepth });
        var first = true;
        while (reader.Read())
        {
            if (first && reader.TokenType != JsonTokenType.StartObject)
                problems.Add(new MetadataProblem(1, 1, "$", "Metadata is a JSON object: it starts with '{'."));
            first = false;
            if (reader.TokenType == JsonTokenType.StartObject)
                names.Push(new HashSet<string>(StringComparer.Ordinal));
            else if (reader.TokenType == JsonTokenType.EndObject)
                names.Pop();
            else if (reader.TokenType == JsonTokenType.PropertyName && !names.Peek().Add(reader.GetString()!))
            {
                // Most readers keep only the last of two equal names: the other value would be lost without a word.
                var (line, column) = PlaceOf(bytes, (int)reader.TokenStartIndex);
                problems.Add(
                    new MetadataProblem(
                        line,
                        column,
                        "",
                        $"The name \"{reader.GetString()}\" occurs twice in one object."
                    )
                );
            }
        }
        return problems;
    }

    static (int Line, int Column) PlaceOf(byte[] bytes, int offset)
    {
        var before = bytes.AsSpan(0, offset);
        var line = before.Count((byte)'\n');
        var start = before.LastIndexOf((byte)'\n') + 1;
        return (line + 1, Encoding.UTF8.GetCharCount(before[start..]) + 1);
    }

    static int ColumnOf(byte[] bytes, int line, int bytesIntoLine)
    {
        var rest = bytes.AsSpan();
        for (; line > 0; line--)
            rest = rest[(rest.IndexOf((byte)'\n') + 1)..];
        return Encoding.UTF8.GetCharCount(rest[..Math.Min(bytesIntoLine, rest.Length)]) + 1;
    }

    static string Sentence(JsonException fault)
    {
        // The library appends "LineNumber: … | BytePositionInLine: …", which counts from 0 and in bytes.
        var end = fault.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return "This is not JSON: " + (end < 0 ? fault.Message : fault.Message[..end]);
    }
}
