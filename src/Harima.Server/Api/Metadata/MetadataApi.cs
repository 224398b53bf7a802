using System.Text;
using Harima.Api.Sequences;
using Harima.Faults;
using Harima.Hosting;
using Harima.Metadata;
using Harima.Metadata.Schemas;
using Harima.Rest;
using Harima.Sequences;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Metadata;

static class MetadataApi
{
    public static void MapMetadata(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").WithTags("Metadata");
        const string Document = SequencesApi.One + "/metadata/{kind:regex(^(measurement|sample)$)}";
        group
            .MapPost("/metadata/check", CheckAsync)
            .Accepts<object>("application/json")
            .WithName("checkMetadata")
            .WithSummary(
                "Whether a text may be stored as metadata and follows a schema; every error with line and column"
            );
        group
            .MapGet(Document, GetAsync)
            .Produces<object>(StatusCodes.Status200OK, "application/json")
            .WithName("getMetadata")
            .WithSummary(
                "A metadata document (measurement or sample), its text exactly as it was given; its version is the ETag"
            );
        group
            .MapPut(Document, PutAsync)
            .Accepts<object>("application/json")
            .WithName("putMetadata")
            .WithSummary(
                "Sets a metadata document (a JSON object of at most 1 MiB) of an open sequence; with If-Match, or If-None-Match: *, only if nobody has changed it since"
            );
        group
            .MapDelete(Document, DeleteAsync)
            .WithName("deleteMetadata")
            .WithSummary("Removes a metadata document of an open sequence");
        group
            .MapGet(SequencesApi.One + "/metadata/changes", ChangesAsync)
            .WithName("listMetadataChanges")
            .WithSummary("Every change of the metadata, newest first; at most 50 a page");
        group
            .MapPost(SequencesApi.One + "/metadata/changes/{change:long}/restore", RestoreAsync)
            .WithName("restoreMetadata")
            .WithSummary(
                "Brings back the text of a document after a change, or before it; with If-Match only if nobody has changed it since"
            );
    }

    static async Task<Ok<MetadataCheckDto>> CheckAsync(
        HttpContext context,
        MetadataSchemas schemas,
        FollowSchema follow,
        CancellationToken cancellationToken,
        string? schema = null,
        long? version = null
    )
    {
        var text = await ReadTextAsync(context.Request, cancellationToken);
        return TypedResults.Ok(await CheckTextAsync(text, schema, version, schemas, follow, cancellationToken));
    }

    internal static async Task<MetadataCheckDto> CheckTextAsync(
        string text,
        string? schema,
        long? version,
        MetadataSchemas schemas,
        FollowSchema follow,
        CancellationToken cancellationToken
    )
    {
        var problems = MetadataCheck.Check(text);
        if (problems.Count > 0 || string.IsNullOrEmpty(schema))
            return new MetadataCheckDto(problems.Count == 0, [.. problems.Select(Error)]);
        var found = follow.Check(await schemas.GetAsync(schema, version, cancellationToken), text);
        return new MetadataCheckDto(
            found.Count == 0,
            [.. found.Where(problem => !problem.IsMissing).Select(Error)],
            [.. found.Where(problem => problem.IsMissing).Select(Error)]
        );
    }

    static async Task<NoContent> RestoreAsync(
        string proposal,
        string sequence,
        long change,
        HttpContext context,
        RestoreMetadata restore,
        CancellationToken cancellationToken,
        bool before = false
    )
    {
        var version = await restore.HandleAsync(
            proposal,
            sequence,
            change,
            before,
            SeenOf(context.Request),
            context.ToPrincipal(),
            cancellationToken
        );
        context.Response.Headers.ETag = $"\"{version}\"";
        return TypedResults.NoContent();
    }

    static async Task<ContentHttpResult> GetAsync(
        string proposal,
        string sequence,
        string kind,
        HttpContext context,
        MetadataQueries queries,
        CancellationToken cancellationToken
    )
    {
        var documents = await queries.OfAsync(context.ToPrincipal(), proposal, sequence, cancellationToken);
        var document =
            documents.FirstOrDefault(document => document.Kind == KindOf(kind))
            ?? throw Fault.NotFound("Metadata", $"{proposal}/{sequence}/{kind}");
        context.Response.Headers.ETag = $"\"{document.Version}\"";
        return TypedResults.Text(document.Json, "application/json", Encoding.UTF8);
    }

