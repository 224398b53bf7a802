using System.Data.Common;
using System.Text.RegularExpressions;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Mail;
using Harima.Sequences;
using Harima.Work;

namespace Harima.Metadata.Annotations;

public sealed record SequenceComment
{
    public long Id { get; init; }
    public required string Author { get; init; }
    public string? AuthorName { get; init; }
    public DateTimeOffset At { get; init; }
    public required string Text { get; init; }
    public DateTimeOffset? EditedAt { get; init; }

    /// <summary>Those it speaks to and who were told.</summary>
    public IReadOnlyList<MentionedPerson> Mentions { get; init; } = [];
}

public sealed record MentionedPerson(string UserId, string Name);

/// <summary>A piece of a comment: text as it is, or the name of somebody it speaks to.</summary>
/// <param name="Person">Null for text.</param>
public sealed record CommentPart(string Text, MentionedPerson? Person);

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
    SendMail mail,
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
        comments = await WithMentionsAsync(connection, comments);
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
        var mentioned = await MentionedAsync(view, text, principal, cancellationToken);
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
                Tell(transaction, id, mentioned, at);
                audit.Add(transaction, principal, "comment.added", view.Sequence.Ref, new { comment = id });
                return new SequenceComment
                {
                    Id = id,
                    Author = principal.Actor,
                    At = at,
                    Text = text,
                    Mentions = mentioned,
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
        var mentioned = await MentionedAsync(view, text, principal, cancellationToken);
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
                Forget(transaction, id, mentioned);
                Tell(transaction, id, mentioned, time.Now());
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
    public async Task<Page<Mention>> MentionsAsync(
        Principal principal,
        bool unseen,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        if (principal.UserId is null)
            return new Page<Mention>([], null);
        var before = cursor is null ? long.MaxValue : Cursor.Decode(cursor, 1)[0].GetInt64();
        var parameters = new DynamicParameters(new { before, limit = limit + 1 });
        var from = await MineAsync(principal, unseen, parameters, cancellationToken);
        await using var connection = await database.OpenAsync(cancellationToken);
        var mentions = (
            await connection.QueryAsync<Mention>(
                $"""
                SELECT m.comment_id, s.proposal_id, s.id AS sequence_id, c.author, u.display_name AS author_name, c.at, c.text, m.seen_at
                {from} AND m.comment_id < @before ORDER BY m.comment_id DESC LIMIT @limit
                """,
                parameters
            )
        ).AsList();
        return Page.Of(mentions, limit, last => [last.CommentId]);
    }

    /// <summary>How many of them the caller has not seen, counted up to <paramref name="most"/>.</summary>
    public async Task<long> UnreadAsync(Principal principal, int most, CancellationToken cancellationToken)
    {
        if (principal.UserId is null)
            return 0;
        await using var connection = await database.OpenAsync(cancellationToken);
        // Every page asks. For nearly everybody there is none, and then it need not be known what they may see.
        var any = await connection.ExecuteScalarAsync<int?>(
            "SELECT 1 FROM comment_mention WHERE user_id = @UserId AND seen_at IS NULL LIMIT 1",
            new { principal.UserId }
        );
        if (any is null)
            return 0;
        var parameters = new DynamicParameters(new { most });
        var from = await MineAsync(principal, true, parameters, cancellationToken);
        return await connection.ExecuteScalarAsync<long>(
            $"SELECT COUNT(*) FROM (SELECT m.comment_id {from} LIMIT @most) unread",
            parameters
        );
    }

    async Task<string> MineAsync(
        Principal principal,
        bool unseen,
        DynamicParameters parameters,
        CancellationToken cancellationToken
    )
    {
        var visible = await policy.VisibleToAsync(principal, cancellationToken);
        var condition = visible.SequenceCondition(database.Dialect, parameters);
        parameters.Add("me", principal.UserId);
        return $"""
            FROM comment_mention m JOIN sequence_comment c ON c.id = m.comment_id JOIN sequence s ON s.row = c.sequence_row
            LEFT JOIN app_user u ON u.id = c.author
            WHERE m.user_id = @me {(unseen ? "AND m.seen_at IS NULL" : "")} AND {condition}
            """;
    }

    /// <summary>The caller has seen these, or all that speak to them.</summary>
    /// <param name="comments">Null for all.</param>
    public async Task SeenAsync(
        IReadOnlyCollection<long>? comments,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        if (principal.UserId is not { } userId)
            return;
        var at = time.Now();
        await writer.WriteAsync(
            transaction =>
            {
                if (comments is null)
                    transaction.Connection!.Execute(
                        "UPDATE comment_mention SET seen_at = @at WHERE user_id = @userId AND seen_at IS NULL",
                        new { at, userId },
                        transaction
                    );
                foreach (var id in comments ?? [])
                    transaction.Connection!.Execute(
                        "UPDATE comment_mention SET seen_at = @at WHERE user_id = @userId AND comment_id = @id AND seen_at IS NULL",
                        new
                        {
                            at,
                            userId,
                            id,
                        },
                        transaction
                    );
            },
            cancellationToken
        );
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
        At().Matches(text).Select(IdOf).Distinct(StringComparer.Ordinal);

    /// <summary>A comment's text in pieces, its mentions by name.</summary>
    public static IEnumerable<CommentPart> PartsOf(SequenceComment comment)
    {
        var known = comment.Mentions.ToDictionary(person => person.UserId, StringComparer.Ordinal);
        var at = 0;
        foreach (Match match in At().Matches(comment.Text))
        {
            var id = IdOf(match);
            if (!known.TryGetValue(id, out var person))
                continue;
            if (match.Index > at)
                yield return new CommentPart(comment.Text[at..match.Index], null);
            yield return new CommentPart(person.Name, person);
            at = match.Index + 1 + id.Length;
        }
        if (at < comment.Text.Length)
            yield return new CommentPart(comment.Text[at..], null);
    }

    static string IdOf(Match match) => match.Groups[1].Value.TrimEnd('.', '-');

    async Task<List<MentionedPerson>> MentionedAsync(
        SequenceView view,
        string text,
        Principal author,
        CancellationToken cancellationToken
    )
    {
        var known = await users.FindManyAsync(MentionsIn(text).Take(50), cancellationToken);
        var able = new List<MentionedPerson>();
        foreach (var (id, user) in known)
            // To tell somebody of what they may not read would tell them that it is there. Who speaks to oneself knows already.
            if (
                id != author.UserId
                && await access.FindAsync(
                    new Principal(id, "mention"),
                    view.Sequence.ProposalId,
                    view.Sequence.Id,
                    cancellationToken
                )
                    is not null
            )
                able.Add(new MentionedPerson(id, user.DisplayName));
        return able;
    }

    static async Task<List<SequenceComment>> WithMentionsAsync(DbConnection connection, List<SequenceComment> comments)
    {
        if (comments.Count == 0)
            return comments;
        var told = (
            await connection.QueryAsync<(long CommentId, string UserId, string Name)>(
                """
                SELECT m.comment_id, m.user_id, u.display_name FROM comment_mention m
                JOIN sequence_comment c ON c.id = m.comment_id JOIN app_user u ON u.id = m.user_id
                WHERE m.comment_id >= @first AND m.comment_id <= @last
                    AND c.sequence_row = (SELECT sequence_row FROM sequence_comment WHERE id = @first)
                ORDER BY m.user_id
                """,
                new { first = comments[0].Id, last = comments[^1].Id }
            )
        ).ToLookup(row => row.CommentId, row => new MentionedPerson(row.UserId, row.Name));
        return comments.ConvertAll(comment => comment with { Mentions = [.. told[comment.Id]] });
    }

    /// <summary>Told at once in the portal, and by mail after a while unless they have looked there.</summary>
    void Tell(DbTransaction transaction, long commentId, List<MentionedPerson> people, DateTimeOffset at)
    {
        foreach (var person in people)
        {
            var isNew = transaction.Connection!.Execute(
                "INSERT INTO comment_mention (comment_id, user_id) VALUES (@commentId, @UserId) ON CONFLICT DO NOTHING",
                new { commentId, person.UserId },
                transaction
            );
            if (isNew > 0 && mail.IsSetUp)
                WorkQueue.Ask(
                    transaction,
                    TellMentioned.Queue,
                    FormattableString.Invariant($"{commentId}/{person.UserId}"),
                    at + TellMentioned.Wait,
                    at
                );
        }
    }

    /// <summary>Those an edited comment no longer speaks to.</summary>
    static void Forget(DbTransaction transaction, long commentId, List<MentionedPerson> people)
    {
        var told = transaction.Connection!.Query<string>(
            "SELECT user_id FROM comment_mention WHERE comment_id = @commentId",
            new { commentId },
            transaction
        );
        foreach (var userId in told.Except(people.Select(person => person.UserId)).ToList())
            transaction.Connection!.Execute(
                "DELETE FROM comment_mention WHERE comment_id = @commentId AND user_id = @userId",
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
