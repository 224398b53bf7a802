using System.Buffers.Text;
using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Mail;
using Harima.Search.Query;

namespace Harima.Search.Saved;

/// <summary>The saved searches of people.</summary>
public sealed class SavedSearches
{
    public const int MostOfOne = 200;
    static readonly TimeSpan KeptAfterDeletion = TimeSpan.FromDays(1);
    const string Columns =
        "id, owner, title, query, sort, descending, columns, view, plot_x, plot_y, plot_log, notify, target, paused, created_at, changed_at";
    static readonly string[] Views = ["table", "cards", "plot", "elements"];
    static readonly string[] Logarithmic = ["x", "y", "xy"];

    readonly Database _database;
    readonly CatalogueWriter _writer;
    readonly SearchSession _session;
    readonly WebhookAddress _webhooks;
    readonly SendMail _mail;
    readonly TimeProvider _time;

    internal SavedSearches(
        Database database,
        CatalogueWriter writer,
        SearchSession session,
        WebhookAddress webhooks,
        SendMail mail,
        TimeProvider time
    ) => (_database, _writer, _session, _webhooks, _mail, _time) = (database, writer, session, webhooks, mail, time);

    /// <summary>The caller's own, by title.</summary>
    /// <exception cref="FaultException">Unauthenticated.</exception>
    public async Task<IReadOnlyList<SavedSearch>> ListAsync(Principal principal, CancellationToken cancellationToken)
    {
        var owner = principal.UserId ?? throw Fault.LoginNeeded();
        await using var connection = await _database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>(
            $"SELECT {Columns} FROM saved_search WHERE owner = @owner AND deleted_at IS NULL ORDER BY title, id",
            new { owner }
        );
        return [.. rows.Select(row => row.ToSaved())];
    }

    /// <summary>Anybody's, by its id; where it sends notices is for its owner alone.</summary>
    /// <exception cref="FaultException">NotFound.</exception>
    public async Task<SavedSearch> GetAsync(Principal principal, string id, CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenAsync(cancellationToken);
        var row =
            await connection.QuerySingleOrDefaultAsync<Row>(
                $"SELECT {Columns} FROM saved_search WHERE id = @id AND deleted_at IS NULL",
                new { id }
            ) ?? throw Fault.NotFound("Saved search", id);
        var saved = row.ToSaved();
        return saved.Owner == principal.UserId ? saved : saved with { Notify = SearchNotice.None, Target = null };
    }

