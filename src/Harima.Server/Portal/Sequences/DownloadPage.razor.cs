using System.Text.Json;
using Harima.Catalogue;
using Harima.Proposals;
using Harima.Search;
using Harima.Sequences;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Sequences;

partial class DownloadPage
{
    const int PageLength = 50;
    const string DefaultSort = "-created";

    Page<SequenceSummary> _page = new([], null);
    long _count;
    IReadOnlyList<Beamline> _beamlines = [];
    IReadOnlyList<ProposalSummary> _proposals = [];
    string _commands = "[]";

    [Inject]
    ListSequences Sequences { get; set; } = null!;

    [Inject]
    ProposalQueries Proposals { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "q")]
    string? Query { get; set; }

    [SupplyParameterFromQuery(Name = "proposal")]
    string? Proposal { get; set; }

    [SupplyParameterFromQuery(Name = "beamline")]
    string? Beamline { get; set; }

    [SupplyParameterFromQuery(Name = "state")]
    string? StateText { get; set; }

    [SupplyParameterFromQuery(Name = "mine")]
    string? Mine { get; set; }

    [SupplyParameterFromQuery(Name = "sort")]
    string? SortText { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    string? Cursor { get; set; }

    string Sort => string.IsNullOrEmpty(SortText) ? DefaultSort : SortText;

    bool IsFiltered => new[] { Query, Proposal, Beamline, StateText, Mine }.Any(value => !string.IsNullOrEmpty(value));

    string SortBase => Here(("sort", null));

    string CountText =>
        _count > SequenceQueries.CountedUpTo
            ? T["Download.CountMore", Show.Count(SequenceQueries.CountedUpTo)]
            : T["Download.Count", Show.Count(_count)];

    protected override async Task OnInitializedAsync()
    {
        var filter = new SequenceFilter(
            Proposal,
            Beamline,
            Mine == "1" ? Visitor.UserId : null,
            StateText switch
            {
                "open" => SequenceState.Open,
                "closed" => SequenceState.Closed,
                _ => null,
            }
        );
        var (order, descending) = OrderOf(Sort);
        _page = await Sequences.HandleAsync(
            Visitor.Principal,
            Query,
            filter,
            order,
            descending,
            Cursor,
            PageLength,
            Aborted
        );
        _count = await Sequences.CountAsync(Visitor.Principal, Query, filter, Aborted);
        _beamlines = await Proposals.BeamlinesAsync(Aborted);
        _proposals = (await Proposals.ListAsync(Visitor.Principal, null, null, 100, Aborted)).Items;
        _commands = JsonSerializer.Serialize(
            DownloadCommands.For(Addresses.PortalOf(Context), S3Address, Addresses.Region, T)
        );
    }

    static (SequenceOrder Order, bool Descending) OrderOf(string sort)
    {
        var descending = sort.StartsWith('-');
        var order = sort.TrimStart('-') switch
        {
            "id" => SequenceOrder.Id,
            "size" => SequenceOrder.Size,
            "owner" => SequenceOrder.Owner,
            "proposal" => SequenceOrder.Proposal,
            _ => SequenceOrder.Created,
        };
        return (order, descending);
    }

    string PageAddress(string cursor) => Here(("sort", SortText), ("page", cursor));

    string Here(params (string, string?)[] more) =>
        Address.Of(
            "/sequences",
            [
                ("q", Query),
                ("proposal", Proposal),
                ("beamline", Beamline),
                ("state", StateText),
                ("mine", Mine),
                .. more,
            ]
        );
}
