using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Xml;

namespace Harima.Metadata.Tables;

/// <summary>A cell: text, a number as it is written, or nothing.</summary>
public readonly record struct TableCell(string? Text, bool IsNumber = false)
{
    public bool IsEmpty => string.IsNullOrEmpty(Text);
}

/// <summary>Workbooks of ECMA-376 (Office Open XML) with one sheet, as far as a table needs them.</summary>
public static partial class XlsxFile
{
    const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const string Relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const string PackageRelations = "http://schemas.openxmlformats.org/package/2006/relationships";

    /// <param name="rows">The first is the head: bold, and it stays in view.</param>
    public static void Write(Stream stream, string sheet, IEnumerable<IReadOnlyList<TableCell>> rows)
    {
        using var zip = Begin(stream, sheet);
        using var xml = BeginSheet(zip);
        var row = 0;
        foreach (var cells in rows)
            Row(xml, cells, ++row);
        EndSheet(xml);
    }

    /// <summary>As above, row by row.</summary>
    public static async Task WriteAsync(
        Stream stream,
        string sheet,
        IAsyncEnumerable<IReadOnlyList<TableCell>> rows,
        CancellationToken cancellationToken
    )
    {
        using var zip = Begin(stream, sheet);
        using var xml = BeginSheet(zip);
        var row = 0;
        await foreach (var cells in rows.WithCancellation(cancellationToken))
            Row(xml, cells, ++row);
        EndSheet(xml);
    }

    /// <summary>Everything but the sheet.</summary>
    static ZipArchive Begin(Stream stream, string sheet)
    {
        var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        Part(zip, "[Content_Types].xml", ContentTypes);
        Part(zip, "_rels/.rels", Relation("officeDocument", "xl/workbook.xml"));
        Part(
            zip,
            "xl/workbook.xml",
            $"<workbook xmlns=\"{Main}\" xmlns:r=\"{Relations}\"><sheets><sheet name=\"{SheetName(sheet)}\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
        );
        Part(
            zip,
            "xl/_rels/workbook.xml.rels",
            Relation("worksheet", "worksheets/sheet1.xml")
                .Replace(
                    "</Relationships>",
                    $"<Relationship Id=\"rId2\" Type=\"{Relations}/styles\" Target=\"styles.xml\"/></Relationships>",
                    StringComparison.Ordinal
                )
        );
        Part(zip, "xl/styles.xml", Styles);
        return zip;
    }

    static XmlWriter BeginSheet(ZipArchive zip)
    {
        var xml = XmlWriter.Create(
            zip.CreateEntry("xl/worksheets/sheet1.xml", CompressionLevel.Fastest).Open(),
            new XmlWriterSettings
            {
                Encoding = new UTF8Encoding(false),
                CheckCharacters = false,
                CloseOutput = true,
            }
        );
        xml.WriteStartElement("worksheet", Main);
        xml.WriteRaw(
            "<sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>"
        );
        xml.WriteStartElement("sheetData", Main);
        return xml;
    }

    static void Row(XmlWriter xml, IReadOnlyList<TableCell> cells, int row)
    {
        xml.WriteStartElement("row", Main);
        xml.WriteAttributeString("r", row.ToString(CultureInfo.InvariantCulture));
        for (var column = 0; column < cells.Count; column++)
            if (!cells[column].IsEmpty)
                Cell(xml, cells[column], ColumnName(column) + row.ToString(CultureInfo.InvariantCulture), row == 1);
        xml.WriteEndElement();
    }

    static void EndSheet(XmlWriter xml)
    {
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    static void Cell(XmlWriter xml, TableCell cell, string reference, bool head)
    {
        xml.WriteStartElement("c", Main);
        xml.WriteAttributeString("r", reference);
        if (head)
            xml.WriteAttributeString("s", "1");
        if (cell.IsNumber)
            xml.WriteElementString("v", Main, cell.Text);
        else
        {
            xml.WriteAttributeString("t", "inlineStr");
            xml.WriteStartElement("is", Main);
            xml.WriteStartElement("t", Main);
            xml.WriteAttributeString("xml", "space", null, "preserve");
            xml.WriteString(Escaped(cell.Text!));
            xml.WriteEndElement();
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
    }

    /// <summary>XML has no way to write most control characters; ECMA-376 part 1, 22.9.2.19 writes them as _xHHHH_.</summary>
    static string Escaped(string text)
    {
        if (
            !text.Any(c => c < ' ' && c is not ('\t' or '\n') || c is '\uFFFE' or '\uFFFF')
            && !text.Contains("_x", StringComparison.Ordinal)
        )
            return text;
        var result = new StringBuilder();
        for (var at = 0; at < text.Length; at++)
        {
            var c = text[at];
            if (c < ' ' && c is not ('\t' or '\n') || c is '\uFFFE' or '\uFFFF')
                result.Append(CultureInfo.InvariantCulture, $"_x{(int)c:X4}_");
            else if (c == '_' && EscapedCharacter().IsMatch(text, at))
                result.Append("_x005F_");
            else
                result.Append(c);
        }
        return result.ToString();
    }

    [System.Text.RegularExpressions.GeneratedRegex(@"\G_x([0-9A-Fa-f]{4})_")]
    private static partial System.Text.RegularExpressions.Regex EscapedCharacter();

    static string ColumnName(int column)
    {
        var name = "";
        for (var n = column + 1; n > 0; n = (n - 1) / 26)
            name = (char)('A' + (n - 1) % 26) + name;
        return name;
    }

    static string SheetName(string name) =>
        System.Security.SecurityElement.Escape(string.Concat(name.Where(c => !@"[]:*?/\".Contains(c))))[
            ..Math.Min(31, name.Length)
        ];

    static string Relation(string type, string target) =>
        $"<Relationships xmlns=\"{PackageRelations}\"><Relationship Id=\"rId1\" Type=\"{Relations}/{type}\" Target=\"{target}\"/></Relationships>";

    static void Part(ZipArchive zip, string name, string xml)
    {
        using var writer = new StreamWriter(
            zip.CreateEntry(name, CompressionLevel.Fastest).Open(),
            new UTF8Encoding(false)
        );
        writer.Write("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n");
        writer.Write(xml);
    }

    const string ContentTypes =
        "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
        + "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
        + "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
        + "<Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>"
        + "<Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"
        + "<Override PartName=\"/xl/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml\"/></Types>";

    const string Styles =
        $"<styleSheet xmlns=\"{Main}\"><fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font><font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts>"
        + "<fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill></fills>"
        + "<borders count=\"1\"><border/></borders><cellStyleXfs count=\"1\"><xf/></cellStyleXfs>"
        + "<cellXfs count=\"2\"><xf xfId=\"0\"/><xf fontId=\"1\" applyFont=\"1\" xfId=\"0\"/></cellXfs></styleSheet>";
}
