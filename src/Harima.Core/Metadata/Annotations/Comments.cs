using System.Data.Common;
using System.Text.RegularExpressions;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Sequences;

namespace Harima.Metadata.Annotations;

public sealed record SequenceComment
{
    public long Id { get; init; }
    public required string Author { get; init; }
    public string? AuthorName { get; init; }
    public DateTimeOffset At { get; init; }
    public required string Text { get; init; }
    public DateTimeOffset? EditedAt { get; init; }
}

/// <summary>A comment that speaks to somebody.</summary>
public sealed record Mention
{
    public long CommentId { get; init; }
    public required string ProposalId { get; init; }
    public required string SequenceId { get; init; }
    public required string Author { get; init; }
    public string? AuthorName { get; init; }
    public DateTimeOffset At { get; init; }
    public required string Text { get; init; }
    public DateTimeOffset? SeenAt { get; init; }
}

/// <summary>What people say about a sequence. Whoever may read it may comment; <c>@user</c> tells that person, if they may read it too.</summary>
public sealed partial class Comments(
    CatalogueWriter writer,
    Database database,
    SequenceAccess access,
    Users users,
    Policy policy,
    Audit audit,
    TimeProvider time
)
{
    public const int MaxLength = 10_000;

    /// <summary>Oldest first.</summary>
    /// <exception cref="FaultException">NotFound.</exception>
    public async Task<Page<SequenceComment>> OfAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var view = await access.GetAsync(principal, proposalId, sequenceId, cancellationToken);
        var after = Cursor.IdOf(cursor) ?? 0;
        await using var connection = await database.OpenAsync(cancellationToken);
        var comments = (
            await connection.QueryAsync<SequenceComment>(
                """
                SELECT c.id, c.author, u.display_name AS author_name, c.at, c.text, c.edited_at
                FROM sequence_comment c LEFT JOIN app_user u ON u.id = c.author
                WHERE c.sequence_row = @Row AND c.id > @after ORDER BY c.id LIMIT @limit
                """,
                new
                {
                    view.Sequence.Row,
                    after,
                    limit = limit + 1,
                }
            )
        ).AsList();
        return Page.Of(comments, limit, last => [last.Id]);
    }

    /// <exception cref="FaultException">NotFound; Unauthenticated; Invalid.</exception>
    public async Task<SequenceComment> AddAsync(
        string proposalId,
        string sequenceId,
        string text,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await access.GetAsync(principal, proposalId, sequenceId, cancellationToken);
        RequirePerson(principal);
        text = Checked(text);
        var mentioned = await MentionedAsync(view, text, cancellationToken);
        return await writer.WriteAsync(
            transaction =>
            {
                var at = time.Now();
                var id = transaction.Connection!.ExecuteScalar<long>(
                    "INSERT INTO sequence_comment (sequence_row, author, at, text) VALUES (@Row, @Actor, @at, @text) RETURNING id",
                    new
                    {
                        view.Sequence.Row,
                        principal.Actor,
                        at,
                        text,
                    },
                    transaction
                );
                Mention(transaction, id, mentioned);
                audit.Add(transaction, principal, "comment.added", view.Sequence.Ref, new { comment = id });
                return new SequenceComment
                {
                    Id = id,
                    Author = principal.Actor,
                    At = at,
                    Text = text,
                };
            },
            cancellationToken
        );
    }

    /// <summary>Its author may.</summary>
    /// <exception cref="FaultException">NotFound; Forbidden; Invalid.</exception>
    public async Task EditAsync(
        string proposalId,
        string sequenceId,
        long id,
        string text,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await access.GetAsync(principal, proposalId, sequenceId, cancellationToken);
        text = Checked(text);
        var mentioned = await MentionedAsync(view, text, cancellationToken);
        await writer.WriteAsync(
            transaction =>
            {
                var old = Get(transaction, view, id);
                if (old.Author != principal.UserId)
                    throw Fault.Forbidden("not-author", "Only who wrote a comment may change it.");
                transaction.Connection!.Execute(
                    "UPDATE sequence_comment SET text = @text, edited_at = @at WHERE id = @id",
                    new
                    {
                        id,
                        text,
                        at = time.Now(),
                    },
                    transaction
                );
                Mention(transaction, id, mentioned);
                audit.Add(
                    transaction,
                    principal,
                    "comment.edited",
                    view.Sequence.Ref,
                    new { comment = id, before = old.Text }
                );
            },
            cancellationToken
        );
    }

    /// <summary>Its author may, and who manages the sequence.</summary>
    /// <exception cref="FaultException">NotFound; Forbidden.</exception>
    public async Task RemoveAsync(
        string proposalId,
        string sequenceId,
        long id,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await access.GetAsync(principal, proposalId, sequenceId, cancellationToken);
        await writer.WriteAsync(
            transaction =>
            {
                var old = Get(transaction, view, id);
                if (old.Author != principal.UserId && view.MyRight < Right.Manage)
                    throw Fault.Forbidden(
                        "not-author",
                        "Only who wrote a comment, or manages the sequence, may remove it."
                    );
                transaction.Connection!.Execute(
                    "DELETE FROM comment_mention WHERE comment_id = @id",
                    new { id },
                    transaction
                );
                transaction.Connection!.Execute("DELETE FROM sequence_comment WHERE id = @id", new { id }, transaction);
                audit.Add(
                    transaction,
                    principal,
                    "comment.removed",
                    view.Sequence.Ref,
                    new { comment = id, author = old.Author }
                );
            },
            cancellationToken
        );
    }

    /// <summary>Comments that speak to the caller, on sequences they may still read; newest first.</summary>
    public async Task<IReadOnlyList<Mention>> MentionsAsync(
        Principal principal,
        bool unseen,
        int limit,
        CancellationToken cancellationToken
    )
    {
        if (principal.UserId is null)
            return [];
        var parameters = new DynamicParameters();
        var visible = await policy.VisibleToAsync(principal, cancellationToken);
        var condition = visible.SequenceCondition(database.Dialect, parameters);
        parameters.Add("me", principal.UserId);
        parameters.Add("limit", limit);
        await using var connection = await database.OpenAsync(cancellationToken);
        return (
            await connection.QueryAsync<Mention>(
                $"""
                SELECT m.comment_id, s.proposal_id, s.id AS sequence_id, c.author, u.display_name AS author_name, c.at, c.text, m.seen_at
                FROM comment_mention m JOIN sequence_comment c ON c.id = m.comment_id JOIN sequence s ON s.row = c.sequence_row
                LEFT JOIN app_user u ON u.id = c.author
                WHERE m.user_id = @me {(unseen ? "AND m.seen_at IS NULL" : "")} AND {condition}
                ORDER BY m.comment_id DESC LIMIT @limit
                """,
                parameters
            )
        ).AsList();
    }

    /// <summary>The caller has seen what was said to them on this sequence.</summary>
    public async Task SeenAsync(
        string proposalId,
        string sequenceId,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await access.GetAsync(principal, proposalId, sequenceId, cancellationToken);
        if (principal.UserId is null)
            return;
        await writer.WriteAsync(
            transaction =>
                transaction.Connection!.Execute(
                    """
                    UPDATE comment_mention SET seen_at = @at WHERE user_id = @UserId AND seen_at IS NULL
                    AND comment_id IN (SELECT id FROM sequence_comment WHERE sequence_row = @Row)
                    """,
                    new
                    {
                        at = time.Now(),
                        principal.UserId,
                        view.Sequence.Row,
                    },
                    transaction
                ),
            cancellationToken
        );
    }

    /// <summary>The user ids a text speaks to, known or not.</summary>
    public static IEnumerable<string> MentionsIn(string text) =>
        At().Matches(text).Select(match => match.Groups[1].Value.TrimEnd('.', '-')).Distinct(StringComparer.Ordinal);

    async Task<List<string>> MentionedAsync(SequenceView view, string text, CancellationToken cancellationToken)
    {
        var known = await users.FindManyAsync(MentionsIn(text).Take(50), cancellationToken);
        var able = new List<string>();
        foreach (var id in known.Keys)
            // To tell somebody of what they may not read would tell them that it is there.
            if (
                await access.FindAsync(
                    new Principal(id, "mention"),
                    view.Sequence.ProposalId,
                    view.Sequence.Id,
                    cancellationToken
                )
                is not null
            )
                able.Add(id);
        return able;
    }

    static void Mention(DbTransaction transaction, long commentId, List<string> people)
    {
        foreach (var userId in people)
            transaction.Connection!.Execute(
                "INSERT INTO comment_mention (comment_id, user_id) VALUES (@commentId, @userId) ON CONFLICT DO NOTHING",
                new { commentId, userId },
                transaction
            );
    }

    static SequenceComment Get(DbTransaction transaction, SequenceView view, long id) =>
        transaction.Connection!.QuerySingleOrDefault<SequenceComment>(
            "SELECT id, author, at, text, edited_at FROM sequence_comment WHERE id = @id AND sequence_row = @Row",
            new { id, view.Sequence.Row },
            transaction
        ) ?? throw Fault.NotFound("Comment", FormattableString.Invariant($"{id}"));

    static void RequirePerson(Principal principal)
    {
        if (principal.UserId is null)
            throw Fault.LoginNeeded();
    }

    static string Checked(string text)
    {
        text = text.Trim();
        if (text.Length is 0 or > MaxLength)
            throw Fault.Invalid("comment", $"A comment has 1 to {MaxLength} characters.");
        return text;
    }

    [GeneratedRegex(@"(?<![A-Za-z0-9._@-])@([A-Za-z0-9][A-Za-z0-9._-]{0,63})")]
    private static partial Regex At();
}
