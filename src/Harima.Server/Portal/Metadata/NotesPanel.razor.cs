using Harima.Access;
using Harima.Catalogue;
using Harima.Metadata.Annotations;
using Harima.Sequences;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Metadata;

/// <summary>Keywords, tags, rating and comments of a sequence. They stand beside the data, so a closed sequence has them too.</summary>
partial class NotesPanel
{
    const int PageLength = 50;

    IReadOnlyList<SequenceLabel> _labels = [];
    SequenceRating _rating = new(null, 0, null);
    Page<SequenceComment> _comments = new([], null);

    [Inject]
    Labels Labels { get; set; } = null!;

    [Inject]
    Ratings Ratings { get; set; } = null!;

    [Inject]
    Comments Comments { get; set; } = null!;

    [Parameter, EditorRequired]
    public SequenceView View { get; set; } = null!;

    [Parameter]
    public string? Cursor { get; set; }

    [Parameter]
    public string Here { get; set; } = "";

    // Read from the request rather than bound: the forms' names carry ids, and only one of them was sent.
    string? Text => Field("Text");

    string ProposalId => View.Sequence.ProposalId;

    string SequenceId => View.Sequence.Id;

    bool MayWrite => View.MyRight >= Right.Write;

    protected override async Task OnInitializedAsync()
    {
        _labels = await Labels.OfAsync(Visitor.Principal, ProposalId, SequenceId, Aborted);
        _rating = await Ratings.OfAsync(Visitor.Principal, ProposalId, SequenceId, Aborted);
        _comments = await Comments.OfAsync(Visitor.Principal, ProposalId, SequenceId, Cursor, PageLength, Aborted);
        if (!Visitor.IsAnonymous)
            await Comments.SeenAsync(ProposalId, SequenceId, Visitor.Principal, Aborted);
    }

    string? Field(string name) =>
        Context.Request.HasFormContentType ? Context.Request.Form[name].FirstOrDefault() : null;

    Task AddLabelAsync(LabelKind kind) =>
        ThenAgainAsync(() =>
            Labels.AddAsync(ProposalId, SequenceId, kind, Field("Label") ?? "", Visitor.Principal, Aborted)
        );

    Task RemoveLabelAsync(SequenceLabel label) =>
        ThenAgainAsync(() =>
            Labels.RemoveAsync(ProposalId, SequenceId, label.Kind, label.Label, Visitor.Principal, Aborted)
        );

    Task RateAsync() =>
        ThenAgainAsync(() =>
            Ratings.HandleAsync(
                ProposalId,
                SequenceId,
                int.TryParse(Field("Stars"), out var stars) ? stars : null,
                Visitor.Principal,
                Aborted
            )
        );

    Task CommentAsync() =>
        ThenAgainAsync(() => Comments.AddAsync(ProposalId, SequenceId, Text ?? "", Visitor.Principal, Aborted));

    Task RemoveCommentAsync(long id) =>
        ThenAgainAsync(() => Comments.RemoveAsync(ProposalId, SequenceId, id, Visitor.Principal, Aborted));

    async Task ThenAgainAsync(Func<Task> act)
    {
        if (await TryAsync(act))
            Navigation.NavigateTo(Here + "?tab=notes");
    }
}
