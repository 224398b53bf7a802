using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Mail;
using Harima.Search.Feed;
using Harima.Search.Query;
using Harima.Sequences;
using Harima.Work;

namespace Harima.Search.Saved;

/// <summary>
/// Tells people when something new answers a saved search. Both steps are rows of the work queue: a look at each watched search after the index
/// has moved, and a message, which is asked for in the transaction that writes down what has been told. So nothing is told twice without
/// cause, and nothing is forgotten by a crash.
/// </summary>
sealed class WatchSearches(
    Database database,
    CatalogueWriter writer,
    SearchFeed feed,
    SearchSession session,
    SequenceQueries sequences,
    Users users,
    WebhookAddress webhooks,
    ToldSearches told,
    SendMail mail,
    TimeProvider time
)
{
    public const string LookQueue = "saved-search";
    public const string TellQueue = "saved-search-notice";

    // A message names so many; the search itself shows the others.
    const int MostNamed = 50;

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The index has moved on: every watched search is to be looked at.</summary>
    public async Task AskAsync(CancellationToken cancellationToken)
    {
        List<string> watched;
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            watched = (
                await connection.QueryAsync<string>(
                    "SELECT id FROM saved_search WHERE notify <> 'none' AND NOT paused AND deleted_at IS NULL"
                )
            ).AsList();
        }
        if (watched.Count == 0)
            return;
        var now = time.Now();
        await writer.WriteAsync(
            transaction => watched.ForEach(id => WorkQueue.Ask(transaction, LookQueue, id, now, now)),
            cancellationToken
        );
    }

    /// <summary>Finds what is new for one search, writes it down as told, and asks for the message.</summary>
    public async Task LookAsync(WorkItem item, CancellationToken cancellationToken)
    {
        if (await FindAsync(item.Subject, cancellationToken) is not { } search)
            return;
        // Another replica may have asked, whose index is further on than this one.
        await feed.CatchUpAsync(cancellationToken);
        List<long> rows;
        using (
            var asked = await session.AskAsync(
                QueryText.Parse(search.Query),
                search.Query,
                search.Watcher,
                cancellationToken
            )
        )
        {
            // It has grown wider than a watch may be: what is new is among the newest.
            rows =
                asked.Matches.Count <= SavedHits.Most
                    ? [.. asked.Matches.Rows()]
                    : [.. asked.Matches.Rows().TakeLast(SavedHits.Most)];
        }
        await writer.WriteAsync(
            transaction =>
            {
                var known = SavedHits.Of(transaction, search.Id);
                var fresh = rows.FindAll(row => !known.Contains(row));
                if (fresh.Count == 0)
                    return;
                SavedHits.Add(transaction, search.Id, fresh);
                Tell(transaction, search.Id, fresh);
            },
            cancellationToken
        );
    }

    void Tell(DbTransaction transaction, string id, List<long> rows) =>
        WorkQueue.Ask(
            transaction,
            TellQueue,
            $"{id}/{rows[^1]}",
            time.Now(),
            time.Now(),
            JsonSerializer.Serialize(rows, Json)
        );

    /// <summary>Sends the message, about what its reader may see at that moment.</summary>
    public async Task TellAsync(WorkItem item, CancellationToken cancellationToken)
    {
        if (await FindAsync(item.Subject.Split('/')[0], cancellationToken) is not { } search)
            return;
        var rows = JsonSerializer.Deserialize<List<long>>(item.Payload ?? "[]", Json)!;
        IReadOnlyList<SequenceSummary> found;
        using (var asked = await session.AskAsync(SearchQuery.Everything, null, search.Watcher, cancellationToken))
            found = await sequences.OfRowsAsync(asked.Rights, [.. rows.Take(1_000)], cancellationToken);
        if (found.Count == 0)
            return;
        await DeliverAsync(search, item.Subject[(item.Subject.IndexOf('/') + 1)..], false, found, cancellationToken);
    }

    /// <summary>Sends a message about nothing. A failure is what was to be found out.</summary>
    public async Task<SearchDelivery> SendTestAsync(string id, CancellationToken cancellationToken)
    {
        var search =
            await FindAsync(id, cancellationToken, alsoPaused: true) ?? throw Fault.NotFound("Saved search", id);
        var message = "test-" + Guid.CreateVersion7(time.GetUtcNow()).ToString("N");
        try
        {
            return await DeliverAsync(search, message, true, [], cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            return (await told.OfAsync(id, 1, cancellationToken))[0];
        }
    }

    /// <summary>One attempt, written down whether it succeeds or not.</summary>
    async Task<SearchDelivery> DeliverAsync(
        Watched search,
        string message,
        bool isTest,
        IReadOnlyList<SequenceSummary> found,
        CancellationToken cancellationToken
    )
    {
        Task<SearchDelivery> NoteAsync(string? problem) =>
            told.NoteAsync(
                search.Id,
                message,
                search.Notify,
                isTest,
                [.. found.Select(sequence => sequence.Row).Order()],
                found.Count,
                problem
            );
        try
        {
            var problem = search.Notify switch
            {
                "webhook" => await PostAsync(search, isTest, found, cancellationToken),
                "mail" => await MailAsync(search, isTest, found, cancellationToken),
                // The bell rings for what is written down.
                _ => null,
            };
            return await NoteAsync(problem);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            await NoteAsync(ToldSearches.ProblemOf(fault));
            throw;
        }
    }

    async Task<string?> PostAsync(
        Watched search,
        bool isTest,
        IReadOnlyList<SequenceSummary> found,
        CancellationToken cancellationToken
    )
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                Search = new
                {
                    search.Id,
                    search.Title,
                    search.Query,
                },
                Test = isTest,
                found.Count,
                Sequences = found.Take(MostNamed).Select(sequence => new { sequence.ProposalId, sequence.Id }),
            },
            Json
        );
        using var client = webhooks.CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, webhooks.Require(search.Target));
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = new("application/json");
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(search.Secret ?? ""), body);
        request.Headers.Add("X-Harima-Signature", "sha256=" + Convert.ToHexStringLower(signature));
        using var answer = await client.SendAsync(request, cancellationToken);
        answer.EnsureSuccessStatusCode();
        return null;
    }

    async Task<string?> MailAsync(
        Watched search,
        bool isTest,
        IReadOnlyList<SequenceSummary> found,
        CancellationToken cancellationToken
    )
    {
        var user = await users.FindAsync(search.Owner, cancellationToken);
        if (user?.Email is null)
            return "no-mail-address";
        if (!mail.IsSetUp)
            return "mail-server";
        await mail.HandleAsync(
            user.Email,
            isTest ? $"Harima: {search.Title} (test)" : $"Harima: {search.Title} ({found.Count})",
            Body(search, isTest, found),
            cancellationToken
        );
        return null;
    }

    string Body(Watched search, bool isTest, IReadOnlyList<SequenceSummary> found)
    {
        var text = new StringBuilder();
        if (isTest)
        {
            text.Append("保存した検索「").Append(search.Title).AppendLine("」の通知のテストです。");
            text.Append("A test of the notices of your saved search \"").Append(search.Title).AppendLine("\".");
        }
        else
        {
            text.Append("保存した検索「")
                .Append(search.Title)
                .Append("」に新しく ")
                .Append(found.Count)
                .AppendLine(" 件が見つかりました。");
            text.Append(found.Count).Append(" new for your saved search \"").Append(search.Title).AppendLine("\":");
        }
        text.AppendLine().AppendLine(search.Query).AppendLine();
        foreach (var sequence in found.Take(MostNamed))
            text.AppendJoin(
                    "  ",
                    $"{sequence.ProposalId}/{sequence.Id}",
                    sequence.ProposalTitleJa,
                    sequence.ProposalTitle
                )
                .AppendLine();
        if (found.Count > MostNamed)
            text.AppendLine("…");
        if (mail.LinkTo("/searches/" + search.Id) is { } link)
            text.AppendLine().AppendLine(link);
        return text.ToString();
    }

    async Task<Watched?> FindAsync(string id, CancellationToken cancellationToken, bool alsoPaused = false)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<Watched>(
            """
            SELECT w.id, w.owner, w.title, w.query, w.notify, w.target, w.secret FROM saved_search w
            JOIN app_user u ON u.id = w.owner
            WHERE w.id = @id AND w.notify <> 'none' AND (@alsoPaused OR NOT w.paused) AND w.deleted_at IS NULL AND u.active
            """,
            new { id, alsoPaused }
        );
    }

    sealed class Watched
    {
        public required string Id { get; init; }
        public required string Owner { get; init; }
        public required string Title { get; init; }
        public required string Query { get; init; }
        public required string Notify { get; init; }
        public string? Target { get; init; }
        public string? Secret { get; init; }

        public Principal Watcher => new(Owner, "saved-search");
    }
}
