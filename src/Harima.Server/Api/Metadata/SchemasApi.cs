using System.Text;
using Harima.Api.Sequences;
using Harima.Extraction;
using Harima.Faults;
using Harima.Hosting;
using Harima.Metadata;
using Harima.Metadata.Schemas;
using Harima.Rest;
using Harima.Sequences;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Metadata;

static class SchemasApi
{
    public static void MapSchemas(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").WithTags("Schemas");
        group
            .MapGet("/schemas", ListAsync)
            .WithName("listSchemas")
            .WithSummary("The newest version of every registered metadata schema");
        group
            .MapGet("/schemas/{schema}", VersionsAsync)
            .WithName("listSchemaVersions")
            .WithSummary("Every version of a schema, newest first");
        group
            .MapGet("/schemas/{schema}/{version:long}", GetAsync)
            .Produces<object>(StatusCodes.Status200OK, "application/schema+json")
            .WithName("getSchema")
            .WithSummary("A schema's text exactly as it was registered");
        group
            .MapPut("/schemas/{schema}", RegisterAsync)
            .Accepts<object>("application/json")
            .WithName("registerSchema")
            .WithSummary("Registers a JSON Schema (draft-07 or 2020-12) as the next version; for administrators");
        group
            .MapPost("/schemas/{schema}/{version:long}/retire", RetireAsync)
            .WithName("retireSchema")
            .WithSummary("Offers a schema no longer; who follows it goes on; for administrators");
        group
            .MapPost("/schemas/{schema}/{version:long}/offer", OfferAsync)
            .WithName("offerSchema")
            .WithSummary("Offers a retired schema again; for administrators");
        group
            .MapPost("/schemas/{schema}/general", MakeGeneralAsync)
            .WithName("makeSchemaGeneral")
            .WithSummary("Offers a schema where no other suits, instead of the one that was; for administrators");
        group
            .MapGet(SequencesApi.One + "/metadata/{kind:regex(^(measurement|sample)$)}/schemas", OffersAsync)
            .WithName("listSchemaOffers")
            .WithSummary(
                "The schemas a document of a sequence may follow, what suits its technique and beamline first"
            );
        group
            .MapGet(SequencesApi.One + "/metadata/standing", StandingAsync)
            .WithName("getSchemaStanding")
            .WithSummary("Which schema each document follows, what is missing and what is wrong");
        group
            .MapPut(SequencesApi.One + "/metadata/{kind:regex(^(measurement|sample)$)}/schema", FollowAsync)
            .WithName("followSchema")
            .WithSummary("Lets a document of an open sequence follow a schema, or none");
    }

    static async Task<Ok<ItemsDto<SchemaDto>>> ListAsync(
        MetadataSchemas schemas,
        CancellationToken cancellationToken,
        MetadataKindDto? kind = null,
        string? technique = null,
        string? instrument = null,
        bool retired = false
    ) =>
        TypedResults.Ok(
            new ItemsDto<SchemaDto>([
                .. (await schemas.ListAsync(retired, cancellationToken))
                    .Where(schema => kind is null || MetadataApi.Kind(schema.Kind) == kind)
                    .Where(schema => Suits(schema.Technique, technique) && Suits(schema.Instrument, instrument))
                    .Select(Dto),
            ])
        );

    static bool Suits(string own, string? asked) =>
        string.IsNullOrEmpty(asked) || own.Length == 0 || string.Equals(own, asked, StringComparison.OrdinalIgnoreCase);

    static async Task<Ok<ItemsDto<SchemaDto>>> VersionsAsync(
        string schema,
        MetadataSchemas schemas,
        CancellationToken cancellationToken
    )
    {
        var versions = await schemas.VersionsAsync(schema, cancellationToken);
        if (versions.Count == 0)
            throw Fault.NotFound("Schema", schema);
        return TypedResults.Ok(new ItemsDto<SchemaDto>([.. versions.Select(Dto)]));
    }

    static async Task<ContentHttpResult> GetAsync(
        string schema,
        long version,
        MetadataSchemas schemas,
        CancellationToken cancellationToken
    ) =>
        TypedResults.Text(
            (await schemas.GetAsync(schema, version, cancellationToken)).Json,
            "application/schema+json",
            Encoding.UTF8
        );

