using Harima.Hosting;
using Microsoft.AspNetCore.Antiforgery;

namespace Harima.Portal.Identity;

/// <summary>What is no page about logging in: off to a provider, and out.</summary>
static class LoginEndpoints
{
    public static void MapLogin(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/login/with/{name}", GoToProvider).ExcludeFromDescription();
        routes.MapPost("/logout", LogOutAsync).ExcludeFromDescription();
    }

    /// <summary>Remembers the choice, then leaves it to the provider's own address.</summary>
    static IResult GoToProvider(
        string name,
        string? returnUrl,
        HttpContext context,
        IReadOnlyList<OidcOptions> providers
    )
    {
        if (providers.FirstOrDefault(known => known.Name == name) is not { } provider)
            return Results.NotFound();
        LoginSession.Remember(context, name);
        return Results.LocalRedirect(
            Address.Of(provider.LoginPath, ("returnUrl", LoginSession.ReturnAddress(returnUrl)))
        );
    }

    static async Task<IResult> LogOutAsync(HttpContext context, IAntiforgery antiforgery)
    {
        await antiforgery.ValidateRequestAsync(context);
        await context.LogOutAsync();
        return Results.LocalRedirect("/login");
    }
}
