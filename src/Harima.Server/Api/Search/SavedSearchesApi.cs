using Harima.Hosting;
using Harima.Rest;
using Harima.Search.Saved;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Search;

static class SavedSearchesApi
{
    public static void MapSavedSearches(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/saved-searches").WithTags("Search");
        group
            .MapGet("", ListAsync)
            .RequireLogin()
            .WithName("listSavedSearches")
            .WithSummary("The caller's saved searches, by title");
        group
            .MapPost("", SaveAsync)
            .RequireLogin()
            .WithName("saveSearch")
            .WithSummary(
                "Saves a question with its columns and view; with a notice, what is found from now on is told"
            );
        group
            .MapGet("/{id}", GetAsync)
            .WithName("getSavedSearch")
            .WithSummary("A saved search by its id, which its owner may pass on");
        group
            .MapPut("/{id}", ChangeAsync)
            .RequireLogin()
            .WithName("changeSavedSearch")
            .WithSummary("Changes one of the caller's saved searches");
        group
            .MapDelete("/{id}", DeleteAsync)
            .RequireLogin()
            .WithName("deleteSavedSearch")
            .WithSummary("Deletes one of the caller's saved searches; for a day it can be restored");
        group
            .MapGet("/{id}/deliveries", DeliveriesAsync)
            .RequireLogin()
            .WithName("listSearchDeliveries")
            .WithSummary(
                "The last messages about one of the caller's saved searches, newest first, and why one failed"
            );
        group
            .MapPost("/{id}/test", TestAsync)
            .RequireLogin()
            .WithName("testSavedSearch")
            .WithSummary("Sends a message that tells of nothing, the way the others go, and says how it went");
        group
            .MapPost("/{id}/restore", RestoreAsync)
            .RequireLogin()
            .WithName("restoreSavedSearch")
            .WithSummary("Brings back one of the caller's saved searches that was deleted");
    }

    static async Task<Ok<ItemsDto<SavedSearchDto>>> ListAsync(
        HttpContext context,
        SavedSearches searches,
        CancellationToken cancellationToken
    ) =>
        TypedResults.Ok(
            new ItemsDto<SavedSearchDto>([
                .. (await searches.ListAsync(context.ToPrincipal(), cancellationToken)).Select(search => ToDto(search)),
            ])
        );

    static async Task<Ok<SavedSearchDto>> GetAsync(
        string id,
        HttpContext context,
        SavedSearches searches,
        CancellationToken cancellationToken
    ) => TypedResults.Ok(ToDto(await searches.GetAsync(context.ToPrincipal(), id, cancellationToken)));

    static async Task<Created<SavedSearchDto>> SaveAsync(
        SaveSearchDto search,
        HttpContext context,
        SavedSearches searches,
        CancellationToken cancellationToken
    )
    {
        var (saved, secret) = await searches.SaveAsync(
            ToRequest(null, search),
            context.ToPrincipal(),
            cancellationToken
        );
        return TypedResults.Created("/api/v1/saved-searches/" + saved.Id, ToDto(saved, secret));
    }

    static async Task<Ok<SavedSearchDto>> ChangeAsync(
        string id,
        SaveSearchDto search,
        HttpContext context,
        SavedSearches searches,
        CancellationToken cancellationToken
    )
    {
        var (saved, secret) = await searches.SaveAsync(ToRequest(id, search), context.ToPrincipal(), cancellationToken);
        return TypedResults.Ok(ToDto(saved, secret));
    }

    static async Task<NoContent> DeleteAsync(
        string id,
        HttpContext context,
        SavedSearches searches,
        CancellationToken cancellationToken
    )
    {
        await searches.DeleteAsync(context.ToPrincipal(), id, cancellationToken);
        return TypedResults.NoContent();
    }

    static async Task<Ok<SavedSearchDto>> RestoreAsync(
        string id,
        HttpContext context,
        SavedSearches searches,
        CancellationToken cancellationToken
    ) => TypedResults.Ok(ToDto(await searches.RestoreAsync(context.ToPrincipal(), id, cancellationToken)));

    static async Task<Ok<ItemsDto<SearchDeliveryDto>>> DeliveriesAsync(
        string id,
        HttpContext context,
        SearchNotices notices,
        CancellationToken cancellationToken
    )
    {
        var told = await notices.DeliveriesAsync(context.ToPrincipal(), id, 50, cancellationToken);
        return TypedResults.Ok(new ItemsDto<SearchDeliveryDto>([.. told.Select(ToDto)]));
    }

    static async Task<Ok<SearchDeliveryDto>> TestAsync(
        string id,
        HttpContext context,
        SearchNotices notices,
        CancellationToken cancellationToken
    ) => TypedResults.Ok(ToDto(await notices.SendTestAsync(context.ToPrincipal(), id, cancellationToken)));

    static SearchDeliveryDto ToDto(SearchDelivery told) =>
        new(told.At, told.IsTest, told.Way.ToString().ToLowerInvariant(), told.Found, told.Attempts, told.Problem);

    static SaveSearchRequest ToRequest(string? id, SaveSearchDto search) =>
        new(
            id,
            search.Title,
            search.Q,
            search.Sort ?? "date",
            search.Descending ?? true,
            search.Columns ?? [],
            search.View ?? "table",
            Words.Parse<SearchNotice>("notify", search.Notify) ?? SearchNotice.None,
            search.Target,
            search.Paused,
            search.Plot is { } plot ? new PlotAxes(plot.X, plot.Y, plot.Log) : null
        );

    static SavedSearchDto ToDto(SavedSearch search, string? secret = null) =>
        new(
            search.Id,
            search.Owner,
            search.Title,
            search.Query,
            search.Sort,
            search.Descending,
            search.Columns,
            search.View,
            search.Notify.ToString().ToLowerInvariant(),
            search.Target,
            secret,
            search.CreatedAt,
            search.ChangedAt,
            search.Paused,
            search.Plot == PlotAxes.WhatSuits ? null : new PlotAxesDto(search.Plot.X, search.Plot.Y, search.Plot.Log)
        );
}
