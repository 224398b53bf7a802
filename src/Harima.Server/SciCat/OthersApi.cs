using System.Text.Json.Nodes;

namespace Harima.SciCat;

/// <summary>Samples, proposals and instruments; and what SciCat has and Harima does not, so that clients get an answer they understand.</summary>
static class OthersApi
{
    public static void MapSamples(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/samples", ListSamplesAsync);
        routes.MapGet("/samples/count", CountSamplesAsync);
        routes.MapGet("/samples/findOne", FindSampleAsync);
        routes.MapGet("/samples/fullquery", QuerySamplesAsync);
        routes.MapPost("/samples", AddSampleAsync);
        routes.MapGet("/samples/{id}", GetSampleAsync);
        routes.MapPatch("/samples/{id}", ChangeSampleAsync);
        routes.MapDelete("/samples/{id}", DeleteSampleAsync);
        routes.MapGet("/samples/{id}/datasets", DatasetsOfSampleAsync);
    }

    public static void MapProposals(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/proposals", ListProposalsAsync);
        routes.MapGet("/proposals/count", CountProposalsAsync);
        routes.MapGet("/proposals/findOne", FindProposalAsync);
        routes.MapGet("/proposals/fullquery", QueryProposalsAsync);
        routes.MapPost("/proposals", AddProposalAsync);
        routes.MapGet("/proposals/{id}", GetProposalAsync);
        routes.MapGet("/proposals/{id}/datasets", DatasetsOfProposalAsync);
        routes.MapPatch(
            "/proposals/{id}",
            () =>
                SciCatAnswer.NotOffered(
                    "A proposal is the facility's: it is changed in Harima, not over this interface."
                )
        );
    }

    public static void MapInstruments(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/instruments", ListInstrumentsAsync);
        routes.MapGet("/instruments/count", CountInstrumentsAsync);
        routes.MapGet("/instruments/findOne", FindInstrumentAsync);
        routes.MapPost("/instruments", AddInstrumentAsync);
        routes.MapGet("/instruments/{id}", GetInstrumentAsync);
        routes.MapPatch(
            "/instruments/{id}",
            () =>
                SciCatAnswer.NotOffered(
                    "A beamline is the facility's: it is changed in Harima, not over this interface."
                )
        );
    }

    /// <summary>What there is none of here.</summary>
    public static void MapRest(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/health", () => SciCatAnswer.Json(new JsonObject { ["status"] = "ok" }));
        routes.MapGet("/admin/config", () => SciCatAnswer.Json(Configuration()));
        foreach (
            var none in (string[])["/publisheddata", "/policies", "/jobs", "/logbooks", "/datasets/{pid}/externallinks"]
        )
            routes.MapGet(none, () => SciCatAnswer.List([]));
        routes.MapGet("/publisheddata/count", () => SciCatAnswer.Json(new JsonObject { ["count"] = 0 }));
        routes.MapGet("/publisheddata/{id}", (string id) => NotFound("PublishedData", id));
        routes.MapGet("/jobs/{id}", (string id) => NotFound("Job", id));
        routes.MapPost(
            "/publisheddata",
            () => SciCatAnswer.NotOffered("Data is not published with a DOI over this interface.")
        );
        routes.MapPost(
            "/jobs",
            () =>
                SciCatAnswer.NotOffered(
                    "There is no tape behind this server: every file is on disk and can be read at once over S3."
                )
        );
    }

    static IResult NotFound(string what, string id) => throw Faults.Fault.NotFound(what, SciCatAnswer.Id(id));

    /// <summary>Of what SciCat's front end asks, what does not hold here.</summary>
    static JsonObject Configuration() =>
        new()
        {
            ["siteTitle"] = "Harima",
            ["addDatasetEnabled"] = false,
            ["archiveWorkflowEnabled"] = false,
            ["jobsEnabled"] = false,
            ["logbookEnabled"] = false,
            ["policiesEnabled"] = false,
            ["scienceSearchEnabled"] = true,
            ["scienceSearchUnitsEnabled"] = true,
            ["facility"] = "Harima",
        };

    static async Task<IResult> ListSamplesAsync(
        HttpContext context,
        SampleDocuments samples,
        CancellationToken token
    ) => SciCatAnswer.List(await samples.ListAsync(context.Caller(), context.Filter(), token));

    static async Task<IResult> QuerySamplesAsync(
        HttpContext context,
        SampleDocuments samples,
        CancellationToken token
    ) => SciCatAnswer.List(await samples.ListAsync(context.Caller(), FullQuery(context), token));

    static async Task<IResult> CountSamplesAsync(
        HttpContext context,
        SampleDocuments samples,
        CancellationToken token
    ) => Count(await samples.CountAsync(context.Caller(), context.Filter(), token));

    static async Task<IResult> FindSampleAsync(HttpContext context, SampleDocuments samples, CancellationToken token) =>
        First(await samples.ListAsync(context.Caller(), context.Filter(), token));

    static async Task<IResult> AddSampleAsync(HttpContext context, SampleDocuments samples, CancellationToken token)
    {
        var principal = context.KnownCaller();
        return SciCatAnswer.Created(await samples.CreateAsync(await SciCatAnswer.BodyAsync(context), principal, token));
    }