    /// <summary>Saves a new one, or changes one's own. What it finds now counts as known: only what comes later is told.</summary>
    /// <returns>It, and for a webhook that is new the secret its messages are signed with, which is shown only now.</returns>
    /// <exception cref="FaultException">Unauthenticated; Invalid for a question that cannot be read; NotFound.</exception>
    public async Task<(SavedSearch Search, string? Secret)> SaveAsync(
        SaveSearchRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var owner = principal.UserId ?? throw Fault.LoginNeeded();
        Require(request);
        var query = QueryText.Parse(request.Query);
        if (request.Notify == SearchNotice.Webhook)
            _webhooks.Require(request.Target);
        if (request.Notify == SearchNotice.Mail && !_mail.IsSetUp)
            throw Fault.Invalid(
                "mail-not-set-up",
                "This facility sends no mail. Choose a webhook, or ask its staff to set a mail server up."
            );
        var known = await KnownNowAsync(request, principal, cancellationToken);
        var now = _time.Now();
        var (id, secret) = (request.Id ?? NewSecret(16), request.Notify == SearchNotice.Webhook ? NewSecret(32) : null);
        var kept = await _writer.WriteAsync(
            transaction =>
            {
                var connection = transaction.Connection!;
                var before = connection.QuerySingleOrDefault<(string Owner, string? Target, string? Secret)?>(
                    "SELECT owner, target, secret FROM saved_search WHERE id = @id AND deleted_at IS NULL",
                    new { id },
                    transaction
                );
                if (request.Id is not null && before?.Owner != owner)
                    throw Fault.NotFound("Saved search", request.Id);
                if (
                    before is null
                    && connection.ExecuteScalar<long>(
                        "SELECT COUNT(*) FROM saved_search WHERE owner = @owner AND deleted_at IS NULL",
                        new { owner },
                        transaction
                    ) >= MostOfOne
                )
                    throw Fault.Conflict(
                        "too-many-searches",
                        $"You have {MostOfOne} saved searches already. Delete one first."
                    );
                // The same address keeps its secret: whoever checks signatures there need not change.
                var keeps =
                    before is { Secret: not null } earlier && earlier.Target == request.Target && secret is not null;
                var used = keeps ? before!.Value.Secret : secret;
                connection.Execute(
                    """
                    INSERT INTO saved_search (id, owner, title, query, sort, descending, columns, view, plot_x, plot_y, plot_log, notify, target, secret, paused, created_at, changed_at)
                    VALUES (@id, @owner, @Title, @text, @Sort, @Descending, @columns, @View, @X, @Y, @Log, @notify, @target, @used, @Paused, @now, @now)
                    ON CONFLICT (id) DO UPDATE SET title = excluded.title, query = excluded.query, sort = excluded.sort,
                        descending = excluded.descending, columns = excluded.columns, view = excluded.view,
                        plot_x = excluded.plot_x, plot_y = excluded.plot_y, plot_log = excluded.plot_log, notify = excluded.notify,
                        target = excluded.target, secret = excluded.secret,
                        paused = excluded.paused, changed_at = excluded.changed_at
                    """,
                    new
                    {
                        id,
                        owner,
                        Title = request.Title.Trim(),
                        text = QueryText.Print(query),
                        request.Sort,
                        request.Descending,
                        columns = JsonSerializer.Serialize(request.Columns),
                        request.View,
                        request.Plot?.X,
                        request.Plot?.Y,
                        request.Plot?.Log,
                        notify = request.Notify.ToString().ToLowerInvariant(),
                        target = request.Notify == SearchNotice.Webhook ? request.Target : null,
                        used,
                        request.Paused,
                        now,
                    },
                    transaction
                );
                connection.Execute("DELETE FROM saved_search_hit WHERE search_id = @id", new { id }, transaction);
                SavedHits.Add(transaction, id, known);
                return keeps ? null : secret;
            },
            cancellationToken
        );
        return (await GetAsync(principal, id, cancellationToken), kept);
    }

    /// <summary>Deletes it for everybody; for a day <see cref="RestoreAsync"/> brings it back.</summary>
    /// <exception cref="FaultException">NotFound where the caller has none of that id.</exception>
    public Task DeleteAsync(Principal principal, string id, CancellationToken cancellationToken)
    {
        var owner = principal.UserId ?? throw Fault.LoginNeeded();
        var now = _time.Now();
        return _writer.WriteAsync(
            transaction =>
            {
                var deleted = transaction.Connection!.Execute(
                    "UPDATE saved_search SET deleted_at = @now WHERE id = @id AND owner = @owner AND deleted_at IS NULL",
                    new
                    {
                        id,
                        owner,
                        now,
                    },
                    transaction
                );
                if (deleted == 0)
                    throw Fault.NotFound("Saved search", id);
                Forget(transaction, owner, now - KeptAfterDeletion);
            },
            cancellationToken
        );
    }

    /// <summary>Takes a deletion back. What came in between is told, if it tells.</summary>
    /// <exception cref="FaultException">NotFound where the caller has deleted none of that id in the last day.</exception>
    public async Task<SavedSearch> RestoreAsync(Principal principal, string id, CancellationToken cancellationToken)
    {
        var owner = principal.UserId ?? throw Fault.LoginNeeded();
        await _writer.WriteAsync(
            transaction =>
            {
                var restored = transaction.Connection!.Execute(
                    "UPDATE saved_search SET deleted_at = NULL WHERE id = @id AND owner = @owner AND deleted_at IS NOT NULL",
                    new { id, owner },
                    transaction
                );
                if (restored == 0)
                    throw Fault.NotFound("Saved search", id);
            },
            cancellationToken
        );
        return await GetAsync(principal, id, cancellationToken);
    }

