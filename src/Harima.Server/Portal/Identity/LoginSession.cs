using Harima.Hosting;
using Harima.Identity;

namespace Harima.Portal.Identity;

/// <summary>What a login remembers in the browser besides the login itself.</summary>
static class LoginSession
{
    /// <summary>Which way this browser logged in last; that button comes first the next time.</summary>
    public const string LastCookie = "harima-login";

    /// <summary>The way that is no provider: account and password.</summary>
    const string Local = "local";

    public static Task BeginAsync(HttpContext context, User user)
    {
        Remember(context, Local);
        return context.LogInAsync(user);
    }

    public static void Remember(HttpContext context, string way) =>
        context.Response.Cookies.Append(
            LastCookie,
            way,
            new CookieOptions
            {
                MaxAge = TimeSpan.FromDays(365),
                HttpOnly = true,
                SameSite = SameSiteMode.Lax,
                IsEssential = true,
            }
        );

    /// <summary>Where to go after; never back to the login page itself.</summary>
    public static string ReturnAddress(string? address) =>
        Authentication.LocalAddress(address) is var local && local.StartsWith("/login", StringComparison.Ordinal)
            ? "/"
            : local;
}
