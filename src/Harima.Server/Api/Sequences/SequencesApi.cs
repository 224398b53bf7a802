using System.Text.Json;
using Harima.Access;
using Harima.Hosting;
using Harima.Rest;
using Harima.Search;
using Harima.Sequences;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Sequences;

static class SequencesApi
{
    public const string One = "/proposals/{proposal}/sequences/{sequence}";

    public static void MapSequences(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").WithTags("Sequences");
        group
            .MapGet("/sequences", ListAsync)
            .WithName("listSequences")
            .WithSummary("Sequences of all proposals that the caller may see, sorted, filtered; at most 200 a page");
        group
            .MapGet("/proposals/{proposal}/sequences", ListOfProposalAsync)
            .WithName("listSequencesOfProposal")
            .WithSummary("Sequences of one proposal that the caller may see");
        group
            .MapPost("/proposals/{proposal}/sequences", OpenAsync)
            .WithName("openSequence")
            .WithSummary("Opens a new sequence, owned by the caller");
        group.MapGet(One, GetAsync).WithName("getSequence").WithSummary("One sequence");
        group
            .MapDelete(One, DeleteAsync)
            .WithName("deleteSequence")
            .WithSummary("Deletes an open sequence that holds no files");
        group
            .MapPost(One + "/close", CloseAsync)
            .WithName("closeSequence")
            .WithSummary("Closes a sequence for good: nothing of it changes any more");
        group
            .MapGet(One + "/history", HistoryAsync)
            .WithName("listHistory")
            .WithSummary("What happened to the sequence, newest first; at most 200 a page");
    }

    static async Task<Ok<PageDto<SequenceDto>>> ListAsync(
        HttpContext context,
        [AsParameters] SequenceQuery query,
        ListSequences list,
        CancellationToken cancellationToken,
        string? proposal = null
    ) => TypedResults.Ok(await PageAsync(context, proposal, query, list, cancellationToken));

    static async Task<Ok<PageDto<SequenceDto>>> ListOfProposalAsync(
        string proposal,
        HttpContext context,
        [AsParameters] SequenceQuery query,
        ListSequences list,
        Harima.Proposals.ProposalQueries proposals,
        CancellationToken cancellationToken
    )
    {
        // A proposal that is not there is no empty list.
        await proposals.GetAsync(context.ToPrincipal(), proposal, cancellationToken);
        return TypedResults.Ok(await PageAsync(context, proposal, query, list, cancellationToken));
    }

    static async Task<PageDto<SequenceDto>> PageAsync(
        HttpContext context,
        string? proposal,
        SequenceQuery query,
        ListSequences list,
        CancellationToken cancellationToken
    )
    {
        var principal = context.ToPrincipal();
        var filter = query.ToFilter(proposal);
        var page = await list.HandleAsync(
            principal,
            query.Text,
            filter,
            Words.Parse<SequenceOrder>("sort", query.Sort) ?? SequenceOrder.Created,
            query.Descending ?? true,
            query.Cursor,
            Paging.Limit(query.Limit, 50),
            cancellationToken
        );
        var dto = page.ToDto(ToDto);
        if (query.Count != true)
            return dto;
        var count = await list.CountAsync(principal, query.Text, filter, cancellationToken);
        return dto with
        {
            Count = Math.Min(count, SequenceQueries.CountedUpTo),
            More = count > SequenceQueries.CountedUpTo,
        };
    }

    static async Task<Created<SequenceDto>> OpenAsync(
        string proposal,
        NewSequenceDto request,
        HttpContext context,
        OpenSequence open,
        SequenceQueries queries,
        CancellationToken cancellationToken
    )
    {
        var principal = context.ToPrincipal();
        var opened = await open.HandleAsync(
            new OpenSequenceRequest(proposal, request.Id),
            principal,
            cancellationToken
        );
        var view = await queries.GetAsync(principal, opened.ProposalId, opened.Id, cancellationToken);
        return TypedResults.Created($"/api/v1/proposals/{opened.ProposalId}/sequences/{opened.Id}", ToDto(view));
    }

    static async Task<Ok<SequenceDto>> GetAsync(
        string proposal,
        string sequence,
        HttpContext context,
        SequenceQueries queries,
        CancellationToken cancellationToken
    ) => TypedResults.Ok(ToDto(await queries.GetAsync(context.ToPrincipal(), proposal, sequence, cancellationToken)));

