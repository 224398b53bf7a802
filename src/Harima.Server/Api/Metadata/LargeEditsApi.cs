using Harima.Faults;
using Harima.Hosting;
using Harima.Metadata;
using Harima.Metadata.Tables;
using Harima.Rest;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Metadata;

static class LargeEditsApi
{
    const int ProblemsShown = 100;

    public static void MapLargeEdits(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/metadata").WithTags("Bulk changes").RequireLogin();
        group
            .MapGet("/large-edits", ListAsync)
            .WithName("listLargeEdits")
            .WithSummary("The caller's bulk changes that a worker makes, newest first");
        group
            .MapGet("/large-edits/{id}", GetAsync)
            .WithName("getLargeEdit")
            .WithSummary("How a large edit stands: how many of how many are done, changed, refused");
        group
            .MapGet("/large-edits/{id}/refused", RefusedAsync)
            .WithName("listRefusedEdits")
            .WithSummary("Sequences that a large edit left as they were, and why");
        group
            .MapPost("/large-edits/{id}/cancel", CancelAsync)
            .WithName("cancelLargeEdit")
            .WithSummary("Lets a large edit go no further; what was changed stays, and can be undone");
        group
            .MapPost("/large-edits/table", ImportAsync)
            .Accepts<string>("text/csv", TableFile.Xlsx, "application/octet-stream", "application/json")
            .WithName("importLargeTable")
            .WithSummary("Makes the changes an edited table of up to 100,000 rows asks for, by a worker");
        group
            .MapPost("/bulk/{id}/undo-large", UndoAsync)
            .WithName("undoLargeEdit")
            .WithSummary("Puts back what a bulk change of any size did, by a worker");
    }

    static async Task<Ok<PageDto<LargeEditDto>>> ListAsync(
        HttpContext context,
        LargeEdits large,
        CancellationToken cancellationToken,
        string? cursor = null,
        int? limit = null
    )
    {
        var page = await large.ListAsync(
            context.ToPrincipal(),
            cursor,
            Paging.Limit(limit, Paging.MaxLimit),
            cancellationToken
        );
        return TypedResults.Ok(page.ToDto(edit => Dto(edit)));
    }

    static async Task<Ok<LargeEditDto>> GetAsync(
        string id,
        HttpContext context,
        LargeEdits large,
        CancellationToken cancellationToken
    ) => TypedResults.Ok(Dto(await large.GetAsync(id, context.ToPrincipal(), cancellationToken)));

    static async Task<Ok<PageDto<RefusedEditDto>>> RefusedAsync(
        string id,
        HttpContext context,
        LargeEdits large,
        CancellationToken cancellationToken,
        string? cursor = null,
        int? limit = null
    )
    {
        var page = await large.RefusedAsync(
            id,
            context.ToPrincipal(),
            cursor,
            Paging.Limit(limit, 50, 200),
            cancellationToken
        );
        return TypedResults.Ok(
            new PageDto<RefusedEditDto>(
                [
                    .. page.Items.Select(item => new RefusedEditDto(
                        item.ProposalId,
                        item.SequenceId,
                        item.Reason,
                        item.Refusal
                    )),
                ],
                page.Next
            )
        );
    }

    static async Task<Ok<LargeEditDto>> CancelAsync(
        string id,
        HttpContext context,
        LargeEdits large,
        CancellationToken cancellationToken
    ) => TypedResults.Ok(Dto(await large.CancelAsync(id, context.ToPrincipal(), cancellationToken)));

    static async Task<Ok<LargeEditDto>> UndoAsync(
        string id,
        HttpContext context,
        LargeEdits large,
        CancellationToken cancellationToken
    ) => TypedResults.Ok(Dto(await large.UndoAsync(id, context.ToPrincipal(), cancellationToken)));

    static async Task<Ok<LargeEditDto>> ImportAsync(
        HttpContext context,
        MetadataTable table,
        LargeEdits large,
        CancellationToken cancellationToken
    )
    {
        var principal = context.ToPrincipal();
        var imported = await table.ReadAsync(
            principal,
            await BulkApi.ReadAsync(context.Request, cancellationToken, LargeEdits.MaxSequences),
            cancellationToken,
            LargeEdits.MaxSequences
        );
        if (imported.Edits.Count == 0 && imported.Problems.Count > 0)
            throw Fault.Invalid(
                "table-rows",
                $"No row of the table can be used. Row {imported.Problems[0].Row}: {imported.Problems[0].Message}"
            );
        var edit = await large.StartAsync(imported.Edits, "table", principal, cancellationToken);
        return TypedResults.Ok(Dto(edit, imported.Problems));
    }

    public static LargeEditDto Dto(LargeEdit edit, IReadOnlyList<TableProblem>? problems = null) =>
        new(
            edit.Id,
            edit.Undoes,
            edit.Summary,
            edit.State,
            edit.Total,
            edit.Done,
            edit.Changed,
            edit.Refused,
            edit.CreatedAt,
            edit.EndedAt,
            edit.UndoneAt,
            problems is null ? null : [.. problems.Take(ProblemsShown).Select(BulkApi.Dto)]
        );
}
