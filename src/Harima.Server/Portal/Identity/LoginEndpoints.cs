using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Harima.Portal.Identity;

/// <summary>What is no page about logging in: off to a provider, and out.</summary>
static class LoginEndpoints
{
    public static void MapLogin(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/login/{provider}", Challenge).ExcludeFromDescription();
        routes.MapPost("/logout", LogOutAsync).ExcludeFromDescription();
    }

    static IResult Challenge(string provider, string? @return, IOptions<PortalOptions> options) =>
        options.Value.Providers.Any(known => known.Name == provider)
            ? Results.Challenge(
                new AuthenticationProperties { RedirectUri = LoginSession.LocalAddress(@return) },
                [OidcLogin.SchemeOf(provider)]
            )
            : Results.NotFound();

    static async Task<IResult> LogOutAsync(HttpContext context, IAntiforgery antiforgery)
    {
        await antiforgery.ValidateRequestAsync(context);
        await context.SignOutAsync(LoginSession.Scheme);
        return Results.Redirect("/login");
    }
}
