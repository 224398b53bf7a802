using System.Globalization;
using Harima.Hosting;
using Harima.Portal.Faults;
using Harima.Portal.Identity;
using Harima.Portal.Metadata;
using Harima.Portal.Sequences;
using Microsoft.AspNetCore.Localization;

namespace Harima.Portal;

/// <summary>Wires the pages together: static server rendering, so every replica can answer every request.</summary>
static class PortalSetup
{
    const string LanguageCookie = "harima-lang";
    static readonly CultureInfo[] Languages = [new("en"), new("ja")];

    public static void AddPortal(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<PortalOptions>().Bind(builder.Configuration.GetSection(PortalOptions.Section));
        services.AddHttpContextAccessor();
        services.AddSingleton<Texts>();
        services.AddSingleton<IslandAssets>();
        services.AddScoped<Visitor>();
        services.AddRazorComponents();
        services.AddAntiforgery(options => options.Cookie.Name = "harima-form");
        services.AddResponseCompression(options =>
        {
            // Only what is the same for everybody: compressing pages that hold a secret over https would help to guess it.
            options.MimeTypes = ["text/css", "text/javascript", "image/svg+xml"];
            options.EnableForHttps = true;
        });
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

    /// <summary>For requests to pages; REST and S3 have their own words for what goes wrong.</summary>
    public static void UsePortal(this WebApplication app)
    {
        app.UseResponseCompression();
        app.UseStaticFiles(
            new StaticFileOptions
            {
                OnPrepareResponse = file =>
                    file.Context.Response.Headers.CacheControl = file.Context.Request.Path.StartsWithSegments(
                        "/islands/assets"
                    )
                        ? "public, max-age=31536000, immutable"
                        : "public, max-age=3600",
            }
        );
        app.UseWhen(
            context => !context.Request.Path.StartsWithSegments("/api"),
            pages =>
            {
                pages.UseRequestLocalization();
                pages.UseMiddleware<PageHeaders>();
                pages.UseFaultPages();
            }
        );
    }

    public static void MapPortal(this WebApplication app)
    {
        app.MapRazorComponents<App>();
        app.MapLogin();
        app.MapUploadPreparation();
        app.MapBulkTable();
    }

    /// <summary>Keeps a language that was chosen, and says what the browser may do with our pages.</summary>
    sealed class PageHeaders(RequestDelegate next, Addresses addresses)
    {
        public Task InvokeAsync(HttpContext context)
        {
            if (context.Request.Query.ContainsKey("lang"))
            {
                var culture = new RequestCulture(CultureInfo.CurrentUICulture);
                context.Response.Cookies.Append(
                    LanguageCookie,
                    CookieRequestCultureProvider.MakeCookieValue(culture),
                    new CookieOptions
                    {
                        MaxAge = TimeSpan.FromDays(365),
                        SameSite = SameSiteMode.Lax,
                        IsEssential = true,
                    }
                );
            }
            // When the answer starts: an error page begins with all headers cleared.
            context.Response.OnStarting(() =>
            {
                var headers = context.Response.Headers;
                if (headers.ContentSecurityPolicy.Count == 0)
                    headers.ContentSecurityPolicy = ContentPolicy.For(addresses.S3Of(context));
                headers.XContentTypeOptions = "nosniff";
                headers["Referrer-Policy"] = "same-origin";
                return Task.CompletedTask;
            });
            return next(context);
        }
    }
}
