using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Hosting;
using Harima.Identity;
using Harima.SciCat.Filters;

namespace Harima.SciCat;

/// <summary>What the routes of this surface have in common: bodies in, documents out, who asks.</summary>
static class SciCatAnswer
{
    const int MaxBodyBytes = 16 << 20;

    // Metadata as deep as it may be, inside of the document and the list.
    static readonly JsonSerializerOptions Written = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 256,
    };

    public static IResult Json(JsonNode? node, int status = StatusCodes.Status200OK) =>
        Results.Text(node?.ToJsonString(Written) ?? "null", "application/json", statusCode: status);

    public static IResult Created(JsonNode node) => Json(node, StatusCodes.Status201Created);

    public static IResult List(IEnumerable<JsonObject> documents) => Json(new JsonArray([.. documents]));

    public static IResult NotOffered(string message) =>
        Json(
            FaultToSciCatError.Body(StatusCodes.Status501NotImplemented, message, "scicat-not-offered"),
            StatusCodes.Status501NotImplemented
        );

    /// <summary>Programs come with a token. A browser's login does not count here, so no page can act in somebody's name.</summary>
    public static Principal Caller(this HttpContext context) =>
        BearerLogin.IsAskedFor(context) ? context.ToPrincipal() : Principal.Anonymous;

    /// <exception cref="FaultException">Unauthenticated.</exception>
    public static Principal KnownCaller(this HttpContext context) =>
        context.Caller() is { IsAnonymous: false } caller ? caller : throw Fault.LoginNeeded();

    /// <summary>The version in the path; what has none is of version 3.</summary>
    public static SciCatVersion Version(this HttpContext context) =>
        context.Request.Path.StartsWithSegments("/api/v4", StringComparison.OrdinalIgnoreCase)
            ? SciCatVersion.V4
            : SciCatVersion.V3;

    /// <summary>A time as HTTP or JavaScript writes it; what is none sets no condition, as in SciCat (RFC 9110, 13.1.4).</summary>
    public static DateTimeOffset? UnmodifiedSince(this HttpContext context) =>
        DateTimeOffset.TryParse(
            context.Request.Headers.IfUnmodifiedSince,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var time
        )
            ? time
            : null;

    /// <summary>In the query, or in a header as LoopBack had it.</summary>
    public static SciCatFilter Filter(this HttpContext context) =>
        SciCatFilter.Parse(
            context.Request.Query["filter"].FirstOrDefault() ?? context.Request.Headers["filter"].FirstOrDefault(),
            context.Version()
        );

    /// <summary>The server leaves an escaped slash in the path as it was written; everything else is unescaped.</summary>
    public static string Id(string segment) => segment.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="FaultException">Invalid where the body is not a JSON object; TooLarge.</exception>
    public static async Task<JsonObject> BodyAsync(HttpContext context)
    {
        if (context.Request.ContentLength > MaxBodyBytes)
            throw TooLarge();
        using var bytes = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > MaxBodyBytes)
                throw TooLarge();
        }
        try
        {
            if (!JsonCharacters.AreWhole(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)))
                throw Fault.Invalid(
                    "scicat-body",
                    "Half a character is escaped in the body: \\ud800 to \\udfff stand in pairs."
                );
            var node = JsonNode.Parse(
                bytes.GetBuffer().AsSpan(0, (int)bytes.Length),
                documentOptions: new JsonDocumentOptions { MaxDepth = 64, AllowDuplicateProperties = false }
            );
            return node as JsonObject ?? throw Fault.Invalid("scicat-body", "The body is a JSON object.");
        }
        catch (JsonException fault)
        {
            var end = fault.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            throw Fault.Invalid(
                "scicat-body",
                $"Invalid JSON in the body: {(end < 0 ? fault.Message : fault.Message[..end])} (line {(fault.LineNumber ?? 0) + 1} column {(fault.BytePositionInLine ?? 0) + 1})"
            );
        }
    }

    static FaultException TooLarge() =>
        new(FaultCode.TooLarge, "scicat-body-size", $"A body has at most {MaxBodyBytes >> 20} MiB.");
}