    static async Task<IResult> GetSampleAsync(
        string id,
        HttpContext context,
        SampleDocuments samples,
        CancellationToken token
    ) => SciCatAnswer.Json(await samples.GetAsync(context.Caller(), SciCatAnswer.Id(id), token));

    static async Task<IResult> ChangeSampleAsync(
        string id,
        HttpContext context,
        SampleDocuments samples,
        CancellationToken token
    )
    {
        var principal = context.KnownCaller();
        var body = await SciCatAnswer.BodyAsync(context);
        return SciCatAnswer.Json(await samples.ChangeAsync(SciCatAnswer.Id(id), body, principal, token));
    }

    static async Task<IResult> DeleteSampleAsync(
        string id,
        HttpContext context,
        SampleDocuments samples,
        CancellationToken token
    ) => SciCatAnswer.Json(await samples.DeleteAsync(SciCatAnswer.Id(id), context.KnownCaller(), token));

    static async Task<IResult> ListProposalsAsync(
        HttpContext context,
        ProposalDocuments proposals,
        CancellationToken token
    ) => SciCatAnswer.List(await proposals.ListAsync(context.Caller(), context.Filter(), token));

    static async Task<IResult> QueryProposalsAsync(
        HttpContext context,
        ProposalDocuments proposals,
        CancellationToken token
    ) => SciCatAnswer.List(await proposals.ListAsync(context.Caller(), FullQuery(context), token));

    static async Task<IResult> CountProposalsAsync(
        HttpContext context,
        ProposalDocuments proposals,
        CancellationToken token
    ) => Count(await proposals.CountAsync(context.Caller(), context.Filter(), token));

    static async Task<IResult> FindProposalAsync(
        HttpContext context,
        ProposalDocuments proposals,
        CancellationToken token
    ) => First(await proposals.ListAsync(context.Caller(), context.Filter(), token));

    static async Task<IResult> AddProposalAsync(
        HttpContext context,
        ProposalDocuments proposals,
        CancellationToken token
    )
    {
        var principal = context.KnownCaller();
        return SciCatAnswer.Created(
            await proposals.CreateAsync(await SciCatAnswer.BodyAsync(context), principal, token)
        );
    }

    static async Task<IResult> GetProposalAsync(
        string id,
        HttpContext context,
        ProposalDocuments proposals,
        CancellationToken token
    ) => SciCatAnswer.Json(await proposals.GetAsync(context.Caller(), SciCatAnswer.Id(id), token));

    static async Task<IResult> ListInstrumentsAsync(
        HttpContext context,
        Instruments instruments,
        CancellationToken token
    ) => SciCatAnswer.List(await instruments.ListAsync(context.Filter(), token));

    static async Task<IResult> CountInstrumentsAsync(
        HttpContext context,
        Instruments instruments,
        CancellationToken token
    ) => Count(await instruments.CountAsync(context.Filter(), token));

    static async Task<IResult> FindInstrumentAsync(
        HttpContext context,
        Instruments instruments,
        CancellationToken token
    ) => First(await instruments.ListAsync(context.Filter(), token));

    static async Task<IResult> AddInstrumentAsync(HttpContext context, Instruments instruments, CancellationToken token)
    {
        var principal = context.KnownCaller();
        return SciCatAnswer.Created(
            await instruments.CreateAsync(await SciCatAnswer.BodyAsync(context), principal, token)
        );
    }

    static async Task<IResult> GetInstrumentAsync(string id, Instruments instruments, CancellationToken token) =>
        SciCatAnswer.Json(await instruments.GetAsync(SciCatAnswer.Id(id), token));

    static async Task<IResult> DatasetsOfSampleAsync(
        string id,
        HttpContext context,
        SampleDocuments samples,
        DatasetQueries datasets,
        CancellationToken token
    )
    {
        // What may not be seen has no datasets either: it does not exist.
        var sample = await samples.GetAsync(context.Caller(), SciCatAnswer.Id(id), token);
        return await DatasetsAsync(context, datasets, "sampleIds", sample["sampleId"], token);
    }

    static async Task<IResult> DatasetsOfProposalAsync(
        string id,
        HttpContext context,
        ProposalDocuments proposals,
        DatasetQueries datasets,
        CancellationToken token
    )
    {
        var proposal = await proposals.GetAsync(context.Caller(), SciCatAnswer.Id(id), token);
        return await DatasetsAsync(context, datasets, "proposalId", proposal["proposalId"], token);
    }

    static async Task<IResult> DatasetsAsync(
        HttpContext context,
        DatasetQueries datasets,
        string field,
        JsonNode? value,
        CancellationToken token
    ) =>
        SciCatAnswer.Json(
            await datasets.ListAsync(
                context.Caller(),
                context.Filter().Having(field, value!),
                onlyPublished: false,
                context.Version(),
                token
            )
        );

    static IResult Count(long count) => SciCatAnswer.Json(new JsonObject { ["count"] = count });

    static IResult First(IReadOnlyList<JsonObject> found) => SciCatAnswer.Json(found.Count == 0 ? null : found[0]);

    static Filters.SciCatFilter FullQuery(HttpContext context) =>
        Filters.SciCatFilter.ParseFullQuery(
            context.Request.Query["fields"].FirstOrDefault(),
            context.Request.Query["limits"].FirstOrDefault(),
            context.Version()
        );
}
