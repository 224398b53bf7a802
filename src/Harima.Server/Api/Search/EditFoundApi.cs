using Harima.Api.Metadata;
using Harima.Hosting;
using Harima.Rest;
using Harima.Search;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Search;

static class EditFoundApi
{
    public static void MapEditFound(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/search").WithTags("Bulk changes").RequireLogin();
        group
            .MapPost("/edit/preview", PreviewAsync)
            .WithName("previewEditFound")
            .WithSummary(
                "How many a question finds, and what setting or removing values would do: counts of all, of more than 10,000 of the first 10,000 (looked), and the first 50 in full"
            );
        group
            .MapPost("/edit", EditAsync)
            .WithName("editFound")
            .WithSummary("Sets or removes values in everything that a question finds, at most 100,000, by a worker");
    }

    static async Task<Ok<EditFoundPreviewDto>> PreviewAsync(
        EditFoundRequest body,
        HttpContext context,
        EditFound edit,
        CancellationToken cancellationToken
    )
    {
        var preview = await edit.PreviewAsync(
            FindRequest.Of(body.Q),
            BulkApi.EditsOf(body.Edits),
            context.ToPrincipal(),
            cancellationToken
        );
        return TypedResults.Ok(
            new EditFoundPreviewDto(
                preview.Found.Count,
                preview.Found.IsMore,
                preview.Looked.Count,
                preview.Changing,
                preview.Unchanged,
                preview.Refused,
                [.. preview.Some.Select(BulkApi.Dto)]
            )
        );
    }

    static async Task<Ok<LargeEditDto>> EditAsync(
        EditFoundRequest body,
        HttpContext context,
        EditFound edit,
        CancellationToken cancellationToken
    ) =>
        TypedResults.Ok(
            LargeEditsApi.Dto(
                await edit.StartAsync(
                    FindRequest.Of(body.Q),
                    BulkApi.EditsOf(body.Edits),
                    context.ToPrincipal(),
                    cancellationToken
                )
            )
        );
}
