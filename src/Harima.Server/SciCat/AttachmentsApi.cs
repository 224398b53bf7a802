using System.Text.Json.Nodes;

namespace Harima.SciCat;

static class AttachmentsApi
{
    public static void MapAttachments(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/datasets/{pid}/attachments", OfDatasetAsync);
        routes.MapPost("/datasets/{pid}/attachments", AddToDatasetAsync);
        routes.MapGet("/datasets/{pid}/attachments/count", CountOfDatasetAsync);
        routes.MapPut("/datasets/{pid}/attachments/{aid}", ChangeAsync);
        routes.MapDelete("/datasets/{pid}/attachments/{aid}", DeleteAsync);
        routes.MapGet("/datasets/{pid}/thumbnail", ThumbnailAsync);
        routes.MapGet("/attachments", ListAsync);
        routes.MapPost("/attachments", AddAsync);
        routes.MapPost("/attachments/isValid", IsValidAsync);
        routes.MapGet("/attachments/{aid}", GetAsync);
        routes.MapPatch("/attachments/{aid}", ChangeAsync);
        routes.MapPut("/attachments/{aid}", ChangeAsync);
        routes.MapDelete("/attachments/{aid}", DeleteAsync);
    }

    static async Task<IResult> OfDatasetAsync(
        string pid,
        HttpContext context,
        DatasetAttachments attachments,
        CancellationToken cancellationToken
    ) => SciCatAnswer.List(await attachments.OfAsync(context.Caller(), SciCatAnswer.Id(pid), cancellationToken));

    static async Task<IResult> ListAsync(
        HttpContext context,
        DatasetAttachments attachments,
        CancellationToken cancellationToken
    ) => SciCatAnswer.List(await attachments.ListAsync(context.KnownCaller(), context.Filter(), cancellationToken));

    static async Task<IResult> CountOfDatasetAsync(
        string pid,
        HttpContext context,
        DatasetAttachments attachments,
        CancellationToken cancellationToken
    ) =>
        SciCatAnswer.Json(
            new JsonObject
            {
                ["count"] = (
                    await attachments.OfAsync(context.Caller(), SciCatAnswer.Id(pid), cancellationToken)
                ).Count,
            }
        );

    static async Task<IResult> ThumbnailAsync(
        string pid,
        HttpContext context,
        DatasetAttachments attachments,
        CancellationToken cancellationToken
    )
    {
        var found = await attachments.OfAsync(context.Caller(), SciCatAnswer.Id(pid), cancellationToken);
        return SciCatAnswer.Json(
            found.Count == 0 ? new JsonObject() : new JsonObject { ["thumbnail"] = found[0]["thumbnail"]?.DeepClone() }
        );
    }

    static async Task<IResult> AddToDatasetAsync(
        string pid,
        HttpContext context,
        DatasetAttachments attachments,
        CancellationToken cancellationToken
    )
    {
        var principal = context.KnownCaller();
        var body = await SciCatAnswer.BodyAsync(context);
        return SciCatAnswer.Created(
            await attachments.AddAsync(SciCatAnswer.Id(pid), body, principal, cancellationToken)
        );
    }

    static async Task<IResult> AddAsync(
        HttpContext context,
        DatasetAttachments attachments,
        CancellationToken cancellationToken
    )
    {
        var principal = context.KnownCaller();
        var body = await SciCatAnswer.BodyAsync(context);
        return SciCatAnswer.Created(
            await attachments.AddAsync(DatasetAttachments.DatasetOf(body), body, principal, cancellationToken)
        );
    }

    static async Task<IResult> IsValidAsync(HttpContext context, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        context.KnownCaller();
        var problem = DatasetAttachments.ProblemOf(await SciCatAnswer.BodyAsync(context));
        return SciCatAnswer.Json(
            problem is null
                ? new JsonObject { ["valid"] = true }
                : new JsonObject { ["valid"] = false, ["reason"] = problem }
        );
    }

    static async Task<IResult> GetAsync(
        string aid,
        HttpContext context,
        DatasetAttachments attachments,
        CancellationToken cancellationToken
    ) => SciCatAnswer.Json(await attachments.GetAsync(context.Caller(), SciCatAnswer.Id(aid), cancellationToken));

    static async Task<IResult> ChangeAsync(
        string aid,
        HttpContext context,
        DatasetAttachments attachments,
        CancellationToken cancellationToken
    )
    {
        var principal = context.KnownCaller();
        var body = await SciCatAnswer.BodyAsync(context);
        return SciCatAnswer.Json(
            await attachments.ChangeAsync(SciCatAnswer.Id(aid), body, principal, cancellationToken)
        );
    }

    static async Task<IResult> DeleteAsync(
        string aid,
        HttpContext context,
        DatasetAttachments attachments,
        CancellationToken cancellationToken
    ) =>
        SciCatAnswer.Json(
            await attachments.RemoveAsync(SciCatAnswer.Id(aid), context.KnownCaller(), cancellationToken)
        );
}
