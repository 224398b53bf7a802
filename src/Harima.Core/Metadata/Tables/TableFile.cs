using Harima.Faults;

namespace Harima.Metadata.Tables;

/// <summary>A table as somebody sends it: a workbook or comma-separated text, told apart by its first bytes.</summary>
public static class TableFile
{
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
