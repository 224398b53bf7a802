using System.Text.Json;
using Harima.Access;
using Harima.Catalogue;
using Harima.Metadata;
using Harima.Sequences;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Sequences;

partial class HistoryPanel
{
    const int PageLength = 50;

    Page<AuditEvent> _page = new([], null);
    IReadOnlyList<MetadataChange> _changes = [];

    [Inject]
    SequenceQueries Sequences { get; set; } = null!;

    [Inject]
    MetadataQueries Metadata { get; set; } = null!;

    [Inject]
    Visitor Visitor { get; set; } = null!;

    [CascadingParameter]
    HttpContext Context { get; set; } = null!;

    [Parameter, EditorRequired]
    public SequenceView View { get; set; } = null!;

    [Parameter]
    public string? Cursor { get; set; }

    [Parameter]
    public string Here { get; set; } = "";

    protected override async Task OnInitializedAsync()
    {
        var (proposal, sequence) = (View.Sequence.ProposalId, View.Sequence.Id);
        _page = await Sequences.HistoryAsync(
            Visitor.Principal,
            proposal,
            sequence,
            Cursor,
            PageLength,
            Context.RequestAborted
        );
        if (_page.Items.Any(item => item.Action == "metadata.changed"))
            _changes = (
                await Metadata.ChangesAsync(Visitor.Principal, proposal, sequence, null, 200, Context.RequestAborted)
            ).Items;
    }

    string Sentence(AuditEvent item)
    {
        var text = T.Find("Event." + item.Action);
        if (text is null)
            return item.Action;
        if (item.Detail is null)
            return text;
        using var detail = JsonDocument.Parse(item.Detail);
        foreach (var property in detail.RootElement.EnumerateObject())
            text = text.Replace("{" + property.Name + "}", ValueOf(property), StringComparison.Ordinal);
        return text;
    }

    string ValueOf(JsonProperty property) =>
        property.Name switch
        {
            "sizeBytes" when property.Value.TryGetInt64(out var bytes) => Show.Bytes(bytes),
            "right" or "visibility" or "kind" => T.Find($"Event.Value.{property.Value}") ?? property.Value.ToString(),
            _ => property.Value.ToString(),
        };

    /// <summary>Event and change are written in one transaction with one time.</summary>
    MetadataChange? ChangeOf(AuditEvent item) =>
        item.Action == "metadata.changed"
            ? _changes.FirstOrDefault(change =>
                change.Actor == item.Actor && (change.At - item.At).Duration() < TimeSpan.FromSeconds(1)
            )
            : null;
}
