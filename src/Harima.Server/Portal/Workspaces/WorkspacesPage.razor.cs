using Harima.Workspaces;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Workspaces;

partial class WorkspacesPage
{
    IReadOnlyList<Workspace> _workspaces = [];

    [Inject]
    WorkspaceQueries Queries { get; set; } = null!;

    [Inject]
    CreateWorkspace CreateWorkspace { get; set; } = null!;

    [SupplyParameterFromForm(FormName = "create-workspace")]
    string? Id { get; set; }

    [SupplyParameterFromForm(FormName = "create-workspace")]
    string? Title { get; set; }

    protected override async Task OnInitializedAsync() =>
        _workspaces = await Queries.ListAsync(Visitor.Principal, Aborted);

    async Task CreateAsync()
    {
        var request = new CreateWorkspaceRequest(Id ?? "", Title ?? "");
        if (await TryAsync(() => CreateWorkspace.HandleAsync(request, Visitor.Principal, Aborted)))
            Navigation.NavigateTo($"/workspaces/{request.Id.Trim().ToLowerInvariant()}");
    }
}
