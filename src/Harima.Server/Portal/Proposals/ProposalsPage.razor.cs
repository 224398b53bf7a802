using Harima.Catalogue;
using Harima.Proposals;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Proposals;

partial class ProposalsPage
{
    const int PageLength = 50;
    Page<ProposalSummary> _page = new([], null);

    [Inject]
    ProposalQueries Queries { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "q")]
    string? Query { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    string? Cursor { get; set; }

    protected override async Task OnInitializedAsync() =>
        _page = await Queries.ListAsync(Visitor.Principal, Query, Cursor, PageLength, Aborted);

    string NextAddress(string next) => Address.Of("/proposals", ("q", Query), ("page", next));
}
