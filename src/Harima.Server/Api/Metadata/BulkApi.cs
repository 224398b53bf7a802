using Harima.Faults;
using Harima.Hosting;
using Harima.Metadata;
using Harima.Metadata.Tables;
using Harima.Rest;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Metadata;

static class BulkApi
{
    const string Xlsx = TableFile.Xlsx;
    const int MaxTableBytes = 32 << 20;

    public static void MapBulk(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").WithTags("Bulk changes").RequireLogin();
        group
            .MapPost("/metadata/bulk/preview", PreviewAsync)
            .WithName("previewBulkEdit")
            .WithSummary("What setting or removing values in many sequences would change; changes nothing");
        group
            .MapPost("/metadata/bulk", ApplyAsync)
            .WithName("bulkEdit")
            .WithSummary("Sets or removes values in at most 1000 sequences, all in one transaction");
        group
            .MapGet("/metadata/bulk", ListAsync)
            .WithName("listBulkEdits")
            .WithSummary("The caller's bulk changes, newest first");
        group
            .MapPost("/metadata/bulk/{id}/undo", UndoAsync)
            .WithName("undoBulkEdit")
            .WithSummary("Puts back every document that still is as the bulk change left it");
        group
            .MapGet("/metadata/table", ExportAsync)
            .Produces<string>(StatusCodes.Status200OK, "text/csv", Xlsx)
            .WithName("exportTable")
            .WithSummary("Metadata of sequences (s=proposal/sequence, again and again) as a table, csv or xlsx");
        group
            .MapPost("/metadata/table/export", ExportManyAsync)
            .Produces<string>(StatusCodes.Status200OK, "text/csv", Xlsx)
            .WithName("exportLargeTable")
            .WithSummary(
                "The same of up to 100,000 sequences, which an address cannot name; rows are sent as they are read"
            );
        group
            .MapPost("/metadata/table/preview", ImportPreviewAsync)
            .Accepts<string>("text/csv", Xlsx, "application/octet-stream", "application/json")
            .WithName("previewTable")
            .WithSummary("What an edited table would change, and which rows cannot be used; changes nothing");
        group
            .MapPost("/metadata/table", ImportAsync)
            .Accepts<string>("text/csv", Xlsx, "application/octet-stream", "application/json")
            .WithName("importTable")
            .WithSummary("Makes the changes an edited table asks for, all in one transaction");
    }

    static async Task<Ok<BulkResultDto>> PreviewAsync(
        BulkEditRequest body,
        HttpContext context,
        BulkEdit bulk,
        CancellationToken cancellationToken
    )
    {
        var outcomes = await bulk.PreviewAsync(EditsOf(body), context.ToPrincipal(), cancellationToken);
        return TypedResults.Ok(Dto(null, outcomes, []));
    }

    static async Task<Ok<BulkResultDto>> ApplyAsync(
        BulkEditRequest body,
        HttpContext context,
        BulkEdit bulk,
        CancellationToken cancellationToken
    )
    {
        var summary = string.Join(
            ", ",
            body.Edits.Take(5).Select(edit => (edit.Value is null ? "− " : "") + edit.Path)
        );
        var (change, outcomes) = await bulk.ApplyAsync(
            EditsOf(body),
            summary,
            context.ToPrincipal(),
            cancellationToken
        );
        return TypedResults.Ok(Dto(change, outcomes, []));
    }

    static async Task<Ok<ItemsDto<BulkChangeDto>>> ListAsync(
        HttpContext context,
        BulkEdit bulk,
        CancellationToken cancellationToken
    ) =>
        TypedResults.Ok(
            new ItemsDto<BulkChangeDto>([
                .. (await bulk.ListAsync(context.ToPrincipal(), cancellationToken)).Select(change => new BulkChangeDto(
                    change.Id,
                    change.At,
                    change.Summary,
                    change.Sequences,
                    change.UndoneAt
                )),
            ])
        );

    static async Task<Ok<BulkResultDto>> UndoAsync(
        string id,
        HttpContext context,
        BulkEdit bulk,
        CancellationToken cancellationToken
    ) => TypedResults.Ok(Dto(null, await bulk.UndoAsync(id, context.ToPrincipal(), cancellationToken), []));

    static Task<PushStreamHttpResult> ExportAsync(
        string[] s,
        HttpContext context,
        MetadataTable table,
        CancellationToken cancellationToken,
        string format = "csv"
    ) => TableAsync(s, null, format, context, table, cancellationToken);

    static Task<PushStreamHttpResult> ExportManyAsync(
        TableRequest body,
        HttpContext context,
        MetadataTable table,
        CancellationToken cancellationToken
    ) => TableAsync(body.Sequences, body.Columns, body.Format ?? "csv", context, table, cancellationToken);

