using System.Text.Json.Nodes;
using Harima.Identity;
using Harima.SciCat.Filters;

namespace Harima.SciCat;

static class DatasetsApi
{
    public static void MapDatasets(this IEndpointRouteBuilder routes)
    {
        foreach (var root in (string[])["/datasets", "/rawdatasets", "/deriveddatasets"])
        {
            routes.MapGet(root, ListAsync);
            routes.MapPost(root, CreateAsync);
            routes.MapPost(root + "/isValid", IsValidAsync);
            routes.MapGet(root + "/count", CountAsync);
            routes.MapGet(root + "/findOne", FindOneAsync);
            routes.MapGet(root + "/fullquery", FullQueryAsync);
            routes.MapGet(root + "/fullfacet", FullFacetAsync);
            routes.MapGet(root + "/metadataKeys", MetadataKeysAsync);
            routes.MapGet(root + "/public", ListPublicAsync);
            routes.MapGet(root + "/public/count", CountPublicAsync);
            routes.MapGet(root + "/public/findOne", FindOnePublicAsync);
            routes.MapGet(root + "/public/fullfacet", FullFacetPublicAsync);
            routes.MapGet(root + "/public/{pid}", GetPublicAsync);
            routes.MapGet(root + "/{pid}", GetAsync);
            routes.MapPatch(root + "/{pid}", PatchAsync);
            routes.MapPut(root + "/{pid}", PutAsync);
            routes.MapDelete(root + "/{pid}", DeleteAsync);
            routes.MapGet(root + "/{pid}/datasetlifecycle", LifecycleAsync);
            routes.MapPatch(root + "/{pid}/datasetlifecycle", SetLifecycleAsync);
            routes.MapPut(root + "/{pid}/datasetlifecycle", SetLifecycleAsync);
            routes.MapPost(root + "/{pid}/appendToArrayField", AppendAsync);
        }
    }

    /// <summary>Version 4 keeps what is public apart; version 3 gives it to whoever is not logged in.</summary>
    static Principal Reader(HttpContext context) =>
        context.Version() == SciCatVersion.V4 ? context.KnownCaller() : context.Caller();

    static async Task<IResult> ListAsync(
        HttpContext context,
        DatasetQueries datasets,
        CancellationToken cancellationToken
    ) =>
        SciCatAnswer.Json(
            await datasets.ListAsync(
                Reader(context),
                context.Filter(),
                onlyPublished: false,
                context.Version(),
                cancellationToken
            )
        );

    static async Task<IResult> ListPublicAsync(
        HttpContext context,
        DatasetQueries datasets,
        CancellationToken cancellationToken
    ) =>
        SciCatAnswer.Json(
            await datasets.ListAsync(
                context.Caller(),
                context.Filter(),
                onlyPublished: true,
                context.Version(),
                cancellationToken
            )
        );

    static async Task<IResult> CreateAsync(
        HttpContext context,
        RegisterDataset register,
        DatasetQueries datasets,
        CancellationToken cancellationToken
    )
    {
        var principal = context.KnownCaller();
        var body = await SciCatAnswer.BodyAsync(context);
        var pid = await register.HandleAsync(body, context.Version(), principal, cancellationToken);
        return SciCatAnswer.Created(await ReadAsync(context, datasets, pid, cancellationToken));
    }

    static async Task<IResult> IsValidAsync(HttpContext context, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        context.KnownCaller();
        var problem = RegisterDataset.ProblemOf(await SciCatAnswer.BodyAsync(context), context.Version());
        return SciCatAnswer.Json(
            problem is null
                ? new JsonObject { ["valid"] = true }
                : new JsonObject { ["valid"] = false, ["reason"] = problem }
        );
    }

    static async Task<IResult> CountAsync(
        HttpContext context,
        DatasetQueries datasets,
        CancellationToken cancellationToken
    ) =>
        Count(
            await datasets.CountAsync(Reader(context), FilterOrQuery(context), onlyPublished: false, cancellationToken)
        );

    static async Task<IResult> CountPublicAsync(
        HttpContext context,
        DatasetQueries datasets,
        CancellationToken cancellationToken
    ) =>
        Count(
            await datasets.CountAsync(context.Caller(), FilterOrQuery(context), onlyPublished: true, cancellationToken)
        );

