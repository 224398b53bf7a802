using Harima.Access;
using Harima.Extraction;
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
    readonly Dictionary<MetadataKind, IReadOnlyList<SchemaOffer>> _offers = [];
    IReadOnlyList<MetadataDocument> _documents = [];
    readonly Dictionary<MetadataKind, string?> _chosen = [];

    [Inject]
    ProposalQueries Proposals { get; set; } = null!;

    [Inject]
    SequenceQueries Sequences { get; set; } = null!;

    [Inject]
    MetadataQueries Metadata { get; set; } = null!;

    [Inject]
    FollowSchema Follow { get; set; } = null!;

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
        await ChooseSchemasAsync();
    }

    IReadOnlyList<SchemaOffer> OffersOf(MetadataKind kind) => _offers.GetValueOrDefault(kind) ?? [];

    /// <summary>What the sequence follows; for a new one, what its beamline or its proposal is used to.</summary>
    async Task ChooseSchemasAsync()
    {
        var chosen = _proposals.FirstOrDefault(summary => summary.Proposal.Id == Proposal);
        var proposal = _existing?.Proposal ?? (chosen ?? (_proposals is [var first, ..] ? first : null))?.Proposal;
        if (proposal is null)
            return;
        // What is typed already says the technique; a new sequence has neither metadata nor files yet.
        var techniques = KnownTechniques.Of(_documents, ExtractionResult.None);
        var beamline = _existing?.Sequence.BeamlineId ?? proposal.BeamlineId;
        foreach (var kind in Enum.GetValues<MetadataKind>())
            _offers[kind] = await Follow.OffersAsync(proposal.Id, beamline, kind, techniques, Aborted);
        if (_existing is { Sequence: var existing })
        {
            foreach (
                var standing in await Follow.StandingAsync(Visitor.Principal, existing.ProposalId, existing.Id, Aborted)
            )
                _chosen[standing.Kind] = standing.Schema?.Name;
            return;
        }
        // The general ones are offered, not chosen for somebody who has written plain json so far.
        foreach (var kind in Enum.GetValues<MetadataKind>())
            _chosen[kind] = _offers[kind] is [{ Suits: < SchemaSuits.General, Schema: var usual }, ..]
                ? usual.Name
                : null;
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
        _documents = await Metadata.OfAsync(Visitor.Principal, proposalId, sequenceId, Aborted);
        foreach (var document in _documents)
            if (document.Kind == MetadataKind.Measurement)
                _measurement = document.Json;
            else
                _sample = document.Json;
    }
}
