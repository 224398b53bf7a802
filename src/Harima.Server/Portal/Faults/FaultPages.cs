using Harima.Catalogue;
using Harima.Faults;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Portal.Faults;

/// <summary>Turns what a page could not do into a page that says what happened, whether data is safe and what to do.</summary>
static class FaultPages
{
    public static void UseFaultPages(this IApplicationBuilder app)
    {
        app.UseExceptionHandler(
            new ExceptionHandlerOptions
            {
                ExceptionHandler = ShowAsync,
                AllowStatusCode404Response = true,
                // A refusal is an answer, not an accident.
                SuppressDiagnosticsCallback = context => context.Exception is FaultException,
            }
        );
        app.UseStatusCodePages(context =>
            RenderAsync(context.HttpContext, context.HttpContext.Response.StatusCode, null)
        );
    }

    static Task ShowAsync(HttpContext context)
    {
        if (
            context.Features.Get<IExceptionHandlerFeature>()?.Error is not { } error
            || UnkeptText.Translate(error) is not FaultException fault
        )
            return RenderAsync(context, StatusCodes.Status500InternalServerError, null);
        if (fault.Code == FaultCode.Unauthenticated && HttpMethods.IsGet(context.Request.Method))
        {
            context.Response.Redirect(
                "/login?returnUrl=" + Uri.EscapeDataString(context.Request.Path + context.Request.QueryString)
            );
            return Task.CompletedTask;
        }
        var texts = context.RequestServices.GetRequiredService<Texts>();
        return RenderAsync(context, StatusOf(fault.Code), FaultText.Of(fault, texts));
    }

    static async Task RenderAsync(HttpContext context, int status, string? sentence)
    {
        var parameters = new Dictionary<string, object?>
        {
            [nameof(FaultDocument.Status)] = status,
            [nameof(FaultDocument.Sentence)] = sentence,
        };
        var services = context.RequestServices;
        // The page that failed has used up the services of its rendering (its NavigationManager starts only once).
        await using var scope = services.CreateAsyncScope();
        context.RequestServices = scope.ServiceProvider;
        try
        {
            await new RazorComponentResult<FaultDocument>(parameters) { StatusCode = status }.ExecuteAsync(context);
        }
        finally
        {
            context.RequestServices = services;
        }
    }

    public static int StatusOf(FaultCode code) =>
        code switch
        {
            FaultCode.Unauthenticated => StatusCodes.Status401Unauthorized,
            FaultCode.Forbidden => StatusCodes.Status403Forbidden,
            FaultCode.NotFound => StatusCodes.Status404NotFound,
            FaultCode.Conflict or FaultCode.Closed => StatusCodes.Status409Conflict,
            FaultCode.PreconditionFailed => StatusCodes.Status412PreconditionFailed,
            FaultCode.TooLarge => StatusCodes.Status413PayloadTooLarge,
            FaultCode.TooManyRequests => StatusCodes.Status429TooManyRequests,
            FaultCode.StorageFull => StatusCodes.Status507InsufficientStorage,
            FaultCode.Unavailable => StatusCodes.Status503ServiceUnavailable,
            FaultCode.Damaged => StatusCodes.Status500InternalServerError,
            _ => StatusCodes.Status400BadRequest,
        };
}

/// <summary>A refusal of Core in the visitor's language.</summary>
static class FaultText
{
    /// <summary>
    /// The translation bears the refusal's reason as key, and where one reason has several sentences which of them it is (<c>what</c>). It names
    /// the refusal's values as <c>{id}</c>; without a translation, Core's own sentence.
    /// </summary>
    public static string Of(FaultException fault, Texts texts) => Of(fault.Reason, fault.Message, fault.Fields, texts);

    /// <summary>The same of a refusal that was written down.</summary>
    public static string Of(string reason, string message, IReadOnlyDictionary<string, string> fields, Texts texts)
    {
        var what = fields.GetValueOrDefault("what");
        var text = (what is null ? null : texts.Find($"Fault.{reason}.{what}")) ?? texts.Find("Fault." + reason);
        if (text is null)
            return message;
        foreach (var (name, value) in fields)
            text = text.Replace("{" + name + "}", value, StringComparison.Ordinal);
        return text;
    }
}
