using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Mail;
using Harima.Metadata;
using Harima.Search;
using Harima.Search.Feed;
using Harima.Search.Saved;
using Harima.Sequences;
using Harima.Work;
using Microsoft.Extensions.Options;

namespace Harima.Core.Tests.Search;

public sealed class WatchSearchesOnSqlite(SqliteFacility facility)
    : WatchSearchesTests(facility),
        IClassFixture<SqliteFacility>;

public sealed class WatchSearchesOnPostgres(PostgresFacility facility)
    : WatchSearchesTests(facility),
        IClassFixture<PostgresFacility>;

/// <summary>People hear of what is new for them, once, and of nothing they may not see.</summary>
public abstract class WatchSearchesTests(TestFacility facility) : FacilityTests(facility)
{
    async Task<string> NewAsync(string word)
    {
        var id = NewId();
        await Get<OpenSequence>().HandleAsync(new(TestFacility.Proposal, id), TestFacility.Leader, Token);
        await Get<SetMetadata>()
            .HandleAsync(
                TestFacility.Proposal,
                id,
                MetadataKind.Measurement,
                $$"""{"comment": "{{word}}"}""",
                TestFacility.Leader,
                Token
            );
        return id;
    }

    [Fact]
    public async Task A_webhook_gets_what_is_new_once_and_signed()
    {
        Get<IOptions<SearchOptions>>().Value.WebhookHosts.Add("127.0.0.1");
        using var receiver = new TcpListener(IPAddress.Loopback, 0);
        receiver.Start();
        var word = "beryll" + Guid.NewGuid().ToString("N")[..6];
        await NewAsync(word);
        await Get<SearchFeed>().CatchUpAsync(Token);
        var (saved, secret) = await Get<SavedSearches>()
            .SaveAsync(
                new SaveSearchRequest(
                    null,
                    "新しい測定",
                    word,
                    "date",
                    true,
                    [],
                    "table",
                    SearchNotice.Webhook,
                    $"http://127.0.0.1:{((IPEndPoint)receiver.LocalEndpoint).Port}/hook"
                ),
                TestFacility.Member,
                Token
            );
        await LookAsync(saved.Id);
        Assert.Empty(await MessagesAsync());

        var fresh = await NewAsync(word);
        await LookAsync(saved.Id);
        var message = Assert.Single(await MessagesAsync());
        var received = ReceiveAsync(receiver);
        await Get<WatchSearches>().TellAsync(message, Token);
        await Get<WorkQueue>().CompleteAsync(message);
        var (head, body) = await received;
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret!), body));
        Assert.Contains("X-Harima-Signature: sha256=" + signature, head, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(body);
        Assert.Equal("新しい測定", json.RootElement.GetProperty("search").GetProperty("title").GetString());
        Assert.Equal(
            fresh,
            Assert.Single(json.RootElement.GetProperty("sequences").EnumerateArray()).GetProperty("id").GetString()
        );
        await LookAsync(saved.Id);
        Assert.Empty(await MessagesAsync());
    }

    [Fact]
    public async Task A_mail_in_both_languages_goes_to_the_owner_by_smtp_and_is_tried_again_while_the_server_refuses()
    {
        using var server = new SmtpListener();
        var mail = Get<IOptions<MailOptions>>().Value;
        using var again = new Undone(() => (mail.Host, mail.From) = (null, null));
        (mail.Host, mail.Port, mail.From) = ("127.0.0.1", server.Port, "harima@example.jp");
        var word = "turmalin" + Guid.NewGuid().ToString("N")[..6];
        await Get<SearchFeed>().CatchUpAsync(Token);
        var (saved, _) = await Get<SavedSearches>()
            .SaveAsync(
                new SaveSearchRequest(null, "新しい測定", word, "date", true, [], "table", SearchNotice.Mail, null),
                TestFacility.Member,
                Token
            );
        // Such a name is refused today; a line end in one that is older must not become a header.
        await Get<CatalogueWriter>()
            .WriteAsync(
                transaction =>
                    transaction.Connection!.Execute(
                        "UPDATE saved_search SET title = @title WHERE id = @Id",
                        new { title = "新しい測定\r\nBcc: all@example.jp", saved.Id },
                        transaction
                    ),
                Token
            );
        var fresh = await NewAsync(word);
        await LookAsync(saved.Id);
        var message = Assert.Single(await MessagesAsync());

        var refused = server.ReceiveAsync(accept: false, Token);
        await Assert.ThrowsAnyAsync<System.Net.Mail.SmtpException>(() =>
            Get<WatchSearches>().TellAsync(message, Token)
        );
        await refused;

        var received = server.ReceiveAsync(accept: true, Token);
        await Get<WatchSearches>().TellAsync(message, Token);
        await Get<WorkQueue>().CompleteAsync(message);
        var got = await received;
        Assert.Equal("MAIL FROM:<harima@example.jp>", got.From);
        Assert.Equal(["RCPT TO:<member@example.jp>"], got.To);
        Assert.DoesNotContain("\nBcc:", got.Data, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("\r\nTo: member@example.jp\r\n", got.Data, StringComparison.Ordinal);
        var encoded = got.Data[(got.Data.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        var body = Encoding.UTF8.GetString(
            Convert.FromBase64String(encoded.Replace("\r\n", "", StringComparison.Ordinal))
        );
        Assert.Contains("新しく 1 件が見つかりました", body, StringComparison.Ordinal);
        Assert.Contains("1 new for your saved search", body, StringComparison.Ordinal);
        Assert.Contains($"{TestFacility.Proposal}/{fresh}", body, StringComparison.Ordinal);
        await LookAsync(saved.Id);
        Assert.Empty(await MessagesAsync());
    }

    [Fact]
    public async Task Nothing_is_told_of_what_its_owner_may_not_see_or_no_longer()
    {
        Get<IOptions<SearchOptions>>().Value.WebhookHosts.Add("127.0.0.1");
        var word = "jaspis" + Guid.NewGuid().ToString("N")[..6];
        await Get<SearchFeed>().CatchUpAsync(Token);
        var (saved, _) = await Get<SavedSearches>()
            .SaveAsync(
                new SaveSearchRequest(
                    null,
                    "x",
                    word,
                    "date",
                    true,
                    [],
                    "table",
                    SearchNotice.Webhook,
                    "http://127.0.0.1:1/"
                ),
                TestFacility.Stranger,
                Token
            );
        var hidden = await NewAsync(word);
        await LookAsync(saved.Id);
        Assert.Empty(await MessagesAsync());
        await ShareAsync(hidden, Right.Read);
        await LookAsync(saved.Id);
        var message = Assert.Single(await MessagesAsync());
        await ShareAsync(hidden, Right.None);
        // Taken back before the message went: nobody is connected to, and nobody would answer.
        await Get<WatchSearches>().TellAsync(message, Token);
        await Get<WorkQueue>().CompleteAsync(message);
    }

    [Fact]
    public async Task Mail_is_no_notice_where_the_facility_has_no_mail_server()
    {
        var refusal = await RefusedAsync(() =>
            Get<SavedSearches>()
                .SaveAsync(
                    new SaveSearchRequest(null, "x", "a", "date", true, [], "table", SearchNotice.Mail),
                    TestFacility.Member,
                    Token
                )
        );
        Assert.Equal("mail-not-set-up", refusal.Reason);
    }

    [Fact]
    public async Task The_bell_rings_once_for_what_is_new_until_it_is_seen()
    {
        var word = "opal" + Guid.NewGuid().ToString("N")[..6];
        await Get<SearchFeed>().CatchUpAsync(Token);
        var saved = await WatchAsync(word, SearchNotice.Bell, null, TestFacility.Stranger);
        var notices = Get<SearchNotices>();
        Assert.Equal(0, await notices.UnseenAsync(TestFacility.Stranger, 99, Token));
        var (first, second) = (await NewAsync(word), await NewAsync(word));
        await ShareAsync(first, Right.Read);
        await ShareAsync(second, Right.Read);
        await TellAllAsync(saved);

        var bell = Assert.Single((await notices.BellAsync(TestFacility.Stranger, true, null, 10, Token)).Items);
        Assert.Equal(("x", 2L), (bell.Title, bell.Delivery.Found));
        Assert.Equal([second, first], bell.Newest.Select(sequence => sequence.Id));
        Assert.Equal(1, await notices.UnseenAsync(TestFacility.Stranger, 99, Token));
        Assert.Empty((await notices.BellAsync(TestFacility.Member, false, null, 10, Token)).Items);

        // Told once more, there are two pages of one.
        await ShareAsync(await NewAsync(word), Right.Read);
        await TellAllAsync(saved);
        var newest = await notices.BellAsync(TestFacility.Stranger, true, null, 1, Token);
        Assert.Equal(1, Assert.Single(newest.Items).Delivery.Found);
        var older = await notices.BellAsync(TestFacility.Stranger, true, newest.Next, 1, Token);
        Assert.Equal(bell.Delivery.Id, Assert.Single(older.Items).Delivery.Id);
        Assert.Null(older.Next);
        await notices.SeenAsync(TestFacility.Stranger, newest.Items[0].Delivery.Id, Token);

        // What was taken back meanwhile is named no longer.
        await ShareAsync(second, Right.None);
        Assert.Equal(
            [first],
            Assert
                .Single((await notices.BellAsync(TestFacility.Stranger, true, null, 10, Token)).Items)
                .Newest.Select(sequence => sequence.Id)
        );
        await notices.SeenAsync(TestFacility.Member, bell.Delivery.Id, Token);
        Assert.Equal(1, await notices.UnseenAsync(TestFacility.Stranger, 99, Token));
        await notices.SeenAsync(TestFacility.Stranger, bell.Delivery.Id, Token);
        Assert.Equal(0, await notices.UnseenAsync(TestFacility.Stranger, 99, Token));
        Assert.Empty((await notices.BellAsync(TestFacility.Stranger, true, null, 10, Token)).Items);
    }

    [Fact]
    public async Task What_did_not_arrive_is_written_down_with_its_reason_and_arrives_later()
    {
        Get<IOptions<SearchOptions>>().Value.WebhookHosts.Add("127.0.0.1");
        using var receiver = new TcpListener(IPAddress.Loopback, 0);
        receiver.Start();
        var word = "granat" + Guid.NewGuid().ToString("N")[..6];
        await Get<SearchFeed>().CatchUpAsync(Token);
        var target = $"http://127.0.0.1:{((IPEndPoint)receiver.LocalEndpoint).Port}/hook";
        var saved = await WatchAsync(word, SearchNotice.Webhook, target, TestFacility.Member);
        await NewAsync(word);
        await LookAsync(saved);
        var message = Assert.Single(await MessagesAsync());
        var refused = ReceiveAsync(receiver, "HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n");
        await Assert.ThrowsAsync<HttpRequestException>(() => Get<WatchSearches>().TellAsync(message, Token));
        await refused;
        var told = Assert.Single(await DeliveriesAsync(saved));
        Assert.Equal(("http-503", 1L, 1L, false), (told.Problem, told.Attempts, told.Found, told.IsTest));

        var received = ReceiveAsync(receiver);
        await Get<WatchSearches>().TellAsync(message, Token);
        await received;
        await Get<WorkQueue>().CompleteAsync(message);
        told = Assert.Single(await DeliveriesAsync(saved));
        Assert.Equal(((string?)null, 2L), (told.Problem, told.Attempts));
        await Assert.ThrowsAsync<Faults.FaultException>(() =>
            Get<SearchNotices>().DeliveriesAsync(TestFacility.Leader, saved, 10, Token)
        );
    }

    [Fact]
    public async Task A_test_goes_the_same_way_signed_and_says_how_it_went()
    {
        Get<IOptions<SearchOptions>>().Value.WebhookHosts.Add("127.0.0.1");
        using var receiver = new TcpListener(IPAddress.Loopback, 0);
        receiver.Start();
        var port = ((IPEndPoint)receiver.LocalEndpoint).Port;
        await Get<SearchFeed>().CatchUpAsync(Token);
        var (saved, secret) = await Get<SavedSearches>()
            .SaveAsync(
                Request("zirkon", SearchNotice.Webhook, $"http://127.0.0.1:{port}/hook"),
                TestFacility.Member,
                Token
            );
        var received = ReceiveAsync(receiver);
        var told = await Get<SearchNotices>().SendTestAsync(TestFacility.Member, saved.Id, Token);
        Assert.Equal(((string?)null, true), (told.Problem, told.IsTest));
        var (head, body) = await received;
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret!), body));
        Assert.Contains("X-Harima-Signature: sha256=" + signature, head, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(body);
        Assert.True(json.RootElement.GetProperty("test").GetBoolean());
        Assert.Equal(0, json.RootElement.GetProperty("count").GetInt32());

        var aMomentLater = new SearchNotices(
            Get<SavedSearches>(),
            Get<WatchSearches>(),
            Get<ToldSearches>(),
            Get<SearchSession>(),
            Get<SequenceQueries>(),
            new Still(told.At + TimeSpan.FromSeconds(9))
        );
        var again = await RefusedAsync(() => aMomentLater.SendTestAsync(TestFacility.Member, saved.Id, Token));
        Assert.Equal("test-too-soon", again.Reason);
        var notMine = await RefusedAsync(() =>
            Get<SearchNotices>().SendTestAsync(TestFacility.Leader, saved.Id, Token)
        );
        Assert.Equal(Faults.FaultCode.NotFound, notMine.Code);
        var silent = await WatchAsync("zirkon", SearchNotice.None, null, TestFacility.Member);
        var nobody = await RefusedAsync(() => Get<SearchNotices>().SendTestAsync(TestFacility.Member, silent, Token));
        Assert.Equal("search-tells-nothing", nobody.Reason);

        // Bound, so that no other test gets it, and nobody listens.
        using var deaf = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        deaf.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var other = await WatchAsync(
            "zirkon",
            SearchNotice.Webhook,
            $"http://127.0.0.1:{((IPEndPoint)deaf.LocalEndPoint!).Port}/hook",
            TestFacility.Member
        );
        told = await Get<SearchNotices>().SendTestAsync(TestFacility.Member, other, Token);
        Assert.Equal("no-connection", told.Problem);
    }

    [Fact]
    public async Task A_test_by_mail_says_so_and_links_to_the_search()
    {
        using var server = new SmtpListener();
        var mail = Get<IOptions<MailOptions>>().Value;
        using var again = new Undone(() => (mail.Host, mail.From, mail.PortalUrl) = (null, null, null));
        (mail.Host, mail.Port, mail.From, mail.PortalUrl) = (
            "127.0.0.1",
            server.Port,
            "harima@example.jp",
            "https://harima.example.jp/"
        );
        var saved = await WatchAsync("saphir", SearchNotice.Mail, null, TestFacility.Member);
        var received = server.ReceiveAsync(accept: true, Token);
        Assert.Null((await Get<SearchNotices>().SendTestAsync(TestFacility.Member, saved, Token)).Problem);
        var got = await received;
        Assert.Equal(["RCPT TO:<member@example.jp>"], got.To);
        var encoded = got.Data[(got.Data.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
        var body = Encoding.UTF8.GetString(
            Convert.FromBase64String(encoded.Replace("\r\n", "", StringComparison.Ordinal))
        );
        Assert.Contains("A test of the notices of your saved search \"x\"", body, StringComparison.Ordinal);
        Assert.Contains("https://harima.example.jp/searches/" + saved, body, StringComparison.Ordinal);
    }

    static SaveSearchRequest Request(string question, SearchNotice notify, string? target) =>
        new(null, "x", question, "date", true, [], "table", notify, target);

    async Task<string> WatchAsync(string question, SearchNotice notify, string? target, Harima.Identity.Principal owner)
    {
        await Get<SearchFeed>().CatchUpAsync(Token);
        return (await Get<SavedSearches>().SaveAsync(Request(question, notify, target), owner, Token)).Search.Id;
    }

    Task<IReadOnlyList<SearchDelivery>> DeliveriesAsync(string id) =>
        Get<SearchNotices>().DeliveriesAsync(TestFacility.Member, id, 10, Token);

    async Task TellAllAsync(string id)
    {
        await LookAsync(id);
        foreach (var message in await MessagesAsync())
        {
            await Get<WatchSearches>().TellAsync(message, Token);
            await Get<WorkQueue>().CompleteAsync(message);
        }
    }

    sealed class Still(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }

    sealed class Undone(Action undo) : IDisposable
    {
        public void Dispose() => undo();
    }

    Task ShareAsync(string id, Right right) =>
        Get<ShareSequence>()
            .HandleAsync(
                new ShareSequenceRequest(TestFacility.Proposal, id, "stranger", right),
                TestFacility.Leader,
                Token
            );

    Task LookAsync(string id) =>
        Get<WatchSearches>().LookAsync(new WorkItem { Queue = WatchSearches.LookQueue, Subject = id }, Token);

    Task<IReadOnlyList<WorkItem>> MessagesAsync() =>
        Get<WorkQueue>().ClaimAsync(new WorkKind(WatchSearches.TellQueue, (_, _) => Task.CompletedTask), 10, Token);

    static async Task<(string Head, byte[] Body)> ReceiveAsync(
        TcpListener receiver,
        string answer = "HTTP/1.1 204 No Content\r\n\r\n"
    )
    {
        using var client = await receiver.AcceptTcpClientAsync(Token);
        var stream = client.GetStream();
        var bytes = new List<byte>();
        var buffer = new byte[8192];
        while (true)
        {
            var end = Encoding.Latin1.GetString([.. bytes]).IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                var head = Encoding.Latin1.GetString([.. bytes.Take(end)]);
                var length = int.Parse(
                    head.Split("Content-Length: ")[1].Split("\r\n")[0],
                    System.Globalization.CultureInfo.InvariantCulture
                );
                if (bytes.Count >= end + 4 + length)
                {
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(answer), Token);
                    return (head, [.. bytes.Skip(end + 4).Take(length)]);
                }
            }
            var read = await stream.ReadAsync(buffer, Token);
            if (read == 0)
                throw new EndOfStreamException();
            bytes.AddRange(buffer.AsSpan(0, read));
        }
    }
}
