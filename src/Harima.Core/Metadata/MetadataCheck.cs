using System.Globalization;
using System.Text;
using System.Text.Json;
using Harima.Faults;

namespace Harima.Metadata;

/// <summary>What is wrong with a metadata text, and where. Line and column count from 1, columns in characters.</summary>
/// <param name="Path">JSON path of the place, such as <c>$.sample[0].name</c>; of text that is no JSON, as far as it could be read.</param>
/// <param name="MessageJa">Null where it is told in English alone.</param>
public sealed record MetadataProblem(int Line, int Column, string Path, string Message, string? MessageJa = null);

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
                    "$",
                    "The metadata is larger than 1 MiB. Put large tables into data files instead.",
                    "メタデータが 1 MiB を超えています。大きな表はデータファイルに入れてください。"
                ),
            ];
        if (string.IsNullOrWhiteSpace(json))
            return
            [
                new MetadataProblem(
                    1,
                    1,
                    "$",
                    "The metadata is empty. Write a JSON object, at least {}.",
                    "メタデータが空です。JSON のオブジェクトを書いてください。空でも {} が必要です。"
                ),
            ];
        var place = new Stack<Level>();
        try
        {
            return CheckNames(bytes, place);
        }
        catch (JsonException fault)
        {
            var line = (int)(fault.LineNumber ?? 0);
            var (offset, column) = PlaceIn(bytes, line, (int)(fault.BytePositionInLine ?? 0));
            return
            [
                new MetadataProblem(line + 1, column, PathOf(place), Sentence(fault), SentenceJa(bytes, offset, place)),
            ];
        }
    }

    /// <summary>The refusal of a text, for its first problem: what is wrong, and where.</summary>
    internal static FaultException Refusal(MetadataProblem problem) =>
        Fault.Invalid(
            "metadata-invalid",
            $"{problem.Message} (line {problem.Line}, column {problem.Column}, at {problem.Path})",
            ("line", $"{problem.Line}"),
            ("column", $"{problem.Column}"),
            ("path", problem.Path)
        );

    static List<MetadataProblem> CheckNames(byte[] bytes, Stack<Level> place)
    {
        var problems = new List<MetadataProblem>();
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = MaxDepth });
        var first = true;
        while (reader.Read())
        {
            if (first && reader.TokenType != JsonTokenType.StartObject)
                problems.Add(
                    new MetadataProblem(
                        1,
                        1,
                        "$",
                        "Metadata is a JSON object: it starts with '{'.",
                        "メタデータは JSON のオブジェクトです。「{」で始めてください。"
                    )
                );
            first = false;
            if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
            {
                place.Pop();
                continue;
            }
            if (reader.TokenType != JsonTokenType.PropertyName && place.TryPeek(out var within))
                within.Item++;
            if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String)
                CheckText(ref reader, bytes, place, problems);
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                place.Push(new Level(reader.TokenType == JsonTokenType.StartArray));
        }
        return problems;
    }

    static void CheckText(ref Utf8JsonReader reader, byte[] bytes, Stack<Level> place, List<MetadataProblem> problems)
    {
        string text;
        try
        {
            text = reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half of a pair, such as "\ud83d" without what follows it: no reader can make a text of it.
            Add(
                ref reader,
                "Half a character is escaped here: \\ud800 to \\udfff stand in pairs. Write the character itself.",
                "文字の半分だけがエスケープされています。\\ud800 から \\udfff は二つ一組です。文字をそのまま書いてください。"
            );
            return;
        }
        if (reader.TokenType != JsonTokenType.PropertyName)
            return;
        var level = place.Peek();
        level.Name = text;
        // Most readers keep only the last of two equal names: the other value would be lost without a word.
        if (!level.Names.Add(text))
            Add(
                ref reader,
                $"The name \"{text}\" occurs twice in one object.",
                $"同じオブジェクトに「{text}」が二つあります。一つにしてください。"
            );

        void Add(ref Utf8JsonReader at, string message, string messageJa)
        {
            var (line, column) = PlaceOf(bytes, (int)at.TokenStartIndex);
            problems.Add(new MetadataProblem(line, column, PathOf(place), message, messageJa));
        }
    }

    /// <summary>An object or list that is not closed yet, and where in it the reader is.</summary>
    sealed class Level(bool isArray)
    {
        public bool IsArray => isArray;
        public int Item { get; set; } = -1;
        public string? Name { get; set; }
        public HashSet<string> Names { get; } = new(StringComparer.Ordinal);
    }

    static string PathOf(Stack<Level> place)
    {
        var path = new StringBuilder("$");
        foreach (var level in place.Reverse())
        {
            if (level.IsArray)
                path.Append(CultureInfo.InvariantCulture, $"[{Math.Max(level.Item, 0)}]");
            else if (level.Name is { } name)
                path.Append('.').Append(name);
        }
        return path.ToString();
    }

    static (int Line, int Column) PlaceOf(byte[] bytes, int offset)
    {
        var before = bytes.AsSpan(0, offset);
        var line = before.Count((byte)'\n');
        var start = before.LastIndexOf((byte)'\n') + 1;
        return (line + 1, Encoding.UTF8.GetCharCount(before[start..]) + 1);
    }

    static (int Offset, int Column) PlaceIn(byte[] bytes, int line, int bytesIntoLine)
    {
        var start = 0;
        for (; line > 0; line--)
            start += bytes.AsSpan(start).IndexOf((byte)'\n') + 1;
        var offset = Math.Min(start + bytesIntoLine, bytes.Length);
        return (offset, Encoding.UTF8.GetCharCount(bytes.AsSpan(start..offset)) + 1);
    }

    /// <summary>What stands where reading ended, which is all that the library's English says too.</summary>
    static string SentenceJa(byte[] bytes, int offset, Stack<Level> place)
    {
        if (place.Count >= MaxDepth)
            return $"入れ子が深すぎます。{MaxDepth} 段までにしてください。";
        if (offset >= bytes.Length)
            return "JSON が途中で終わっています。閉じていない括弧か引用符がないか確かめてください。";
        Rune.DecodeFromUtf8(bytes.AsSpan(offset), out var found, out _);
        return Rune.IsControl(found)
            ? "JSON として読めません。ここで改行か制御文字は使えません。引用符やコンマの抜けがないか確かめてください。"
            : $"JSON として読めません。「{found}」はここでは使えません。コンマ・引用符・括弧の過不足がないか確かめてください。";
    }

    static string Sentence(JsonException fault)
    {
        // The library appends "LineNumber: … | BytePositionInLine: …", which counts from 0 and in bytes.
        var end = fault.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        // And some of its sentences end with what a programmer may do about it.
        return "This is not JSON: "
            + (end < 0 ? fault.Message : fault.Message[..end]).Replace(
                " which is not supported in this mode. Change the reader options.",
                ". Take it out.",
                StringComparison.Ordinal
            );
    }
}
