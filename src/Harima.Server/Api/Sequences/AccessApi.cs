using Harima.Access;
using Harima.Hosting;
using Harima.Rest;
using Harima.Sequences;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Sequences;

static class AccessApi
{
    public static void MapAccess(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(SequencesApi.One).WithTags("Access");
        group
            .MapGet("/access", ListAsync)
            .WithName("listAccess")
            .WithSummary("Who may do what with a sequence, and why; for those who manage it");
        group
            .MapPut("/access/{user}", ShareAsync)
            .WithName("share")
            .WithSummary("Gives a person, by user id or e-mail address, a right on a sequence");
        group
            .MapDelete("/access/{user}", UnshareAsync)
            .WithName("unshare")
            .WithSummary("Takes back what was given to a person by sharing");
        group
            .MapGet("/visibility", GetVisibilityAsync)
            .WithName("getVisibility")
            .WithSummary("Whether everyone may read the sequence");
        group
            .MapPut("/visibility", SetVisibilityAsync)
            .WithName("setVisibility")
            .WithSummary("Opens a sequence to everyone for reading, or limits it again");
    }

    static async Task<Ok<AccessDto>> ListAsync(
        string proposal,
        string sequence,
        HttpContext context,
        SequenceAccess access,
        CancellationToken cancellationToken
    )
    {
        var principal = context.ToPrincipal();
        var entries = await access.EntriesAsync(principal, proposal, sequence, cancellationToken);
        var view = await access.GetAsync(principal, proposal, sequence, cancellationToken);
        return TypedResults.Ok(new AccessDto(view.Visibility.ToDto(), [.. entries.Select(ToDto)]));
    }

    static async Task<Ok<SharedDto>> ShareAsync(
        string proposal,
        string sequence,
        string user,
        ShareRequest request,
        HttpContext context,
        ShareSequence share,
        CancellationToken cancellationToken
    )
    {
        var person = await share.HandleAsync(
            new ShareSequenceRequest(proposal, sequence, user, request.Right.ToRight()),
            context.ToPrincipal(),
            cancellationToken
        );
        return TypedResults.Ok(new SharedDto(person.Id, person.DisplayName, request.Right));
    }

    static async Task<NoContent> UnshareAsync(
        string proposal,
        string sequence,
        string user,
        HttpContext context,
        ShareSequence share,
        CancellationToken cancellationToken
    )
    {
        await share.HandleAsync(
            new ShareSequenceRequest(proposal, sequence, user, Right.None),
            context.ToPrincipal(),
            cancellationToken
        );
        return TypedResults.NoContent();
    }

    static async Task<Ok<VisibilityDto>> GetVisibilityAsync(
        string proposal,
        string sequence,
        HttpContext context,
        SequenceQueries queries,
        CancellationToken cancellationToken
    )
    {
        var view = await queries.GetAsync(context.ToPrincipal(), proposal, sequence, cancellationToken);
        return TypedResults.Ok(new VisibilityDto(view.Visibility.ToDto()));
    }

    static async Task<Ok<VisibilityDto>> SetVisibilityAsync(
        string proposal,
        string sequence,
        VisibilityDto request,
        HttpContext context,
        ShareSequence share,
        CancellationToken cancellationToken
    )
    {
        await share.SetVisibilityAsync(
            proposal,
            sequence,
            request.Visibility == SequenceVisibility.Everyone ? Visibility.Everyone : Visibility.Limited,
            context.ToPrincipal(),
            cancellationToken
        );
        return TypedResults.Ok(request);
    }

    static AccessEntryDto ToDto(AccessEntry entry) =>
        new(
            entry.UserId,
            entry.DisplayName,
            entry.Email,
            entry.Right.ToDto(),
            entry.Role,
            entry.On.Kind.ToString().ToLowerInvariant(),
            entry.On.Id,
            entry.GrantedBy,
            entry.GrantedAt,
            entry.Removable
        );
}
