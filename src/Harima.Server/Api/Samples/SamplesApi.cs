using System.Text.Json;
using Harima.Api.Metadata;
using Harima.Api.Sequences;
using Harima.Hosting;
using Harima.Metadata.Schemas;
using Harima.Rest;
using Harima.Samples;
using Harima.Sequences;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Samples;

static class SamplesApi
{
    public static void MapSamples(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").WithTags("Samples");
        group
            .MapGet("/samples", ListAsync)
            .WithName("listSamples")
            .WithSummary(
                "Samples you may see, newest first: of your proposals, and those that readable sequences refer to"
            );
        group
            .MapPost("/proposals/{proposal}/samples", CreateAsync)
            .WithName("createSample")
            .WithSummary("Describes a new sample of a proposal");
        group
            .MapPost("/samples/check", CheckAsync)
            .Accepts<object>("application/json")
            .WithName("checkSample")
            .WithSummary(
                "Whether a description may be stored and follows a schema, and slips in CAS numbers, InChI and SMILES; with line and column"
            );
        group
            .MapGet("/samples/{sample}", GetAsync)
            .WithName("getSample")
            .WithSummary("A sample with what it comes from and where it was measured");
        group
            .MapPut("/samples/{sample}", ChangeAsync)
            .WithName("putSample")
            .WithSummary("Changes the description of a sample");
        group
            .MapDelete("/samples/{sample}", DeleteAsync)
            .WithName("deleteSample")
            .WithSummary("Deletes a sample that nothing refers to");
        group
            .MapGet("/samples/{sample}/changes", ChangesAsync)
            .WithName("listSampleChanges")
            .WithSummary("Every change of a sample, newest first; at most 50 a page");
        group
            .MapGet(SequencesApi.One + "/samples", OfSequenceAsync)
            .WithName("listSequenceSamples")
            .WithSummary("The samples a sequence refers to");
        group
            .MapPut(SequencesApi.One + "/samples/{sample}", ReferAsync)
            .WithName("addSequenceSample")
            .WithSummary("Lets an open sequence refer to a sample; whoever may read the sequence then sees the sample");
        group
            .MapDelete(SequencesApi.One + "/samples/{sample}", UnreferAsync)
            .WithName("removeSequenceSample")
            .WithSummary("Lets an open sequence refer to a sample no more");
    }

    static async Task<Ok<PageDto<SampleDto>>> ListAsync(
        HttpContext context,
        SampleQueries queries,
        CancellationToken cancellationToken,
        string? proposal = null,
        string? text = null,
        string? cursor = null,
        int? limit = null
    )
    {
        var page = await queries.ListAsync(
            context.ToPrincipal(),
            proposal,
            text,
            cursor,
            Paging.Limit(limit, 50, 200),
            cancellationToken
        );
        return TypedResults.Ok(page.ToDto(ToDto));
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
        var text = await MetadataApi.ReadTextAsync(context.Request, cancellationToken);
        var checkedText = await MetadataApi.CheckTextAsync(text, schema, version, schemas, follow, cancellationToken);
        var slips = ChemicalIdentifiers
            .Check(text)
            // What the schema says of the same place is said once.
            .Where(slip => checkedText.Errors.All(error => error.Path != slip.Path))
            .Select(slip => new MetadataErrorDto(
                slip.Line,
                slip.Column,
                slip.Path,
                slip.Message,
                slip.MessageJa,
                "identifier"
            ))
            .ToList();
        return TypedResults.Ok(
            checkedText with
            {
                Valid = checkedText.Valid && slips.Count == 0,
                Errors = [.. checkedText.Errors, .. slips],
            }
        );
    }

    static async Task<Created<SampleDto>> CreateAsync(
        string proposal,
        PutSampleDto request,
        HttpContext context,
        PutSample put,
        CancellationToken cancellationToken
    )
    {
        var sample = await put.CreateAsync(proposal, Request(request), context.ToPrincipal(), cancellationToken);
        return TypedResults.Created("/api/v1/samples/" + sample.Id, ToDto(sample));
    }

