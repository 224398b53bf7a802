using Harima.Access;
using Harima.Catalogue;
using Harima.Proposals;
using Harima.Samples;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Samples;

partial class SamplesPage
{
    const int PageLength = 50;

    Page<Sample> _page = new([], null);
    IReadOnlyList<ProposalSummary> _proposals = [];

    [Inject]
    SampleQueries Samples { get; set; } = null!;

    [Inject]
    ProposalQueries Proposals { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "q")]
    string? Text { get; set; }

    [SupplyParameterFromQuery(Name = "proposal")]
    string? Proposal { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    string? Cursor { get; set; }

    [SupplyParameterFromQuery(Name = "done")]
    string? Done { get; set; }

    bool IsFiltered => !string.IsNullOrWhiteSpace(Text) || !string.IsNullOrWhiteSpace(Proposal);

    protected override async Task OnInitializedAsync()
    {
        _page = await Samples.ListAsync(Visitor.Principal, Proposal, Text, Cursor, PageLength, Aborted);
        _proposals =
        [
            .. (await Proposals.ListAsync(Visitor.Principal, null, null, 100, Aborted)).Items.Where(summary =>
                summary.MyRight >= Right.Read
            ),
        ];
    }
}
