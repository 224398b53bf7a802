using System.Text.Json;
using Harima.Api.Sequences;
using Harima.Hosting;
using Harima.Rest;
using Harima.Search;
using Harima.Search.Query;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Search;

static class SearchApi
{
    public static void MapSearch(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/search").WithTags("Search");
        group
            .MapGet("", FindAsync)
            .WithName("search")
            .WithSummary(
                "Sequences the caller may see that answer a question, with counts, facets and histograms; at most 500 a page"
            );
        group
            .MapPost("", FindPostedAsync)
            .WithName("searchPosted")
            .WithSummary("The same for a question as a tree, or too long for an address");
        group
            .MapGet("/query", Read)
            .WithName("readSearchQuery")
            .WithSummary("A question as text, as the tree of a builder");
        group.MapPost("/query", Write).WithName("writeSearchQuery").WithSummary("A question as a tree, as text");
        group
            .MapGet("/fields", Fields)
            .WithName("listSearchFields")
            .WithSummary("The short names of the query language");
        group
            .MapGet("/paths", PathsAsync)
            .WithName("completeSearchPaths")
            .WithSummary("Names that may stand before a colon and have the text in them");
        group
            .MapGet("/values", ValuesAsync)
            .WithName("completeSearchValues")
            .WithSummary("Values of a field that begin with the text, among what the question finds");
        group
            .MapGet("/points", PointsAsync)
            .WithName("plotSearch")
            .WithSummary("One number of what the question finds against another; at most 5000 points");
        group
            .MapGet("/export", ExportAsync)
            .WithName("exportSearch")
            .WithSummary("All that the question finds with its columns, as csv, xlsx or json; at most 100000");
        group
            .MapGet("/state", StateAsync)
            .WithName("getSearchState")
            .WithSummary("How the index of the replica that answers stands; for administrators");
        group
            .MapPost("/rebuild", RebuildAsync)
            .WithName("rebuildSearch")
            .WithSummary("Makes the index of the replica that answers anew; for administrators");
        routes
            .MapGet(SequencesApi.One + "/related", RelatedAsync)
            .WithTags("Search")
            .WithName("listRelatedSequences")
            .WithSummary(
                "Sequences with the same sample, made from it or it from them, under similar conditions, of the same proposal"
            );
    }

    static async Task<Ok<SearchResultDto>> FindAsync(
        [AsParameters] SearchParameters parameters,
        HttpContext context,
        FindSequences find,
        CancellationToken cancellationToken
    ) =>
        TypedResults.Ok(
            ToDto(await find.HandleAsync(parameters.ToRequest(), context.ToPrincipal(), cancellationToken))
        );

    static async Task<Ok<SearchResultDto>> FindPostedAsync(
        SearchRequestDto posted,
        HttpContext context,
        FindSequences find,
        CancellationToken cancellationToken
    )
    {
        var request = posted.Query is { ValueKind: not JsonValueKind.Null } query
            ? new FindRequest(QueryJson.Read(query))
            : FindRequest.Of(posted.Q ?? "");
        request = request with
        {
            Sort = posted.Sort ?? request.Sort,
            Descending = posted.Descending ?? true,
            Cursor = posted.Cursor,
            Limit = LimitOf(posted.Limit),
            Facets = posted.Facets ?? [],
            Histograms = posted.Histograms ?? [],
            Columns = posted.Columns ?? [],
        };
        return TypedResults.Ok(ToDto(await find.HandleAsync(request, context.ToPrincipal(), cancellationToken)));
    }

    static Ok<SearchQueryDto> Read(string? q) => TypedResults.Ok(ToDto(QueryText.Parse(q ?? "")));

    static Ok<SearchQueryDto> Write(JsonElement query) => TypedResults.Ok(ToDto(QueryJson.Read(query)));

