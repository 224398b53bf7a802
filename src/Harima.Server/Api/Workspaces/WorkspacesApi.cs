using Harima.Access;
using Harima.Api.Identity;
using Harima.Api.Sequences;
using Harima.Faults;
using Harima.Hosting;
using Harima.Identity;
using Harima.Rest;
using Harima.Sequences;
using Harima.Workspaces;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Harima.Api.Workspaces;

static class WorkspacesApi
{
    public static void MapWorkspaces(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/workspaces").WithTags("Workspaces").RequireLogin();
        group.MapGet("", ListAsync).WithName("listWorkspaces").WithSummary("Workspaces the caller holds a right on");
        group.MapPost("", CreateAsync).WithName("createWorkspace").WithSummary("Makes a workspace owned by the caller");
        group.MapGet("/{workspace}", GetAsync).WithName("getWorkspace").WithSummary("One workspace");
        group
            .MapDelete("/{workspace}", DeleteAsync)
            .WithName("deleteWorkspace")
            .WithSummary("Deletes an empty workspace");
        group
            .MapGet("/{workspace}/files", FilesAsync)
            .WithName("listWorkspaceFiles")
            .WithSummary("Files of a workspace in order of their keys; at most 1000 a page");
        group
            .MapMethods("/{workspace}/content/{**path}", [HttpMethods.Get, HttpMethods.Head], ContentAsync)
            .WithName("getWorkspaceFileContent")
            .WithSummary("The bytes of one file of a workspace; ranges and conditions are honoured")
            .Produces(StatusCodes.Status200OK, contentType: "application/octet-stream");
        group
            .MapPost("/{workspace}/upload-credentials", CredentialsAsync)
            .WithName("createWorkspaceUploadCredentials")
            .WithSummary("S3 credentials that write this workspace and nothing else");
        group
            .MapGet("/{workspace}/access", AccessAsync)
            .WithName("getWorkspaceAccess")
            .WithSummary("Who may use a workspace and why; for those who manage it");
        group
            .MapPut("/{workspace}/access/{user}", ShareAsync)
            .WithName("shareWorkspace")
            .WithSummary("Gives a person, by user id or e-mail address, a right on a workspace");
        group
            .MapDelete("/{workspace}/access/{user}", UnshareAsync)
            .WithName("unshareWorkspace")
            .WithSummary("Takes back what was given to a person by sharing");
    }

    static async Task<Ok<ItemsDto<WorkspaceDto>>> ListAsync(
        HttpContext context,
        WorkspaceQueries queries,
        CancellationToken cancellationToken
    )
    {
        var found = await queries.ListAsync(context.ToPrincipal(), cancellationToken);
        return TypedResults.Ok(new ItemsDto<WorkspaceDto>([.. found.Select(workspace => ToDto(workspace, null))]));
    }

    static async Task<Created<WorkspaceDto>> CreateAsync(
        NewWorkspaceDto request,
        HttpContext context,
        CreateWorkspace create,
        CancellationToken cancellationToken
    )
    {
        var made = await create.HandleAsync(
            new CreateWorkspaceRequest(request.Id, request.Title),
            context.ToPrincipal(),
            cancellationToken
        );
        return TypedResults.Created($"/api/v1/workspaces/{made.Id}", ToDto(made, Right.Manage));
    }

    static async Task<Ok<WorkspaceDto>> GetAsync(
        string workspace,
        HttpContext context,
        WorkspaceQueries queries,
        CancellationToken cancellationToken
    )
    {
        var (found, right) = await queries.GetAsync(context.ToPrincipal(), workspace, cancellationToken);
        return TypedResults.Ok(ToDto(found, right));
    }

    static async Task<NoContent> DeleteAsync(
        string workspace,
        HttpContext context,
        DeleteWorkspace delete,
        CancellationToken cancellationToken
    )
    {
        await delete.HandleAsync(workspace, context.ToPrincipal(), cancellationToken);
        return TypedResults.NoContent();
    }

