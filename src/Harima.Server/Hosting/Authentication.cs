using System.Security.Claims;
using Harima.Catalogue;
using Harima.Identity;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Options;

namespace Harima.Hosting;

/// <summary>Who is asking on the portal's port: a browser by its cookie, a program by its token.</summary>
public static class Authentication
{
    /// <summary>The login cookie, and the name of its scheme.</summary>
    public const string CookieScheme = "harima";

    const string EitherScheme = "harima-either";

    internal static void AddHarimaAuthentication(this IServiceCollection services, IConfiguration configuration)
    {
        // Every replica must read the cookies of the others, and a restart must not log everybody out.
        services.AddDataProtection().SetApplicationName("harima");
        services
            .AddOptions<KeyManagementOptions>()
            .Configure<IOptions<DataOptions>, ILoggerFactory, MasterKey>(
                (keys, data, loggers, master) =>
                {
                    keys.XmlRepository = new FileSystemXmlRepository(KeyFolder(data.Value.Directory), loggers);
                    keys.XmlEncryptor = new MasterKeyXmlEncryptor(master);
                }
            );
        var providers = OidcOptions.Read(configuration);
        services.AddSingleton(providers);
        var authentication = services
            .AddAuthentication(EitherScheme)
            .AddPolicyScheme(
                EitherScheme,
                null,
                either =>
                    either.ForwardDefaultSelector = context =>
                        BearerLogin.IsAskedFor(context) ? BearerLogin.Scheme : CookieScheme
            )
            .AddScheme<AuthenticationSchemeOptions, BearerLogin>(BearerLogin.Scheme, null)
            .AddCookie(CookieScheme, ConfigureCookie);
        foreach (var provider in providers)
            authentication.AddOpenIdConnect(provider.Scheme, options => OidcLogin.Configure(options, provider));
        services.AddAuthorization();
    }

    /// <summary>Who is asking; <see cref="Principal.Anonymous"/> for somebody who is not logged in.</summary>
    public static Principal ToPrincipal(this HttpContext context) =>
        context.User is { Identity.IsAuthenticated: true } user
        && user.FindFirstValue(ClaimTypes.NameIdentifier) is { } id
            ? new Principal(id, user.FindFirstValue(ViaClaim) ?? "portal")
            : Principal.Anonymous;

    /// <summary>Logs a browser in.</summary>
    public static Task LogInAsync(this HttpContext context, User user) =>
        context.SignInAsync(
            CookieScheme,
            new ClaimsPrincipal(IdentityOf(user.Id, "portal", CookieScheme)),
            new AuthenticationProperties { IsPersistent = true }
        );

    /// <summary>Logs a browser out.</summary>
    public static Task LogOutAsync(this HttpContext context) => context.SignOutAsync(CookieScheme);

    /// <summary>An address of our own, whatever was asked for: a login must not become a springboard to other sites.</summary>
    public static string LocalAddress(string? address) =>
        address is ['/', ..]
        && !address.StartsWith("//", StringComparison.Ordinal)
        && !address.Contains('\\', StringComparison.Ordinal)
        && !address.Any(char.IsControl)
            ? address
            : "/";

    internal const string ViaClaim = "harima:via";

    internal static ClaimsIdentity IdentityOf(string userId, string via, string scheme) =>
        new([new Claim(ClaimTypes.NameIdentifier, userId), new Claim(ViaClaim, via)], scheme);

    static void ConfigureCookie(CookieAuthenticationOptions cookie)
    {
        cookie.Cookie.Name = "harima";
        cookie.Cookie.HttpOnly = true;
        cookie.Cookie.SameSite = SameSiteMode.Lax;
        cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        cookie.ExpireTimeSpan = TimeSpan.FromDays(7);
        cookie.SlidingExpiration = true;
        cookie.LoginPath = "/login";
        cookie.ReturnUrlParameter = "returnUrl";
        cookie.Events.OnValidatePrincipal = RefuseClosedAccountAsync;
        // A program cannot do anything with a login page.
        cookie.Events.OnRedirectToLogin = context => AnswerAsync(context, StatusCodes.Status401Unauthorized);
        cookie.Events.OnRedirectToAccessDenied = context => AnswerAsync(context, StatusCodes.Status403Forbidden);
    }

    static Task AnswerAsync(RedirectContext<CookieAuthenticationOptions> context, int status)
    {
        if (context.Request.Path.StartsWithSegments("/api", StringComparison.Ordinal))
            context.Response.StatusCode = status;
        else
            context.Response.Redirect(context.RedirectUri);
        return Task.CompletedTask;
    }

    static async Task RefuseClosedAccountAsync(CookieValidatePrincipalContext context)
    {
        var id = context.Principal?.FindFirstValue(ClaimTypes.NameIdentifier);
        var users = context.HttpContext.RequestServices.GetRequiredService<Users>();
        if (id is null || await users.FindAsync(id, context.HttpContext.RequestAborted) is not { Active: true })
            context.RejectPrincipal();
    }

    static DirectoryInfo KeyFolder(string data)
    {
        var folder = Path.Combine(data, "keys");
        return Directory.CreateDirectory(
            folder,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        );
    }
}
