using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Microsoft.Extensions.Options;

namespace Harima.Workspaces;

/// <summary>Gives a person a right on a workspace, which makes it a group's; <see cref="Right.None"/> takes it back.</summary>
public sealed record ShareWorkspaceRequest(string Id, string UserIdOrEmail, Right Right);

public sealed class ShareWorkspace(
    CatalogueWriter writer,
    WorkspaceQueries workspaces,
    Grants grants,
    Users users,
    Audit audit,
    IOptions<WorkspaceOptions> options
)
{
    /// <exception cref="FaultException">NotFound; Forbidden; Invalid where nobody has that id or e-mail.</exception>
    public async Task HandleAsync(
        ShareWorkspaceRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var (workspace, right) = await workspaces.GetAsync(principal, request.Id, cancellationToken);
        if (right < Right.Manage)
            throw Fault.Forbidden(
                "workspace-manage",
                $"Sharing workspace '{workspace.Id}' needs the right to manage it."
            );
        var user =
            await users.FindByIdOrEmailAsync(request.UserIdOrEmail, cancellationToken)
            ?? throw Fault.Invalid(
                "no-such-user",
                $"Nobody has the user id or e-mail '{request.UserIdOrEmail}'. Ask them to log in once, then try again.",
                ("id", request.UserIdOrEmail)
            );
        await writer.WriteAsync(
            transaction =>
            {
                var subject = Principal.SubjectOf(user.Id);
                grants.Put(transaction, workspace.Ref, subject, Roles.Shared, request.Right, principal.Actor);
                audit.Add(
                    transaction,
                    principal,
                    request.Right == Right.None ? "access.removed" : "access.given",
                    workspace.Ref,
                    new { user = user.Id, right = request.Right.ToString() }
                );
            },
            cancellationToken
        );
    }

    /// <summary>Lets everyone, logged in or not, do this much; <see cref="Right.None"/> takes it back.</summary>
    /// <exception cref="FaultException">NotFound; Forbidden, also where the facility does not offer it.</exception>
    public Task ShareWithEveryoneAsync(
        string id,
        Right right,
        Principal principal,
        CancellationToken cancellationToken
    ) => ShareWithEveryoneAsync(id, right, Right.None, principal, cancellationToken);

    /// <param name="right">What everyone may, logged in or not.</param>
    /// <param name="accounts">What everyone with an account here may.</param>
    /// <exception cref="FaultException">NotFound; Forbidden, also where the facility does not offer it.</exception>
    public async Task ShareWithEveryoneAsync(
        string id,
        Right right,
        Right accounts,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        RequireOffered(right > accounts ? right : accounts);
        var (workspace, held) = await workspaces.GetAsync(principal, id, cancellationToken);
        if (held < Right.Manage)
            throw Fault.Forbidden(
                "workspace-manage",
                $"Sharing workspace '{workspace.Id}' needs the right to manage it."
            );
        await writer.WriteAsync(
            transaction =>
            {
                var (on, actor) = (workspace.Ref, principal.Actor);
                grants.Put(transaction, on, Principal.EveryoneSubject, Roles.Shared, right, actor);
                grants.Put(transaction, on, Principal.AccountsSubject, Roles.Shared, accounts, actor);
                audit.Add(
                    transaction,
                    principal,
                    "access.everyone",
                    on,
                    new { right = right.ToString(), accounts = accounts.ToString() }
                );
            },
            cancellationToken
        );
    }

    /// <summary>Whether the facility lets workspaces be open to everyone that far.</summary>
    /// <exception cref="FaultException">Forbidden.</exception>
    public void RequireOffered(Right everyones)
    {
        var offered =
            everyones == Right.None
            || (everyones == Right.Read && options.Value.PublicRead)
            || (everyones == Right.Write && options.Value.PublicRead && options.Value.PublicWrite);
        if (!offered)
            throw Fault.Forbidden(
                "public-not-offered",
                "This facility does not let workspaces be opened that far to everyone. Share it with people instead."
            );
    }
}