    static async Task<NoContent> PutAsync(
        string proposal,
        string sequence,
        string kind,
        HttpContext context,
        SequenceQueries sequences,
        SetMetadata set,
        CancellationToken cancellationToken
    )
    {
        var principal = context.ToPrincipal();
        // Before the body, so that a sequence which is not there is not answered by what is wrong with the text.
        await sequences.GetAsync(principal, proposal, sequence, cancellationToken);
        var text = await ReadTextAsync(context.Request, cancellationToken);
        var version = await set.HandleAsync(
            proposal,
            sequence,
            KindOf(kind),
            text,
            SeenOf(context.Request),
            principal,
            cancellationToken
        );
        context.Response.Headers.ETag = $"\"{version}\"";
        return TypedResults.NoContent();
    }

    static async Task<NoContent> DeleteAsync(
        string proposal,
        string sequence,
        string kind,
        HttpContext context,
        SetMetadata set,
        CancellationToken cancellationToken
    )
    {
        await set.HandleAsync(
            proposal,
            sequence,
            KindOf(kind),
            null,
            SeenOf(context.Request),
            context.ToPrincipal(),
            cancellationToken
        );
        return TypedResults.NoContent();
    }

    /// <summary>The version the client worked from; null where it sets no condition.</summary>
    /// <exception cref="FaultException">Invalid for a condition that is not one ETag: taking it for none would write over others.</exception>
    internal static string? SeenOf(HttpRequest request)
    {
        var headers = request.GetTypedHeaders();
        if (headers.IfNoneMatch is [{ Tag.Value: "*" }])
            return MetadataVersion.None;
        if (request.Headers.IfMatch.Count == 0 && request.Headers.IfNoneMatch.Count == 0)
            return null;
        return headers is { IfMatch: [{ IsWeak: false } tag], IfNoneMatch: not { Count: > 0 } } && tag.Tag.Value != "*"
            ? tag.Tag.Value!.Trim('"')
            : throw Fault.Invalid(
                "metadata-condition",
                "Send If-Match with the one ETag that reading the document gave, or If-None-Match: * for a document that is not there yet."
            );
    }

    static async Task<Ok<PageDto<MetadataChangeDto>>> ChangesAsync(
        string proposal,
        string sequence,
        HttpContext context,
        MetadataQueries queries,
        CancellationToken cancellationToken,
        string? cursor = null,
        int? limit = null
    )
    {
        // A document may have 1 MiB, and every change carries two.
        var page = await queries.ChangesAsync(
            context.ToPrincipal(),
            proposal,
            sequence,
            cursor,
            Paging.Limit(limit, 20, 50),
            cancellationToken
        );
        return TypedResults.Ok(
            page.ToDto(change => new MetadataChangeDto(
                change.Id,
                Kind(change.Kind),
                change.Before,
                change.After,
                change.At,
                change.Actor,
                Differences(MetadataDiff.Of(change.Before, change.After)),
                change.BulkId
            ))
        );
    }

    internal static MetadataErrorDto Error(MetadataProblem problem) =>
        new(problem.Line, problem.Column, problem.Path, problem.Message, problem.MessageJa);

    internal static MetadataErrorDto Error(SchemaProblem problem) =>
        new(
            problem.Line,
            problem.Column,
            problem.Path,
            problem.Message,
            problem.MessageJa,
            problem.Keyword,
            problem.LabelEn,
            problem.LabelJa
        );

    internal static IReadOnlyList<MetadataDifferenceDto> Differences(IReadOnlyList<MetadataDifference> differences) =>
        [
            .. differences.Select(difference => new MetadataDifferenceDto(
                difference.Path,
                difference.Kind.ToString().ToLowerInvariant(),
                difference.Before,
                difference.After
            )),
        ];

    internal static MetadataKindDto Kind(MetadataKind kind) =>
        kind == MetadataKind.Sample ? MetadataKindDto.Sample : MetadataKindDto.Measurement;

    internal static MetadataKind KindOf(string kind) =>
        kind == "sample" ? MetadataKind.Sample : MetadataKind.Measurement;

    /// <summary>The body as text; one byte more than allowed is enough for the check to say so.</summary>
    internal static async Task<string> ReadTextAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        for (
            int read;
            body.Length <= MetadataCheck.MaxBytes
                && (read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0;

        )
            body.Write(buffer, 0, read);
        var bytes = body.GetBuffer().AsSpan(0, (int)body.Length);
        try
        {
            var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
            return text.StartsWith('\uFEFF') ? text[1..] : text;
        }
        catch (DecoderFallbackException)
        {
            throw Fault.Invalid(
                "metadata-encoding",
                "The metadata is not UTF-8 text. Save it as UTF-8, then try again."
            );
        }
    }
}
