using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Hosting;

namespace Harima.SciCat;

/// <summary>The edge of the surface: whatever a route throws becomes one answer in SciCat's form.</summary>
static partial class SciCatFaults
{
    static readonly string[] Roots = ["/api/v3", "/api/v4", "/api/auth", "/auth"];

    /// <summary>Must stand before authentication: it takes the token out of the query, where older clients put it.</summary>
    public static void UseSciCatFaults(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Harima.SciCat");
        app.UseWhen(
            context => IsSciCat(context.Request.Path),
            scicat =>
                scicat.Use(
                    (context, next) =>
                    {
                        TakeToken(context.Request);
                        return AnswerAsync(context, next, logger);
                    }
                )
        );
    }

    /// <summary>After authentication: a bad token is an error, not an anonymous visitor.</summary>
    public static void UseSciCatGuards(this WebApplication app) =>
        app.UseWhen(
            context => IsSciCat(context.Request.Path),
            scicat =>
                scicat.Use(
                    (context, next) =>
                        BearerLogin.IsAskedFor(context) && context.User.Identity?.IsAuthenticated != true
                            ? throw Fault.Unauthenticated(
                                "token-unknown",
                                "This token is unknown, revoked or expired. Log in again to get another."
                            )
                            : next(context)
                )
        );

    static bool IsSciCat(PathString path) =>
        Array.Exists(Roots, root => path.StartsWithSegments(root, StringComparison.OrdinalIgnoreCase));

    static void TakeToken(HttpRequest request)
    {
        var inQuery = request.Query["access_token"].ToString();
        if (inQuery.Length > 0 && request.Headers.Authorization.Count == 0)
            request.Headers.Authorization = "Bearer " + inQuery;
    }

    static async Task AnswerAsync(HttpContext context, RequestDelegate next, ILogger logger)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null })
                await WriteAsync(
                    context,
                    FaultToSciCatError.Body(
                        context.Response.StatusCode,
                        $"Cannot {context.Request.Method} {context.Request.Path}",
                        "no-such-route"
                    )
                );
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone: nobody is there to be answered.
        }
        catch (Exception fault) when (!context.Response.HasStarted)
        {
            await WriteAsync(context, ErrorOf(context, fault, logger));
        }
    }

    static JsonObject ErrorOf(HttpContext context, Exception fault, ILogger logger)
    {
        switch (UnkeptText.Translate(fault))
        {
            case FaultException refusal:
                return FaultToSciCatError.Of(refusal);
            case BadHttpRequestException bad:
                return FaultToSciCatError.Body(bad.StatusCode, bad.Message, "bad-request");
            default:
                var id = RandomNumberGenerator.GetHexString(12, lowercase: true);
                LogUnforeseen(logger, fault, context.Request.Method, context.Request.Path, id);
                return FaultToSciCatError.Body(
                    StatusCodes.Status500InternalServerError,
                    $"The server failed to answer; it is not your request. Tell the facility's staff this id: {id}",
                    "internal"
                );
        }
    }

    static Task WriteAsync(HttpContext context, JsonObject error)
    {
        context.Response.Clear();
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return SciCatAnswer.Json(error, error["statusCode"]!.GetValue<int>()).ExecuteAsync(context);
    }

    [LoggerMessage(3601, LogLevel.Error, "{Method} {Path} failed; the caller was told the id {Id}")]
    static partial void LogUnforeseen(ILogger logger, Exception fault, string method, string path, string id);
}
