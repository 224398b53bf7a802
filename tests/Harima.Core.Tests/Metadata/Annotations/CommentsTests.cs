using Harima.Access;
using Harima.Core.Tests.Mail;
using Harima.Identity;
using Harima.Mail;
using Harima.Metadata.Annotations;
using Harima.Sequences;
using Harima.Work;
using Microsoft.Extensions.Options;

namespace Harima.Core.Tests.Metadata.Annotations;

public sealed class CommentsOnSqlite(SqliteFacility facility) : CommentsTests(facility), IClassFixture<SqliteFacility>;

public sealed class CommentsOnPostgres(PostgresFacility facility)
    : CommentsTests(facility),
        IClassFixture<PostgresFacility>;

/// <summary>Whom a comment speaks to, and how they hear of it.</summary>
public abstract class CommentsTests(TestFacility facility) : FacilityTests(facility)
{
    Comments Comments => Get<Comments>();

    async Task<string> NewSequenceAsync()
    {
        var id = NewId();
        await Get<OpenSequence>().HandleAsync(new(TestFacility.Proposal, id), TestFacility.Leader, Token);
        return id;
    }

    Task<SequenceComment> SayAsync(string id, string text, Principal? who = null) =>
        Comments.AddAsync(TestFacility.Proposal, id, text, who ?? TestFacility.Leader, Token);

    async Task<IReadOnlyList<Mention>> MentionsAsync(Principal who, string id, bool unseen = false) =>
        [
            .. (await Comments.MentionsAsync(who, unseen, null, 200, Token)).Items.Where(mention =>
                mention.SequenceId == id
            ),
        ];

    [Fact]
    public async Task Who_is_spoken_to_stands_in_the_comment_by_name_and_who_may_not_read_stays_a_word()
    {
        var id = await NewSequenceAsync();
        var said = await SayAsync(id, "@member, see run 3. @stranger @nobody member@example.jp @leader (@staff).");
        var comment = Assert.Single(
            (await Comments.OfAsync(TestFacility.Member, TestFacility.Proposal, id, null, 10, Token)).Items
        );
        Assert.Equal(said.Mentions, comment.Mentions);
        Assert.Equal(["member", "staff"], comment.Mentions.Select(person => person.UserId).Order());
        Assert.Equal(
            [
                ("member さん", "member"),
                (", see run 3. @stranger @nobody member@example.jp @leader (", null),
                ("staff さん", "staff"),
                (").", null),
            ],
            Comments.PartsOf(comment).Select(part => (part.Text, part.Person?.UserId))
        );
        Assert.Empty(await MentionsAsync(TestFacility.Stranger, id));
        Assert.Empty(await MentionsAsync(TestFacility.Leader, id));
    }

    [Fact]
    public async Task Unread_notices_are_counted_and_marked_one_by_one_or_all()
    {
        var before = await Comments.UnreadAsync(TestFacility.Member, 1000, Token);
        var id = await NewSequenceAsync();
        var first = await SayAsync(id, "@member one");
        await SayAsync(id, "@member two");
        await SayAsync(id, "@member three");
        Assert.Equal(before + 3, await Comments.UnreadAsync(TestFacility.Member, 1000, Token));
        Assert.Equal(1, await Comments.UnreadAsync(TestFacility.Member, 1, Token));

        // Somebody else cannot read it away.
        await Comments.SeenAsync([first.Id], TestFacility.Staff, Token);
        await Comments.SeenAsync([first.Id], TestFacility.Member, Token);
        Assert.Equal(before + 2, await Comments.UnreadAsync(TestFacility.Member, 1000, Token));
        Assert.Equal(
            ["@member three", "@member two"],
            (await MentionsAsync(TestFacility.Member, id, unseen: true)).Select(mention => mention.Text)
        );
        Assert.Equal(3, (await MentionsAsync(TestFacility.Member, id)).Count);
        await Comments.SeenAsync(null, TestFacility.Member, Token);
        Assert.Equal(0, await Comments.UnreadAsync(TestFacility.Member, 1000, Token));
        Assert.Equal(0, await Comments.UnreadAsync(Principal.Anonymous, 1000, Token));
    }

