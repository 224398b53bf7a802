using System.Data.Common;
using System.Text.Json;
using Dapper;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Work;

namespace Harima.Metadata;

/// <summary>How a large edit stands.</summary>
public sealed record LargeEdit
{
    public required string Id { get; init; }

    /// <summary>The bulk change that this puts back; null for an edit.</summary>
    public string? Undoes { get; init; }
    public required string Actor { get; init; }
    internal string Via { get; init; } = "";
    public required string Summary { get; init; }

    /// <summary><c>running</c>, <c>done</c>, <c>cancelled</c>, or <c>failed</c>: given up after several attempts.</summary>
    public required string State { get; init; }
    public bool Cancelled { get; init; }
    public long Total { get; init; }

    /// <summary>How many of them were looked at.</summary>
    public long Done { get; init; }

    /// <summary>How many of these it changed.</summary>
    public long Changed { get; init; }
    public long Refused { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public DateTimeOffset? UndoneAt { get; init; }

    /// <summary>When who made it saw that it has ended.</summary>
    public DateTimeOffset? SeenAt { get; init; }
    internal string? Edits { get; init; }

    /// <summary>What is done to every sequence; empty for an undo, and where each has its own (a table).</summary>
    public IReadOnlyList<MetadataEdit> SameForAll =>
        Edits is null ? [] : JsonSerializer.Deserialize<List<MetadataEdit>>(Edits)!;
}

/// <summary>A sequence that a large edit left as it was, and why.</summary>
public sealed record RefusedEdit
{
    public long N { get; init; }
    public required string ProposalId { get; init; }
    public required string SequenceId { get; init; }
    public required string Reason { get; init; }
    public required string Refusal { get; init; }
    internal string? Fields { get; init; }

    /// <summary>The values the refusal speaks of.</summary>
    public IReadOnlyDictionary<string, string> Values =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(Fields ?? "{}")!;
}

/// <summary>
/// Bulk changes of more sequences than one transaction should hold. A worker does them in portions, each a transaction together with how
/// far it is, so that a kill leaves nothing half done and nothing is done twice. With the rights of that moment; it can be cancelled, and
/// undone like any bulk change.
/// </summary>
public sealed partial class LargeEdits(
    CatalogueWriter writer,
    Database database,
    BulkEdit bulk,
    Users users,
    TimeProvider time
)
{
    public const string Queue = "large-edit";
    public const int MaxSequences = 100_000;
    const int Portion = 200;

    const string Columns = """
        SELECT e.id, e.undoes, e.actor, e.via, e.summary, e.cancelled, e.total, e.done, e.changed, e.refused, e.created_at, e.ended_at, e.seen_at, e.edits,
            CASE WHEN e.state = 'running' AND w.dead THEN 'failed' ELSE e.state END AS state, b.undone_at
        FROM large_edit e LEFT JOIN metadata_bulk b ON b.id = e.id LEFT JOIN work w ON w.queue = 'large-edit' AND w.subject = e.id
        """;

    /// <param name="edits">One for each sequence. Where all have one list of edits, give them the same object.</param>
    /// <exception cref="FaultException">Invalid for a path or value that is none, none or too many sequences; Forbidden.</exception>
    public async Task<LargeEdit> StartAsync(
        IReadOnlyList<SequenceEdit> edits,
        string summary,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        RequirePerson(principal);
        if (edits.Count is 0 or > MaxSequences)
            throw Fault.Invalid(
                "large-edit-size",
                $"A large edit is of 1 to {MaxSequences} sequences; these are {edits.Count}.",
                ("most", $"{MaxSequences}")
            );
        var same = edits[0].Edits;
        var isOne = edits.All(edit => ReferenceEquals(edit.Edits, same));
        BulkEdit.Require(isOne ? [edits[0]] : edits);
        var items = edits.Select(edit =>
            (edit.ProposalId, edit.SequenceId, isOne ? null : JsonSerializer.Serialize(edit.Edits))
        );
        return await AddAsync(
            "edit",
            null,
            isOne ? JsonSerializer.Serialize(same) : null,
            summary,
            [.. items],
            principal,
            _ => { },
            cancellationToken
        );
    }

    /// <summary>Puts back what a bulk change, large or not, did.</summary>
    /// <exception cref="FaultException">NotFound where the caller made no such change; Conflict where it was undone, or is under way.</exception>
    public async Task<LargeEdit> UndoAsync(string id, Principal principal, CancellationToken cancellationToken)
    {
        RequirePerson(principal);
        if (await FindAsync(id, cancellationToken) is { State: "running" } running && running.Actor == principal.Actor)
            throw Fault.Conflict("large-edit-running", "This change is still being made. Cancel it first.", ("id", id));
        var places = await bulk.PlacesAsync(id, principal, cancellationToken);
        return await AddAsync(
            "undo",
            id,
            null,
            "undo",
            [.. places.Select(place => (place.ProposalId, place.SequenceId, (string?)null))],
            principal,
            transaction => BulkEdit.MarkUndone(transaction, id, time.Now()),
            cancellationToken
        );
    }

    /// <summary>Goes no further; what was changed stays, and can be undone.</summary>
    /// <exception cref="FaultException">NotFound; Conflict where it has ended.</exception>
    public async Task<LargeEdit> CancelAsync(string id, Principal principal, CancellationToken cancellationToken)
    {
        await GetAsync(id, principal, cancellationToken);
        await writer.WriteAsync(
            transaction =>
            {
                var running = transaction.Connection!.Execute(
                    "UPDATE large_edit SET cancelled = TRUE WHERE id = @id AND state = 'running'",
                    new { id },
                    transaction
                );
                if (running == 0)
                    throw Fault.Conflict("large-edit-ended", "This change has ended already.", ("id", id));
                // Given up, it is taken up once more, to end.
                WorkQueue.Ask(transaction, Queue, id, time.Now(), time.Now());
            },
            cancellationToken
        );
        return await GetAsync(id, principal, cancellationToken);
    }

    /// <exception cref="FaultException">NotFound where the caller made none of that id.</exception>
    public async Task<LargeEdit> GetAsync(string id, Principal principal, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) is { } found && found.Actor == principal.Actor && !principal.IsAnonymous
            ? found
            : throw Fault.NotFound("Large edit", id);

    /// <exception cref="FaultException">NotFound where the caller made none of that id.</exception>
    public async Task<Page<RefusedEdit>> RefusedAsync(
        string id,
        Principal principal,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        await GetAsync(id, principal, cancellationToken);
        var after = Cursor.IdOf(cursor) ?? -1;
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = (
            await connection.QueryAsync<RefusedEdit>(
                """
                SELECT n, proposal_id, sequence_id, reason, refusal, fields FROM large_edit_item
                WHERE edit_id = @id AND n > @after AND reason IS NOT NULL ORDER BY n LIMIT @limit
                """,
                new
                {
                    id,
                    after,
                    limit = limit + 1,
                }
            )
        ).AsList();
        return Page.Of(rows, limit, last => [last.N]);
    }

    async Task<LargeEdit?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<LargeEdit>($"{Columns} WHERE e.id = @id", new { id });
    }

