using System.Security.Claims;
using Harima.Identity;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Harima.Portal.Identity;

/// <summary>The login cookie: whom it names and where one goes after.</summary>
static class LoginSession
{
    public const string Scheme = CookieAuthenticationDefaults.AuthenticationScheme;

    /// <summary>Which way this browser logged in last; that button comes first the next time.</summary>
    public const string LastCookie = "harima-login";

    public static Task BeginAsync(HttpContext context, User user, string way)
    {
        context.Response.Cookies.Append(
            LastCookie,
            way,
            new CookieOptions { MaxAge = TimeSpan.FromDays(365), HttpOnly = true, SameSite = SameSiteMode.Lax, IsEssential = true }
        );
        var identity = new ClaimsIdentity([new Claim(ClaimTypes.NameIdentifier, user.Id)], Scheme);
        return context.SignInAsync(Scheme, new ClaimsPrincipal(identity), new AuthenticationProperties { IsPersistent = true });
    }

    /// <summary>An address of our own, whatever was asked for: a login must not become a springboard to other sites.</summary>
    public static string LocalAddress(string? address) =>
        address is ['/', ..] && !address.StartsWith("//", StringComparison.Ordinal) && !address.Contains('\\', StringComparison.Ordinal)
        && !address.StartsWith("/login", StringComparison.Ordinal)
            ? address
            : "/";

    /// <summary>Somebody whose account was closed is out with the next request.</summary>
    public static async Task ValidateAsync(CookieValidatePrincipalContext context)
    {
        var id = context.Principal?.FindFirstValue(ClaimTypes.NameIdentifier);
        var users = context.HttpContext.RequestServices.GetRequiredService<Users>();
        var user = id is null ? null : await users.FindAsync(id, context.HttpContext.RequestAborted);
        if (user is not { Active: true })
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(Scheme);
        }
    }
}
