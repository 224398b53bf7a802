using System.Security.Claims;
using Harima.Identity;
using Microsoft.AspNetCore.Authentication;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Harima.Portal.Identity;

/// <summary>"Login with ...": one OpenID Connect scheme for each configured provider, all ending in our own cookie.</summary>
static class OidcLogin
{
    public static void Add(AuthenticationBuilder authentication, OidcProviderOptions provider) =>
        authentication.AddOpenIdConnect(
            SchemeOf(provider.Name),
            options =>
            {
                options.Authority = provider.Authority;
                options.ClientId = provider.ClientId;
                options.ClientSecret = provider.ClientSecret;
                options.CallbackPath = $"/login/{provider.Name}/callback";
                options.SignInScheme = LoginSession.Scheme;
                options.ResponseType = OpenIdConnectResponseType.Code;
                // By query, so that the correlation cookies may be SameSite=Lax and plain http on loopback works.
                options.ResponseMode = OpenIdConnectResponseMode.Query;
                options.UsePkce = true;
                options.MapInboundClaims = false;
                options.GetClaimsFromUserInfoEndpoint = true;
                options.RequireHttpsMetadata = !new Uri(provider.Authority).IsLoopback;
                options.CorrelationCookie.SameSite = SameSiteMode.Lax;
                options.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                options.NonceCookie.SameSite = SameSiteMode.Lax;
                options.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                options.Scope.Clear();
                foreach (var scope in provider.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    options.Scope.Add(scope);
                options.Events.OnTicketReceived = context => ReceiveAsync(context, provider);
                options.Events.OnRemoteFailure = context =>
                {
                    Log.ProviderRefused(context.HttpContext.RequestServices.GetRequiredService<ILogger<LoginPage>>(), provider.Name, context.Failure);
                    context.Response.Redirect("/login?failed=" + provider.Name);
                    context.HandleResponse();
                    return Task.CompletedTask;
                };
            }
        );

    public static string SchemeOf(string name) => "oidc-" + name;

    static async Task ReceiveAsync(TicketReceivedContext context, OidcProviderOptions provider)
    {
        var claims = context.Principal!;
        var subject = Claim(claims, "sub") ?? throw new InvalidOperationException("The provider sent no subject.");
        var name = Claim(claims, "preferred_username") ?? Claim(claims, "email") ?? subject;
        var logins = context.HttpContext.RequestServices.GetRequiredService<ExternalLogins>();
        var user = await logins.SignInAsync(
            Claim(claims, "iss") ?? provider.Authority,
            subject,
            name,
            Claim(claims, "name") ?? name,
            Claim(claims, "email"),
            context.HttpContext.RequestAborted
        );
        await LoginSession.BeginAsync(context.HttpContext, user, provider.Name);
        context.Response.Redirect(LoginSession.LocalAddress(context.ReturnUri));
        context.HandleResponse();
    }

    static string? Claim(ClaimsPrincipal claims, string type) => claims.FindFirstValue(type);
}

static partial class Log
{
    [LoggerMessage(2101, LogLevel.Warning, "Login with {Provider} failed.")]
    public static partial void ProviderRefused(ILogger logger, string provider, Exception? failure);
}