    static async Task<NoContent> DeleteAsync(
        string proposal,
        string sequence,
        HttpContext context,
        DeleteSequence delete,
        CancellationToken cancellationToken
    )
    {
        await delete.HandleAsync(proposal, sequence, context.ToPrincipal(), cancellationToken);
        return TypedResults.NoContent();
    }

    static async Task<Ok<SequenceDto>> CloseAsync(
        string proposal,
        string sequence,
        HttpContext context,
        CloseSequence close,
        SequenceQueries queries,
        CancellationToken cancellationToken
    )
    {
        var principal = context.ToPrincipal();
        await close.HandleAsync(proposal, sequence, principal, cancellationToken);
        return TypedResults.Ok(ToDto(await queries.GetAsync(principal, proposal, sequence, cancellationToken)));
    }

    static async Task<Ok<PageDto<HistoryDto>>> HistoryAsync(
        string proposal,
        string sequence,
        HttpContext context,
        SequenceQueries queries,
        CancellationToken cancellationToken,
        string? cursor = null,
        int? limit = null
    )
    {
        var page = await queries.HistoryAsync(
            context.ToPrincipal(),
            proposal,
            sequence,
            cursor,
            Paging.Limit(limit, 50),
            cancellationToken
        );
        return TypedResults.Ok(page.ToDto(ToDto));
    }

    // With which key or token somebody came is their own business; the kind of door is not.
    static HistoryDto ToDto(AuditEvent happened) =>
        new(
            happened.At,
            happened.Actor,
            happened.Via.Split(' ')[0],
            happened.Action,
            happened.Detail is null ? null : JsonElement.Parse(happened.Detail)
        );

    internal static SequenceDto ToDto(SequenceSummary summary) =>
        new(
            summary.ProposalId,
            summary.Id,
            summary.BeamlineId,
            summary.State.ToDto(),
            summary.ForEveryone ? SequenceVisibility.Everyone : SequenceVisibility.Limited,
            summary.Owner,
            summary.OwnerName,
            summary.CreatedAt,
            summary.ClosedAt,
            summary.SizeBytes,
            summary.FileCount,
            null,
            S3UriOf(summary.ProposalId, summary.Id)
        );

    static SequenceDto ToDto(SequenceView view) =>
        new(
            view.Sequence.ProposalId,
            view.Sequence.Id,
            view.Sequence.BeamlineId,
            view.Sequence.State.ToDto(),
            view.Visibility.ToDto(),
            view.Sequence.Owner,
            null,
            view.Sequence.CreatedAt,
            view.Sequence.ClosedAt,
            view.Sequence.SizeBytes,
            view.Sequence.FileCount,
            view.MyRight.ToDto(),
            S3UriOf(view.Sequence.ProposalId, view.Sequence.Id)
        );

    static string S3UriOf(string proposal, string sequence) => $"s3://{proposal.ToLowerInvariant()}/{sequence}/";
}

/// <summary>Filter, order and page of a list of sequences.</summary>
/// <param name="Text">Words that must all occur in the sequence: its ids, title, people, metadata or file names; or begin a word there.</param>
/// <param name="Beamline">Beamline id.</param>
/// <param name="Owner">User id of who opened it.</param>
/// <param name="State"><c>open</c> or <c>closed</c>.</param>
/// <param name="Visibility"><c>limited</c> or <c>everyone</c>.</param>
/// <param name="SharedWithMe">Only those shared with the caller personally.</param>
/// <param name="Sort"><c>created</c>, <c>id</c>, <c>size</c>, <c>owner</c> or <c>proposal</c>.</param>
/// <param name="Descending">True unless said otherwise.</param>
/// <param name="Cursor">The <c>next</c> or <c>previous</c> of another page.</param>
/// <param name="Limit">1 to 200; 50 unless said otherwise.</param>
/// <param name="Count">Whether to count them too.</param>
sealed record SequenceQuery(
    string? Text,
    string? Beamline,
    string? Owner,
    string? State,
    string? Visibility,
    bool? SharedWithMe,
    string? Sort,
    bool? Descending,
    string? Cursor,
    int? Limit,
    bool? Count
)
{
    public SequenceFilter ToFilter(string? proposal) =>
        new(
            proposal,
            Beamline,
            Owner,
            Words.Parse<SequenceState>("state", State),
            Words.Parse<Harima.Sequences.Visibility>("visibility", Visibility),
            SharedWithMe ?? false
        );
}