    static IResult Count(long count) => SciCatAnswer.Json(new JsonObject { ["count"] = count });

    static async Task<IResult> FindOneAsync(
        HttpContext context,
        DatasetQueries datasets,
        CancellationToken cancellationToken
    ) =>
        SciCatAnswer.Json(
            await datasets.FindOneAsync(
                Reader(context),
                context.Filter(),
                onlyPublished: false,
                context.Version(),
                cancellationToken
            )
        );

    static async Task<IResult> FindOnePublicAsync(
        HttpContext context,
        DatasetQueries datasets,
        CancellationToken cancellationToken
    ) =>
        SciCatAnswer.Json(
            await datasets.FindOneAsync(
                context.Caller(),
                context.Filter(),
                onlyPublished: true,
                context.Version(),
                cancellationToken
            )
        );

    static async Task<IResult> FullQueryAsync(
        HttpContext context,
        DatasetQueries datasets,
        CancellationToken cancellationToken
    ) =>
        SciCatAnswer.Json(
            await datasets.ListAsync(
                Reader(context),
                FullQuery(context),
                onlyPublished: false,
                context.Version(),
                cancellationToken
            )
        );

    static async Task<IResult> FullFacetAsync(
        HttpContext context,
        DatasetQueries datasets,
        CancellationToken cancellationToken
    ) =>
        SciCatAnswer.Json(
            await datasets.FacetsAsync(
                Reader(context),
                FullQuery(context),
                Named(context, "facets"),
                onlyPublished: false,
                cancellationToken
            )
        );

    static async Task<IResult> FullFacetPublicAsync(
        HttpContext context,
        DatasetQueries datasets,
        CancellationToken cancellationToken
    ) =>
        SciCatAnswer.Json(
            await datasets.FacetsAsync(
                context.Caller(),
                FullQuery(context),
                Named(context, "facets"),
                onlyPublished: true,
                cancellationToken
            )
        );

    static async Task<IResult> MetadataKeysAsync(
        HttpContext context,
        DatasetQueries datasets,
        CancellationToken cancellationToken
    )
    {
        var fields = Named(context, "fields");
        var part = fields is null ? null : SciCatFilter.MetadataKeyOf(fields);
        var keys = await datasets.MetadataKeysAsync(Reader(context), part, cancellationToken);
        return SciCatAnswer.Json(new JsonArray([.. keys.Select(key => (JsonNode)key)]));
    }

    static async Task<IResult> GetAsync(
        string pid,
        HttpContext context,
        DatasetQueries datasets,
        CancellationToken cancellationToken
    )
    {
        Reader(context);
        return SciCatAnswer.Json(await ReadAsync(context, datasets, SciCatAnswer.Id(pid), cancellationToken));
    }

    static async Task<IResult> GetPublicAsync(
        string pid,
        HttpContext context,
        DatasetQueries datasets,
        CancellationToken cancellationToken
    ) =>
        SciCatAnswer.Json(
            await datasets.GetAsync(
                context.Caller(),
                SciCatAnswer.Id(pid),
                Includes(context),
                onlyPublished: true,
                context.Version(),
                cancellationToken
            )
        );

    static async Task<IResult> PatchAsync(
        string pid,
        HttpContext context,
        ChangeDataset change,
        DatasetQueries datasets,
        CancellationToken cancellationToken
    )
    {
        var isMerge = context.Request.ContentType?.Contains("merge-patch", StringComparison.OrdinalIgnoreCase) == true;
        return await ChangeAsync(
            pid,
            context,
            isMerge ? DatasetChange.MergePatch : DatasetChange.Fields,
            change,
            datasets,
            cancellationToken
        );
    }

    static Task<IResult> PutAsync(
        string pid,
        HttpContext context,
        ChangeDataset change,
        DatasetQueries datasets,
        CancellationToken cancellationToken
    ) => ChangeAsync(pid, context, DatasetChange.Whole, change, datasets, cancellationToken);