    async Task<LargeEdit> AddAsync(
        string kind,
        string? undoes,
        string? edits,
        string summary,
        IReadOnlyList<(string ProposalId, string SequenceId, string? Edits)> items,
        Principal principal,
        Action<DbTransaction> also,
        CancellationToken cancellationToken
    )
    {
        var (id, at) = (bulk.NewId(), time.Now());
        await writer.WriteAsync(
            transaction =>
            {
                also(transaction);
                transaction.Connection!.Execute(
                    """
                    INSERT INTO large_edit (id, kind, undoes, actor, via, summary, edits, state, total, created_at)
                    VALUES (@id, @kind, @undoes, @Actor, @Via, @summary, @edits, 'running', @total, @at)
                    """,
                    new
                    {
                        id,
                        kind,
                        undoes,
                        principal.Actor,
                        principal.Via,
                        summary,
                        edits,
                        total = items.Count,
                        at,
                    },
                    transaction
                );
                foreach (var some in items.Select((item, n) => (item, n)).Chunk(1_000))
                    ManyRows.Insert(
                        transaction,
                        database.Dialect,
                        "large_edit_item",
                        ["edit_id", "n", "proposal_id", "sequence_id", "edits"],
                        [
                            .. some.Select(one =>
                                new object?[]
                                {
                                    id,
                                    (long)one.n,
                                    one.item.ProposalId,
                                    one.item.SequenceId,
                                    one.item.Edits,
                                }
                            ),
                        ]
                    );
                WorkQueue.Ask(transaction, Queue, id, at, at);
            },
            cancellationToken
        );
        return await GetAsync(id, principal, cancellationToken);
    }

    internal WorkKind Work => new(Queue, DoAsync);

