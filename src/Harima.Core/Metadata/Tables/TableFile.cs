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

    /// <param name="most">Sequences: rows beside the head.</param>
    /// <exception cref="FaultException">Invalid for what is neither, or has more rows.</exception>
    public static IReadOnlyList<IReadOnlyList<TableCell>> Read(byte[] bytes, int most = BulkEdit.MaxSequences)
    {
        try
        {
            // A workbook is a zip archive.
            if (bytes.AsSpan().StartsWith("PK"u8))
            {
                using var stream = new MemoryStream(bytes);
                return XlsxFile.Read(stream, most + 1);
            }
            return CsvText.Read(CsvText.Decode(bytes), most + 1);
        }
        catch (InvalidDataException fault)
        {
            throw Unreadable("damaged", fault.Message);
        }
    }

    /// <param name="what">Which of the sentences it is, for those who say it in another language.</param>
    internal static FaultException Unreadable(string what, string sentence, params (string, string)[] fields) =>
        Fault.Invalid("table-unreadable", $"The table cannot be read: {sentence}", [("what", what), .. fields]);

    internal static FaultException TooManyRows(int most) =>
        Unreadable("rows", $"it has more than {most} rows.", ("most", Fault.Number(most)));
}
