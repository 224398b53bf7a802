using System.Security.Claims;
using Harima.Identity;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Harima.Hosting;

/// <summary>"Login with …": every provider ends in our own cookie.</summary>
static partial class OidcLogin
{
    public static void Configure(OpenIdConnectOptions options, OidcOptions provider)
    {
        options.Authority = provider.Authority;
        options.ClientId = provider.ClientId;
        options.ClientSecret = provider.ReadSecret();
        options.RequireHttpsMetadata = provider.RequireHttps;
        options.CallbackPath = provider.LoginPath + "/callback";
        options.SignInScheme = Authentication.CookieScheme;
        options.ResponseType = OpenIdConnectResponseType.Code;
        // By query and with Lax cookies: a form post from the provider would need SameSite=None and so https everywhere.
        options.ResponseMode = OpenIdConnectResponseMode.Query;
        options.UsePkce = true;
        options.CorrelationCookie.SameSite = SameSiteMode.Lax;
        options.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.NonceCookie.SameSite = SameSiteMode.Lax;
        options.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        options.Scope.Clear();
        foreach (var scope in provider.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            options.Scope.Add(scope);
        options.MapInboundClaims = false;
        options.GetClaimsFromUserInfoEndpoint = true;
        // Dropped by default, and needed: an identity is issuer and subject.
        options.ClaimActions.Remove("iss");
        options.ClaimActions.MapUniqueJsonKey("preferred_username", "preferred_username");
        options.Events.OnTicketReceived = context => ReceiveAsync(context, provider);
        options.Events.OnRemoteFailure = context =>
        {
            LogRefused(LoggerOf(context.HttpContext), provider.Name, context.Failure);
            context.Response.Redirect("/login?failed=" + provider.Name);
            context.HandleResponse();
            return Task.CompletedTask;
        };
    }

    public static void MapOidcLogin(this IEndpointRouteBuilder routes) =>
        routes
            .MapGet(
                "/login/oidc/{name}",
                (string name, string? returnUrl, IReadOnlyList<OidcOptions> providers) =>
                    providers.FirstOrDefault(provider => provider.Name == name) is { } provider
                        ? Results.Challenge(
                            new AuthenticationProperties { RedirectUri = Authentication.LocalAddress(returnUrl) },
                            [provider.Scheme]
                        )
                        : Results.NotFound()
            )
            .ExcludeFromDescription();

    static async Task ReceiveAsync(TicketReceivedContext context, OidcOptions provider)
    {
        var claims = context.Principal!;
        var subject =
            claims.FindFirstValue("sub") ?? throw new InvalidOperationException("The provider sent no subject.");
        var email = claims.FindFirstValue("email");
        var name = claims.FindFirstValue("preferred_username") ?? email ?? subject;
        var logins = context.HttpContext.RequestServices.GetRequiredService<ExternalLogins>();
        var user = await logins.SignInAsync(
            claims.FindFirstValue("iss") ?? provider.Authority,
            subject,
            name,
            claims.FindFirstValue("name") ?? name,
            email,
            context.HttpContext.RequestAborted
        );
        context.HandleResponse();
        if (!user.Active)
        {
            LogClosedAccount(LoggerOf(context.HttpContext), provider.Name, user.Id);
            context.Response.Redirect("/login?failed=" + provider.Name);
            return;
        }
        await context.HttpContext.LogInAsync(user);
        context.Response.Redirect(Authentication.LocalAddress(context.ReturnUri));
    }

    static ILogger LoggerOf(HttpContext context) =>
        context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger("Harima.Hosting.OidcLogin");

    [LoggerMessage(3001, LogLevel.Warning, "Login with {Provider} failed")]
    static partial void LogRefused(ILogger logger, string provider, Exception? failure);

    [LoggerMessage(3002, LogLevel.Warning, "Login with {Provider} refused: the account {User} is closed")]
    static partial void LogClosedAccount(ILogger logger, string provider, string user);
}
