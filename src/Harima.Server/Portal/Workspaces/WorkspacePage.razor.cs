using Harima.Access;
using Harima.Sequences;
using Harima.Storage;
using Harima.Workspaces;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Workspaces;

partial class WorkspacePage
{
    const int PageLength = 200;

    Workspace _workspace = null!;
    Right _right;
    Listing _listing = new([], null);

    [Inject]
    WorkspaceQueries Queries { get; set; } = null!;

    [Inject]
    FileQueries Files { get; set; } = null!;

    [Inject]
    DeleteWorkspace DeleteWorkspace { get; set; } = null!;

    [Parameter]
    public string Id { get; set; } = "";

    [SupplyParameterFromQuery(Name = "path")]
    string? Path { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    string? Cursor { get; set; }

    string Here => "/workspaces/" + _workspace.Id;

    IReadOnlyList<(string Name, string Path)> Folders
    {
        get
        {
            var names = (Path ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
            return [.. names.Select((name, n) => (name, string.Join('/', names[..(n + 1)]) + "/"))];
        }
    }

    protected override async Task OnInitializedAsync()
    {
        (_workspace, _right) = await Queries.GetAsync(Visitor.Principal, Id, Aborted);
        var request = new ListRequest(Path ?? "", "/", Cursor, PageLength);
        _listing = await Files.ListAsync(Visitor.Principal, _workspace.Id, request, Aborted);
    }

    async Task DeleteAsync()
    {
        if (await TryAsync(() => DeleteWorkspace.HandleAsync(Id, Visitor.Principal, Aborted)))
            Navigation.NavigateTo("/workspaces");
    }
}
