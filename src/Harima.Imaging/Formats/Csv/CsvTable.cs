using System.Globalization;
using System.Text;

namespace Harima.Imaging.Formats.Csv;

/// <summary>Columns of numbers as comma-separated text (RFC 4180): a line of names, then a line per row, decimal points.</summary>
public static class CsvTable
{
    /// <summary>Writes columns of equal length; numbers are written so that they read back the same.</summary>
    /// <exception cref="ArgumentException">The columns differ in length, or a name holds a comma, quote or line break.</exception>
    public static void Write(Stream stream, params ReadOnlySpan<(string Name, double[] Values)> columns)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var rows = columns.Length == 0 ? 0 : columns[0].Values.Length;
        var text = new StringBuilder();
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i].Values.Length != rows)
                throw new ArgumentException(
                    $"Column {columns[i].Name} has {columns[i].Values.Length} rows, not {rows}."
                );
            if (columns[i].Name.AsSpan().ContainsAny(",\"\r\n"))
                throw new ArgumentException($"A column cannot be named '{columns[i].Name}'.");
            text.Append(i == 0 ? "" : ",").Append(columns[i].Name);
        }

        text.Append("\r\n");
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < columns.Length; i++)
                text.Append(i == 0 ? "" : ",")
                    .Append(columns[i].Values[row].ToString("R", CultureInfo.InvariantCulture));
            text.Append("\r\n");
        }

        stream.Write(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
