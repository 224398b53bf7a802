using Harima.Archives;
using Harima.Faults;
using Harima.Hosting;
using Harima.Identity;
using Harima.Rest;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Primitives;

namespace Harima.Api.Archives;

/// <summary>Many files as one: <c>/download</c> for a browser or a program that is logged in, and addresses that need no login.</summary>
static class ArchivesApi
{
    public static void MapArchives(this IEndpointRouteBuilder api) =>
        api.MapPost("/archives", CreateAsync)
            .WithTags("Archives")
            .WithName("createArchive")
            .WithSummary(
                "An address from which sequences, workspaces or folders can be fetched as one resumable zip or tar, without login, for 12 hours"
            );

    public static void MapDownload(this IEndpointRouteBuilder app)
    {
        string[] reading = [HttpMethods.Get, HttpMethods.Head];
        var group = app.MapGroup("/download").WithTags("Archives");
        group
            .MapMethods("", [.. reading, HttpMethods.Post], DownloadAsync)
            // A form of sequences too many for an address; it changes nothing, so it needs no token against forgery.
            .DisableAntiforgery()
            .WithName("download")
            .WithSummary(
                "Sequences (s=proposal/sequence), workspaces or folders (s=proposal/sequence/folder/, s=workspace/) as one zip or tar; ranges are honoured"
            );
        group
            .MapMethods("/{secret}/{fileName}", reading, DownloadLinkAsync)
            .WithName("downloadLink")
            .WithSummary("The archive of an address that POST /api/v1/archives gave");
    }

    static async Task<Ok<ArchiveDto>> CreateAsync(
        CreateArchiveRequest request,
        HttpContext context,
        PlanArchive planning,
        ArchiveLinks links,
        Addresses addresses,
        CancellationToken cancellationToken
    )
    {
        var principal = context.ToPrincipal();
        var archive = new ArchiveRequest(
            request.Sequences,
            request.Format == ArchiveFormatDto.Tar ? ArchiveFormat.Tar : ArchiveFormat.Zip
        );
        var plan = await planning.HandleAsync(archive, principal, cancellationToken);
        var (secret, expiresAt) = await links.CreateAsync(archive, plan.ETag, principal, cancellationToken);
        return TypedResults.Ok(
            new ArchiveDto(
                $"{addresses.PortalOf(context)}/download/{secret}/{Uri.EscapeDataString(plan.FileName)}",
                plan.SizeBytes,
                plan.FileCount,
                plan.FileName,
                expiresAt
            )
        );
    }

    static async Task DownloadAsync(
        HttpContext context,
        PlanArchive planning,
        SendArchive sending,
        DownloadLog log,
        CancellationToken cancellationToken
    )
    {
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(cancellationToken) : null;
        StringValues Given(string name) =>
            form is not null && form.TryGetValue(name, out var values) ? values : context.Request.Query[name];
        var format = Words.Parse<ArchiveFormat>("format", Given("format")) ?? ArchiveFormat.Zip;
        var request = new ArchiveRequest([.. Given("s").OfType<string>()], format);
        var principal = context.ToPrincipal();
        var plan = await planning.HandleAsync(request, principal, cancellationToken);
        context.Response.OnCompleted(() => Note(log, context, principal, request));
        await ArchiveAnswer.SendAsync(context, plan, principal, sending, cancellationToken);
    }

    static async Task DownloadLinkAsync(
        string secret,
        string fileName,
        HttpContext context,
        ArchiveLinks links,
        PlanArchive planning,
        SendArchive sending,
        DownloadLog log,
        CancellationToken cancellationToken
    )
    {
        var link =
            await links.FindAsync(secret, cancellationToken)
            ?? throw new FaultException(
                FaultCode.NotFound,
                "archive-link",
                $"This address of '{fileName}' does not exist or has expired. Ask for another."
            );
        var plan = await planning.HandleAsync(link.Request, link.Principal, cancellationToken);
        // Clients that resume by range alone (curl -C -) would otherwise sew two different archives together.
        if (plan.ETag != link.ETag)
            throw Fault.Conflict(
                "archive-changed",
                "Something in this archive changed since the address was made. Ask for another and fetch it from the start."
            );
        context.Response.OnCompleted(() => Note(log, context, link.Principal, link.Request));
        await ArchiveAnswer.SendAsync(context, plan, link.Principal, sending, cancellationToken);
    }

    // Also of what was broken off: some of it has been read.
    static Task Note(DownloadLog log, HttpContext context, Principal principal, ArchiveRequest request)
    {
        if (!HttpMethods.IsHead(context.Request.Method))
            log.AddArchive(context, principal, request.Names);
        return Task.CompletedTask;
    }
}
