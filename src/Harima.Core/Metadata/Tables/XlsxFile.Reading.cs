using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml;
using Harima.Faults;

namespace Harima.Metadata.Tables;

partial class XlsxFile
{
    // A workbook of a megabyte can unfold to gigabytes.
    const long MostBytes = 256L << 20;
    const int MostColumns = 16384;

    /// <summary>The cells of the first sheet, rows without any left out; dates as ISO 8601 text.</summary>
    /// <exception cref="FaultException">Invalid for what is no workbook, or is larger than can be read.</exception>
    /// <exception cref="InvalidDataException">For an archive that is damaged.</exception>
    public static IReadOnlyList<IReadOnlyList<TableCell>> Read(Stream stream, int maxRows)
    {
        try
        {
            using var zip = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
            var texts = SharedTexts(zip);
            var dates = DateStyles(zip);
            var sheet =
                FirstSheet(zip) ?? throw TableFile.Unreadable("sheet", "the file is no workbook: it has no sheet.");
            using var xml = Open(sheet);
            return Rows(xml, texts, dates, maxRows);
        }
        catch (XmlException fault)
        {
            throw TableFile.Unreadable("damaged", $"the workbook is damaged: {fault.Message}");
        }
    }

    static List<IReadOnlyList<TableCell>> Rows(XmlReader xml, List<string> texts, HashSet<int> dates, int maxRows)
    {
        var rows = new List<IReadOnlyList<TableCell>>();
        List<TableCell>? row = null;
        while (xml.Read())
        {
            if (xml.NodeType == XmlNodeType.EndElement && xml.LocalName == "row" && row is not null)
            {
                if (row.Any(cell => !cell.IsEmpty))
                    rows.Add(row);
                if (rows.Count > maxRows)
                    throw TableFile.TooManyRows(maxRows);
                row = null;
            }
            else if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "row" && !xml.IsEmptyElement)
                row = [];
            else if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "c" && row is not null)
            {
                var column = ColumnOf(xml.GetAttribute("r")) ?? row.Count;
                if (column >= MostColumns)
                    throw TableFile.Unreadable("columns", "the sheet has more columns than a workbook can have.");
                while (row.Count < column)
                    row.Add(default);
                row.Add(Cell(xml, texts, dates));
            }
        }
        return rows;
    }

    static TableCell Cell(XmlReader xml, List<string> texts, HashSet<int> dates)
    {
        var type = xml.GetAttribute("t") ?? "n";
        var style = int.TryParse(xml.GetAttribute("s"), NumberStyles.None, CultureInfo.InvariantCulture, out var s)
            ? s
            : 0;
        if (xml.IsEmptyElement)
            return default;
        var value = "";
        var inline = new StringBuilder();
        using var cell = xml.ReadSubtree();
        cell.Read();
        while (cell.Read())
            if (cell.NodeType == XmlNodeType.Element && cell.LocalName == "v")
                value = Content(cell);
            else if (cell.NodeType == XmlNodeType.Element && cell.LocalName == "rPh")
                SkipPhonetic(cell);
            else if (cell.NodeType == XmlNodeType.Element && cell.LocalName == "t")
                inline.Append(Content(cell));
        return type switch
        {
            "s" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n < texts.Count
                ? new TableCell(texts[n])
                : default,
            "inlineStr" => new TableCell(Unescaped(inline.ToString())),
            "str" => new TableCell(Unescaped(value)),
            "b" => new TableCell(value == "1" ? "true" : "false"),
            // #N/A and its like say that there is no value.
            "e" => default,
            "d" => new TableCell(value),
            _ when value.Length == 0 => default,
            _ when dates.Contains(style)
                    && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var day) =>
                new TableCell(DateOf(day)),
            _ => new TableCell(value, IsNumber: true),
        };
    }

    /// <summary>Reads the text of an element and stops at its end tag, so that the caller's Read goes on behind it.</summary>
    static string Content(XmlReader xml)
    {
        if (xml.IsEmptyElement)
            return "";
        var text = new StringBuilder();
        while (xml.Read() && xml.NodeType != XmlNodeType.EndElement)
            if (
                xml.NodeType
                is XmlNodeType.Text
                    or XmlNodeType.CDATA
                    or XmlNodeType.SignificantWhitespace
                    or XmlNodeType.Whitespace
            )
                text.Append(xml.Value);
        return text.ToString();
    }

    /// <summary>The reading of kanji (ふりがな) stands beside the text and is none of it.</summary>
    static void SkipPhonetic(XmlReader xml)
    {
        if (xml.IsEmptyElement)
            return;
        var depth = xml.Depth;
        while (xml.Read() && !(xml.NodeType == XmlNodeType.EndElement && xml.Depth == depth)) { }
    }

    static List<string> SharedTexts(ZipArchive zip)
    {
        var texts = new List<string>();
        if (zip.GetEntry("xl/sharedStrings.xml") is not { } part)
            return texts;
        using var xml = Open(part);
        StringBuilder? text = null;
        while (xml.Read())
        {
            if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "si")
            {
                text = new StringBuilder();
                if (xml.IsEmptyElement)
                    texts.Add("");
            }
            else if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "rPh")
                SkipPhonetic(xml);
            else if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "t")
                text?.Append(Content(xml));
            else if (xml.NodeType == XmlNodeType.EndElement && xml.LocalName == "si" && text is not null)
                texts.Add(Unescaped(text.ToString()));
        }
        return texts;
    }

    /// <summary>The places in cellXfs whose number format is a date.</summary>
    static HashSet<int> DateStyles(ZipArchive zip)
    {
        var dates = new HashSet<int>();
        if (zip.GetEntry("xl/styles.xml") is not { } part)
            return dates;
        using var xml = Open(part);
        var formats = new HashSet<int>(
            Enumerable
                .Range(14, 9)
                .Concat(Enumerable.Range(27, 10))
                .Concat([45, 46, 47])
                .Concat(Enumerable.Range(50, 9))
        );
        var (inCells, n) = (false, 0);
        while (xml.Read())
        {
            if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "numFmt")
            {
                if (
                    int.TryParse(xml.GetAttribute("numFmtId"), CultureInfo.InvariantCulture, out var id)
                    && DateFormat().IsMatch(Quoted().Replace(xml.GetAttribute("formatCode") ?? "", ""))
                )
                    formats.Add(id);
            }
            else if (xml.LocalName == "cellXfs")
                inCells = xml.NodeType == XmlNodeType.Element;
            else if (inCells && xml.NodeType == XmlNodeType.Element && xml.LocalName == "xf")
            {
                if (
                    int.TryParse(xml.GetAttribute("numFmtId"), CultureInfo.InvariantCulture, out var id)
                    && formats.Contains(id)
                )
                    dates.Add(n);
                n++;
            }
        }
        return dates;
    }

    /// <summary>The file of the first sheet of the workbook's list.</summary>
    static ZipArchiveEntry? FirstSheet(ZipArchive zip)
    {
        if (
            zip.GetEntry("xl/workbook.xml") is { } workbook
            && zip.GetEntry("xl/_rels/workbook.xml.rels") is { } relations
        )
        {
            string? id = null;
            using (var xml = Open(workbook))
                while (id is null && xml.Read())
                    if (xml.NodeType == XmlNodeType.Element && xml.LocalName == "sheet")
                        id =
                            xml.GetAttribute("id", Relations)
                            ?? xml.GetAttribute("id", "http://purl.oclc.org/ooxml/officeDocument/relationships");
            using var related = Open(relations);
            while (related.Read())
                if (
                    related.NodeType == XmlNodeType.Element
                    && related.GetAttribute("Id") == id
                    && related.GetAttribute("Target") is { } target
                )
                    return zip.GetEntry(target.StartsWith('/') ? target[1..] : "xl/" + target);
        }
        return zip.GetEntry("xl/worksheets/sheet1.xml");
    }

    static XmlReader Open(ZipArchiveEntry part)
    {
        if (part.Length > MostBytes)
            throw TableFile.Unreadable("size", "the workbook is too large to be read here.");
        return XmlReader.Create(
            part.Open(),
            new XmlReaderSettings
            {
                DtdProcessing = DtdProcessing.Prohibit,
                XmlResolver = null,
                CheckCharacters = false,
                CloseInput = true,
                MaxCharactersInDocument = MostBytes,
            }
        );
    }

    /// <summary>Days since 1899-12-30, which also gets the year 1900 right from March on.</summary>
    static string DateOf(double day)
    {
        if (day is < 0 or > 2_958_466)
            return day.ToString("R", CultureInfo.InvariantCulture);
        var at = new DateTime(1899, 12, 30, 0, 0, 0, DateTimeKind.Unspecified).AddSeconds(Math.Round(day * 86400));
        return at.TimeOfDay == TimeSpan.Zero
            ? at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            : at.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
    }

    static int? ColumnOf(string? reference)
    {
        if (reference is null)
            return null;
        var column = 0;
        foreach (var c in reference.TakeWhile(char.IsAsciiLetterUpper).Take(4))
            column = column * 26 + (c - 'A' + 1);
        return column - 1;
    }

    static string Unescaped(string text) =>
        text.Contains("_x", StringComparison.Ordinal)
            ? AnyEscaped().Replace(text, match => ((char)Convert.ToInt32(match.Groups[1].Value, 16)).ToString())
            : text;

    [GeneratedRegex("_x([0-9A-Fa-f]{4})_")]
    private static partial Regex AnyEscaped();

    [GeneratedRegex("\"[^\"]*\"|\\[[^\\]]*\\]|\\\\.")]
    private static partial Regex Quoted();

    [GeneratedRegex("[ymdhs年月日]", RegexOptions.IgnoreCase)]
    private static partial Regex DateFormat();
}
