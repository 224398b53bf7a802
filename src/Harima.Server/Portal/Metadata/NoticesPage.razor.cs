using Harima.Catalogue;
using Harima.Metadata;
using Harima.Metadata.Annotations;
using Harima.Search.Saved;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Metadata;

/// <summary>What the bell tells: comments that speak to the visitor, saved searches, and large changes that have ended.</summary>
partial class NoticesPage
{
    const int PageLength = 30;

    const int BellsShown = 20;

    Page<Mention> _mentions = new([], null);
    Page<SearchBell> _bells = new([], null);
    Page<LargeEdit> _edits = new([], null);
    bool _anyUnread;

    [Inject]
    Comments Comments { get; set; } = null!;

    [Inject]
    SearchNotices Notices { get; set; } = null!;

    [Inject]
    LargeEdits Large { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "unread")]
    bool Unread { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    string? Cursor { get; set; }

    /// <summary>The same, of what the saved searches told.</summary>
    [SupplyParameterFromQuery(Name = "bells")]
    string? BellCursor { get; set; }

    /// <summary>The same, of large changes.</summary>
    [SupplyParameterFromQuery(Name = "edits")]
    string? EditCursor { get; set; }

    protected override async Task OnInitializedAsync()
    {
        var who = Visitor.Principal;
        // Who reads on in one of the lists is not shown the beginning of the other again.
        if (BellCursor is null && EditCursor is null)
            _mentions = await Comments.MentionsAsync(who, Unread, Cursor, PageLength, Aborted);
        if (Cursor is null && EditCursor is null)
            _bells = await Notices.BellAsync(who, Unread, BellCursor, BellsShown, Aborted);
        if (Cursor is null && BellCursor is null)
            _edits = await Large.EndedAsync(who, Unread, EditCursor, BellsShown, Aborted);
        _anyUnread =
            await Notices.UnseenAsync(who, 1, Aborted) > 0
            || await Comments.UnreadAsync(who, 1, Aborted) > 0
            || await Large.UnseenAsync(who, 1, Aborted) > 0;
    }

    string Newest => Address.Of("/notices", ("unread", Unread ? "true" : null));

    string Older(string name, string cursor) =>
        Address.Of("/notices", ("unread", Unread ? "true" : null), (name, cursor));

    /// <summary>The part of the page that somebody is on.</summary>
    string Here =>
        Address.Of(
            "/notices",
            ("unread", Unread ? "true" : null),
            ("page", Cursor),
            ("bells", BellCursor),
            ("edits", EditCursor)
        );

    static string AddressOf(Mention mention) =>
        Address.Sequence(mention.ProposalId, mention.SequenceId)
        + FormattableString.Invariant($"?tab=notes#comment-{mention.CommentId}");

    async Task BellSeenAsync(long id)
    {
        await Notices.SeenAsync(Visitor.Principal, id, Aborted);
        Navigation.NavigateTo(Here);
    }

    async Task EditSeenAsync(string id)
    {
        await Large.SeenAsync(Visitor.Principal, id, Aborted);
        Navigation.NavigateTo(Here);
    }

    /// <param name="commentId">Null for all.</param>
    async Task SeenAsync(long? commentId)
    {
        await Comments.SeenAsync(commentId is { } one ? [one] : null, Visitor.Principal, Aborted);
        if (commentId is null)
        {
            await Notices.SeenAsync(Visitor.Principal, null, Aborted);
            await Large.SeenAsync(Visitor.Principal, null, Aborted);
        }
        Navigation.NavigateTo(Here);
    }
}
