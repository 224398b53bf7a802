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

    [Inject]
    WorkspaceQueries Queries { get; set; } = null!;

    [Inject]
    Users Users { get; set; } = null!;

    [Inject]
    DeleteWorkspace DeleteWorkspace { get; set; } = null!;

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
    }

    async Task DeleteAsync()
    {
        if (await TryAsync(() => DeleteWorkspace.HandleAsync(Id, Visitor.Principal, Aborted)))
            Navigation.NavigateTo("/workspaces");
    }
}
