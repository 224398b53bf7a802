using Harima.Hosting;
using Harima.Identity;
using Harima.Rest;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Identity;

static class AccessKeysApi
{
    public static void MapAccessKeys(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/access-keys").WithTags("Access keys").RequireLogin();
        group.MapGet("", ListAsync).WithName("listAccessKeys").WithSummary("The caller's S3 access keys, newest first");
        group
            .MapPost("", CreateAsync)
            .WithName("createAccessKey")
            .WithSummary("Makes an S3 access key; its secret is shown this once");
        group
            .MapDelete("/{id}", RevokeAsync)
            .WithName("revokeAccessKey")
            .WithSummary("Takes an access key back; the next request signed with it is refused");
    }

    static async Task<Ok<ItemsDto<AccessKeyDto>>> ListAsync(
        HttpContext context,
        AccessKeys keys,
        CancellationToken cancellationToken
    )
    {
        var found = await keys.ListAsync(context.ToPrincipal(), cancellationToken);
        return TypedResults.Ok(
            new ItemsDto<AccessKeyDto>([
                .. found.Select(key => new AccessKeyDto(
                    key.Id,
                    key.Description,
                    key.CreatedAt,
                    key.ExpiresAt,
                    key.LastUsedAt
                )),
            ])
        );
    }

    static async Task<Created<AccessKeyCreatedDto>> CreateAsync(
        CreateAccessKeyRequest request,
        HttpContext context,
        AccessKeys keys,
        Addresses addresses,
        CancellationToken cancellationToken
    )
    {
        var made = await keys.CreateAsync(context.ToPrincipal(), request.Description, cancellationToken);
        return TypedResults.Created(
            (string?)null,
            new AccessKeyCreatedDto(
                made.Key.Id,
                made.SecretKey,
                made.Key.Description,
                made.Key.CreatedAt,
                addresses.S3Of(context),
                addresses.Region
            )
        );
    }

    static async Task<NoContent> RevokeAsync(
        string id,
        HttpContext context,
        AccessKeys keys,
        CancellationToken cancellationToken
    )
    {
        await keys.RevokeAsync(context.ToPrincipal(), id, cancellationToken);
        return TypedResults.NoContent();
    }
}
