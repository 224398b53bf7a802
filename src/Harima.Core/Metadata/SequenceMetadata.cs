using System.Data.Common;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Sequences;

namespace Harima.Metadata;

/// <summary>The two metadata documents of a sequence.</summary>
public enum MetadataKind
{
    /// <summary>Measurement conditions (測定メタデータ).</summary>
    Measurement,

    /// <summary>What was measured (試料メタデータ).</summary>
    Sample,
}

/// <summary>A metadata document, its text exactly as it was given.</summary>
public sealed record MetadataDocument
{
    public MetadataKind Kind { get; init; }
    public required string Json { get; init; }
    public DateTimeOffset ChangedAt { get; init; }
    public required string ChangedBy { get; init; }

    /// <summary>Names this text; see <see cref="MetadataVersion"/>.</summary>
    public string Version => MetadataVersion.Of(Json);
}

/// <summary>One change of a metadata document.</summary>
public sealed record MetadataChange
{
    public long Id { get; init; }
    public MetadataKind Kind { get; init; }
    public string? Before { get; init; }
    public string? After { get; init; }
    public DateTimeOffset At { get; init; }
    public required string Actor { get; init; }

    /// <summary>The bulk change it was part of.</summary>
    public string? BulkId { get; init; }
}

/// <summary>Reads the metadata of a sequence, for those who may read the sequence.</summary>
public sealed class MetadataQueries(Database database, SequenceAccess access)
{
    /// <returns>Those that were given; none, one or two.</returns>
    /// <exception cref="FaultException">NotFound where the sequence does not exist for the caller.</exception>
    public async Task<IReadOnlyList<MetadataDocument>> OfAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        CancellationToken cancellationToken
    )
    {
        var view = await access.GetAsync(principal, proposalId, sequenceId, cancellationToken);
        await using var connection = await database.OpenAsync(cancellationToken);
        var documents = await connection.QueryAsync<MetadataDocument>(
            "SELECT kind, json, changed_at, changed_by FROM metadata WHERE sequence_row = @Row ORDER BY kind",
            new { view.Sequence.Row }
        );
        return documents.AsList();
    }

    /// <summary>Every change, newest first.</summary>
    public async Task<Page<MetadataChange>> ChangesAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        var view = await access.GetAsync(principal, proposalId, sequenceId, cancellationToken);
        var before = Cursor.IdOf(cursor) ?? long.MaxValue;
        await using var connection = await database.OpenAsync(cancellationToken);
        var changes = (
            await connection.QueryAsync<MetadataChange>(
                """
                SELECT id, kind, before, after, at, actor, bulk_id FROM metadata_change
                WHERE sequence_row = @Row AND id < @before ORDER BY id DESC LIMIT @limit
                """,
                new
                {
                    view.Sequence.Row,
                    before,
                    limit = limit + 1,
                }
            )
        ).AsList();
        return Page.Of(changes, limit, last => [last.Id]);
    }
}

/// <summary>A document as it is to be.</summary>
/// <param name="Json">Null removes it.</param>
/// <param name="Seen">The <see cref="MetadataVersion"/> it was made from; null writes over whatever is there.</param>
public sealed record MetadataText(MetadataKind Kind, string? Json, string? Seen = null);

/// <summary>Sets or (with null) removes a metadata document of an open sequence.</summary>
public sealed class SetMetadata(
    CatalogueWriter writer,
    Database database,
    SequenceAccess access,
    Audit audit,
    TimeProvider time
)
{
    /// <summary>Whatever text is there now.</summary>
    /// <exception cref="FaultException">NotFound; Forbidden; Closed; Invalid for text that is not a JSON object.</exception>
    public Task HandleAsync(
        string proposalId,
        string sequenceId,
        MetadataKind kind,
        string? json,
        Principal principal,
        CancellationToken cancellationToken
    ) => HandleAsync(proposalId, sequenceId, kind, json, null, principal, cancellationToken);

    /// <param name="seen">
    /// The <see cref="MetadataVersion"/> of the text that the caller worked from; if somebody has changed it since, nothing is
    /// written. Null writes over whatever is there.
    /// </param>
    /// <returns>The version of the new text.</returns>
    /// <exception cref="FaultException">As above; PreconditionFailed (<c>metadata-changed</c>).</exception>
    public async Task<string> HandleAsync(
        string proposalId,
        string sequenceId,
        MetadataKind kind,
        string? json,
        string? seen,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await access.RequireOpenAsync(principal, proposalId, sequenceId, cancellationToken);
        Require(json);
        await writer.WriteAsync(
            transaction => Change(transaction, view.Sequence, kind, _ => json, seen, principal),
            cancellationToken
        );
        return MetadataVersion.Of(json);
    }

    /// <summary>Both documents at once: where one is refused, neither is written.</summary>
    /// <exception cref="FaultException">As above.</exception>
    public async Task HandleAsync(
        string proposalId,
        string sequenceId,
        IReadOnlyList<MetadataText> texts,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await access.RequireOpenAsync(principal, proposalId, sequenceId, cancellationToken);
        foreach (var text in texts)
            Require(text.Json);
        await writer.WriteAsync(
            transaction =>
            {
                foreach (var (kind, json, seen) in texts)
                    Change(transaction, view.Sequence, kind, _ => json, seen, principal);
            },
            cancellationToken
        );
    }

    static void Require(string? json)
    {
        if (json is not null && MetadataCheck.Check(json) is [var first, ..])
            throw MetadataCheck.Refusal(first);
    }

    /// <summary>
    /// Makes the new text of a document from the one that is there, as part of a change: nobody else writes it until the transaction
    /// ends, so what was typed meanwhile is in the text that <paramref name="edit"/> is given.
    /// </summary>
    internal void Change(
        DbTransaction transaction,
        Sequence sequence,
        MetadataKind kind,
        Func<string?, string?> edit,
        string? seen,
        Principal principal
    )
    {
        MetadataRows.Lock(transaction, database.Dialect, sequence);
        if (MetadataRows.IsClosed(transaction, sequence))
            throw Fault.Closed(sequence.ProposalId, sequence.Id);
        var before = MetadataRows.Find(transaction.Connection!, transaction, sequence, kind);
        if (seen is not null && seen != MetadataVersion.Of(before))
            throw MetadataRows.ChangedSince(transaction, sequence, kind, before);
        var after = edit(before);
        if (before == after)
            return;
        MetadataRows.Put(transaction, sequence, kind, before, after, principal, time.Now(), null);
        audit.Add(transaction, principal, "metadata.changed", sequence.Ref, new { kind = MetadataRows.TextOf(kind) });
    }
}
