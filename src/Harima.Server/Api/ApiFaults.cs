using System.Security.Cryptography;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Hosting;
using Harima.Rest;

namespace Harima.Api;

/// <summary>The edge of the surface: whatever a route throws becomes one answer in one form.</summary>
static partial class ApiFaults
{
    const string CsrfHeader = "X-Harima-Csrf";

    /// <summary>Must stand before authentication, so that its faults are answered here too.</summary>
    public static void UseApiFaults(this WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Harima.Api");
        app.UseWhen(
            context => IsApi(context.Request.Path),
            api => api.Use((context, next) => AnswerAsync(context, next, logger))
        );
    }

    /// <summary>What every route asks before its handler; after authentication.</summary>
    public static void UseApiGuards(this WebApplication app) =>
        app.UseWhen(
            context => IsApi(context.Request.Path),
            api =>
                api.Use(
                    (context, next) =>
                    {
                        RefuseBadToken(context);
                        RefuseForgery(context);
                        return next(context);
                    }
                )
        );

    static bool IsApi(PathString path) =>
        path.StartsWithSegments("/api/v1", StringComparison.Ordinal)
        || path.StartsWithSegments("/download", StringComparison.Ordinal);

    static async Task AnswerAsync(HttpContext context, RequestDelegate next, ILogger logger)
    {
        context.Response.Headers.CacheControl = "no-store";
        try
        {
            await next(context);
            if (context.Response is { HasStarted: false, StatusCode: >= 400, ContentLength: null, ContentType: null })
                await WriteAsync(context, FaultToProblem.OfStatus(context.Response.StatusCode));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone: nobody is there to be answered.
        }
        catch (Exception fault) when (!context.Response.HasStarted)
        {
            await WriteAsync(context, ProblemOf(context, fault, logger));
        }
        catch (Exception fault) when (fault is FaultException or IOException)
        {
            // Half of the body is out: only a broken connection tells the caller that it is not whole.
            LogBroken(logger, fault, context.Request.Path);
            context.Abort();
        }
    }

    static ProblemDto ProblemOf(HttpContext context, Exception fault, ILogger logger)
    {
        switch (UnkeptText.Translate(fault))
        {
            case FaultException refusal:
                return FaultToProblem.Of(refusal);
            case BadHttpRequestException bad:
                return FaultToProblem.Of(bad);
            default:
                var id = RandomNumberGenerator.GetHexString(12, lowercase: true);
                LogUnforeseen(logger, fault, context.Request.Method, context.Request.Path, id);
                return FaultToProblem.OfUnforeseen(id);
        }
    }

    static async Task WriteAsync(HttpContext context, ProblemDto problem)
    {
        // What the route had begun to say about its body no longer holds; what it says about methods does.
        var allow = context.Response.Headers.Allow;
        context.Response.Clear();
        context.Response.Headers.CacheControl = "no-store";
        if (allow.Count > 0)
            context.Response.Headers.Allow = allow;
        context.Response.StatusCode = problem.Status;
        if (problem.Status == StatusCodes.Status401Unauthorized)
            context.Response.Headers.WWWAuthenticate = "Bearer";
        await context.Response.WriteAsJsonAsync(
            problem,
            options: null,
            "application/problem+json",
            context.RequestAborted
        );
    }

    static void RefuseBadToken(HttpContext context)
    {
        if (BearerLogin.IsAskedFor(context) && context.User.Identity?.IsAuthenticated != true)
            throw Fault.Unauthenticated(
                "token-unknown",
                "This token is unknown, revoked or expired. Log in again to get another."
            );
    }

    static void RefuseForgery(HttpContext context)
    {
        var request = context.Request;
        var safe =
            HttpMethods.IsGet(request.Method)
            || HttpMethods.IsHead(request.Method)
            || HttpMethods.IsOptions(request.Method);
        // Asking for an archive changes nothing, and its answer is a download: a form may do it.
        if (
            safe
            || BearerLogin.IsAskedFor(context)
            || request.Path.StartsWithSegments("/download", StringComparison.Ordinal)
        )
            return;
        if (context.User.Identity?.IsAuthenticated != true)
            return;
        // Another site's form or script cannot send either: the first needs leave by CORS, the second only the browser sets.
        var own = request.Headers[CsrfHeader] == "1" || request.Headers["Sec-Fetch-Site"] == "same-origin";
        if (!own)
            throw Fault.Forbidden(
                "csrf",
                $"Requests that change something and are logged in by cookie need the header {CsrfHeader}: 1."
            );
    }

    [LoggerMessage(3101, LogLevel.Error, "{Method} {Path} failed; the caller was told the id {Id}")]
    static partial void LogUnforeseen(ILogger logger, Exception fault, string method, string path, string id);

    [LoggerMessage(3102, LogLevel.Warning, "The answer to {Path} was broken off")]
    static partial void LogBroken(ILogger logger, Exception fault, string path);
}
