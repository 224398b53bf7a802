using System.ComponentModel;
using System.Globalization;
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
                "A small picture (PNG) of a file in the sequence: HDF5/NeXus, CBF, TIFF, EDF, PNG, JPEG, and tables as a line; 404, saying why, where there is none. X-Harima-File, X-Harima-Frames and X-Harima-Frame say what it shows: the file (percent-encoded), how many frames it has, and which one, from 0"
            );

    static async Task<FileContentHttpResult> PreviewAsync(
        string proposal,
        string sequence,
        [Description("A file inside the sequence; without it the one that shows it best")] string? file,
        [Description("A frame of a stack, from 0; without it the one in the middle")] long? frame,
        HttpContext context,
        SequencePreview preview,
        CancellationToken cancellationToken
    )
    {
        var found = await preview.OfAsync(
            context.ToPrincipal(),
            proposal,
            sequence,
            new PreviewOf(file, frame),
            cancellationToken
        );
        if (found.Picture is not { } picture)
            throw new FaultException(
                FaultCode.NotFound,
                "no-preview",
                $"No picture can be drawn of {proposal}/{sequence}. {found.Reason}"
            );
        // The browser keeps it, and asks whether it may still be seen.
        context.Response.Headers.CacheControl = "private, no-cache";
        // So that whoever asks can offer the other frames of the same file.
        context.Response.Headers["X-Harima-File"] = Uri.EscapeDataString(picture.File);
        context.Response.Headers["X-Harima-Frames"] = picture.Frames.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers["X-Harima-Frame"] = picture.Frame.ToString(CultureInfo.InvariantCulture);
        return TypedResults.Bytes(picture.Png, "image/png", entityTag: new EntityTagHeaderValue($"\"{picture.Tag}\""));
    }
}
