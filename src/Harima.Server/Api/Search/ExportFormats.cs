using System.Globalization;
using System.Text;
using System.Text.Json;
using Harima.Api.Sequences;
using Harima.Metadata.Tables;
using Harima.Rest;
using Harima.Search;

namespace Harima.Api.Search;

enum ExportFormat
{
    Csv,
    Json,
    Xlsx,
}

/// <summary>What is seen, as a file: streamed row by row.</summary>
static class ExportFormats
{
    static readonly string[] OwnColumns =
    [
        "proposal",
        "sequence",
        "proposal_title",
        "proposal_title_ja",
        "beamline",
        "state",
        "visibility",
        "owner",
        "created_at",
        "closed_at",
        "size_bytes",
        "files",
    ];

    public static string TypeOf(ExportFormat format) =>
        format switch
        {
            ExportFormat.Json => "application/json; charset=utf-8",
            ExportFormat.Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            _ => "text/csv; charset=utf-8",
        };

    public static Task WriteAsync(
        ExportFormat format,
        Stream stream,
        IAsyncEnumerable<SearchHit> hits,
        IReadOnlyList<string> columns,
        CancellationToken cancellationToken
    ) =>
        format switch
        {
            ExportFormat.Json => WriteJsonAsync(stream, hits, cancellationToken),
            ExportFormat.Xlsx => WriteXlsxAsync(stream, hits, columns, cancellationToken),
            _ => WriteCsvAsync(stream, hits, columns, cancellationToken),
        };

    static IReadOnlyList<string> Head(IReadOnlyList<string> columns) => [.. OwnColumns, .. columns];

    static IReadOnlyList<string?> Row(SearchHit hit, IReadOnlyList<string> columns)
    {
        var sequence = hit.Sequence;
        return
        [
            sequence.ProposalId,
            sequence.Id,
            sequence.ProposalTitle,
            sequence.ProposalTitleJa,
            sequence.BeamlineId,
            sequence.State.ToString().ToLowerInvariant(),
            sequence.ForEveryone ? "everyone" : "limited",
            sequence.Owner,
            Time(sequence.CreatedAt),
            sequence.ClosedAt is { } closed ? Time(closed) : null,
            sequence.SizeBytes.ToString(CultureInfo.InvariantCulture),
            sequence.FileCount.ToString(CultureInfo.InvariantCulture),
            .. columns.Select(column => hit.Columns.GetValueOrDefault(column)),
        ];
    }

    /// <summary>RFC 4180 in UTF-8 with a byte order mark: without it spreadsheets in Japan read Shift_JIS.</summary>
    static async Task WriteCsvAsync(
        Stream stream,
        IAsyncEnumerable<SearchHit> hits,
        IReadOnlyList<string> columns,
        CancellationToken cancellationToken
    )
    {
        await using var writer = new StreamWriter(stream, new UTF8Encoding(true), 64 * 1024, leaveOpen: true)
        {
            NewLine = "\r\n",
        };
        await writer.WriteLineAsync(Line(Head(columns)).AsMemory(), cancellationToken);
        await foreach (var hit in hits.WithCancellation(cancellationToken))
            await writer.WriteLineAsync(Line(Row(hit, columns)).AsMemory(), cancellationToken);
    }

    /// <summary>
    /// A workbook is a zip whose writer does not wait for the network: it is made in a file that the system forgets, then sent.
    /// </summary>
    static async Task WriteXlsxAsync(
        Stream stream,
        IAsyncEnumerable<SearchHit> hits,
        IReadOnlyList<string> columns,
        CancellationToken cancellationToken
    )
    {
        await using var file = new FileStream(
            Path.GetTempFileName(),
            FileMode.Open,
            FileAccess.ReadWrite,
            FileShare.None,
            64 * 1024,
            FileOptions.DeleteOnClose
        );
        var rows = new List<IReadOnlyList<TableCell>> { Head(columns).Select(name => new TableCell(name)).ToList() };
        await foreach (var hit in hits.WithCancellation(cancellationToken))
            rows.Add([
                .. Row(hit, columns)
                    .Select(
                        (text, n) => new TableCell(text, OwnColumns.ElementAtOrDefault(n) is "size_bytes" or "files")
                    ),
            ]);
        XlsxFile.Write(file, "sequences", rows);
        file.Position = 0;
        await file.CopyToAsync(stream, cancellationToken);
    }

    /// <summary>An array of the hits that <c>GET /search</c> gives.</summary>
    static async Task WriteJsonAsync(
        Stream stream,
        IAsyncEnumerable<SearchHit> hits,
        CancellationToken cancellationToken
    )
    {
        // The serializer flushes what it writes to, which a response refuses unless it may wait.
        var buffer = new System.Buffers.ArrayBufferWriter<byte>(64 * 1024);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartArray();
        await foreach (var hit in hits.WithCancellation(cancellationToken))
        {
            JsonSerializer.Serialize(
                writer,
                new SearchHitDto(
                    SequencesApi.ToDto(hit.Sequence),
                    hit.Sequence.ProposalTitle,
                    hit.Sequence.ProposalTitleJa,
                    hit.Columns
                ),
                HarimaJson.Default.SearchHitDto
            );
            if (buffer.WrittenCount < 64 * 1024)
                continue;
            await stream.WriteAsync(buffer.WrittenMemory, cancellationToken);
            buffer.ResetWrittenCount();
        }
        writer.WriteEndArray();
        writer.Flush();
        await stream.WriteAsync(buffer.WrittenMemory, cancellationToken);
    }

    static string Time(DateTimeOffset at) => at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    static string Line(IEnumerable<string?> cells) => string.Join(',', cells.Select(cell => Cell(cell ?? "")));

    static string Cell(string text)
    {
        // Others wrote this text, and a spreadsheet would run it as a formula.
        if (
            text.Length > 1
            && text[0] is '=' or '+' or '-' or '@' or '\t'
            && !double.TryParse(text, CultureInfo.InvariantCulture, out _)
        )
            text = "'" + text;
        return text.AsSpan().ContainsAny(",\"\r\n")
            ? "\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\""
            : text;
    }
}
