using System.Globalization;
using Harima.Hosting;
using Harima.Proposals;
using Harima.Rest;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Proposals;

static class ProposalsApi
{
    public static void MapProposals(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/proposals").WithTags("Proposals");
        group
            .MapGet("", ListAsync)
            .WithName("listProposals")
            .WithSummary("Proposals the caller may see, newest id first; at most 200 a page");
        group
            .MapPost("", CreateAsync)
            .WithName("createProposal")
            .WithSummary("Registers a proposal; for administrators");
        group.MapGet("/{proposal}", GetAsync).WithName("getProposal").WithSummary("One proposal");
        group
            .MapGet("/{proposal}/people", PeopleAsync)
            .WithName("listProposalPeople")
            .WithSummary("Leader, members and beamline staff, for those who hold a right on the proposal");
        group
            .MapGet("/{proposal}/accesses", AccessesAsync)
            .WithName("listProposalAccesses")
            .WithSummary(
                "Who read which file on which day, newest first, for the experiment leader and administrators; at most 200 a page"
            );
    }

    static async Task<Ok<PageDto<FileReadDto>>> AccessesAsync(
        string proposal,
        HttpContext context,
        AccessQueries queries,
        CancellationToken cancellationToken,
        string? sequence = null,
        string? user = null,
        string? cursor = null,
        int? limit = null
    )
    {
        var page = await queries.ListAsync(
            context.ToPrincipal(),
            proposal,
            sequence,
            user,
            cursor,
            Paging.Limit(limit, 50),
            cancellationToken
        );
        return TypedResults.Ok(
            page.ToDto(read => new FileReadDto(
                read.Actor,
                read.Door,
                read.SequenceId,
                read.Path,
                read.FirstAt,
                read.LastAt,
                read.Requests,
                read.SizeBytes
            ))
        );
    }

    static async Task<Ok<PageDto<ProposalDto>>> ListAsync(
        HttpContext context,
        ProposalQueries queries,
        CancellationToken cancellationToken,
        string? text = null,
        string? cursor = null,
        int? limit = null
    )
    {
        var page = await queries.ListAsync(
            context.ToPrincipal(),
            text,
            cursor,
            Paging.Limit(limit, 50),
            cancellationToken
        );
        return TypedResults.Ok(page.ToDto(ToDto));
    }

    static async Task<Ok<ProposalDto>> GetAsync(
        string proposal,
        HttpContext context,
        ProposalQueries queries,
        CancellationToken cancellationToken
    ) => TypedResults.Ok(ToDto(await queries.GetAsync(context.ToPrincipal(), proposal, cancellationToken)));

    static async Task<Ok<ItemsDto<ProposalPersonDto>>> PeopleAsync(
        string proposal,
        HttpContext context,
        ProposalQueries queries,
        CancellationToken cancellationToken
    )
    {
        var people = await queries.PeopleAsync(context.ToPrincipal(), proposal, cancellationToken);
        return TypedResults.Ok(
            new ItemsDto<ProposalPersonDto>([
                .. people.Select(person => new ProposalPersonDto(person.UserId, person.DisplayName, person.Role)),
            ])
        );
    }

    static async Task<Created<ProposalDto>> CreateAsync(
        NewProposalDto request,
        HttpContext context,
        CreateProposal create,
        ProposalQueries queries,
        CancellationToken cancellationToken
    )
    {
        var created = await create.HandleAsync(
            new CreateProposalRequest(
                request.Id,
                request.Title,
                request.TitleJa,
                request.BeamlineId,
                request.StartsOn,
                request.EndsOn,
                request.Leader,
                request.Members ?? []
            ),
            context.ToPrincipal(),
            cancellationToken
        );
        var summary = await queries.GetAsync(context.ToPrincipal(), created.Id, cancellationToken);
        return TypedResults.Created($"/api/v1/proposals/{created.Id}", ToDto(summary));
    }

    static ProposalDto ToDto(ProposalSummary summary) =>
        new(
            summary.Proposal.Id,
            summary.Proposal.Title,
            summary.Proposal.TitleJa,
            summary.Proposal.BeamlineId,
            DateOnly.Parse(summary.Proposal.StartsOn, CultureInfo.InvariantCulture),
            DateOnly.Parse(summary.Proposal.EndsOn, CultureInfo.InvariantCulture),
            summary.Proposal.Id.ToLowerInvariant(),
            summary.MyRight.ToDto(),
            summary.SequenceCount,
            summary.SizeBytes,
            summary.Proposal.CreatedAt
        );
}
