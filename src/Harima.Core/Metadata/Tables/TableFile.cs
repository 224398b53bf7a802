using Harima.Faults;

namespace Harima.Metadata.Tables;

/// <summary>A table as somebody sends it: a workbook or comma-separated text, told apart by its first bytes.</summary>
public static class TableFile
{
    public const string Csv = "text/csv";
    public const string Xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

    /// <param name="format"><c>csv</c> or <c>xlsx</c>.</param>
    /// <exception cref="FaultException">Invalid for what is neither.</exception>
    public static string ContentTypeOf(string format) =>
        format switch
        {
            "csv" => Csv,
            "xlsx" => Xlsx,
            _ => throw Fault.Invalid(
                "table-format",
                $"A table is given as csv or xlsx, not as '{format}'.",
                ("format", format)
            ),
        };

    /// <summary>Writes rows as they come; a workbook needs them all first, and they wait in a file of their own.</summary>
    public static async Task WriteAsync(
        Stream stream,
        string format,
        IAsyncEnumerable<IReadOnlyList<TableCell>> rows,
        CancellationToken cancellationToken
    )
    {
        if (format == "csv")
        {
            await CsvText.WriteAsync(stream, rows, cancellationToken);
            return;
        }
        await using var waiting = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()),
            FileMode.CreateNew,
            FileAccess.ReadWrite,
            FileShare.None,
            64 * 1024,
            FileOptions.DeleteOnClose | FileOptions.Asynchronous
        );
        await XlsxFile.WriteAsync(waiting, "metadata", rows, cancellationToken);
        waiting.Position = 0;
        await waiting.CopyToAsync(stream, cancellationToken);
    }

    /// <exception cref="FaultException">Invalid for what is neither.</exception>
    public static IReadOnlyList<IReadOnlyList<TableCell>> Read(byte[] bytes)
    {
        try
        {
            // A workbook is a zip archive.
            if (bytes.AsSpan().StartsWith("PK"u8))
            {
                using var stream = new MemoryStream(bytes);
                return XlsxFile.Read(stream, BulkEdit.MaxSequences + 1);
            }
            return CsvText.Read(CsvText.Decode(bytes), BulkEdit.MaxSequences + 1);
        }
        catch (InvalidDataException fault)
        {
            throw Fault.Invalid("table-unreadable", $"The table cannot be read: {fault.Message}");
        }
    }
}
