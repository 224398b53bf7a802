using Harima.Hosting;
using Harima.Rest;
using Harima.Sequences;
using Harima.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Storage;

static class StorageApi
{
    public static void MapStorage(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/storage").WithTags("Storage");
        group
            .MapGet("", GetAsync)
            .WithName("getStorage")
            .WithSummary(
                "Room that is left, what the scrubber is doing, how many files are damaged; for administrators"
            );
        group
            .MapPost("/scrub/start", StartAsync)
            .WithName("startScrub")
            .WithSummary("Begins a pass over all files now, or goes on with one that rests");
        group
            .MapPost("/scrub/pause", PauseAsync)
            .WithName("pauseScrub")
            .WithSummary("Lets the scrubber rest until it is started again; it keeps its place");
        group
            .MapGet("/damaged", DamagedAsync)
            .WithName("listDamagedFiles")
            .WithSummary("Files whose stored bytes are not what was stored, in the order they were found");
        group
            .MapPost("/damaged/{id}/check", CheckAsync)
            .WithName("checkDamagedFile")
            .WithSummary(
                "Reads a damaged file again, after its bytes have been put back; answers when it has been read"
            );
        group
            .MapGet("/uploads", UploadsAsync)
            .WithName("listUnfinishedUploads")
            .WithSummary("Multipart uploads that were neither completed nor aborted, oldest first");
        group
            .MapDelete("/uploads/{id}", AbortAsync)
            .WithName("abortUpload")
            .WithSummary("Gives an unfinished upload up and frees what its parts take");
    }

    static async Task<Ok<StorageDto>> GetAsync(
        HttpContext context,
        StorageHealth health,
        CancellationToken cancellationToken
    )
    {
        var report = await health.GetAsync(context.ToPrincipal(), cancellationToken);
        var scrub = report.Scrub;
        return TypedResults.Ok(
            new StorageDto(
                report.Room?.FreeBytes,
                report.Room?.TotalBytes,
                new ScrubDto(
                    ToDto(scrub.State),
                    scrub.Reason,
                    report.BytesPerSecond,
                    scrub.Pass,
                    scrub.StartedAt,
                    scrub.EndedAt,
                    scrub.FilesChecked,
                    scrub.FilesTotal,
                    scrub.BytesChecked,
                    scrub.BytesTotal,
                    report.NextPassAt
                ),
                report.Damaged
            )
        );
    }

    static async Task<NoContent> StartAsync(
        HttpContext context,
        StorageHealth health,
        CancellationToken cancellationToken
    )
    {
        await health.StartAsync(context.ToPrincipal(), cancellationToken);
        return TypedResults.NoContent();
    }

    static async Task<NoContent> PauseAsync(
        HttpContext context,
        StorageHealth health,
        CancellationToken cancellationToken
    )
    {
        await health.PauseAsync(context.ToPrincipal(), cancellationToken);
        return TypedResults.NoContent();
    }

    static async Task<Ok<PageDto<DamagedFileDto>>> DamagedAsync(
        HttpContext context,
        StorageHealth health,
        CancellationToken cancellationToken,
        string? cursor = null,
        int? limit = null
    )
    {
        var page = await health.DamagedAsync(
            context.ToPrincipal(),
            cursor,
            Paging.Limit(limit, Paging.MaxLimit),
            cancellationToken
        );
        return TypedResults.Ok(page.ToDto(ToDto));
    }

    static async Task<Ok<FileCheckDto>> CheckAsync(
        string id,
        HttpContext context,
        StorageHealth health,
        CancellationToken cancellationToken
    )
    {
        var still = await health.CheckAgainAsync(id, context.ToPrincipal(), cancellationToken);
        return TypedResults.Ok(new FileCheckDto(still is null, still is null ? null : ToDto(still)));
    }

    static async Task<Ok<PageDto<UnfinishedUploadDto>>> UploadsAsync(
        HttpContext context,
        StorageHealth health,
        CancellationToken cancellationToken,
        string? cursor = null,
        int? limit = null
    )
    {
        var page = await health.UnfinishedUploadsAsync(
            context.ToPrincipal(),
            cursor,
            Paging.Limit(limit, Paging.MaxLimit),
            cancellationToken
        );
        return TypedResults.Ok(
            page.ToDto(view => new UnfinishedUploadDto(
                view.Upload.Id,
                view.Upload.BucketName,
                view.Key,
                view.Upload.Owner,
                view.Upload.CreatedAt,
                view.Upload.LastPartAt,
                view.Upload.Parts,
                view.Upload.SizeBytes
            ))
        );
    }

    static async Task<NoContent> AbortAsync(
        string id,
        HttpContext context,
        StorageHealth health,
        CancellationToken cancellationToken
    )
    {
        await health.AbortUploadAsync(id, context.ToPrincipal(), cancellationToken);
        return TypedResults.NoContent();
    }

    static DamagedFileDto ToDto(DamagedFileView view) =>
        new(
            view.File.Blob,
            view.File.BucketName,
            view.Key,
            view.Path,
            view.File.SizeBytes,
            ToDto(view.File.Damage),
            view.File.Expected,
            view.File.Found,
            view.File.FoundAt,
            view.File.CheckedAt
        );

    static ScrubWord ToDto(ScrubState state) =>
        state switch
        {
            ScrubState.Idle => ScrubWord.Idle,
            ScrubState.Running => ScrubWord.Running,
            ScrubState.Paused => ScrubWord.Paused,
            _ => ScrubWord.Stopped,
        };

    static DamageWord ToDto(Damage damage) =>
        damage switch
        {
            Damage.Missing => DamageWord.Missing,
            Damage.Changed => DamageWord.Changed,
            Damage.Corrupt => DamageWord.Corrupt,
            _ => DamageWord.Unreadable,
        };
}
