using Dapper;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Sequences;

namespace Harima.Extraction;

/// <summary>
/// Sets proposals aside that nobody wants, and brings them back. A dismissal holds for what the files say now: when they say something
/// else, that is proposed.
/// </summary>
public sealed class DismissExtracted(
    CatalogueWriter writer,
    SequenceAccess access,
    ExtractionQueries queries,
    TimeProvider time
)
{
    /// <param name="fields">Null for all that are not taken over.</param>
    /// <returns>How many are dismissed now that were not.</returns>
    /// <exception cref="FaultException">NotFound; Forbidden; Closed; Conflict where a named proposal is not there any more.</exception>
    public async Task<int> HandleAsync(
        string proposalId,
        string sequenceId,
        IReadOnlyList<AcceptedField>? fields,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var (sequence, result) = await FindAsync(proposalId, sequenceId, principal, cancellationToken);
        var open = (fields is null ? result.Values : ExtractionQueries.Named(result, fields))
            .Where(value => value.State is ProposedState.New or ProposedState.Different)
            .ToList();
        return await writer.WriteAsync(
            transaction =>
                open.Sum(value =>
                    transaction.Connection!.Execute(
                        """
                        INSERT INTO extracted_dismissed (sequence_row, path, value, unit, dismissed_at, dismissed_by)
                        VALUES (@Row, @Path, @Value, @unit, @at, @Actor) ON CONFLICT DO NOTHING
                        """,
                        new
                        {
                            sequence.Row,
                            value.Extracted.Path,
                            value.Extracted.Value,
                            unit = value.Extracted.Unit ?? "",
                            at = time.Now(),
                            principal.Actor,
                        },
                        transaction
                    )
                ),
            cancellationToken
        );
    }

    /// <summary>Proposes again what was dismissed.</summary>
    /// <param name="fields">Null for all that were dismissed.</param>
    /// <returns>How many came back.</returns>
    /// <exception cref="FaultException">NotFound; Forbidden; Closed.</exception>
    public async Task<int> UndoAsync(
        string proposalId,
        string sequenceId,
        IReadOnlyList<AcceptedField>? fields,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var (sequence, result) = await FindAsync(proposalId, sequenceId, principal, cancellationToken);
        var back =
            fields
            ??
            [
                .. result
                    .Values.Where(value => value.Dismissal is not null)
                    .Select(value => new AcceptedField(
                        value.Extracted.Path,
                        value.Extracted.Value,
                        value.Extracted.Unit
                    )),
            ];
        return await writer.WriteAsync(
            transaction =>
                back.Sum(field =>
                    transaction.Connection!.Execute(
                        "DELETE FROM extracted_dismissed WHERE sequence_row = @Row AND path = @Path AND value = @Value AND unit = @unit",
                        new
                        {
                            sequence.Row,
                            field.Path,
                            field.Value,
                            unit = field.Unit ?? "",
                        },
                        transaction
                    )
                ),
            cancellationToken
        );
    }

    async Task<(Sequence Sequence, ExtractionResult Result)> FindAsync(
        string proposalId,
        string sequenceId,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await access.RequireOpenAsync(principal, proposalId, sequenceId, cancellationToken);
        return (view.Sequence, await queries.OfAsync(principal, proposalId, sequenceId, cancellationToken));
    }
}
