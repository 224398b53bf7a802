using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Work;

namespace Harima.Registration;

/// <summary>Looks through a registered tree again, stops that, or goes on with it.</summary>
public sealed class RescanFolder(RegistrationQueries queries, CatalogueWriter writer, Audit audit, TimeProvider time)
{
    /// <summary>From the first path on: what is new is added, what has changed is renewed, what has gone is taken out.</summary>
    /// <param name="bringBack">Whether files that people have removed or replaced in Harima since are catalogued again, where their names are free.</param>
    /// <exception cref="FaultException">Forbidden; NotFound; Conflict (<c>registration-running</c>, <c>registration-removing</c>).</exception>
    public Task<RegisteredTree> HandleAsync(
        string id,
        Principal principal,
        CancellationToken cancellationToken,
        bool bringBack = false
    ) =>
        ChangeAsync(
            id,
            principal,
            bringBack ? "registration.brought-back" : "registration.rescanned",
            (transaction, before) =>
            {
                if (before.State == RegistrationState.Running)
                    throw IsRunning(id);
                if (before.State == RegistrationState.Removing)
                    throw IsRemoved(id);
                if (bringBack)
                    RegistrationRows.BringBack(transaction, id);
                var now = time.Now();
                RegistrationRows.Begin(transaction, id, now);
                WorkQueue.Ask(transaction, ScanFolder.Queue, id, now, now);
            },
            cancellationToken
        );

    /// <summary>Stops; what was catalogued stays.</summary>
    /// <exception cref="FaultException">Forbidden; NotFound; Conflict (<c>registration-not-running</c>).</exception>
    public Task<RegisteredTree> CancelAsync(string id, Principal principal, CancellationToken cancellationToken) =>
        ChangeAsync(
            id,
            principal,
            "registration.cancelled",
            (transaction, before) =>
            {
                if (
                    before.State != RegistrationState.Running
                    || !RegistrationRows.End(transaction, id, RegistrationState.Cancelled, null, time.Now())
                )
                    throw Fault.Conflict(
                        "registration-not-running",
                        $"Registration {id} is not running, so there is nothing to cancel.",
                        ("id", id)
                    );
            },
            cancellationToken
        );

    /// <summary>Goes on where it was cancelled or failed.</summary>
    /// <exception cref="FaultException">Forbidden; NotFound; Conflict (<c>registration-not-stopped</c>).</exception>
    public Task<RegisteredTree> ContinueAsync(string id, Principal principal, CancellationToken cancellationToken) =>
        ChangeAsync(
            id,
            principal,
            "registration.continued",
            (transaction, before) =>
            {
                if (before.State is not (RegistrationState.Cancelled or RegistrationState.Failed))
                    throw Fault.Conflict(
                        "registration-not-stopped",
                        $"Registration {id} was neither cancelled nor has it failed. To find what has changed, scan it again.",
                        ("id", id)
                    );
                var now = time.Now();
                RegistrationRows.Continue(transaction, id);
                WorkQueue.Ask(transaction, ScanFolder.Queue, id, now, now);
            },
            cancellationToken
        );

    internal static FaultException IsRunning(string id) =>
        Fault.Conflict(
            "registration-running",
            $"Registration {id} is being looked through. Wait until it has ended, or cancel it.",
            ("id", id)
        );

    internal static FaultException IsRemoved(string id) =>
        Fault.Conflict("registration-removing", $"Registration {id} is being removed.", ("id", id));

    async Task<RegisteredTree> ChangeAsync(
        string id,
        Principal principal,
        string action,
        Action<System.Data.Common.DbTransaction, RegisteredTree> change,
        CancellationToken cancellationToken
    )
    {
        await queries.GetAsync(id, principal, cancellationToken);
        await writer.WriteAsync(
            transaction =>
            {
                var before = RegistrationRows.Find(transaction, id) ?? throw Fault.NotFound("Registration", id);
                change(transaction, before);
                audit.Add(
                    transaction,
                    principal,
                    action,
                    new ResourceRef(ResourceKind.Proposal, before.ProposalId),
                    new { id, path = before.Path }
                );
            },
            cancellationToken
        );
        return await queries.GetAsync(id, principal, cancellationToken);
    }
}
