using Harima.Api.Sequences;
using Harima.Extraction;
using Harima.Hosting;
using Harima.Identity;
using Harima.Rest;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Extraction;

static class ExtractionApi
{
    public static void MapExtraction(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").WithTags("Metadata");
        group
            .MapGet(SequencesApi.One + "/metadata/proposed", GetAsync)
            .WithName("getProposedMetadata")
            .WithSummary("What the headers of the files propose as metadata, beside what was typed");
        group
            .MapPost(SequencesApi.One + "/metadata/proposed/read", AskAsync)
            .WithName("readProposedMetadata")
            .WithSummary("Reads the headers of the files again, in the background");
        group
            .MapPost(SequencesApi.One + "/metadata/proposed/accept", AcceptAsync)
            .WithName("acceptProposedMetadata")
            .WithSummary(
                "Takes proposals over into the metadata: those named, or everything that nothing was typed for"
            );
        group
            .MapPost(SequencesApi.One + "/metadata/proposed/dismiss", DismissAsync)
            .WithName("dismissProposedMetadata")
            .WithSummary(
                "Sets proposals aside that nobody wants: those named, or all; they come back when the files say something else"
            );
        group
            .MapPost(SequencesApi.One + "/metadata/proposed/propose-again", ProposeAgainAsync)
            .WithName("proposeMetadataAgain")
            .WithSummary("Proposes again what was dismissed: those named, or all");
    }

    static async Task<Ok<ExtractionDto>> GetAsync(
        string proposal,
        string sequence,
        HttpContext context,
        ExtractionQueries queries,
        CancellationToken cancellationToken
    )
    {
        var result = await queries.OfAsync(context.ToPrincipal(), proposal, sequence, cancellationToken);
        return TypedResults.Ok(
            new ExtractionDto(
                result.At,
                result.Pending,
                result.FilesRead,
                result.FilesPassed,
                [.. result.Problems.Select(problem => new ExtractionProblemDto(problem.File, problem.Message))],
                [
                    .. result.Values.Select(value => new ProposedValueDto(
                        value.Extracted.Path,
                        value.Extracted.Value,
                        value.Extracted.Unit,
                        value.Extracted.File,
                        value.Extracted.FilePath,
                        value.Extracted.Files,
                        Enum.Parse<Rest.ProposedState>(value.State.ToString()),
                        value.Typed,
                        value.Extracted.AssumedZone,
                        value.Dismissal?.By,
                        value.Dismissal?.At
                    )),
                ],
                new SeenVersionsDto(result.Seen.Measurement, result.Seen.Sample)
            )
        );
    }

    static async Task<Accepted> AskAsync(
        string proposal,
        string sequence,
        HttpContext context,
        ExtractMetadata extract,
        CancellationToken cancellationToken
    )
    {
        await extract.AskAsync(context.ToPrincipal(), proposal, sequence, cancellationToken);
        return TypedResults.Accepted((string?)null);
    }

    static async Task<Ok<AcceptedDto>> AcceptAsync(
        string proposal,
        string sequence,
        AcceptRequest request,
        HttpContext context,
        AcceptExtracted accept,
        CancellationToken cancellationToken
    )
    {
        var accepted = await accept.HandleAsync(
            proposal,
            sequence,
            Fields(request.Fields),
            request.Seen is { } seen ? new SeenVersions(seen.Measurement, seen.Sample) : null,
            context.ToPrincipal(),
            cancellationToken
        );
        return TypedResults.Ok(new AcceptedDto([.. accepted.Select(value => value.Path)]));
    }

    static Task<Ok<DismissedDto>> DismissAsync(
        string proposal,
        string sequence,
        DismissRequest request,
        HttpContext context,
        DismissExtracted dismiss,
        CancellationToken cancellationToken
    ) => CountAsync(dismiss.HandleAsync, proposal, sequence, request, context, cancellationToken);

    static Task<Ok<DismissedDto>> ProposeAgainAsync(
        string proposal,
        string sequence,
        DismissRequest request,
        HttpContext context,
        DismissExtracted dismiss,
        CancellationToken cancellationToken
    ) => CountAsync(dismiss.UndoAsync, proposal, sequence, request, context, cancellationToken);

    static async Task<Ok<DismissedDto>> CountAsync(
        Func<string, string, IReadOnlyList<AcceptedField>?, Principal, CancellationToken, Task<int>> act,
        string proposal,
        string sequence,
        DismissRequest request,
        HttpContext context,
        CancellationToken cancellationToken
    ) =>
        TypedResults.Ok(
            new DismissedDto(
                await act(proposal, sequence, Fields(request.Fields), context.ToPrincipal(), cancellationToken)
            )
        );

    static List<AcceptedField>? Fields(IReadOnlyList<AcceptedFieldDto>? fields) =>
        fields?.Select(field => new AcceptedField(field.Path, field.Value, field.Unit)).ToList();
}
