using System.Globalization;
using Harima.Portal.Faults;
using Harima.Portal.Identity;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Localization;
using Microsoft.Extensions.Options;

namespace Harima.Portal;

/// <summary>Wires the pages together: static server rendering, so every replica can answer every request.</summary>
static class PortalSetup
{
    public const string LanguageCookie = "harima-lang";
    static readonly CultureInfo[] Languages = [new("en"), new("ja")];

    public static void AddPortal(this IHostApplicationBuilder builder)
    {
        var section = builder.Configuration.GetSection(PortalOptions.Section);
        var services = builder.Services;
        services.AddOptions<PortalOptions>().Bind(section).ValidateDataAnnotations().ValidateOnStart();
        services.AddHttpContextAccessor();
        services.AddSingleton<Texts>();
        services.AddSingleton<IslandAssets>();
        services.AddScoped<Visitor>();
        services.AddRazorComponents();
        services.AddCascadingAuthenticationState();
        AddLogin(services, section.Get<PortalOptions>() ?? new PortalOptions());
        services.Configure<RequestLocalizationOptions>(options =>
        {
            options.SetDefaultCulture("en");
            options.SupportedCultures = Languages;
            options.SupportedUICultures = Languages;
            options.RequestCultureProviders =
            [
                new QueryStringRequestCultureProvider { QueryStringKey = "lang", UIQueryStringKey = "lang" },
                new CookieRequestCultureProvider { CookieName = LanguageCookie },
                new AcceptLanguageHeaderRequestCultureProvider(),
            ];
        });
    }

    static void AddLogin(IServiceCollection services, PortalOptions options)
    {
        var authentication = services
            .AddAuthentication(LoginSession.Scheme)
            .AddCookie(
                LoginSession.Scheme,
                cookie =>
                {
                    cookie.Cookie.Name = "harima";
                    cookie.Cookie.HttpOnly = true;
                    cookie.Cookie.SameSite = SameSiteMode.Lax;
                    cookie.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
                    cookie.ExpireTimeSpan = options.SessionLifetime;
                    cookie.SlidingExpiration = true;
                    cookie.LoginPath = "/login";
                    cookie.ReturnUrlParameter = "return";
                    cookie.Events.OnValidatePrincipal = LoginSession.ValidateAsync;
                }
            );
        foreach (var provider in options.Providers)
            OidcLogin.Add(authentication, provider);
        services.AddAuthorization();
    }

    public static void MapPortal(this WebApplication app)
    {
        app.MapStaticAssetsOfIslands();
        app.MapRazorComponents<App>();
        app.MapLogin();
        app.MapUploadPreparation();
    }
}
