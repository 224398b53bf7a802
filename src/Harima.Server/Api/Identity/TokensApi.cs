using Harima.Faults;
using Harima.Hosting;
using Harima.Identity;
using Harima.Rest;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Identity;

static class TokensApi
{
    const int LongestDays = 730;

    public static void MapTokens(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/tokens").WithTags("Tokens").RequireLogin();
        group.MapGet("", ListAsync).WithName("listTokens").WithSummary("The caller's tokens, newest first");
        group
            .MapPost("", CreateAsync)
            .WithName("createToken")
            .WithSummary("Makes a token; its text is shown this once");
        group
            .MapDelete("/{id}", RevokeAsync)
            .WithName("revokeToken")
            .WithSummary("Takes a token back; the next request with it is refused");
    }

    public static TimeSpan Lifetime(int days) =>
        days is >= 1 and <= LongestDays
            ? TimeSpan.FromDays(days)
            : throw Fault.Invalid("token-lifetime", "A token lives for 1 to 730 days.");

    public static string Description(string text) =>
        text.Length <= 200
            ? text
            : throw Fault.Invalid("token-description", "The description of a token has at most 200 characters.");

    static async Task<Ok<ItemsDto<TokenDto>>> ListAsync(
        HttpContext context,
        ApiTokens tokens,
        CancellationToken cancellationToken
    )
    {
        var found = await tokens.ListAsync(context.ToPrincipal(), cancellationToken);
        return TypedResults.Ok(
            new ItemsDto<TokenDto>([
                .. found.Select(token => new TokenDto(token.Id, token.Description, token.CreatedAt, token.ExpiresAt)),
            ])
        );
    }

    static async Task<Created<TokenCreatedDto>> CreateAsync(
        CreateTokenRequest request,
        HttpContext context,
        ApiTokens tokens,
        CancellationToken cancellationToken
    )
    {
        var (token, text) = await tokens.CreateAsync(
            context.ToPrincipal(),
            Description(request.Description),
            Lifetime(request.LifetimeDays),
            cancellationToken
        );
        return TypedResults.Created(
            (string?)null,
            new TokenCreatedDto(token.Id, text, token.Description, token.CreatedAt, token.ExpiresAt)
        );
    }

    static async Task<NoContent> RevokeAsync(
        string id,
        HttpContext context,
        ApiTokens tokens,
        CancellationToken cancellationToken
    )
    {
        await tokens.RevokeAsync(context.ToPrincipal(), id, cancellationToken);
        return TypedResults.NoContent();
    }
}
