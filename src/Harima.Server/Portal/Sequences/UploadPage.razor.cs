using Harima.Access;
using Harima.Faults;
using Harima.Metadata;
using Harima.Proposals;
using Harima.Sequences;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Sequences;

partial class UploadPage
{
    const string MeasurementExample = "{\n  \"method\": \"XAFS\",\n  \"energy\": 8.979,\n  \"energy_unit\": \"keV\"\n}";
    const string SampleExample =
        "{\n  \"sample\": [\n    { \"name\": \"Cu foil\", \"chemical_formula\": \"Cu\" }\n  ]\n}";

    IReadOnlyList<ProposalSummary> _proposals = [];
    SequenceView? _existing;
    string? _measurement;
    string? _sample;

    [Inject]
    ProposalQueries Proposals { get; set; } = null!;

    [Inject]
    SequenceQueries Sequences { get; set; } = null!;

    [Inject]
    MetadataQueries Metadata { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "proposal")]
    string? Proposal { get; set; }

    [SupplyParameterFromQuery(Name = "sequence")]
    string? Sequence { get; set; }

    protected override async Task OnInitializedAsync()
    {
        var page = await Proposals.ListAsync(Visitor.Principal, null, null, 200, Aborted);
        _proposals = [.. page.Items.Where(summary => summary.MyRight >= Right.Write)];
        if (!string.IsNullOrEmpty(Proposal) && !string.IsNullOrEmpty(Sequence))
            await LoadExistingAsync(Proposal, Sequence);
    }

    async Task LoadExistingAsync(string proposalId, string sequenceId)
    {
        try
        {
            _existing = await Sequences.GetAsync(Visitor.Principal, proposalId, sequenceId, Aborted);
        }
        catch (FaultException fault) when (fault.Code == FaultCode.NotFound)
        {
            return; // a sequence that is yet to be opened under this id
        }
        foreach (var document in await Metadata.OfAsync(Visitor.Principal, proposalId, sequenceId, Aborted))
            if (document.Kind == MetadataKind.Measurement)
                _measurement = document.Json;
            else
                _sample = document.Json;
    }
}
