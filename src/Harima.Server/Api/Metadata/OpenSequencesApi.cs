using Harima.Hosting;
using Harima.Metadata;
using Harima.Rest;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Metadata;

static class OpenSequencesApi
{
    public static void MapOpenSequences(this IEndpointRouteBuilder routes) =>
        routes
            .MapPost("/proposals/{proposal}/sequences/bulk", OpenAsync)
            .WithTags("Sequences")
            .WithName("openSequences")
            .WithSummary(
                "Opens at most 1000 sequences with their metadata at once; what is wrong with one leaves the others"
            );

    static async Task<Ok<OpenedSequencesDto>> OpenAsync(
        string proposal,
        NewSequencesDto request,
        HttpContext context,
        OpenSequences open,
        CancellationToken cancellationToken
    )
    {
        var outcomes = await open.HandleAsync(
            proposal,
            [
                .. request.Sequences.Select(sequence => new DescribedSequence(
                    sequence.Id,
                    sequence.Measurement?.GetRawText(),
                    sequence.Sample?.GetRawText()
                )),
            ],
            context.ToPrincipal(),
            cancellationToken
        );
        return TypedResults.Ok(
            new OpenedSequencesDto(
                outcomes.Count(outcome => outcome.Refusal is null),
                [
                    .. outcomes
                        .Where(outcome => outcome.Refusal is not null)
                        .Select(outcome => new RefusedSequenceDto(
                            outcome.SequenceId,
                            outcome.Refusal!.Reason,
                            outcome.Refusal.Message
                        )),
                ]
            )
        );
    }
}
