using Harima.Access;
using Harima.Faults;
using Harima.Identity;

namespace Harima.Workspaces;

/// <summary>One line of a workspace's access table: who may do what, and why.</summary>
/// <param name="Subject"><c>user:id</c>, <c>accounts</c> (everyone with an account) or <c>everyone</c>.</param>
/// <param name="User">Null for <c>accounts</c> and <c>everyone</c>, and for somebody who has gone.</param>
/// <param name="Role">One of <see cref="Roles"/>; what the bucket's policy gave goes as far as that says, and ends with it.</param>
/// <param name="Removable">Whether it was given by sharing, and so can be taken back by sharing.</param>
public sealed record WorkspaceAccessEntry(
    string Subject,
    User? User,
    Right Right,
    string Role,
    string GrantedBy,
    DateTimeOffset GrantedAt,
    bool Removable
);

/// <summary>Tells those who manage a workspace who else may use it.</summary>
public sealed class WorkspaceAccess(WorkspaceQueries workspaces, Grants grants, Users users)
{
    /// <summary>Strongest right first.</summary>
    /// <exception cref="FaultException">NotFound; Forbidden for who does not manage it.</exception>
    public async Task<IReadOnlyList<WorkspaceAccessEntry>> EntriesAsync(
        string id,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var (workspace, right) = await workspaces.GetAsync(principal, id, cancellationToken);
        if (right < Right.Manage)
            throw Fault.Forbidden(
                "workspace-manage",
                $"Who may use workspace '{workspace.Id}' is told to those who manage it."
            );
        var held = await grants.OnAsync(workspace.Chain, cancellationToken);
        var people = await users.FindManyAsync(
            held.Select(grant => Principal.UserOf(grant.Subject)).OfType<string>(),
            cancellationToken
        );
        return
        [
            .. held.Select(grant => new WorkspaceAccessEntry(
                    grant.Subject,
                    Principal.UserOf(grant.Subject) is { } user ? people.GetValueOrDefault(user) : null,
                    grant.Access,
                    grant.Role,
                    grant.GrantedBy,
                    grant.GrantedAt,
                    grant.Role == Roles.Shared
                ))
                .OrderByDescending(entry => entry.Right)
                .ThenBy(entry => entry.Subject, StringComparer.Ordinal)
                .ThenBy(entry => entry.Role, StringComparer.Ordinal),
        ];
    }
}