    static async Task<IResult> ChangeAsync(
        string pid,
        HttpContext context,
        DatasetChange how,
        ChangeDataset change,
        DatasetQueries datasets,
        CancellationToken cancellationToken
    )
    {
        var principal = context.KnownCaller();
        var body = await SciCatAnswer.BodyAsync(context);
        pid = SciCatAnswer.Id(pid);
        await change.HandleAsync(
            pid,
            body,
            how,
            context.Version(),
            context.UnmodifiedSince(),
            principal,
            cancellationToken
        );
        return SciCatAnswer.Json(await ReadAsync(context, datasets, pid, cancellationToken));
    }

    static async Task<IResult> DeleteAsync(
        string pid,
        HttpContext context,
        ChangeDataset change,
        DatasetQueries datasets,
        CancellationToken cancellationToken
    )
    {
        var principal = context.KnownCaller();
        pid = SciCatAnswer.Id(pid);
        var before = await ReadAsync(context, datasets, pid, cancellationToken);
        await change.DeleteAsync(pid, principal, cancellationToken);
        return SciCatAnswer.Json(before);
    }

    static async Task<IResult> LifecycleAsync(
        string pid,
        HttpContext context,
        DatasetQueries datasets,
        CancellationToken cancellationToken
    )
    {
        Reader(context);
        return Lifecycle(await ReadAsync(context, datasets, SciCatAnswer.Id(pid), cancellationToken));
    }

    static async Task<IResult> SetLifecycleAsync(
        string pid,
        HttpContext context,
        ChangeDataset change,
        DatasetQueries datasets,
        CancellationToken cancellationToken
    )
    {
        var principal = context.KnownCaller();
        var body = new JsonObject { ["datasetlifecycle"] = await SciCatAnswer.BodyAsync(context) };
        pid = SciCatAnswer.Id(pid);
        await change.HandleAsync(
            pid,
            body,
            DatasetChange.MergePatch,
            context.Version(),
            context.UnmodifiedSince(),
            principal,
            cancellationToken
        );
        return Lifecycle(await ReadAsync(context, datasets, pid, cancellationToken));
    }

    static IResult Lifecycle(JsonObject dataset) => SciCatAnswer.Json(dataset["datasetlifecycle"]);

    /// <summary>Version 3's way to add to keywords and other lists: <c>?fieldName=keywords&amp;data=["a","b"]</c>.</summary>
    static async Task<IResult> AppendAsync(
        string pid,
        HttpContext context,
        ChangeDataset change,
        DatasetQueries datasets,
        CancellationToken cancellationToken
    )
    {
        var principal = context.KnownCaller();
        pid = SciCatAnswer.Id(pid);
        var before = await ReadAsync(context, datasets, pid, cancellationToken);
        var body = SciCatFilter.Appended(before, Named(context, "fieldName"), Named(context, "data"));
        await change.HandleAsync(
            pid,
            body,
            DatasetChange.Fields,
            context.Version(),
            context.UnmodifiedSince(),
            principal,
            cancellationToken
        );
        return SciCatAnswer.Json(await ReadAsync(context, datasets, pid, cancellationToken));
    }

    static Task<JsonObject> ReadAsync(
        HttpContext context,
        DatasetQueries datasets,
        string pid,
        CancellationToken cancellationToken
    ) =>
        datasets.GetAsync(
            context.Caller(),
            pid,
            Includes(context),
            onlyPublished: false,
            context.Version(),
            cancellationToken
        );

    /// <summary>Once for each, or as a list in JSON.</summary>
    static IEnumerable<string> Includes(HttpContext context) =>
        context.Request.Query["include"].OfType<string>().SelectMany(SciCatFilter.IncludesOf);

    static SciCatFilter FullQuery(HttpContext context) =>
        SciCatFilter.ParseFullQuery(Named(context, "fields"), Named(context, "limits"), context.Version());

    static SciCatFilter FilterOrQuery(HttpContext context) =>
        context.Request.Query.ContainsKey("fields") && !context.Request.Query.ContainsKey("filter")
            ? FullQuery(context)
            : context.Filter();

    /// <summary>The generated clients put the parameters of a facet into an object of their own.</summary>
    static string? Named(HttpContext context, string name) =>
        context.Request.Query[name].FirstOrDefault() ?? context.Request.Query[$"filters[{name}]"].FirstOrDefault();
}
