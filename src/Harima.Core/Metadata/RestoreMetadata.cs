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
    /// <exception cref="FaultException">NotFound; Forbidden; Closed.</exception>
    public async Task<MetadataKind> HandleAsync(
        string proposalId,
        string sequenceId,
        long changeId,
        bool before,
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
        await set.HandleAsync(
            proposalId,
            sequenceId,
            change.Kind,
            before ? change.Before : change.After,
            principal,
            cancellationToken
        );
        return change.Kind;
    }
}
