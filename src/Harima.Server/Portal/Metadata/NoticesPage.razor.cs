using Harima.Catalogue;
using Harima.Metadata.Annotations;
using Microsoft.AspNetCore.Components;

namespace Harima.Portal.Metadata;

/// <summary>Comments that speak to the visitor.</summary>
partial class NoticesPage
{
    const int PageLength = 30;

    Page<Mention> _mentions = new([], null);

    [Inject]
    Comments Comments { get; set; } = null!;

    [SupplyParameterFromQuery(Name = "unread")]
    bool Unread { get; set; }

    [SupplyParameterFromQuery(Name = "page")]
    string? Cursor { get; set; }

    protected override async Task OnInitializedAsync() =>
        _mentions = await Comments.MentionsAsync(Visitor.Principal, Unread, Cursor, PageLength, Aborted);

    static string AddressOf(Mention mention) =>
        Address.Sequence(mention.ProposalId, mention.SequenceId)
        + FormattableString.Invariant($"?tab=notes#comment-{mention.CommentId}");

    /// <param name="commentId">Null for all.</param>
    async Task SeenAsync(long? commentId)
    {
        await Comments.SeenAsync(commentId is { } one ? [one] : null, Visitor.Principal, Aborted);
        Navigation.NavigateTo(Address.Of("/notices", ("unread", Unread ? "true" : null)));
    }
}
