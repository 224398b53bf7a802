using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Harima.Cli.Output;

/// <summary>What a command found, for a person or for a program.</summary>
static class Answer
{
    static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <returns>Exit code 0.</returns>
    public static int Write<T>(ParseResult parsed, T answer, JsonTypeInfo<T> type, Action<T> forPeople)
    {
        if (!parsed.GetValue(Commands.Json))
        {
            forPeople(answer);
            return FaultToExitCode.Done;
        }
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Readable))
            JsonSerializer.Serialize(writer, answer, type);
        Console.Out.WriteLine(System.Text.Encoding.UTF8.GetString(buffer.ToArray()));
        return FaultToExitCode.Done;
    }

    /// <summary>Columns under their names; where the output is not a terminal, tabs between them and no names.</summary>
    public static void Table(string[] names, IEnumerable<string[]> rows)
    {
        rows = rows.Select(row => row.Select(Printable).ToArray());
        if (Console.IsOutputRedirected)
        {
            foreach (var row in rows)
                Console.Out.WriteLine(string.Join('\t', row));
            return;
        }
        var all = rows.Prepend(names).ToList();
        var widths = names.Select((_, column) => all.Max(row => WidthOf(row[column]))).ToArray();
        foreach (var row in all)
            Console.Out.WriteLine(
                string.Concat(row.Select((cell, column) => cell + new string(' ', widths[column] - WidthOf(cell) + 2)))
                    .TrimEnd()
            );
    }

    public static string Size(long bytes)
    {
        if (bytes < 1000)
            return string.Create(CultureInfo.InvariantCulture, $"{bytes} B");
        string[] units = ["kB", "MB", "GB", "TB", "PB"];
        var value = bytes / 1000.0;
        var unit = 0;
        for (; value >= 999.95 && unit < units.Length - 1; unit++)
            value /= 1000;
        return string.Create(CultureInfo.InvariantCulture, $"{value:0.0} {units[unit]}");
    }

    public static string Time(DateTimeOffset at) =>
        at.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    /// <summary>Names come from others: what would steer the terminal, or look like another row, is shown as a mark.</summary>
    public static string Printable(string text) =>
        text.Any(char.IsControl) ? string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c)) : text;

    // Chinese and Japanese characters take two columns of a terminal.
    static int WidthOf(string text) =>
        text.EnumerateRunes().Sum(rune => rune.Value is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xFFDC) ? 2 : 1);
}
