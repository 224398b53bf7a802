using Harima.Access;
using Harima.Proposals;
using Harima.Search.Saved;
using Harima.Sequences;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Home;

partial class HomePage
{
    string _name = "";
    bool _moreOpen;
    IReadOnlyList<ProposalSummary> _proposals = [];
    IReadOnlyList<SavedSearch> _searches = [];
    IReadOnlyList<SequenceSummary> _open = [];
    IReadOnlyList<SequenceSummary> _latest = [];

    [Inject]
    ProposalQueries Proposals { get; set; } = null!;

    [Inject]
    SequenceQueries Sequences { get; set; } = null!;

    [Inject]
    SavedSearches Searches { get; set; } = null!;

    protected override async Task OnInitializedAsync()
    {
        _latest = (await ListAsync(new SequenceFilter(), 8)).Items;
        if (Visitor.IsAnonymous)
            return;
        _name = (await Visitor.FindUserAsync())?.DisplayName ?? "";
        var proposals = await Proposals.ListAsync(Visitor.Principal, null, null, 12, Aborted);
        _proposals = [.. proposals.Items.Where(summary => summary.MyRight >= Right.Read)];
        _searches = await Searches.ListAsync(Visitor.Principal, Aborted);
        var open = await ListAsync(new SequenceFilter(Owner: Visitor.UserId, State: SequenceState.Open), 6);
        (_open, _moreOpen) = (open.Items, open.Next is not null);
    }

    Task<Catalogue.Page<SequenceSummary>> ListAsync(SequenceFilter filter, int limit) =>
        Sequences.ListAsync(Visitor.Principal, filter, SequenceOrder.Created, true, null, limit, Aborted);
}