    [Fact]
    public async Task Who_may_no_longer_read_neither_sees_nor_counts_what_was_said()
    {
        var id = await NewSequenceAsync();
        await ShareAsync(id, Right.Read);
        await SayAsync(id, "@stranger look");
        Assert.Equal(1, await Comments.UnreadAsync(TestFacility.Stranger, 1000, Token));
        await ShareAsync(id, Right.None);
        Assert.Equal(0, await Comments.UnreadAsync(TestFacility.Stranger, 1000, Token));
        Assert.Empty(await MentionsAsync(TestFacility.Stranger, id));
    }

    [Fact]
    public async Task An_edited_comment_tells_those_it_names_now_and_no_longer_the_others()
    {
        var id = await NewSequenceAsync();
        var comment = await SayAsync(id, "@member look");
        await Comments.EditAsync(TestFacility.Proposal, id, comment.Id, "@staff look", TestFacility.Leader, Token);
        Assert.Empty(await MentionsAsync(TestFacility.Member, id));
        Assert.Single(await MentionsAsync(TestFacility.Staff, id));
        await Comments.SeenAsync([comment.Id], TestFacility.Staff, Token);
        await Comments.EditAsync(TestFacility.Proposal, id, comment.Id, "@staff look!", TestFacility.Leader, Token);
        Assert.NotNull(Assert.Single(await MentionsAsync(TestFacility.Staff, id)).SeenAt);
    }

    [Fact]
    public async Task Mail_goes_to_who_has_not_looked_yet_and_may_still_read()
    {
        await using var server = new FakeMailServer();
        var options = Get<IOptions<MailOptions>>().Value;
        (options.Host, options.Port, options.From) = ("127.0.0.1", server.Port, "harima@example.jp");
        options.PortalUrl = "https://data.example.jp/";
        try
        {
            var id = await NewSequenceAsync();
            await ShareAsync(id, Right.Read);
            var comment = await SayAsync(id, "@member @staff @stranger 測定を確認してください。");
            var items = await DueAsync();
            Assert.Equal(
                [$"{comment.Id}/member", $"{comment.Id}/staff", $"{comment.Id}/stranger"],
                items.Select(item => item.Subject).Order()
            );
            await Comments.SeenAsync([comment.Id], TestFacility.Staff, Token);
            await ShareAsync(id, Right.None);
            foreach (var item in items)
                await Get<TellMentioned>().HandleAsync(item, Token);
            var mail = Assert.Single(server.Received);
            Assert.Equal("member@example.jp", mail.To);
            Assert.Equal($"Harima: leader さん – {TestFacility.Proposal}/{id}", mail.Subject);
            Assert.Contains("測定を確認してください。", mail.Text, StringComparison.Ordinal);
            Assert.Contains(
                $"https://data.example.jp/proposals/{TestFacility.Proposal}/sequences/{id}?tab=notes#comment-{comment.Id}",
                mail.Text,
                StringComparison.Ordinal
            );
        }
        finally
        {
            options.Host = null;
        }
        // Without a server nothing is asked for that would only be given up.
        await SayAsync(await NewSequenceAsync(), "@member");
        Assert.Empty(await DueAsync());
    }

    /// <summary>What is to be sent, whenever it is due.</summary>
    async Task<IReadOnlyList<WorkItem>> DueAsync()
    {
        await Get<Harima.Catalogue.CatalogueWriter>()
            .WriteAsync(
                transaction =>
                    Dapper.SqlMapper.Execute(
                        transaction.Connection!,
                        "UPDATE work SET due_at = 0 WHERE queue = @Queue AND claim IS NULL",
                        new { TellMentioned.Queue },
                        transaction
                    ),
                Token
            );
        return await Get<WorkQueue>().ClaimAsync(Get<TellMentioned>().Work, 100, Token);
    }

    Task ShareAsync(string id, Right right) =>
        Get<ShareSequence>()
            .HandleAsync(
                new ShareSequenceRequest(TestFacility.Proposal, id, "stranger", right),
                TestFacility.Leader,
                Token
            );
}
