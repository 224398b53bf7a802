using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;

namespace Harima.Workspaces;

/// <summary>Gives a person a right on a workspace, which makes it a group's; <see cref="Right.None"/> takes it back.</summary>
public sealed record ShareWorkspaceRequest(string Id, string UserIdOrEmail, Right Right);

public sealed class ShareWorkspace(
    CatalogueWriter writer,
    WorkspaceQueries workspaces,
    Grants grants,
    Users users,
    Audit audit
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
}
