using System.Globalization;
using System.Text;
using Dapper;
using Harima.Catalogue;
using Harima.Identity;
using Harima.Mail;
using Harima.Sequences;
using Harima.Work;

namespace Harima.Metadata.Annotations;

/// <summary>Tells somebody by mail that a comment speaks to them, unless they have seen it meanwhile or may no longer read it.</summary>
public sealed class TellMentioned(Database database, SequenceAccess access, Users users, SendMail mail)
{
    internal const string Queue = "mention-notice";

    /// <summary>Long enough that who is looking at the portal anyway gets no mail, and a comment can be corrected.</summary>
    internal static readonly TimeSpan Wait = TimeSpan.FromMinutes(2);

    internal WorkKind Work => new(Queue, HandleAsync);

    /// <param name="item">About <c>comment/user</c>.</param>
    internal async Task HandleAsync(WorkItem item, CancellationToken cancellationToken)
    {
        var slash = item.Subject.IndexOf('/', StringComparison.Ordinal);
        var commentId = long.Parse(item.Subject.AsSpan(0, slash), CultureInfo.InvariantCulture);
        var userId = item.Subject[(slash + 1)..];
        Mention? mention;
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            mention = await connection.QuerySingleOrDefaultAsync<Mention>(
                """
                SELECT m.comment_id, s.proposal_id, s.id AS sequence_id, c.author, u.display_name AS author_name, c.at, c.text, m.seen_at
                FROM comment_mention m JOIN sequence_comment c ON c.id = m.comment_id JOIN sequence s ON s.row = c.sequence_row
                LEFT JOIN app_user u ON u.id = c.author
                WHERE m.comment_id = @commentId AND m.user_id = @userId AND m.seen_at IS NULL
                """,
                new { commentId, userId }
            );
        }
        var user = (await users.FindManyAsync([userId], cancellationToken)).GetValueOrDefault(userId);
        if (mention is null || user?.Email is null)
            return;
        var reader = new Principal(userId, "mention");
        if (await access.FindAsync(reader, mention.ProposalId, mention.SequenceId, cancellationToken) is null)
            return;
        await mail.HandleAsync(
            user.Email,
            $"Harima: {mention.AuthorName ?? mention.Author} – {mention.ProposalId}/{mention.SequenceId}",
            Body(mention),
            cancellationToken
        );
    }

    string Body(Mention mention)
    {
        var (author, place) = (mention.AuthorName ?? mention.Author, $"{mention.ProposalId}/{mention.SequenceId}");
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{author} さんが {place} へのコメントであなたに言及しました。");
        text.AppendLine(CultureInfo.InvariantCulture, $"{author} spoke to you in a comment on {place}:");
        text.AppendLine().AppendLine(mention.Text);
        var path =
            $"/proposals/{Uri.EscapeDataString(mention.ProposalId)}/sequences/{Uri.EscapeDataString(mention.SequenceId)}";
        if (mail.LinkTo(FormattableString.Invariant($"{path}?tab=notes#comment-{mention.CommentId}")) is { } link)
            text.AppendLine().AppendLine(link);
        return text.ToString();
    }
}
