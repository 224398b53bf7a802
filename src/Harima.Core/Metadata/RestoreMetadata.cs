using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Sequences;

namespace Harima.Metadata;

/// <summary>Brings an earlier text of a document back. The restoring is a change like any other and can be taken back too.</summary>
public sealed class RestoreMetadata(Database database, SequenceAccess access, SetMetadata set)
{
    /// <param name="changeId">Of a change of this sequence.</param>
    /// <param name="before">The text before that change; otherwise the one after it.</param>
    /// <param name="seen">
    /// The <see cref="MetadataVersion"/> of the text that the caller saw; if somebody has changed it since, nothing is written. Null
    /// writes over whatever is there.
    /// </param>
    /// <returns>The version of the text that is there now.</returns>
    /// <exception cref="FaultException">NotFound; Forbidden; Closed; PreconditionFailed (<c>metadata-changed</c>).</exception>
    public async Task<string> HandleAsync(
        string proposalId,
        string sequenceId,
        long changeId,
        bool before,
        string? seen,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var view = await access.RequireAsync(principal, proposalId, sequenceId, Right.Write, cancellationToken);
        MetadataChange? change;
        await using (var connection = await database.OpenAsync(cancellationToken))
        {
            change = await connection.QuerySingleOrDefaultAsync<MetadataChange>(
                "SELECT id, kind, before, after, at, actor, bulk_id FROM metadata_change WHERE sequence_row = @Row AND id = @changeId",
                new { view.Sequence.Row, changeId }
            );
        }
        if (change is null)
            throw Fault.NotFound("Change", FormattableString.Invariant($"{changeId}"));
        return await set.HandleAsync(
            proposalId,
            sequenceId,
            change.Kind,
            before ? change.Before : change.After,
            seen,
            principal,
            cancellationToken
        );
    }
}
