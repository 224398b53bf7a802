using Harima.Access;
using Harima.Catalogue;
using Harima.Work;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Work;

/// <summary>The work queue, for administrators.</summary>
partial class WorkPage
{
    const int PageLength = 50;

    IReadOnlyList<WorkSummary> _summary = [];
    Page<DeadWork> _dead = new([], null);

    [Inject]
    GivenUpWork Work { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "page")]
    string? Cursor { get; set; }

    [SupplyParameterFromQuery(Name = "done")]
    string? Done { get; set; }

    protected override async Task OnInitializedAsync()
    {
        _summary = await Work.SummaryAsync(Visitor.Principal, Aborted);
        _dead = await Work.ListAsync(Cursor, PageLength, Visitor.Principal, Aborted);
    }

    /// <summary>Capabilities name their queues; one without a text shows its own name.</summary>
    string NameOf(string queue) => Words.Find("Work.Queue." + queue) ?? queue;

    async Task RetryAsync(long id)
    {
        if (await TryAsync(() => Work.RetryAsync(id, Visitor.Principal, Aborted)))
            Navigation.NavigateTo("/work?done=retried");
    }

    async Task DropAsync(long id)
    {
        if (await TryAsync(() => Work.DropAsync(id, Visitor.Principal, Aborted)))
            Navigation.NavigateTo("/work?done=dropped");
    }
}
