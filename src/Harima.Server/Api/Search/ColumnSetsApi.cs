using Harima.Hosting;
using Harima.Rest;
using Harima.Search.Saved;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Search;

static class ColumnSetsApi
{
    public static void MapColumnSets(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/column-sets").WithTags("Search");
        group
            .MapGet("", ListAsync)
            .RequireLogin()
            .WithName("listColumnSets")
            .WithSummary("The caller's sets of columns for tables of results, by title");
        group
            .MapPut("/{title}", PutAsync)
            .RequireLogin()
            .WithName("putColumnSet")
            .WithSummary("Keeps columns under a name; what was kept under it before is replaced");
        group
            .MapDelete("/{title}", DeleteAsync)
            .RequireLogin()
            .WithName("deleteColumnSet")
            .WithSummary("Deletes one of the caller's sets of columns");
    }

    static async Task<Ok<ItemsDto<ColumnSetDto>>> ListAsync(
        HttpContext context,
        ColumnSets sets,
        CancellationToken cancellationToken
    ) =>
        TypedResults.Ok(
            new ItemsDto<ColumnSetDto>([
                .. (await sets.ListAsync(context.ToPrincipal(), cancellationToken)).Select(set => new ColumnSetDto(
                    set.Title,
                    set.Columns
                )),
            ])
        );

    static async Task<NoContent> PutAsync(
        string title,
        PutColumnSetDto set,
        HttpContext context,
        ColumnSets sets,
        CancellationToken cancellationToken
    )
    {
        await sets.PutAsync(context.ToPrincipal(), title, set.Columns, cancellationToken);
        return TypedResults.NoContent();
    }

    static async Task<NoContent> DeleteAsync(
        string title,
        HttpContext context,
        ColumnSets sets,
        CancellationToken cancellationToken
    )
    {
        await sets.DeleteAsync(context.ToPrincipal(), title, cancellationToken);
        return TypedResults.NoContent();
    }
}