    static Ok<ItemsDto<SearchFieldDto>> Fields() =>
        TypedResults.Ok(
            new ItemsDto<SearchFieldDto>([
                .. SearchFields.All.Select(field => new SearchFieldDto(
                    field.Name,
                    field.Kind.ToString().ToLowerInvariant(),
                    field.Aliases,
                    field.Unit,
                    field.IsFacet
                )),
            ])
        );

    static async Task<Ok<ItemsDto<PathCompletionDto>>> PathsAsync(
        HttpContext context,
        CompleteQuery complete,
        CancellationToken cancellationToken,
        string? text = null,
        int? limit = null
    ) =>
        TypedResults.Ok(
            new ItemsDto<PathCompletionDto>([
                .. (
                    await complete.PathsAsync(
                        text ?? "",
                        Paging.Limit(limit, 20, CompleteQuery.Most),
                        context.ToPrincipal(),
                        cancellationToken
                    )
                ).Select(path => new PathCompletionDto(path.Path, path.IsShort, path.Unit)),
            ])
        );

    static async Task<Ok<ItemsDto<FacetValueDto>>> ValuesAsync(
        string path,
        HttpContext context,
        CompleteQuery complete,
        CancellationToken cancellationToken,
        string? text = null,
        string? q = null,
        int? limit = null
    ) =>
        TypedResults.Ok(
            new ItemsDto<FacetValueDto>([
                .. (
                    await complete.ValuesAsync(
                        path,
                        text ?? "",
                        FindRequest.Of(q ?? ""),
                        Paging.Limit(limit, 20, CompleteQuery.Most),
                        context.ToPrincipal(),
                        cancellationToken
                    )
                ).Select(ToDto),
            ])
        );

    static async Task<Ok<PlotDto>> PointsAsync(
        string x,
        string y,
        HttpContext context,
        PlotPoints plot,
        CancellationToken cancellationToken,
        string? q = null,
        int? limit = null
    )
    {
        var found = await plot.HandleAsync(
            FindRequest.Of(q ?? ""),
            x,
            y,
            Paging.Limit(limit, 2_000, PlotPoints.Most),
            context.ToPrincipal(),
            cancellationToken
        );
        return TypedResults.Ok(
            new PlotDto(
                found.XUnit,
                found.YUnit,
                [
                    .. found.Points.Select(point => new PlotPointDto(
                        point.ProposalId,
                        point.SequenceId,
                        point.X,
                        point.Y
                    )),
                ],
                found.IsSample
            )
        );
    }

    static async Task ExportAsync(
        [AsParameters] SearchParameters parameters,
        HttpContext context,
        ExportSequences export,
        CancellationToken cancellationToken,
        string? format = null
    )
    {
        var chosen = Words.Parse<ExportFormat>("format", format) ?? ExportFormat.Csv;
        var (request, principal) = (parameters.ToRequest(), context.ToPrincipal());
        // A refusal must come before the first byte.
        await export.CheckAsync(request, principal, cancellationToken);
        var hits = export.ReadAsync(request, principal, cancellationToken);
        context.Response.ContentType = ExportFormats.TypeOf(chosen);
        context.Response.Headers.ContentDisposition =
            $"attachment; filename=\"sequences.{chosen.ToString().ToLowerInvariant()}\"";
        await ExportFormats.WriteAsync(chosen, context.Response.Body, hits, request.Columns, cancellationToken);
    }

    static async Task<Ok<SearchStateDto>> StateAsync(
        HttpContext context,
        SearchHealth health,
        CancellationToken cancellationToken
    ) => TypedResults.Ok(ToDto(await health.StateAsync(context.ToPrincipal(), cancellationToken)));

    static async Task<Ok<SearchStateDto>> RebuildAsync(
        HttpContext context,
        SearchHealth health,
        CancellationToken cancellationToken
    ) => TypedResults.Ok(ToDto(await health.RebuildAsync(context.ToPrincipal(), cancellationToken)));