    static void Forget(DbTransaction transaction, string owner, DateTimeOffset deletedBefore)
    {
        ToldSearches.Forget(transaction, owner, deletedBefore);
        transaction.Connection!.Execute(
            """
            DELETE FROM saved_search_hit WHERE search_id IN
                (SELECT id FROM saved_search WHERE owner = @owner AND deleted_at < @deletedBefore)
            """,
            new { owner, deletedBefore },
            transaction
        );
        transaction.Connection!.Execute(
            "DELETE FROM saved_search WHERE owner = @owner AND deleted_at < @deletedBefore",
            new { owner, deletedBefore },
            transaction
        );
    }

    async Task<List<long>> KnownNowAsync(
        SaveSearchRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        using var asked = await _session.AskAsync(
            QueryText.Parse(request.Query),
            request.Query,
            principal,
            cancellationToken
        );
        // One that could be saved and never opened would be a trap.
        SearchOrder.Of(request.Sort, request.Descending, asked);
        foreach (var axis in new[] { request.Plot?.X, request.Plot?.Y }.OfType<string>())
            NumberField.Of(axis, asked);
        if (request.Notify == SearchNotice.None)
            return [];
        if (asked.Matches.Count > SavedHits.Most)
            throw Fault.Invalid(
                "search-too-wide",
                $"A search that tells of what is new may find at most {SavedHits.Most} sequences; this one finds more. Narrow it.",
                ("most", $"{SavedHits.Most}")
            );
        return [.. asked.Matches.Rows()];
    }

    static void Require(SaveSearchRequest request)
    {
        // Its name is the subject of mails, and stands in one line everywhere.
        if (request.Title.Trim().Length is 0 or > 200 || request.Title.Trim().Any(char.IsControl))
            throw Fault.Invalid("search-title", "A saved search has a name of 1 to 200 characters, in one line.");
        if (!Views.Contains(request.View))
            throw Fault.Invalid(
                "search-view",
                $"The view is one of {string.Join(", ", Views)}.",
                ("view", request.View)
            );
        if (request.Plot?.Log is { } log && !Logarithmic.Contains(log))
            throw Fault.Invalid(
                "search-axes",
                $"The logarithmic axes are one of {string.Join(", ", Logarithmic)}, or left out.",
                ("log", log)
            );
        SearchColumns.Require([.. request.Columns, .. new[] { request.Plot?.X, request.Plot?.Y }.OfType<string>()]);
    }

    static string NewSecret(int bytes) => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(bytes));

    sealed class Row
    {
        public required string Id { get; init; }
        public required string Owner { get; init; }
        public required string Title { get; init; }
        public required string Query { get; init; }
        public required string Sort { get; init; }
        public bool Descending { get; init; }
        public required string Columns { get; init; }
        public required string View { get; init; }
        public string? PlotX { get; init; }
        public string? PlotY { get; init; }
        public string? PlotLog { get; init; }
        public required string Notify { get; init; }
        public string? Target { get; init; }
        public bool Paused { get; init; }
        public DateTimeOffset CreatedAt { get; init; }
        public DateTimeOffset ChangedAt { get; init; }

        public SavedSearch ToSaved() =>
            new()
            {
                Id = Id,
                Owner = Owner,
                Title = Title,
                Query = Query,
                Sort = Sort,
                Descending = Descending,
                Columns = JsonSerializer.Deserialize<string[]>(Columns) ?? [],
                View = View,
                Plot = new PlotAxes(PlotX, PlotY, PlotLog),
                Notify = Enum.Parse<SearchNotice>(Notify, ignoreCase: true),
                Target = Target,
                Paused = Paused,
                CreatedAt = CreatedAt,
                ChangedAt = ChangedAt,
            };
    }
}
