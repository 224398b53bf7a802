using System.Text;
using System.Text.Json;
using Harima.Api.Metadata;
using Harima.Api.Sequences;
using Harima.Exchange;
using Harima.Extraction;
using Harima.Faults;
using Harima.Hosting;
using Harima.Metadata;
using Harima.Rest;
using Harima.Sequences;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Exchange;

static class ExchangeApi
{
    /// <summary>JSON array of what the format has no place for.</summary>
    const string NotCarriedHeader = "Harima-Not-Carried";

    public static void MapExchange(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").WithTags("Metadata");
        group
            .MapGet(SequencesApi.One + "/metadata/export", ExportAsync)
            .Produces<object>(StatusCodes.Status200OK, "application/json")
            .WithName("exportMetadata")
            .WithSummary(
                "The metadata in another format (benten-yaml, benten-json, rde-invoice, rde-metadata, scicat, datacite, ro-crate, "
                    + "ro-crate-1.2); what it has no place for is told in the header Harima-Not-Carried"
            );
        group
            .MapPost(SequencesApi.One + "/metadata/import", ImportAsync)
            .Accepts<object>(
                "application/json",
                "application/yaml",
                "application/x-yaml",
                "text/yaml",
                "text/plain",
                "application/octet-stream"
            )
            .WithName("importMetadata")
            .WithSummary(
                "Sets the metadata from a text in another format, which is found out unless it is named; with trial=true only says what would come of it, and its ETag, sent as If-Match, lets the import be refused where somebody has changed the documents since"
            );
    }

    static async Task<ContentHttpResult> ExportAsync(
        string proposal,
        string sequence,
        HttpContext context,
        ExchangeMetadata exchange,
        CancellationToken cancellationToken,
        string format = "ro-crate"
    )
    {
        var exported = await exchange.ExportAsync(context.ToPrincipal(), proposal, sequence, format, cancellationToken);
        context.Response.Headers.ContentDisposition = "attachment; filename=\"" + exported.FileName + "\"";
        // The default escapes everything but ASCII, as a header must.
        if (exported.NotCarried.Count > 0)
            context.Response.Headers[NotCarriedHeader] = JsonSerializer.Serialize(exported.NotCarried);
        return TypedResults.Text(exported.Text, exported.ContentType, Encoding.UTF8);
    }

    static async Task<Ok<ImportedMetadataDto>> ImportAsync(
        string proposal,
        string sequence,
        HttpContext context,
        SequenceQueries sequences,
        ExchangeMetadata exchange,
        CancellationToken cancellationToken,
        string format = ExchangeMetadata.Auto,
        bool trial = false
    )
    {
        var principal = context.ToPrincipal();
        // Before the body, so that a sequence which is not there is not answered by what is wrong with the text.
        await sequences.GetAsync(principal, proposal, sequence, cancellationToken);
        var text = await MetadataApi.ReadTextAsync(context.Request, cancellationToken);
        var seen = MetadataApi.SeenOf(context.Request) is { } tag ? VersionsOf(tag) : null;
        var result = await exchange.ImportAsync(
            principal,
            proposal,
            sequence,
            format,
            text,
            trial,
            seen,
            cancellationToken
        );
        context.Response.Headers.ETag = $"\"{result.Versions.Measurement}.{result.Versions.Sample}\"";
        return TypedResults.Ok(
            new ImportedMetadataDto(
                result.Measurement,
                result.Sample,
                [.. result.NotCarried.Select(left => left.Sentence)],
                result.Format
            )
        );
    }

    /// <summary>The versions of both documents, a full stop between them; <c>If-None-Match: *</c> stands for two that are not there.</summary>
    static SeenVersions VersionsOf(string tag) =>
        tag == MetadataVersion.None ? new SeenVersions(tag, tag)
        : tag.Split('.') is [var measurement, var sample] ? new SeenVersions(measurement, sample)
        : throw Fault.Invalid(
            "metadata-condition",
            "Send If-Match with the one ETag that a trial gave: the ETags of both documents, a full stop between them, 'none' for one that is not there."
        );
}
