using Harima.Access;
using Harima.Identity;
using Harima.Portal.Sequences;
using Harima.Workspaces;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Workspaces;

partial class WorkspacePage
{
    Workspace _workspace = null!;
    Right _right;
    string _owner = "";
    IReadOnlyList<WorkspaceAccessEntry> _access = [];

    [Inject]
    WorkspaceQueries Queries { get; set; } = null!;

    [Inject]
    Users Users { get; set; } = null!;

    [Inject]
    DeleteWorkspace DeleteWorkspace { get; set; } = null!;

    [Inject]
    WorkspaceAccess WorkspaceAccess { get; set; } = null!;

    [Inject]
    ShareWorkspace ShareWorkspace { get; set; } = null!;

    [Parameter]
    public string Id { get; set; } = "";

    [SupplyParameterFromQuery(Name = "path")]
    string? Path { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    string? Cursor { get; set; }

    FilesPlace Place => FilesPlace.Of(_workspace);

    bool CanWrite => _right >= Right.Write;

    protected override async Task OnInitializedAsync()
    {
        (_workspace, _right) = await Queries.GetAsync(Visitor.Principal, Id, Aborted);
        _owner = (await Users.FindAsync(_workspace.Owner, Aborted))?.DisplayName ?? _workspace.Owner;
        if (_right >= Right.Manage)
            _access = await WorkspaceAccess.EntriesAsync(Id, Visitor.Principal, Aborted);
    }

    string NameOf(WorkspaceAccessEntry entry) =>
        entry.Subject switch
        {
            Principal.EveryoneSubject => T["Access.Everyone"],
            Principal.AccountsSubject => T["Access.Accounts"],
            var subject => entry.User?.DisplayName ?? Principal.UserOf(subject) ?? subject,
        };

    string Reason(WorkspaceAccessEntry entry) =>
        entry.Role == Roles.Owner
            ? T["Access.Reason.owner", _workspace.Id]
            : T[$"Access.Reason.{entry.Role}", entry.GrantedBy, Clock.Date(entry.GrantedAt)];

    Right SharedWith(string subject) =>
        _access
            .Where(entry => entry.Removable && entry.Subject == subject)
            .Select(entry => entry.Right)
            .DefaultIfEmpty(Right.None)
            .Max();

    async Task RemoveAsync(WorkspaceAccessEntry entry)
    {
        var user = Principal.UserOf(entry.Subject);
        var removed = await TryAsync(() =>
            user is not null
                ? ShareWorkspace.HandleAsync(
                    new ShareWorkspaceRequest(Id, user, Right.None),
                    Visitor.Principal,
                    Aborted
                )
                : ShareWorkspace.ShareWithEveryoneAsync(
                    Id,
                    entry.Subject == Principal.EveryoneSubject ? Right.None : SharedWith(Principal.EveryoneSubject),
                    entry.Subject == Principal.AccountsSubject ? Right.None : SharedWith(Principal.AccountsSubject),
                    Visitor.Principal,
                    Aborted
                )
        );
        if (removed)
            Navigation.NavigateTo(Place.Here);
    }

    async Task DeleteAsync()
    {
        if (await TryAsync(() => DeleteWorkspace.HandleAsync(Id, Visitor.Principal, Aborted)))
            Navigation.NavigateTo("/workspaces");
    }
}
