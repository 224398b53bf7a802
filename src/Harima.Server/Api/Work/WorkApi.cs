using Harima.Access;
using Harima.Hosting;
using Harima.Rest;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Work;

static class WorkApi
{
    public static void MapWork(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/work").WithTags("Work");
        group
            .MapGet("", SummaryAsync)
            .WithName("getWork")
            .WithSummary("How much background work waits, is being done and was given up; for administrators");
        group
            .MapGet("/given-up", ListAsync)
            .WithName("listGivenUpWork")
            .WithSummary("Work that failed too often, newest first; for administrators");
        group
            .MapPost("/given-up/{work:long}/retry", RetryAsync)
            .WithName("retryGivenUpWork")
            .WithSummary("Has it tried again at once");
        group
            .MapDelete("/given-up/{work:long}", DropAsync)
            .WithName("dropGivenUpWork")
            .WithSummary("Forgets it; if it is asked for again, it is new");
    }

    static async Task<Ok<ItemsDto<WorkSummaryDto>>> SummaryAsync(
        HttpContext context,
        GivenUpWork work,
        CancellationToken cancellationToken
    ) =>
        TypedResults.Ok(
            new ItemsDto<WorkSummaryDto>([
                .. (await work.SummaryAsync(context.ToPrincipal(), cancellationToken)).Select(one => new WorkSummaryDto(
                    one.Queue,
                    one.Waiting,
                    one.InHand,
                    one.GivenUp
                )),
            ])
        );

    static async Task<Ok<PageDto<GivenUpWorkDto>>> ListAsync(
        HttpContext context,
        GivenUpWork work,
        CancellationToken cancellationToken,
        string? cursor = null,
        int? limit = null
    )
    {
        var page = await work.ListAsync(cursor, Paging.Limit(limit, 50), context.ToPrincipal(), cancellationToken);
        return TypedResults.Ok(
            page.ToDto(one => new GivenUpWorkDto(
                one.Id,
                one.Queue,
                one.Subject,
                one.Attempts,
                one.LastError,
                one.CreatedAt
            ))
        );
    }

    static async Task<NoContent> RetryAsync(
        long work,
        HttpContext context,
        GivenUpWork givenUp,
        CancellationToken cancellationToken
    )
    {
        await givenUp.RetryAsync(work, context.ToPrincipal(), cancellationToken);
        return TypedResults.NoContent();
    }

    static async Task<NoContent> DropAsync(
        long work,
        HttpContext context,
        GivenUpWork givenUp,
        CancellationToken cancellationToken
    )
    {
        await givenUp.DropAsync(work, context.ToPrincipal(), cancellationToken);
        return TypedResults.NoContent();
    }
}
