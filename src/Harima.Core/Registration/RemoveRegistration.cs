using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Work;

namespace Harima.Registration;

/// <summary>
/// Takes a registration back: its files leave the catalogue, and so do the sequences it has made and nobody else has touched. Nothing on
/// the storage is changed.
/// </summary>
public sealed class RemoveRegistration(
    RegistrationQueries queries,
    CatalogueWriter writer,
    Audit audit,
    TimeProvider time
)
{
    /// <summary>Begins to; the work is done in the background, outlives a stop, and ends with the registration gone.</summary>
    /// <exception cref="FaultException">
    /// Forbidden; NotFound; Conflict while it is looked through (<c>registration-running</c>) or a sequence of it is closed
    /// (<c>registration-closed</c>).
    /// </exception>
    public async Task<RegisteredTree> HandleAsync(string id, Principal principal, CancellationToken cancellationToken)
    {
        await queries.GetAsync(id, principal, cancellationToken);
        await writer.WriteAsync(
            transaction =>
            {
                var before = RegistrationRows.Find(transaction, id) ?? throw Fault.NotFound("Registration", id);
                if (before.State == RegistrationState.Removing)
                    return;
                if (before.State == RegistrationState.Running)
                    throw RescanFolder.IsRunning(id);
                var closed = transaction.Connection!.QueryFirstOrDefault<string>(
                    """
                    SELECT s.id FROM registration_sequence p JOIN sequence s ON s.proposal_id = @ProposalId AND s.id = p.sequence_id
                    WHERE p.registration_id = @Id AND s.state = 'closed' ORDER BY s.id
                    """,
                    before,
                    transaction
                );
                if (closed is not null)
                    throw IsClosed(before, closed);
                var now = time.Now();
                transaction.Connection!.Execute(
                    """
                    UPDATE registration SET state = 'removing', reason = NULL, holder = NULL, position = NULL, files_removed = 0,
                        started_at = @now, ended_at = NULL
                    WHERE id = @id
                    """,
                    new { id, now },
                    transaction
                );
                WorkQueue.Ask(transaction, ScanFolder.Queue, id, now, now);
                audit.Add(
                    transaction,
                    principal,
                    "registration.removed",
                    new ResourceRef(ResourceKind.Proposal, before.ProposalId),
                    new { id, path = before.Path }
                );
            },
            cancellationToken
        );
        return await queries.GetAsync(id, principal, cancellationToken);
    }

    internal static FaultException IsClosed(RegisteredTree tree, string sequence) =>
        Fault.Conflict(
            "registration-closed",
            $"Sequence '{sequence}' of this registration is closed, and what a closed sequence holds stays. Nothing was removed.",
            ("id", tree.Id),
            ("sequence", sequence)
        );
}
