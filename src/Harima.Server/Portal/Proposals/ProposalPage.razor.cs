using Harima.Access;
using Harima.Proposals;
using Harima.Sequences;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Proposals;

partial class ProposalPage
{
    ProposalSummary _summary = null!;
    string _beamline = "";
    IReadOnlyList<ProposalPerson> _people = [];
    IReadOnlyList<SequenceSummary> _latest = [];

    [Inject]
    ProposalQueries Proposals { get; set; } = null!;

    [Inject]
    SequenceQueries Sequences { get; set; } = null!;

    [Parameter]
    public string ProposalId { get; set; } = "";

    Proposal Proposal => _summary.Proposal;

    protected override async Task OnInitializedAsync()
    {
        _summary = await Proposals.GetAsync(Visitor.Principal, ProposalId, Aborted);
        var beamline = (await Proposals.BeamlinesAsync(Aborted)).FirstOrDefault(known =>
            known.Id == Proposal.BeamlineId
        );
        _beamline = beamline is null ? "" : Show.Pick(beamline.Title, beamline.TitleJa);
        var filter = new SequenceFilter(ProposalId: Proposal.Id);
        _latest = (
            await Sequences.ListAsync(Visitor.Principal, filter, SequenceOrder.Created, true, null, 15, Aborted)
        ).Items;
        if (_summary.MyRight >= Right.Read)
            _people = await Proposals.PeopleAsync(Visitor.Principal, Proposal.Id, Aborted);
    }
}
