using Harima.Access;
using Harima.Extraction;
using Harima.Identity;
using Harima.Metadata;
using Harima.Portal.Extraction;
using Harima.Sequences;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Sequences;

partial class SequencePage
{
    static readonly (string Tab, string Icon)[] Tabs =
    [
        ("files", "folder"),
        ("metadata", "metadata"),
        ("history", "history"),
        ("links", "link"),
    ];

    SequenceView _view = null!;
    string _owner = "";
    IReadOnlyList<MetadataDocument> _documents = [];
    ExtractionResult _proposed = new(null, false, 0, 0, [], []);

    [Inject]
    SequenceQueries Sequences { get; set; } = null!;

    [Inject]
    MetadataQueries Metadata { get; set; } = null!;

    [Inject]
    ExtractionQueries Proposed { get; set; } = null!;

    [Inject]
    AcceptExtracted AcceptExtracted { get; set; } = null!;

    [Inject]
    SetMetadata SetMetadata { get; set; } = null!;

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

    /// <summary>The proposals that were ticked.</summary>
    [SupplyParameterFromForm(FormName = "proposed")]
    string[]? Take { get; set; }

    /// <summary>Which button was pressed: all that is new, or those that were ticked.</summary>
    [SupplyParameterFromForm(FormName = "proposed")]
    string? All { get; set; }

    Sequence Sequence => _view.Sequence;

    string Here => Address.Sequence(Sequence.ProposalId, Sequence.Id);

    string Tab => Tabs.Any(known => known.Tab == TabText) ? TabText! : "files";

    bool CanWrite => _view.MyRight >= Right.Write && Sequence.State == SequenceState.Open;

    static string Name(MetadataKind kind) => kind.ToString().ToLowerInvariant();

    protected override async Task OnInitializedAsync()
    {
        _view = await Sequences.GetAsync(Visitor.Principal, ProposalId, SequenceId, Aborted);
        _owner = (await Users.FindAsync(Sequence.Owner, Aborted))?.DisplayName ?? Sequence.Owner;
        if (Tab == "metadata")
        {
            _documents = await Metadata.OfAsync(Visitor.Principal, ProposalId, SequenceId, Aborted);
            _proposed = await Proposed.OfAsync(Visitor.Principal, ProposalId, SequenceId, Aborted);
        }
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
        var fields = All == "yes" ? null : (Take ?? []).Select(ProposedPanel.FieldOf).OfType<AcceptedField>().ToList();
        if (
            await TryAsync(() =>
                AcceptExtracted.HandleAsync(ProposalId, SequenceId, fields, Visitor.Principal, Aborted)
            )
        )
            Navigation.NavigateTo(Here + "?tab=metadata&done=saved");
    }

    async Task SaveMetadataAsync()
    {
        if (!Enum.TryParse<MetadataKind>(PostedKind, ignoreCase: true, out var kind))
            return;
        var json = string.IsNullOrWhiteSpace(PostedJson) ? null : PostedJson;
        if (
            await TryAsync(() =>
                SetMetadata.HandleAsync(ProposalId, SequenceId, kind, json, Visitor.Principal, Aborted)
            )
        )
            Navigation.NavigateTo(Here + "?tab=metadata&done=saved");
    }
}