    /// <summary>Goes on with one until it has ended.</summary>
    internal async Task DoAsync(WorkItem item, CancellationToken cancellationToken)
    {
        while (await GoOnAsync(item, cancellationToken))
            cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>Does the next portion, or ends it.</summary>
    /// <returns>False where it had ended before.</returns>
    internal async Task<bool> GoOnAsync(WorkItem item, CancellationToken cancellationToken)
    {
        if (await FindAsync(item.Subject, cancellationToken) is not { State: not ("done" or "cancelled") } edit)
            return false;
        var isAllowed = (await users.FindAsync(edit.Actor, cancellationToken)) is { Active: true };
        if (edit.Cancelled || !isAllowed)
            await EndAsync(edit, "cancelled", cancellationToken);
        else if (edit.Done >= edit.Total)
            await EndAsync(edit, "done", cancellationToken);
        else
            await DoPortionAsync(edit, cancellationToken);
        return true;
    }

    async Task DoPortionAsync(LargeEdit edit, CancellationToken cancellationToken)
    {
        List<(string ProposalId, string SequenceId, string? Edits)> items;
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            items = (
                await connection.QueryAsync<(string, string, string?)>(
                    """
                    SELECT proposal_id, sequence_id, edits FROM large_edit_item
                    WHERE edit_id = @Id AND n >= @Done AND n < @before ORDER BY n
                    """,
                    new
                    {
                        edit.Id,
                        edit.Done,
                        before = edit.Done + Portion,
                    }
                )
            ).AsList();
        }
        var principal = new Principal(edit.Actor, edit.Via);
        void Also(DbTransaction transaction, IReadOnlyList<EditOutcome> outcomes) => Note(transaction, edit, outcomes);
        if (edit.Undoes is { } undoes)
        {
            var places = items.ConvertAll(item => (item.ProposalId, item.SequenceId));
            await bulk.UndoPortionAsync(undoes, places, principal, Also, cancellationToken);
            return;
        }
        var all = edit.Edits is null ? null : edit.SameForAll;
        await bulk.ApplyPortionAsync(
            items.ConvertAll(item => new SequenceEdit(
                item.ProposalId,
                item.SequenceId,
                all ?? JsonSerializer.Deserialize<List<MetadataEdit>>(item.Edits!)!
            )),
            edit.Id,
            edit.Summary,
            principal,
            Also,
            cancellationToken
        );
    }

    /// <summary>How far it is, in the transaction of the changes.</summary>
    static void Note(DbTransaction transaction, LargeEdit edit, IReadOnlyList<EditOutcome> outcomes)
    {
        var refused = outcomes.Count(outcome => outcome.Refusal is not null);
        var mine = transaction.Connection!.Execute(
            """
            UPDATE large_edit SET done = done + @looked, changed = changed + @changed, refused = refused + @refused
            WHERE id = @Id AND done = @Done AND state = 'running'
            """,
            new
            {
                edit.Id,
                edit.Done,
                looked = outcomes.Count,
                changed = outcomes.Count(outcome => outcome.Documents.Count > 0),
                refused,
            },
            transaction
        );
        // Somebody else went on with it when the lease had ended: this portion is theirs.
        if (mine == 0)
            throw new InvalidOperationException($"large edit {edit.Id} is in other hands");
        for (var n = 0; n < outcomes.Count; n++)
            if (outcomes[n].Refusal is { } refusal)
                transaction.Connection!.Execute(
                    "UPDATE large_edit_item SET reason = @Reason, refusal = @Message, fields = @fields WHERE edit_id = @Id AND n = @n",
                    new
                    {
                        edit.Id,
                        n = edit.Done + n,
                        refusal.Reason,
                        refusal.Message,
                        fields = JsonSerializer.Serialize(refusal.Fields),
                    },
                    transaction
                );
    }

    Task EndAsync(LargeEdit edit, string state, CancellationToken cancellationToken) =>
        writer.WriteAsync(
            transaction =>
            {
                transaction.Connection!.Execute(
                    "UPDATE large_edit SET state = @state, ended_at = @at, seen_at = NULL WHERE id = @Id AND state = 'running'",
                    new
                    {
                        edit.Id,
                        state,
                        at = time.Now(),
                    },
                    transaction
                );
                transaction.Connection!.Execute(
                    "DELETE FROM large_edit_item WHERE edit_id = @Id AND reason IS NULL",
                    new { edit.Id },
                    transaction
                );
            },
            cancellationToken
        );

    static void RequirePerson(Principal principal)
    {
        if (principal.UserId is null)
            throw Fault.LoginNeeded();
        // It will be done with the rights of the person: what credentials were limited to would be forgotten.
        if (principal.Limit is not null)
            throw Fault.Forbidden("limited-credentials", "Credentials that are limited cannot start a large edit.");
    }
}
