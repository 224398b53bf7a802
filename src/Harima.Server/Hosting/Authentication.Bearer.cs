using System.Security.Claims;
using System.Text.Encodings.Web;
using Harima.Identity;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Harima.Hosting;

/// <summary><c>Authorization: Bearer hmt_…</c>: the tokens of programs and of the command line.</summary>
sealed class BearerLogin(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory loggers,
    UrlEncoder encoder,
    ApiTokens tokens
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, loggers, encoder)
{
    public new const string Scheme = "bearer";
    const string Prefix = "Bearer ";

    /// <summary>Whether the request names a token, good or not: a bad one is an error, not an anonymous visitor.</summary>
    public static bool IsAskedFor(HttpContext context) =>
        context.Request.Headers.Authorization.ToString().StartsWith(Prefix, StringComparison.OrdinalIgnoreCase);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var text = Request.Headers.Authorization.ToString()[Prefix.Length..].Trim();
        if (await tokens.FindAsync(text, Context.RequestAborted) is not { UserId: { } id } principal)
            return AuthenticateResult.Fail("This token is unknown, revoked or expired.");
        var identity = Authentication.IdentityOf(id, principal.Via, Scheme);
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme));
    }
}
