using Harima.Access;
using Harima.Faults;
using Harima.Metadata;
using Harima.Metadata.Schemas;
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
    IReadOnlyList<MetadataSchema> _schemas = [];
    readonly Dictionary<MetadataKind, string?> _chosen = [];

    [Inject]
    ProposalQueries Proposals { get; set; } = null!;

    [Inject]
    SequenceQueries Sequences { get; set; } = null!;

    [Inject]
    MetadataQueries Metadata { get; set; } = null!;

    [Inject]
    FollowSchema Follow { get; set; } = null!;

    [Inject]
    MetadataSchemas Schemas { get; set; } = null!;

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
        _schemas = await Schemas.ListAsync(retired: false, Aborted);
        await ChooseSchemasAsync();
    }

    IReadOnlyList<MetadataSchema> SchemasOf(MetadataKind kind) => [.. _schemas.Where(schema => schema.Kind == kind)];

    /// <summary>What the sequence follows; for a new one, what its beamline or its proposal is used to.</summary>
    async Task ChooseSchemasAsync()
    {
        if (_existing is { Sequence: var existing })
        {
            foreach (
                var standing in await Follow.StandingAsync(Visitor.Principal, existing.ProposalId, existing.Id, Aborted)
            )
                _chosen[standing.Kind] = standing.Schema?.Name;
            return;
        }
        var chosen = _proposals.FirstOrDefault(summary => summary.Proposal.Id == Proposal);
        var proposal = (chosen ?? (_proposals is [var first, ..] ? first : null))?.Proposal;
        if (proposal is null)
            return;
        foreach (var kind in Enum.GetValues<MetadataKind>())
        {
            var usual = await Follow.SuggestAsync(proposal.Id, proposal.BeamlineId, kind, Aborted);
            // The general ones are offered, not chosen for somebody who has written plain json so far.
            _chosen[kind] = usual?.Id is "measurement" or "sample" ? null : usual?.Name;
        }
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
