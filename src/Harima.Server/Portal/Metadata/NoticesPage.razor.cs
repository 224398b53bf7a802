using Harima.Catalogue;
using Harima.Metadata.Annotations;
using Harima.Search.Saved;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Metadata;

/// <summary>Comments that speak to the visitor.</summary>
partial class NoticesPage
{
    const int PageLength = 30;

    const int BellsShown = 20;

    Page<Mention> _mentions = new([], null);
    IReadOnlyList<SearchBell> _bells = [];

    bool AnyUnread =>
        _mentions.Items.Any(mention => mention.SeenAt is null) || _bells.Any(bell => bell.Delivery.SeenAt is null);

    [Inject]
    Comments Comments { get; set; } = null!;

    [Inject]
    SearchNotices Notices { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "unread")]
    bool Unread { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    string? Cursor { get; set; }

    protected override async Task OnInitializedAsync()
    {
        _mentions = await Comments.MentionsAsync(Visitor.Principal, Unread, Cursor, PageLength, Aborted);
        if (Cursor is null)
            _bells = await Notices.BellAsync(Visitor.Principal, Unread, BellsShown, Aborted);
    }

    static string AddressOf(Mention mention) =>
        Address.Sequence(mention.ProposalId, mention.SequenceId)
        + FormattableString.Invariant($"?tab=notes#comment-{mention.CommentId}");

    async Task BellSeenAsync(long id)
    {
        await Notices.SeenAsync(Visitor.Principal, id, Aborted);
        Navigation.NavigateTo(Address.Of("/notices", ("unread", Unread ? "true" : null)));
    }

    /// <param name="commentId">Null for all.</param>
    async Task SeenAsync(long? commentId)
    {
        await Comments.SeenAsync(commentId is { } one ? [one] : null, Visitor.Principal, Aborted);
        if (commentId is null)
            await Notices.SeenAsync(Visitor.Principal, null, Aborted);
        Navigation.NavigateTo(Address.Of("/notices", ("unread", Unread ? "true" : null)));
    }
}
