using Harima.Metadata;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Metadata;

/// <summary>The visitor's changes that a worker makes: those under way, and those that have ended.</summary>
partial class LargeEditsPage
{
    // As many as Core gives out.
    const int MostListed = 100;

    IReadOnlyList<LargeEdit> _edits = [];

    [Inject]
    LargeEdits Large { get; set; } = null!;

    protected override async Task OnInitializedAsync() => _edits = await Large.ListAsync(Visitor.Principal, Aborted);
}
