using Harima.Hosting;
using Harima.Proposals;
using Harima.Rest;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Proposals;

static class BeamlinesApi
{
    public static void MapBeamlines(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/beamlines").WithTags("Proposals");
        group.MapGet("", ListAsync).WithName("listBeamlines").WithSummary("All beamlines of the facility");
        group
            .MapPut("/{id}", PutAsync)
            .WithName("putBeamline")
            .WithSummary("Registers a beamline or changes its titles and adds staff; for administrators");
    }

    static async Task<Ok<ItemsDto<BeamlineDto>>> ListAsync(ProposalQueries queries, CancellationToken cancellationToken)
    {
        var found = await queries.BeamlinesAsync(cancellationToken);
        return TypedResults.Ok(
            new ItemsDto<BeamlineDto>([
                .. found.Select(beamline => new BeamlineDto(beamline.Id, beamline.Title, beamline.TitleJa)),
            ])
        );
    }

    static async Task<NoContent> PutAsync(
        string id,
        PutBeamlineRequest request,
        HttpContext context,
        CreateBeamline create,
        CancellationToken cancellationToken
    )
    {
        await create.HandleAsync(
            new CreateBeamlineRequest(id, request.Title, request.TitleJa, request.Staff ?? []),
            context.ToPrincipal(),
            cancellationToken
        );
        return TypedResults.NoContent();
    }
}