    static async Task<Ok<ItemsDto<RelatedDto>>> RelatedAsync(
        string proposal,
        string sequence,
        HttpContext context,
        RelatedSequences related,
        CancellationToken cancellationToken,
        int? limit = null
    ) =>
        TypedResults.Ok(
            new ItemsDto<RelatedDto>([
                .. (
                    await related.OfAsync(
                        context.ToPrincipal(),
                        proposal,
                        sequence,
                        Paging.Limit(limit, 5, 50),
                        cancellationToken
                    )
                ).Select(group => new RelatedDto(
                    JsonNamingPolicy.CamelCase.ConvertName(group.Relation.ToString()),
                    group.Count.Count,
                    group.Count.IsMore,
                    [.. group.Sequences.Select(SequencesApi.ToDto)]
                )),
            ])
        );

    static SearchStateDto ToDto(Harima.Search.Feed.SearchState state) =>
        new(
            state.Replica,
            state.Phase.ToString().ToLowerInvariant(),
            state.Built,
            state.Documents,
            state.UpToAt,
            state.Problem
        );

    internal static int LimitOf(int? asked) => asked == 0 ? 0 : Paging.Limit(asked, 50, FindSequences.MaxPage);

    static SearchQueryDto ToDto(SearchQuery query) => new(QueryText.Print(query), ToElement(query));

    static JsonElement ToElement(SearchQuery query) => JsonElement.Parse(QueryJson.Write(query).ToJsonString());

    static SearchResultDto ToDto(FindResult found) =>
        new(
            QueryText.Print(found.Query),
            ToElement(found.Query),
            found.Count.Count,
            found.Count.IsMore,
            [
                .. found.Hits.Select(hit => new SearchHitDto(
                    SequencesApi.ToDto(hit.Sequence),
                    hit.Sequence.ProposalTitle,
                    hit.Sequence.ProposalTitleJa,
                    hit.Columns
                )),
            ],
            found.Next,
            [.. found.Facets.Select(facet => new FacetDto(facet.Field, [.. facet.Values.Select(ToDto)]))],
            [
                .. found.Histograms.Select(histogram => new HistogramDto(
                    histogram.Field,
                    histogram.Unit,
                    histogram.Edges,
                    histogram.Counts
                )),
            ],
            found.UnknownPaths,
            found.State.Phase.ToString().ToLowerInvariant(),
            found.State.Built
        );

    static FacetValueDto ToDto(FacetValue value) =>
        new(value.Value, value.Label, value.Count.Count, value.Count.IsMore, value.LabelJa);
}

/// <summary>A question and how its answer is shown.</summary>
/// <param name="Q">As text, such as <c>technique:XAFS energy:11.5..12.1keV</c>; empty for all.</param>
/// <param name="Sort">A short name or a path of the metadata; <c>date</c> unless said otherwise.</param>
/// <param name="Descending">True unless said otherwise.</param>
/// <param name="Cursor">The <c>next</c> of the page before.</param>
/// <param name="Limit">0 (only counts) to 500; 50 unless said otherwise.</param>
/// <param name="Facets">Names with commas between: <c>technique</c>, <c>beamline</c>, <c>proposal</c>, <c>year</c>, <c>element</c>, <c>type</c>, <c>status</c>, <c>owner</c>, <c>visibility</c>, or paths.</param>
/// <param name="Histograms">Number fields, with commas between.</param>
/// <param name="Columns">Short names or paths to show beside each hit, with commas between.</param>
sealed record SearchParameters(
    string? Q,
    string? Sort,
    bool? Descending,
    string? Cursor,
    int? Limit,
    string? Facets,
    string? Histograms,
    string? Columns
)
{
    public FindRequest ToRequest()
    {
        var request = FindRequest.Of(Q ?? "");
        return request with
        {
            Sort = string.IsNullOrEmpty(Sort) ? request.Sort : Sort,
            Descending = Descending ?? true,
            Cursor = Cursor,
            Limit = SearchApi.LimitOf(Limit),
            Facets = Names(Facets),
            Histograms = Names(Histograms),
            Columns = Names(Columns),
        };
    }

    static string[] Names(string? text) =>
        (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
