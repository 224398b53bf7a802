using Harima.Access;
using Harima.Faults;
using Harima.Hosting;
using Harima.Identity;
using Harima.Rest;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Identity;

static class LoginApi
{
    public static void MapLogin(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").WithTags("Login");
        group.MapPost("/login", LogInAsync).WithName("logIn").WithSummary("A token for an account and its password");
        group
            .MapPost("/logout", LogOutAsync)
            .RequireLogin()
            .WithName("logOut")
            .WithSummary("Revokes the token this request was sent with, or ends the browser's login");
        group.MapGet("/me", MeAsync).RequireLogin().WithName("getMe").WithSummary("Who the caller is");
    }

    static async Task<Ok<LoginDto>> LogInAsync(
        LoginRequest request,
        Users users,
        ApiTokens tokens,
        CancellationToken cancellationToken
    )
    {
        var user = await users.SignInAsync(request.User, request.Password, cancellationToken);
        var (token, text) = await tokens.CreateAsync(
            new Principal(user.Id, "login"),
            TokensApi.Description(request.Description ?? "login"),
            TokensApi.Lifetime(request.LifetimeDays),
            cancellationToken
        );
        return TypedResults.Ok(new LoginDto(text, token.Id, token.ExpiresAt, PeopleApi.ToDto(user)));
    }

    static async Task<NoContent> LogOutAsync(HttpContext context, ApiTokens tokens, CancellationToken cancellationToken)
    {
        var principal = context.ToPrincipal();
        if (principal.Via.Split(' ') is ["token", var id])
            await tokens.RevokeAsync(principal, id, cancellationToken);
        else
            await context.LogOutAsync();
        return TypedResults.NoContent();
    }

    static async Task<Ok<MeDto>> MeAsync(
        HttpContext context,
        Users users,
        Policy policy,
        CancellationToken cancellationToken
    )
    {
        var principal = context.ToPrincipal();
        var user = await users.FindAsync(principal.UserId!, cancellationToken) ?? throw Fault.LoginNeeded();
        var administrator =
            await policy.RightOnAsync(principal, [ResourceRef.Facility], cancellationToken) >= Right.Manage;
        return TypedResults.Ok(
            new MeDto(user.Id, user.DisplayName, user.Email, administrator, principal.Via.Split(' ')[0])
        );
    }
}
