using Harima.Catalogue;
using Harima.Metadata;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Metadata;

/// <summary>The visitor's changes that a worker makes: those under way, and those that have ended.</summary>
partial class LargeEditsPage
{
    const int PageLength = 30;

    Page<LargeEdit> _edits = new([], null);

    [Inject]
    LargeEdits Large { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "page")]
    string? Cursor { get; set; }

    protected override async Task OnInitializedAsync() =>
        _edits = await Large.ListAsync(Visitor.Principal, Cursor, PageLength, Aborted);
}
