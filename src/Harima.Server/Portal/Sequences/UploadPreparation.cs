using Harima.Faults;
using Harima.Metadata;
using Harima.Metadata.Schemas;
using Harima.Portal.Faults;
using Harima.Portal.Metadata;
using Harima.Sequences;
using Microsoft.AspNetCore.Mvc;

namespace Harima.Portal.Sequences;

/// <summary>Where the upload may begin: the sequence is open and its metadata stored.</summary>
sealed record PreparedUpload(string Proposal, string Sequence, string Url, string SequenceUrl);

/// <summary>The upload page's form, sent by the upload island before the first byte.</summary>
static class UploadPreparation
{
    public static void MapUploadPreparation(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/upload/prepare", PrepareAsync).RequireAuthorization().ExcludeFromDescription();

    static async Task<IResult> PrepareAsync(
        [FromForm] string proposal,
        [FromForm] string sequence,
        [FromForm] string? measurement,
        [FromForm] string? sample,
        [FromForm] string? measurementSchema,
        [FromForm] string? sampleSchema,
        Visitor visitor,
        OpenOrContinueSequence openOrContinue,
        SetMetadata setMetadata,
        FollowSchema follow,
        Texts texts,
        CancellationToken cancellationToken
    )
    {
        (MetadataKind Kind, string Field, string? Json)[] documents =
        [
            (MetadataKind.Measurement, "measurement", measurement),
            (MetadataKind.Sample, "sample", sample),
        ];
        // Before anything is opened: a typing mistake should not leave an empty sequence behind.
        var errors = documents
            .Where(document => !string.IsNullOrWhiteSpace(document.Json))
            .Select(document => (document.Field, Problems: MetadataCheck.Check(document.Json!)))
            .Where(checkedDocument => checkedDocument.Problems.Count > 0)
            .ToDictionary(
                checkedDocument => checkedDocument.Field,
                checkedDocument =>
                    checkedDocument
                        .Problems.Select(problem =>
                            texts[
                                "Upload.At",
                                problem.Line,
                                problem.Column,
                                Show.Pick(problem.Message, problem.MessageJa ?? "")
                            ]
                        )
                        .ToArray()
            );
        if (errors.Count > 0)
            return Results.ValidationProblem(errors, texts["Upload.MetadataInvalid"]);
        try
        {
            var target = await openOrContinue.HandleAsync(
                new OpenSequenceRequest(proposal, sequence),
                visitor.Principal,
                cancellationToken
            );
            foreach (var (kind, _, json) in documents)
                if (!string.IsNullOrWhiteSpace(json))
                    await setMetadata.HandleAsync(
                        target.ProposalId,
                        target.Id,
                        kind,
                        json,
                        visitor.Principal,
                        cancellationToken
                    );
            (MetadataKind Kind, string? Chosen)[] schemas =
            [
                (MetadataKind.Measurement, measurementSchema),
                (MetadataKind.Sample, sampleSchema),
            ];
            foreach (var (kind, chosen) in schemas)
                if (ChosenSchema.Parse(chosen) is ({ } id, var version))
                    await follow.HandleAsync(
                        target.ProposalId,
                        target.Id,
                        kind,
                        id,
                        version,
                        visitor.Principal,
                        cancellationToken
                    );
            return Results.Ok(
                new PreparedUpload(
                    target.ProposalId,
                    target.Id,
                    Address.Of("/upload", ("proposal", target.ProposalId), ("sequence", target.Id)),
                    Address.Sequence(target.ProposalId, target.Id)
                )
            );
        }
        catch (FaultException fault)
        {
            return Results.Problem(FaultText.Of(fault, texts), statusCode: FaultPages.StatusOf(fault.Code));
        }
    }
}
