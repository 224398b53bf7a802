using System.Buffers;
using System.Text;
using Harima.Faults;

namespace Harima.Metadata.Tables;

/// <summary>Comma-separated values (RFC 4180), as spreadsheets write and read them.</summary>
public static class CsvText
{
    static readonly SearchValues<char> Special = SearchValues.Create(",\"\r\n;\t");
    static readonly char[] Separators = [',', ';', '\t'];

    /// <summary>With a byte order mark: without it Excel takes Japanese for something else.</summary>
    public static string Write(IEnumerable<IReadOnlyList<TableCell>> rows)
    {
        var text = new StringBuilder("\uFEFF");
        foreach (var row in rows)
            Append(text, row);
        return text.ToString();
    }

    /// <summary>As above, row by row.</summary>
    public static async Task WriteAsync(
        Stream stream,
        IAsyncEnumerable<IReadOnlyList<TableCell>> rows,
        CancellationToken cancellationToken
    )
    {
        await using var writer = new StreamWriter(stream, new UTF8Encoding(true), leaveOpen: true);
        var line = new StringBuilder();
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            line.Clear();
            Append(line, row);
            await writer.WriteAsync(line, cancellationToken);
        }
    }

    static void Append(StringBuilder text, IReadOnlyList<TableCell> row)
    {
        for (var n = 0; n < row.Count; n++)
        {
            if (n > 0)
                text.Append(',');
            var cell = row[n].IsNumber ? row[n].Text! : Guarded(row[n].Text ?? "");
            text.Append(
                cell.AsSpan().IndexOfAny(Special) >= 0 || cell.StartsWith(' ') || cell.EndsWith(' ')
                    ? "\"" + cell.Replace("\"", "\"\"", StringComparison.Ordinal) + "\""
                    : cell
            );
        }
        text.Append("\r\n");
    }

    /// <summary>UTF-8, or what Excel in Japan saves (code page 932).</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
            return text.StartsWith('\uFEFF') ? text[1..] : text;
        }
        catch (DecoderFallbackException)
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(932)!.GetString(bytes);
        }
    }

    /// <summary>Commas, semicolons or tabs, whichever the first line has most of. Rows without any value are left out.</summary>
    /// <exception cref="FaultException">Invalid for a quote that does not end, or more rows than allowed.</exception>
    public static IReadOnlyList<IReadOnlyList<TableCell>> Read(string text, int maxRows)
    {
        if (text.StartsWith('\uFEFF'))
            text = text[1..];
        var separator = SeparatorOf(text);
        var rows = new List<IReadOnlyList<TableCell>>();
        var row = new List<TableCell>();
        var at = 0;
        while (at < text.Length)
        {
            row.Add(new TableCell(Unguarded(Field(text, ref at, separator))));
            if (at < text.Length && text[at] == separator)
            {
                at++;
                if (at == text.Length)
                    row.Add(default);
                continue;
            }
            if (at < text.Length && text[at] == '\r')
                at++;
            if (at < text.Length && text[at] == '\n')
                at++;
            if (row.Any(cell => !cell.IsEmpty))
                rows.Add(row);
            if (rows.Count > maxRows)
                throw TableFile.TooManyRows(maxRows);
            row = [];
        }
        if (row.Any(cell => !cell.IsEmpty))
            rows.Add(row);
        return rows;
    }

    static string Field(string text, ref int at, char separator)
    {
        if (at < text.Length && text[at] == '"')
        {
            var field = new StringBuilder();
            for (at++; at < text.Length; at++)
            {
                if (text[at] != '"')
                    field.Append(text[at]);
                else if (at + 1 < text.Length && text[at + 1] == '"')
                    field.Append(text[at++]);
                else
                {
                    at++;
                    // What stands between the closing quote and the separator belongs to the value, as Excel has it.
                    var rest = EndOfField(text, at, separator);
                    field.Append(text, at, rest - at);
                    at = rest;
                    return field.ToString();
                }
            }
            throw TableFile.Unreadable("quote", "a quoted value does not end.");
        }
        var end = EndOfField(text, at, separator);
        var plain = text[at..end];
        at = end;
        return plain;
    }

    static int EndOfField(string text, int at, char separator)
    {
        while (at < text.Length && text[at] != separator && text[at] is not ('\r' or '\n'))
            at++;
        return at;
    }

    static char SeparatorOf(string text)
    {
        var end = text.IndexOfAny(['\r', '\n']);
        var line = end < 0 ? text : text[..end];
        return Separators.MaxBy(separator => line.Count(c => c == separator));
    }

    /// <summary>A spreadsheet would compute a text that begins so; the apostrophe tells it not to, and goes again on reading.</summary>
    static string Guarded(string text) =>
        text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\'' ? "'" + text : text;

    static string Unguarded(string text) =>
        text.Length > 1 && text[0] == '\'' && text[1] is '=' or '+' or '-' or '@' or '\'' ? text[1..] : text;
}