    static async Task<Ok<PageDto<FileDto>>> FilesAsync(
        string workspace,
        HttpContext context,
        WorkspaceQueries queries,
        FileQueries files,
        CancellationToken cancellationToken,
        string? prefix = null,
        string? after = null,
        int? limit = null
    )
    {
        var principal = context.ToPrincipal();
        var (found, _) = await queries.GetAsync(principal, workspace, cancellationToken);
        return TypedResults.Ok(
            await FilesApi.PageAsync(principal, files, found.Id, "", prefix, after, limit, cancellationToken)
        );
    }

    static async Task<IResult> ContentAsync(
        string workspace,
        string path,
        HttpContext context,
        WorkspaceQueries queries,
        FileQueries files,
        DownloadLog log,
        CancellationToken cancellationToken,
        string? version = null
    )
    {
        var principal = context.ToPrincipal();
        var (found, _) = await queries.GetAsync(principal, workspace, cancellationToken);
        return await FilesApi.SendAsync(context, files, log, principal, found.Id, path, version, cancellationToken);
    }

    static async Task<Ok<CredentialsDto>> CredentialsAsync(
        string workspace,
        HttpContext context,
        WorkspaceQueries queries,
        AccessKeys keys,
        Addresses addresses,
        CancellationToken cancellationToken
    )
    {
        var principal = context.ToPrincipal();
        var (found, right) = await queries.GetAsync(principal, workspace, cancellationToken);
        if (right < Right.Write)
            throw Fault.Forbidden(
                "workspace-write",
                $"You may read workspace '{found.Id}' but not change it. Ask its owner, {found.Owner}.",
                ("workspace", found.Id),
                ("owner", found.Owner)
            );
        var made = await keys.CreateSessionAsync(
            principal,
            new CredentialLimit(found.Id, "", MayWrite: true),
            null,
            cancellationToken
        );
        return TypedResults.Ok(made.ToDto(addresses, context, found.Id, ""));
    }

    static async Task<Ok<ItemsDto<WorkspaceAccessEntryDto>>> AccessAsync(
        string workspace,
        HttpContext context,
        WorkspaceAccess access,
        CancellationToken cancellationToken
    )
    {
        var entries = await access.EntriesAsync(workspace, context.ToPrincipal(), cancellationToken);
        return TypedResults.Ok(new ItemsDto<WorkspaceAccessEntryDto>([.. entries.Select(ToDto)]));
    }

    static WorkspaceAccessEntryDto ToDto(WorkspaceAccessEntry entry) =>
        new(
            Principal.UserOf(entry.Subject) ?? entry.Subject,
            Principal.UserOf(entry.Subject) is not null,
            entry.User?.DisplayName,
            entry.User?.Email,
            entry.Right.ToDto(),
            entry.Role,
            entry.GrantedBy,
            entry.GrantedAt,
            entry.Removable
        );

    static async Task<NoContent> ShareAsync(
        string workspace,
        string user,
        ShareRequest request,
        HttpContext context,
        ShareWorkspace share,
        CancellationToken cancellationToken
    )
    {
        await share.HandleAsync(
            new ShareWorkspaceRequest(workspace, user, request.Right.ToRight()),
            context.ToPrincipal(),
            cancellationToken
        );
        return TypedResults.NoContent();
    }

    static async Task<NoContent> UnshareAsync(
        string workspace,
        string user,
        HttpContext context,
        ShareWorkspace share,
        CancellationToken cancellationToken
    )
    {
        await share.HandleAsync(
            new ShareWorkspaceRequest(workspace, user, Right.None),
            context.ToPrincipal(),
            cancellationToken
        );
        return TypedResults.NoContent();
    }

    static WorkspaceDto ToDto(Workspace workspace, Right? right) =>
        new(
            workspace.Id,
            workspace.Title,
            workspace.Owner,
            workspace.CreatedAt,
            right?.ToDto(),
            $"s3://{workspace.Id}/"
        );
}
