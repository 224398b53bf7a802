using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Harima.Catalogue;
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
        if (search.Notify == "webhook")
            await PostAsync(search, found, cancellationToken);
        else
            await MailAsync(search, found, cancellationToken);
    }

    async Task PostAsync(Watched search, IReadOnlyList<SequenceSummary> found, CancellationToken cancellationToken)
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
    }

    async Task MailAsync(Watched search, IReadOnlyList<SequenceSummary> found, CancellationToken cancellationToken)
    {
        var user = await users.FindAsync(search.Owner, cancellationToken);
        if (user?.Email is not null)
            await mail.HandleAsync(
                user.Email,
                $"Harima: {search.Title} ({found.Count})",
                Body(search, found),
                cancellationToken
            );
    }

    static string Body(Watched search, IReadOnlyList<SequenceSummary> found)
    {
        var text = new StringBuilder();
        text.Append("保存した検索「")
            .Append(search.Title)
            .Append("」に新しく ")
            .Append(found.Count)
            .AppendLine(" 件が見つかりました。");
        text.Append(found.Count).Append(" new for your saved search \"").Append(search.Title).AppendLine("\":");
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
        return text.ToString();
    }

    async Task<Watched?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<Watched>(
            """
            SELECT w.id, w.owner, w.title, w.query, w.notify, w.target, w.secret FROM saved_search w
            JOIN app_user u ON u.id = w.owner WHERE w.id = @id AND w.notify <> 'none' AND NOT w.paused AND w.deleted_at IS NULL AND u.active
            """,
            new { id }
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