    static async Task<PushStreamHttpResult> TableAsync(
        IReadOnlyList<string> sequences,
        IReadOnlyList<string>? columns,
        string format,
        HttpContext context,
        MetadataTable table,
        CancellationToken cancellationToken
    )
    {
        var contentType = TableFile.ContentTypeOf(format);
        var rows = await table.ExportAsync(
            context.ToPrincipal(),
            [.. sequences.Select(NameOf)],
            columns,
            cancellationToken
        );
        return TypedResults.Stream(
            stream => TableFile.WriteAsync(stream, format, rows, cancellationToken),
            contentType,
            "metadata." + format
        );
    }

    static async Task<Ok<BulkResultDto>> ImportPreviewAsync(
        HttpContext context,
        MetadataTable table,
        BulkEdit bulk,
        CancellationToken cancellationToken
    )
    {
        var imported = await table.ReadAsync(
            context.ToPrincipal(),
            await ReadAsync(context.Request, cancellationToken),
            cancellationToken
        );
        var outcomes = await bulk.PreviewAsync(imported.Edits, context.ToPrincipal(), cancellationToken);
        return TypedResults.Ok(Dto(null, outcomes, imported.Problems));
    }

    static async Task<Ok<BulkResultDto>> ImportAsync(
        HttpContext context,
        MetadataTable table,
        BulkEdit bulk,
        CancellationToken cancellationToken
    )
    {
        var imported = await table.ReadAsync(
            context.ToPrincipal(),
            await ReadAsync(context.Request, cancellationToken),
            cancellationToken
        );
        var (change, outcomes) = await bulk.ApplyAsync(
            imported.Edits,
            "table",
            context.ToPrincipal(),
            cancellationToken
        );
        return TypedResults.Ok(Dto(change, outcomes, imported.Problems));
    }

    internal static async Task<IReadOnlyList<IReadOnlyList<TableCell>>> ReadAsync(
        HttpRequest request,
        CancellationToken cancellationToken,
        int most = BulkEdit.MaxSequences
    )
    {
        using var body = new MemoryStream();
        var buffer = new byte[64 * 1024];
        for (int read; (read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0; )
        {
            body.Write(buffer, 0, read);
            if (body.Length > MaxTableBytes)
                throw new FaultException(FaultCode.TooLarge, "table-size", "A table has at most 32 MiB.");
        }
        return TableFile.Read(body.GetBuffer().AsSpan(0, (int)body.Length).ToArray(), most);
    }

    internal static IReadOnlyList<MetadataEdit> EditsOf(IReadOnlyList<MetadataEditDto> edits) =>
        [
            .. edits.Select(edit => new MetadataEdit(
                edit.Kind == MetadataKindDto.Sample ? MetadataKind.Sample : MetadataKind.Measurement,
                edit.Path,
                edit.Value?.GetRawText()
            )),
        ];

    static IReadOnlyList<SequenceEdit> EditsOf(BulkEditRequest body)
    {
        var edits = EditsOf(body.Edits);
        return
        [
            .. body
                .Sequences.Distinct(StringComparer.Ordinal)
                .Select(NameOf)
                .Select(name => new SequenceEdit(name.Item1, name.Item2, edits)),
        ];
    }

    static (string, string) NameOf(string name) =>
        name.Split('/') is [{ Length: > 0 } proposal, { Length: > 0 } sequence]
            ? (proposal, sequence)
            : throw Fault.Invalid(
                "sequence-name",
                $"'{name}' names no sequence: write proposal/sequence.",
                ("name", name)
            );

    static BulkResultDto Dto(
        BulkChange? change,
        IReadOnlyList<EditOutcome> outcomes,
        IReadOnlyList<TableProblem> problems
    ) =>
        new(
            change?.Id,
            outcomes.Count(outcome => outcome.Documents.Count > 0),
            [.. outcomes.Select(Dto)],
            [.. problems.Select(Dto)]
        );

    internal static EditOutcomeDto Dto(EditOutcome outcome) =>
        new(
            outcome.ProposalId,
            outcome.SequenceId,
            [
                .. outcome.Documents.Select(document => new EditedDocumentDto(
                    MetadataApi.Kind(document.Kind),
                    MetadataApi.Differences(document.Differences)
                )),
            ],
            outcome.Refusal?.Reason,
            outcome.Refusal?.Message
        );

    internal static TableProblemDto Dto(TableProblem problem) =>
        new(problem.Row, problem.Column, problem.Message, problem.MessageJa);
}