    static async Task<Ok<SampleDetailDto>> GetAsync(
        string sample,
        HttpContext context,
        SampleQueries queries,
        CancellationToken cancellationToken
    )
    {
        var view = await queries.GetAsync(context.ToPrincipal(), sample, cancellationToken);
        return TypedResults.Ok(
            new SampleDetailDto(
                ToDto(view.Sample),
                view.MayChange,
                [.. view.Parents.Select(ToDto)],
                [.. view.Children.Select(ToDto)],
                view.Sequences
            )
        );
    }

    static async Task<Ok<SampleDto>> ChangeAsync(
        string sample,
        PutSampleDto request,
        HttpContext context,
        PutSample put,
        CancellationToken cancellationToken
    ) =>
        TypedResults.Ok(
            ToDto(await put.ChangeAsync(sample, Request(request), context.ToPrincipal(), cancellationToken))
        );

    static async Task<NoContent> DeleteAsync(
        string sample,
        HttpContext context,
        PutSample put,
        CancellationToken cancellationToken
    )
    {
        await put.DeleteAsync(sample, context.ToPrincipal(), cancellationToken);
        return TypedResults.NoContent();
    }

    static async Task<Ok<PageDto<SampleChangeDto>>> ChangesAsync(
        string sample,
        HttpContext context,
        SampleQueries queries,
        CancellationToken cancellationToken,
        string? cursor = null,
        int? limit = null
    )
    {
        var page = await queries.ChangesAsync(
            context.ToPrincipal(),
            sample,
            cursor,
            Paging.Limit(limit, 20, 50),
            cancellationToken
        );
        return TypedResults.Ok(
            page.ToDto(change => new SampleChangeDto(change.Before, change.After, change.At, change.Actor))
        );
    }

    static async Task<Ok<ItemsDto<SampleLinkDto>>> OfSequenceAsync(
        string proposal,
        string sequence,
        HttpContext context,
        SequenceSamples samples,
        CancellationToken cancellationToken
    )
    {
        var links = await samples.OfAsync(context.ToPrincipal(), proposal, sequence, cancellationToken);
        return TypedResults.Ok(new ItemsDto<SampleLinkDto>([.. links.Select(ToDto)]));
    }

    static Task<NoContent> ReferAsync(
        string proposal,
        string sequence,
        string sample,
        HttpContext context,
        SequenceSamples samples,
        CancellationToken cancellationToken
    ) => SetAsync(proposal, sequence, sample, true, context, samples, cancellationToken);

    static Task<NoContent> UnreferAsync(
        string proposal,
        string sequence,
        string sample,
        HttpContext context,
        SequenceSamples samples,
        CancellationToken cancellationToken
    ) => SetAsync(proposal, sequence, sample, false, context, samples, cancellationToken);

    static async Task<NoContent> SetAsync(
        string proposal,
        string sequence,
        string sample,
        bool refers,
        HttpContext context,
        SequenceSamples samples,
        CancellationToken cancellationToken
    )
    {
        await samples.SetAsync(proposal, sequence, sample, refers, context.ToPrincipal(), cancellationToken);
        return TypedResults.NoContent();
    }

    static PutSampleRequest Request(PutSampleDto request) =>
        new(request.Description.GetRawText(), request.Parents, request.Version);

    static SampleDto ToDto(Sample sample)
    {
        using var document = JsonDocument.Parse(sample.Json);
        return new SampleDto(
            sample.Id,
            sample.ProposalId,
            sample.Name,
            document.RootElement.Clone(),
            sample.Version,
            sample.CreatedAt,
            sample.CreatedBy,
            sample.ChangedAt,
            sample.ChangedBy
        );
    }

    static SampleLinkDto ToDto(SampleLink link) => new(link.Id, link.ProposalId, link.Name);
}