    static async Task<Ok<SchemaDto>> RegisterAsync(
        string schema,
        HttpContext context,
        RegisterSchema register,
        CancellationToken cancellationToken,
        MetadataKindDto kind = MetadataKindDto.Measurement,
        string? technique = null,
        string? instrument = null,
        string? title = null,
        string? titleJa = null,
        bool general = false
    )
    {
        var principal = context.ToPrincipal();
        // Before the body: who may not register learns nothing about the text.
        await register.RequireAdministratorAsync(principal, cancellationToken);
        var text = await MetadataApi.ReadTextAsync(context.Request, cancellationToken);
        var request = new RegisterSchemaRequest(
            schema,
            kind == MetadataKindDto.Sample ? MetadataKind.Sample : MetadataKind.Measurement,
            technique ?? "",
            instrument ?? "",
            title,
            titleJa,
            text,
            general
        );
        return TypedResults.Ok(Dto(await register.HandleAsync(request, principal, cancellationToken)));
    }

    static Task<NoContent> RetireAsync(
        string schema,
        long version,
        HttpContext context,
        RegisterSchema register,
        CancellationToken cancellationToken
    ) => SetRetiredAsync(schema, version, true, context, register, cancellationToken);

    static Task<NoContent> OfferAsync(
        string schema,
        long version,
        HttpContext context,
        RegisterSchema register,
        CancellationToken cancellationToken
    ) => SetRetiredAsync(schema, version, false, context, register, cancellationToken);

    static async Task<NoContent> MakeGeneralAsync(
        string schema,
        HttpContext context,
        RegisterSchema register,
        CancellationToken cancellationToken
    )
    {
        await register.MakeGeneralAsync(schema, context.ToPrincipal(), cancellationToken);
        return TypedResults.NoContent();
    }

    static async Task<Ok<ItemsDto<SchemaOfferDto>>> OffersAsync(
        string proposal,
        string sequence,
        string kind,
        HttpContext context,
        SequenceQueries sequences,
        MetadataQueries metadata,
        ExtractionQueries proposed,
        FollowSchema follow,
        CancellationToken cancellationToken
    )
    {
        var principal = context.ToPrincipal();
        var view = await sequences.GetAsync(principal, proposal, sequence, cancellationToken);
        var techniques = KnownTechniques.Of(
            await metadata.OfAsync(principal, proposal, sequence, cancellationToken),
            await proposed.OfAsync(principal, proposal, sequence, cancellationToken)
        );
        var offers = await follow.OffersAsync(
            view.Sequence.ProposalId,
            view.Sequence.BeamlineId,
            MetadataApi.KindOf(kind),
            techniques,
            cancellationToken
        );
        return TypedResults.Ok(
            new ItemsDto<SchemaOfferDto>([
                .. offers.Select(offer => new SchemaOfferDto(Dto(offer.Schema), (SchemaSuitsDto)(int)offer.Suits)),
            ])
        );
    }

    static async Task<NoContent> SetRetiredAsync(
        string schema,
        long version,
        bool retired,
        HttpContext context,
        RegisterSchema register,
        CancellationToken cancellationToken
    )
    {
        await register.RetireAsync(schema, version, retired, context.ToPrincipal(), cancellationToken);
        return TypedResults.NoContent();
    }

    static async Task<Ok<ItemsDto<SchemaStandingDto>>> StandingAsync(
        string proposal,
        string sequence,
        HttpContext context,
        FollowSchema follow,
        CancellationToken cancellationToken
    )
    {
        var standings = await follow.StandingAsync(context.ToPrincipal(), proposal, sequence, cancellationToken);
        return TypedResults.Ok(
            new ItemsDto<SchemaStandingDto>([
                .. standings.Select(standing => new SchemaStandingDto(
                    MetadataApi.Kind(standing.Kind),
                    standing.Schema is { } schema ? Dto(schema) : null,
                    standing.Schema is null ? null : standing.IsValid,
                    [.. standing.Missing.Select(MetadataApi.Error)],
                    [.. standing.Wrong.Select(MetadataApi.Error)]
                )),
            ])
        );
    }

    static async Task<NoContent> FollowAsync(
        string proposal,
        string sequence,
        string kind,
        FollowSchemaDto body,
        HttpContext context,
        FollowSchema follow,
        CancellationToken cancellationToken
    )
    {
        await follow.HandleAsync(
            proposal,
            sequence,
            MetadataApi.KindOf(kind),
            body.Schema,
            body.Version,
            context.ToPrincipal(),
            cancellationToken
        );
        return TypedResults.NoContent();
    }

    static SchemaDto Dto(MetadataSchema schema) =>
        new(
            schema.Id,
            schema.Version,
            MetadataApi.Kind(schema.Kind),
            schema.Technique,
            schema.Instrument,
            schema.Title,
            schema.TitleJa,
            schema.RegisteredAt,
            schema.RegisteredBy,
            schema.RetiredAt,
            schema.IsGeneral
        );
}
