using System.Data.Common;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Metadata.Schemas;
using Harima.Sequences;

namespace Harima.Metadata;

/// <summary>
/// Changes values of many sequences at once: shows first what it would do, does it in one transaction, and can undo it.
/// Whoever may not write one of the sequences changes the others.
/// </summary>
public sealed class BulkEdit(
    CatalogueWriter writer,
    Database database,
    SequenceAccess access,
    Audit audit,
    TimeProvider time
)
{
    public const int MaxSequences = 1000;

    /// <summary>How many a preview looks at one by one: some seconds of work.</summary>
    public const int MaxPreviewed = 10_000;

    /// <summary>Of how many that change a preview says how.</summary>
    public const int Described = 100;
    const int ReadAtOnce = 50;

    /// <summary>What would change; nothing does.</summary>
    /// <exception cref="FaultException">Invalid for a path or value that is none, or too many sequences.</exception>
    public async Task<IReadOnlyList<EditOutcome>> PreviewAsync(
        IReadOnlyList<SequenceEdit> edits,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var views = await ViewsAsync(edits, principal, cancellationToken);
        await using var connection = await database.OpenAsync(cancellationToken);
        var outcomes = new List<EditOutcome>(edits.Count);
        // Each document may be large: a few of them at a time.
        foreach (var some in Enumerable.Range(0, edits.Count).Chunk(ReadAtOnce))
        {
            var documents = await MetadataRows.FindManyAsync(
                connection,
                database.Dialect,
                [.. some.Select(n => views[n].View?.Sequence.Row).OfType<long>()]
            );
            outcomes.AddRange(
                some.Select(n =>
                    Outcome(
                        edits[n],
                        views[n],
                        sequence => !documents.Open.Contains(sequence.Row),
                        (sequence, kind) => documents.Texts.GetValueOrDefault((sequence.Row, kind))
                    ).Outcome
                )
            );
        }
        return outcomes;
    }

    /// <summary>The same of up to <see cref="MaxPreviewed"/> sequences; only of the first that change it is said how.</summary>
    /// <exception cref="FaultException">Invalid for a path or value that is none, or too many sequences.</exception>
    public async Task<IReadOnlyList<EditOutcome>> PreviewManyAsync(
        IReadOnlyList<SequenceEdit> edits,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        if (edits.Count > MaxPreviewed)
            throw TooMany(edits.Count, MaxPreviewed);
        var outcomes = new List<EditOutcome>(edits.Count);
        var described = 0;
        foreach (var some in edits.Chunk(MaxSequences))
        foreach (var outcome in await PreviewAsync(some, principal, cancellationToken))
            outcomes.Add(
                outcome.Documents.Count == 0 || described++ < Described
                    ? outcome
                    : outcome with
                    {
                        Documents = [.. outcome.Documents.Select(one => one with { Differences = [] })],
                    }
            );
        return outcomes;
    }

    /// <returns>The change, null where nothing changed; and what it did to each sequence.</returns>
    public async Task<(BulkChange? Change, IReadOnlyList<EditOutcome> Outcomes)> ApplyAsync(
        IReadOnlyList<SequenceEdit> edits,
        string summary,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var (change, outcomes) = await ApplyPortionAsync(
            edits,
            NewId(),
            summary,
            principal,
            (_, _) => { },
            cancellationToken
        );
        return (change.Sequences == 0 ? null : change, outcomes);
    }

    internal string NewId() => Guid.CreateVersion7(time.GetUtcNow()).ToString("N");

    /// <summary>Some of the sequences of a bulk change; more may follow under its id.</summary>
    /// <param name="also">Done in the same transaction.</param>
    internal async Task<(BulkChange Change, IReadOnlyList<EditOutcome> Outcomes)> ApplyPortionAsync(
        IReadOnlyList<SequenceEdit> edits,
        string id,
        string summary,
        Principal principal,
        Action<DbTransaction, IReadOnlyList<EditOutcome>> also,
        CancellationToken cancellationToken
    )
    {
        var views = await ViewsAsync(edits, principal, cancellationToken);
        return await writer.WriteAsync(
            transaction =>
            {
                var change = new BulkChange
                {
                    Id = id,
                    At = time.Now(),
                    Actor = principal.Actor,
                    Summary = summary,
                };
                var outcomes = new List<EditOutcome>();
                var changed = 0L;
                LockAll(transaction, views);
                for (var n = 0; n < edits.Count; n++)
                {
                    var (outcome, texts) = Outcome(
                        edits[n],
                        views[n],
                        sequence => MetadataRows.IsClosed(transaction, sequence),
                        (sequence, kind) => MetadataRows.Find(transaction.Connection!, transaction, sequence, kind)
                    );
                    outcomes.Add(outcome);
                    if (texts.Count == 0)
                        continue;
                    changed++;
                    foreach (var (kind, before, after) in texts)
                    {
                        var on = views[n].View!.Sequence;
                        MetadataRows.Put(transaction, on, kind, before, after, principal, change.At, change.Id);
                        var detail = new { kind = MetadataRows.TextOf(kind), bulk = change.Id };
                        audit.Add(transaction, principal, "metadata.changed", on.Ref, detail);
                    }
                }
                change = change with { Sequences = changed };
                if (changed > 0)
                    transaction.Connection!.Execute(
                        """
                        INSERT INTO metadata_bulk (id, at, actor, summary, sequences) VALUES (@Id, @At, @Actor, @Summary, @Sequences)
                        ON CONFLICT (id) DO UPDATE SET sequences = metadata_bulk.sequences + excluded.sequences
                        """,
                        change,
                        transaction
                    );
                also(transaction, outcomes);
                return (change, (IReadOnlyList<EditOutcome>)outcomes);
            },
            cancellationToken
        );
    }

    /// <summary>The bulk changes of the caller, newest first.</summary>
    public async Task<IReadOnlyList<BulkChange>> ListAsync(Principal principal, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        return (
            await connection.QueryAsync<BulkChange>(
                """
                SELECT b.id, b.at, b.actor, b.summary, b.sequences, b.undone_at,
                    EXISTS (SELECT 1 FROM large_edit e WHERE e.id = b.id) AS is_large
                FROM metadata_bulk b WHERE b.actor = @Actor ORDER BY b.id DESC LIMIT 100
                """,
                new { principal.Actor }
            )
        ).AsList();
    }

    /// <summary>
    /// Puts every document back that still is as the bulk change left it. What was changed again since, or is closed, stays and is told.
    /// </summary>
    /// <exception cref="FaultException">NotFound where the caller made no such change; Conflict where it was undone before.</exception>
    public async Task<IReadOnlyList<EditOutcome>> UndoAsync(
        string id,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var places = await PlacesAsync(id, principal, cancellationToken);
        if (places.Count > MaxSequences)
            throw Fault.Conflict(
                "undo-large",
                $"This change was of {places.Count} sequences. Undo it as a large edit.",
                ("id", id),
                ("most", $"{MaxSequences}")
            );
        return await UndoPortionAsync(
            id,
            places,
            principal,
            (transaction, _) => MarkUndone(transaction, id, time.Now()),
            cancellationToken
        );
    }

    /// <summary>The sequences that a bulk change of the caller changed.</summary>
    /// <exception cref="FaultException">NotFound where the caller made no such change; Conflict where it was undone before, or is still being made.</exception>
    internal async Task<List<(string ProposalId, string SequenceId)>> PlacesAsync(
        string id,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var bulk = await connection.QuerySingleOrDefaultAsync<BulkChange>(
            "SELECT id, at, actor, summary, sequences, undone_at FROM metadata_bulk WHERE id = @id",
            new { id }
        );
        if (bulk is null || bulk.Actor != principal.Actor || principal.IsAnonymous)
            throw Fault.NotFound("Bulk change", id);
        if (bulk.UndoneAt is not null)
            throw Undone(id);
        // Its worker would go on changing what is put back.
        var isRunning = await connection.ExecuteScalarAsync<bool>(
            "SELECT EXISTS (SELECT 1 FROM large_edit WHERE id = @id AND state = 'running')",
            new { id }
        );
        if (isRunning)
            throw Fault.Conflict("large-edit-running", "This change is still being made. Cancel it first.", ("id", id));
        return (
            await connection.QueryAsync<(string, string)>(
                """
                SELECT DISTINCT s.proposal_id, s.id FROM metadata_change c JOIN sequence s ON s.row = c.sequence_row
                WHERE c.bulk_id = @id ORDER BY s.proposal_id, s.id
                """,
                new { id }
            )
        ).AsList();
    }

    /// <exception cref="FaultException">Conflict where it was undone before.</exception>
    internal static void MarkUndone(DbTransaction transaction, string id, DateTimeOffset at)
    {
        var first = transaction.Connection!.Execute(
            "UPDATE metadata_bulk SET undone_at = @at WHERE id = @id AND undone_at IS NULL",
            new { id, at },
            transaction
        );
        if (first == 0)
            throw Undone(id);
    }

    /// <param name="also">Done in the same transaction.</param>
    internal async Task<IReadOnlyList<EditOutcome>> UndoPortionAsync(
        string id,
        IReadOnlyList<(string ProposalId, string SequenceId)> places,
        Principal principal,
        Action<DbTransaction, IReadOnlyList<EditOutcome>> also,
        CancellationToken cancellationToken
    )
    {
        IReadOnlyList<SequenceEdit> edits =
        [
            .. places.Select(place => new SequenceEdit(place.ProposalId, place.SequenceId, [])),
        ];
        var views = await ViewsAsync(edits, principal, cancellationToken);
        return await writer.WriteAsync(
            transaction =>
            {
                var at = time.Now();
                LockAll(transaction, views);
                IReadOnlyList<EditOutcome> outcomes =
                [
                    .. edits.Select((edit, n) => Undo(transaction, id, edit, views[n], principal, at)),
                ];
                also(transaction, outcomes);
                return outcomes;
            },
            cancellationToken
        );
    }

    EditOutcome Undo(
        DbTransaction transaction,
        string id,
        SequenceEdit edit,
        (SequenceView? View, FaultException? Refusal) found,
        Principal principal,
        DateTimeOffset at
    )
    {
        if (found.View is not { } view)
            return new EditOutcome(edit.ProposalId, edit.SequenceId, [], found.Refusal);
        if (MetadataRows.IsClosed(transaction, view.Sequence))
            return new EditOutcome(
                edit.ProposalId,
                edit.SequenceId,
                [],
                Fault.Closed(edit.ProposalId, edit.SequenceId)
            );
        var changes = transaction.Connection!.Query<MetadataChange>(
            "SELECT id, kind, before, after, at, actor, bulk_id FROM metadata_change WHERE sequence_row = @Row AND bulk_id = @id",
            new { view.Sequence.Row, id },
            transaction
        );
        var documents = new List<EditedDocument>();
        FaultException? refusal = null;
        foreach (var change in changes)
        {
            var now = MetadataRows.Find(transaction.Connection!, transaction, view.Sequence, change.Kind);
            if (now != change.After)
            {
                refusal = Fault.Conflict(
                    "changed-since",
                    "This document was changed again since, so it stays as it is. Its history has every earlier text.",
                    ("sequence", view.Sequence.Name)
                );
                continue;
            }
            MetadataRows.Put(transaction, view.Sequence, change.Kind, now, change.Before, principal, at, null);
            var detail = new { kind = MetadataRows.TextOf(change.Kind), undone = id };
            audit.Add(transaction, principal, "metadata.changed", view.Sequence.Ref, detail);
            documents.Add(new EditedDocument(change.Kind, MetadataDiff.Of(now, change.Before)));
        }
        return new EditOutcome(edit.ProposalId, edit.SequenceId, documents, refusal);
    }

    /// <summary>In one order, so that two bulk changes of the same sequences wait for each other instead of deadlocking.</summary>
    void LockAll(DbTransaction transaction, List<(SequenceView? View, FaultException? Refusal)> views)
    {
        foreach (
            var view in views.Select(found => found.View).OfType<SequenceView>().OrderBy(view => view.Sequence.Row)
        )
            MetadataRows.Lock(transaction, database.Dialect, view.Sequence);
    }

    static FaultException Undone(string id) =>
        Fault.Conflict("already-undone", "This change was undone already.", ("id", id));

    async Task<List<(SequenceView? View, FaultException? Refusal)>> ViewsAsync(
        IReadOnlyList<SequenceEdit> edits,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        if (edits.Count > MaxSequences)
            throw TooMany(edits.Count, MaxSequences);
        Require(edits);
        var found = await access.FindManyAsync(
            principal,
            [.. edits.Select(edit => (edit.ProposalId, edit.SequenceId))],
            cancellationToken
        );
        return
        [
            .. edits.Zip(
                found,
                (edit, view) =>
                    view is null
                        ? (
                            (SequenceView?)null,
                            Fault.NotFound("Sequence", Sequence.NameOf(edit.ProposalId, edit.SequenceId))
                        )
                    : view.MyRight < Right.Write ? (null, SequenceAccess.Needs(Right.Write, view))
                    : (view, (FaultException?)null)
            ),
        ];
    }

    static FaultException TooMany(int count, int most) =>
        Fault.Invalid(
            "too-many-sequences",
            $"At most {most} sequences can be changed at once; these are {count}.",
            ("most", $"{most}")
        );

    internal static void Require(IReadOnlyList<SequenceEdit> edits)
    {
        foreach (var edit in edits.SelectMany(edit => edit.Edits).Distinct())
            Require(edit);
    }

    static void Require(MetadataEdit edit)
    {
        if (JsonPlaces.TryParse(edit.Path) is null)
            throw Fault.Invalid(
                "metadata-path",
                $"'{edit.Path}' is no path into a document. Write it like measurement.method.technique or sample[0].name.",
                ("path", edit.Path)
            );
        // A document checks objects only, so the value is looked at inside one.
        if (edit.Json is { } json && MetadataCheck.Check($"{{\"value\":{json}\n}}") is [var first, ..])
            throw Fault.Invalid("metadata-value", $"The value is not JSON: {first.Message}", ("path", edit.Path));
    }

    static (EditOutcome Outcome, IReadOnlyList<(MetadataKind Kind, string? Before, string After)> Texts) Outcome(
        SequenceEdit edit,
        (SequenceView? View, FaultException? Refusal) found,
        Func<Sequence, bool> isClosed,
        Func<Sequence, MetadataKind, string?> find
    )
    {
        EditOutcome Refused(FaultException refusal) => new(edit.ProposalId, edit.SequenceId, [], refusal);
        if (found.View is not { } view)
            return (Refused(found.Refusal!), []);
        if (isClosed(view.Sequence))
            return (Refused(Fault.Closed(view.Sequence.ProposalId, view.Sequence.Id)), []);
        var documents = new List<EditedDocument>();
        var texts = new List<(MetadataKind, string?, string)>();
        foreach (var group in edit.Edits.GroupBy(one => one.Kind))
        {
            var before = find(view.Sequence, group.Key);
            var after = before ?? "{}";
            foreach (var one in group)
            {
                if (JsonEdit.Apply(after, one.Path, one.Json) is not { } edited)
                    return (
                        Refused(
                            Fault.Conflict(
                                "metadata-path-crossed",
                                $"'{one.Path}' leads through a value that holds no others.",
                                ("path", one.Path)
                            )
                        ),
                        []
                    );
                after = edited;
            }
            if (MetadataCheck.Check(after) is [var problem, ..])
                return (Refused(MetadataCheck.Refusal(problem)), []);
            if (after == (before ?? "{}"))
                continue;
            documents.Add(new EditedDocument(group.Key, MetadataDiff.Of(before, after)));
            texts.Add((group.Key, before, after));
        }
        return (new EditOutcome(edit.ProposalId, edit.SequenceId, documents, null), texts);
    }
}
