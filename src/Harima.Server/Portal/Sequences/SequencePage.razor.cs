using Harima.Access;
using Harima.Catalogue;
using Harima.Extraction;
using Harima.Identity;
using Harima.Metadata;
using Harima.Metadata.Schemas;
using Harima.Portal.Extraction;
using Harima.Portal.Metadata;
using Harima.Previews;
using Harima.Sequences;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Sequences;

partial class SequencePage
{
    const int ChangesShown = 10;

    static readonly (string Tab, string Icon)[] Tabs =
    [
        ("files", "folder"),
        ("metadata", "metadata"),
        ("notes", "person"),
        ("related", "sequence"),
        ("history", "history"),
        ("links", "link"),
    ];

    SequenceView _view = null!;
    string _owner = "";
    IReadOnlyList<MetadataDocument> _documents = [];
    ExtractionResult _proposed = ExtractionResult.None;
    IReadOnlyList<SchemaStanding> _standings = [];
    readonly Dictionary<MetadataKind, IReadOnlyList<SchemaOffer>> _offers = [];
    readonly Dictionary<MetadataKind, string?> _chosen = [];
    Page<MetadataChange> _changes = new([], null);

    [Inject]
    SequenceQueries Sequences { get; set; } = null!;

    [Inject]
    MetadataQueries Metadata { get; set; } = null!;

    [Inject]
    ExtractionQueries Proposed { get; set; } = null!;

    [Inject]
    AcceptExtracted AcceptExtracted { get; set; } = null!;

    [Inject]
    DismissExtracted DismissExtracted { get; set; } = null!;

    [Inject]
    SetMetadata SetMetadata { get; set; } = null!;

    [Inject]
    FollowSchema Follow { get; set; } = null!;

    [Inject]
    MetadataSchemas Schemas { get; set; } = null!;

    [Inject]
    RestoreMetadata RestoreMetadata { get; set; } = null!;

    [Inject]
    SequencePreview Previews { get; set; } = null!;

    [Inject]
    CloseSequence CloseSequence { get; set; } = null!;

    [Inject]
    Users Users { get; set; } = null!;

    [Parameter]
    public string ProposalId { get; set; } = "";

    [Parameter]
    public string SequenceId { get; set; } = "";

    [SupplyParameterFromQuery(Name = "tab")]
    string? TabText { get; set; }

