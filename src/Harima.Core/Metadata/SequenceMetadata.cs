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

/// <summary>Sets or (with null) removes a metadata document of an open sequence.</summary>
public sealed class SetMetadata(CatalogueWriter writer, SequenceAccess access, Audit audit, TimeProvider time)
{
    /// <exception cref="FaultException">NotFound; Forbidden; Closed; Invalid for text that is not a JSON object.</exception>
    public async Task HandleAsync(
        string proposalId,
        string sequenceId,
        MetadataKind kind,
        string? json,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await access.RequireAsync(principal, proposalId, sequenceId, Right.Write, cancellationToken);
        if (view.Sequence.State == SequenceState.Closed)
            throw Fault.Closed(view.Sequence.ProposalId, view.Sequence.Id);
        if (json is not null && MetadataCheck.Check(json) is [var first, ..])
            throw Fault.Invalid(
                "metadata-invalid",
                first.Message,
                ("line", $"{first.Line}"),
                ("column", $"{first.Column}")
            );
        await writer.WriteAsync(
            transaction =>
            {
                if (MetadataRows.IsClosed(transaction, view.Sequence))
                    throw Fault.Closed(view.Sequence.ProposalId, view.Sequence.Id);
                var before = MetadataRows.Find(transaction.Connection!, transaction, view.Sequence, kind);
                if (before == json)
                    return;
                MetadataRows.Put(transaction, view.Sequence, kind, before, json, principal, time.Now(), null);
                audit.Add(
                    transaction,
                    principal,
                    "metadata.changed",
                    view.Sequence.Ref,
                    new { kind = MetadataRows.TextOf(kind) }
                );
            },
            cancellationToken
        );
    }
}
