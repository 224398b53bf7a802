using System.Text.Json.Nodes;
using Harima.Hosting;
using Harima.S3.Signing;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.SciCat;

static class DatasetFilesApi
{
    // What one answer lists; more would rather be fetched with the credentials themselves.
    const int MaxUrls = 1_000;

    public static void MapDatasetFiles(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/datasets/{pid}/origdatablocks", OfDatasetAsync);
        routes.MapPost("/datasets/{pid}/origdatablocks", AddToDatasetAsync);
        routes.MapPost("/datasets/{pid}/origdatablocks/isValid", IsValidOfDatasetAsync);
        routes.MapGet("/datasets/{pid}/origdatablocks/count", CountOfDatasetAsync);
        routes.MapDelete("/datasets/{pid}/origdatablocks/{id}", DeleteOfDatasetAsync);
        routes.MapGet("/datasets/{pid}/datablocks", NoDatablocksAsync);
        routes.MapGet("/origdatablocks", ListAsync);
        routes.MapPost("/origdatablocks", AddAsync);
        routes.MapPost("/origdatablocks/isValid", IsValidAsync);
        routes.MapGet("/origdatablocks/{id}", GetAsync);
        routes.MapDelete("/origdatablocks/{id}", DeleteAsync);
        routes.MapGet("/datasets/s3-creds", CredentialsAsync);
        routes.MapGet("/datasets/urls", UrlsAsync);
    }

    static async Task<IResult> OfDatasetAsync(
        string pid,
        HttpContext context,
        DatasetFiles files,
        CancellationToken cancellationToken
    ) => SciCatAnswer.List(await files.BlocksAsync(context.Caller(), SciCatAnswer.Id(pid), cancellationToken));

    static async Task<IResult> CountOfDatasetAsync(
        string pid,
        HttpContext context,
        DatasetFiles files,
        CancellationToken cancellationToken
    ) =>
        SciCatAnswer.Json(
            new JsonObject
            {
                ["count"] = (await files.BlocksAsync(context.Caller(), SciCatAnswer.Id(pid), cancellationToken)).Count,
            }
        );

    static async Task<IResult> NoDatablocksAsync(
        string pid,
        HttpContext context,
        DatasetFiles files,
        CancellationToken cancellationToken
    )
    {
        await files.BlocksAsync(context.Caller(), SciCatAnswer.Id(pid), cancellationToken);
        return SciCatAnswer.List([]);
    }

    static async Task<IResult> AddToDatasetAsync(
        string pid,
        HttpContext context,
        DatasetFiles files,
        CancellationToken cancellationToken
    )
    {
        var principal = context.KnownCaller();
        var body = await SciCatAnswer.BodyAsync(context);
        return SciCatAnswer.Created(
            await files.DescribeAsync(SciCatAnswer.Id(pid), body, principal, cancellationToken)
        );
    }

    static async Task<IResult> AddAsync(HttpContext context, DatasetFiles files, CancellationToken cancellationToken)
    {
        var principal = context.KnownCaller();
        var body = await SciCatAnswer.BodyAsync(context);
        if (DatasetFiles.ProblemOf(body, needsDataset: true) is { } problem)
            throw Faults.Fault.Invalid("scicat-body", problem);
        return SciCatAnswer.Created(
            await files.DescribeAsync(body["datasetId"]!.GetValue<string>(), body, principal, cancellationToken)
        );
    }

    static Task<IResult> IsValidAsync(HttpContext context, CancellationToken cancellationToken) =>
        ValidAsync(context, needsDataset: true, cancellationToken);

    static Task<IResult> IsValidOfDatasetAsync(string pid, HttpContext context, CancellationToken cancellationToken)
    {
        DatasetId.Parse(SciCatAnswer.Id(pid));
        return ValidAsync(context, needsDataset: false, cancellationToken);
    }

    static async Task<IResult> ValidAsync(HttpContext context, bool needsDataset, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        context.KnownCaller();
        var problem = DatasetFiles.ProblemOf(await SciCatAnswer.BodyAsync(context), needsDataset);
        return SciCatAnswer.Json(
            problem is null
                ? new JsonObject { ["valid"] = true }
                : new JsonObject { ["valid"] = false, ["reason"] = problem }
        );
    }

    static async Task<IResult> ListAsync(
        HttpContext context,
        DatasetBlocks blocks,
        CancellationToken cancellationToken
    ) => SciCatAnswer.List(await blocks.ListAsync(context.KnownCaller(), context.Filter(), cancellationToken));

    static async Task<IResult> GetAsync(
        string id,
        HttpContext context,
        DatasetFiles files,
        CancellationToken cancellationToken
    ) => SciCatAnswer.Json(await files.GetAsync(context.KnownCaller(), SciCatAnswer.Id(id), cancellationToken));

    static async Task<IResult> DeleteAsync(
        string id,
        HttpContext context,
        DatasetFiles files,
        CancellationToken cancellationToken
    ) => SciCatAnswer.Json(await files.ForgetAsync(SciCatAnswer.Id(id), context.KnownCaller(), cancellationToken));

    static Task<IResult> DeleteOfDatasetAsync(
        string id,
        HttpContext context,
        DatasetFiles files,
        CancellationToken cancellationToken
    ) => DeleteAsync(id, context, files, cancellationToken);

    /// <summary>As PSI's broker answers, with what a client needs to use them.</summary>
    static async Task<IResult> CredentialsAsync(
        string pid,
        HttpContext context,
        DatasetCredentials credentials,
        Addresses addresses,
        CancellationToken cancellationToken
    )
    {
        var key = await credentials.HandleAsync(pid, context.KnownCaller(), onlyRead: false, cancellationToken);
        return SciCatAnswer.Json(
            new JsonObject
            {
                ["access_key"] = key.Secret.Key.Id,
                ["secret_key"] = key.Secret.SecretKey,
                ["session_token"] = key.Secret.SessionToken,
                ["expiry_time"] = key.Secret.Key.ExpiresAt!.Value.ToString("O"),
                ["endpoint"] = addresses.S3Of(context),
                ["region"] = addresses.Region,
                ["bucket"] = key.Bucket,
                ["prefix"] = key.Prefix,
                ["access"] = key.MayWrite ? "write" : "read",
            }
        );
    }

    static async Task<IResult> UrlsAsync(
        string pid,
        HttpContext context,
        DatasetCredentials credentials,
        FileQueries files,
        Addresses addresses,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        var principal = context.KnownCaller();
        var key = await credentials.HandleAsync(pid, principal, onlyRead: true, cancellationToken);
        var listing = await files.ListAsync(
            principal,
            key.Bucket,
            new ListRequest(key.Prefix, null, null, MaxUrls),
            cancellationToken
        );
        var signer = new RequestSigner(
            new Credentials(key.Secret.Key.Id, key.Secret.SecretKey, key.Secret.SessionToken),
            addresses.Region,
            time
        );
        var expires = key.Secret.Key.ExpiresAt!.Value;
        var bucket = $"{addresses.S3Of(context)}/{UriEncoding.Encode(key.Bucket)}/";
        return SciCatAnswer.List(
            listing.Entries.Select(entry => new JsonObject
            {
                ["url"] = signer
                    .Presign(
                        HttpMethod.Get,
                        RawUri.Create(bucket + UriEncoding.Encode(entry.Name, keepSlash: true)),
                        expires - time.GetUtcNow()
                    )
                    .OriginalString,
                ["expires"] = expires.ToString("O"),
            })
        );
    }
}
