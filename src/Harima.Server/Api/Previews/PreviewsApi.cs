using Harima.Api.Sequences;
using Harima.Faults;
using Harima.Hosting;
using Harima.Previews;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace Harima.Api.Previews;

static class PreviewsApi
{
    public static void MapPreviews(this IEndpointRouteBuilder routes) =>
        routes
            .MapGet(SequencesApi.One + "/preview", PreviewAsync)
            .WithTags("Sequences")
            .Produces(StatusCodes.Status200OK, contentType: "image/png")
            .WithName("getSequencePreview")
            .WithSummary(
                "A small picture (PNG) of a frame in the sequence: of CBF and uncompressed TIFF; 404 where there is none"
            );

    static async Task<FileContentHttpResult> PreviewAsync(
        string proposal,
        string sequence,
        HttpContext context,
        SequencePreview preview,
        CancellationToken cancellationToken
    )
    {
        var picture =
            await preview.OfAsync(context.ToPrincipal(), proposal, sequence, cancellationToken)
            ?? throw Fault.NotFound("Preview", $"{proposal}/{sequence}");
        // The browser keeps it, and asks whether it may still be seen.
        context.Response.Headers.CacheControl = "private, no-cache";
        return TypedResults.Bytes(picture.Png, "image/png", entityTag: new EntityTagHeaderValue($"\"{picture.Tag}\""));
    }
}