    [SupplyParameterFromQuery(Name = "path")]
    string? Path { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    string? Cursor { get; set; }

    /// <summary>Which document is being edited.</summary>
    [SupplyParameterFromQuery(Name = "edit")]
    string? Edit { get; set; }

    /// <summary>Where to begin in it.</summary>
    [SupplyParameterFromQuery(Name = "field")]
    string? EditedField { get; set; }

    /// <summary>Which document is shown as raw json.</summary>
    [SupplyParameterFromQuery(Name = "raw")]
    string? Raw { get; set; }

    [SupplyParameterFromQuery(Name = "done")]
    string? Done { get; set; }

    [SupplyParameterFromForm(FormName = "close")]
    bool Complete { get; set; }

    [SupplyParameterFromForm(FormName = "metadata", Name = "kind")]
    string? PostedKind { get; set; }

    [SupplyParameterFromForm(FormName = "metadata", Name = "json")]
    string? PostedJson { get; set; }

    /// <summary>The version of the text that was edited.</summary>
    [SupplyParameterFromForm(FormName = "metadata", Name = "version")]
    string? PostedVersion { get; set; }

    bool _mayHavePicture;

    /// <summary>Set where somebody else has changed what was edited.</summary>
    bool _changedSince;

    /// <summary>The proposals that were ticked.</summary>
    [SupplyParameterFromForm(FormName = "proposed")]
    string[]? Take { get; set; }

    /// <summary>Which button was pressed: all that is new, or those that were ticked.</summary>
    [SupplyParameterFromForm(FormName = "proposed")]
    string? What { get; set; }

    /// <summary>Versions of the documents the proposals were shown beside.</summary>
    [SupplyParameterFromForm(FormName = "proposed")]
    string? SeenMeasurement { get; set; }

    [SupplyParameterFromForm(FormName = "proposed")]
    string? SeenSample { get; set; }

    string? PostedSchema =>
        Context.Request.HasFormContentType ? Context.Request.Form[PostedKind + "Schema"].FirstOrDefault() : null;

    Sequence Sequence => _view.Sequence;

    string Here => Address.Sequence(Sequence.ProposalId, Sequence.Id);

    string Tab => Tabs.Any(known => known.Tab == TabText) ? TabText! : "files";

    bool CanWrite => _view.MyRight >= Right.Write && Sequence.State == SequenceState.Open;

    static string Name(MetadataKind kind) => kind.ToString().ToLowerInvariant();

    protected override async Task OnInitializedAsync()
    {
        _view = await Sequences.GetAsync(Visitor.Principal, ProposalId, SequenceId, Aborted);
        _owner = (await Users.FindAsync(Sequence.Owner, Aborted))?.DisplayName ?? Sequence.Owner;
        _mayHavePicture = await Previews.MayHaveAsync(Visitor.Principal, ProposalId, SequenceId, Aborted);
        if (Tab == "metadata")
        {
            _proposed = await Proposed.OfAsync(Visitor.Principal, ProposalId, SequenceId, Aborted);
            await LoadMetadataAsync();
        }
    }

    /// <summary>What the schema that a document follows calls its fields.</summary>
    IReadOnlyDictionary<string, SchemaLabel>? LabelsOf(MetadataKind kind) =>
        _standings.FirstOrDefault(standing => standing.Kind == kind)?.Schema is { } schema
            ? SchemaFields.LabelsOf(Schemas.Parsed(schema))
            : null;

    async Task LoadMetadataAsync()
    {
        _documents = await Metadata.OfAsync(Visitor.Principal, ProposalId, SequenceId, Aborted);
        _standings = await Follow.StandingAsync(Visitor.Principal, ProposalId, SequenceId, Aborted);
        _changes = await Metadata.ChangesAsync(
            Visitor.Principal,
            ProposalId,
            SequenceId,
            Cursor,
            ChangesShown,
            Aborted
        );
        if (!CanWrite)
            return;
        var techniques = KnownTechniques.Of(_documents, _proposed);
        foreach (var standing in _standings)
        {
            // A document that is there and follows nothing is free on purpose; a new one begins with what suits best.
            var isNew = _documents.All(document => document.Kind != standing.Kind);
            var offers = _offers[standing.Kind] = await Follow.OffersAsync(
                ProposalId,
                Sequence.BeamlineId,
                standing.Kind,
                techniques,
                Aborted
            );
            var usual = isNew ? offers.FirstOrDefault(offer => offer.Suits != SchemaSuits.Other)?.Schema : null;
            _chosen[standing.Kind] =
                PostedKind == Name(standing.Kind) ? PostedSchema : (standing.Schema ?? usual)?.Name;
        }
    }

    /// <summary>Those offered, and the one that is followed where it is offered no longer.</summary>
    IReadOnlyList<SchemaOffer> OffersOf(MetadataKind kind)
    {
        var own = _standings.FirstOrDefault(standing => standing.Kind == kind)?.Schema;
        var offered = _offers.GetValueOrDefault(kind) ?? [];
        return own is null || offered.Any(offer => offer.Schema.Name == own.Name)
            ? offered
            : [.. offered, new SchemaOffer(own, SchemaSuits.Other)];
    }

    async Task RestoreAsync(long changeId)
    {
        if (
            await TryAsync(() =>
                RestoreMetadata.HandleAsync(
                    ProposalId,
                    SequenceId,
                    changeId,
                    before: true,
                    Context.Request.Form["seen"].FirstOrDefault(),
                    Visitor.Principal,
                    Aborted
                )
            )
        )
            Navigation.NavigateTo(Here + "?tab=metadata&done=saved");
    }

    async Task CloseAsync()
    {
        if (
            Complete
            && await TryAsync(() => CloseSequence.HandleAsync(ProposalId, SequenceId, Visitor.Principal, Aborted))
        )
            Navigation.NavigateTo(Here + "?done=closed");
    }

    async Task AcceptAsync()
    {
        var ticked = (Take ?? []).Select(ProposedPanel.FieldOf).OfType<AcceptedField>().ToList();
        var seen = new SeenVersions(SeenMeasurement, SeenSample);
        Func<Task> act = What switch
        {
            "all" => () => AcceptExtracted.HandleAsync(ProposalId, SequenceId, null, null, Visitor.Principal, Aborted),
            "dismiss" => () => DismissExtracted.HandleAsync(ProposalId, SequenceId, ticked, Visitor.Principal, Aborted),
            "dismiss-all" => () =>
                DismissExtracted.HandleAsync(ProposalId, SequenceId, null, Visitor.Principal, Aborted),
            "again" => () => DismissExtracted.UndoAsync(ProposalId, SequenceId, ticked, Visitor.Principal, Aborted),
            "again-all" => () => DismissExtracted.UndoAsync(ProposalId, SequenceId, null, Visitor.Principal, Aborted),
            _ => () => AcceptExtracted.HandleAsync(ProposalId, SequenceId, ticked, seen, Visitor.Principal, Aborted),
        };
        if (await TryAsync(act))
            Navigation.NavigateTo(Here + "?tab=metadata&done=saved#proposed");
    }

    async Task SaveMetadataAsync()
    {
        if (!Enum.TryParse<MetadataKind>(PostedKind, ignoreCase: true, out var kind))
            return;
        var json = string.IsNullOrWhiteSpace(PostedJson) ? null : PostedJson;
        if (
            await TryAsync(async () =>
            {
                await SetMetadata.HandleAsync(
                    ProposalId,
                    SequenceId,
                    kind,
                    json,
                    PostedVersion,
                    Visitor.Principal,
                    Aborted
                );
                var now = _standings.FirstOrDefault(standing => standing.Kind == kind)?.Schema?.Name ?? "";
                if (PostedSchema is { } chosen && chosen != now)
                {
                    var (id, version) = ChosenSchema.Parse(chosen);
                    await Follow.HandleAsync(ProposalId, SequenceId, kind, id, version, Visitor.Principal, Aborted);
                }
            })
        )
            Navigation.NavigateTo(Here + "?tab=metadata&done=saved");
        else if (Refusal?.Reason == "metadata-changed")
        {
            _changedSince = true;
            await LoadMetadataAsync();
        }
    }
}
