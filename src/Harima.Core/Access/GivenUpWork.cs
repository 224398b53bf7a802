using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Work;

namespace Harima.Access;

/// <summary>What the facility's administrators see of the work queue, and do about work that failed too often.</summary>
public sealed class GivenUpWork(Policy policy, WorkQueue queue, CatalogueWriter writer, Audit audit, TimeProvider time)
{
    /// <exception cref="FaultException">Forbidden for everybody but administrators.</exception>
    public async Task<IReadOnlyList<WorkSummary>> SummaryAsync(Principal principal, CancellationToken cancellationToken)
    {
        await RequireAdministratorAsync(principal, cancellationToken);
        return await queue.SummaryAsync(cancellationToken);
    }

    /// <summary>Newest first.</summary>
    /// <exception cref="FaultException">Forbidden.</exception>
    public async Task<Page<DeadWork>> ListAsync(
        string? cursor,
        int limit,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        await RequireAdministratorAsync(principal, cancellationToken);
        return await queue.DeadAsync(cursor, limit, cancellationToken);
    }

    /// <summary>It is due at once, with all its attempts before it.</summary>
    /// <exception cref="FaultException">Forbidden; NotFound.</exception>
    public async Task RetryAsync(long id, Principal principal, CancellationToken cancellationToken)
    {
        await RequireAdministratorAsync(principal, cancellationToken);
        var now = time.Now();
        await writer.WriteAsync(
            transaction =>
                audit.Add(
                    transaction,
                    principal,
                    "work.retried",
                    ResourceRef.Facility,
                    Of(WorkQueue.Revive(transaction, id, now) ?? throw NotFound(id))
                ),
            cancellationToken
        );
    }

    /// <summary>It is not done. What it is about may ask for it again, and then it is new.</summary>
    /// <exception cref="FaultException">Forbidden; NotFound.</exception>
    public async Task DropAsync(long id, Principal principal, CancellationToken cancellationToken)
    {
        await RequireAdministratorAsync(principal, cancellationToken);
        await writer.WriteAsync(
            transaction =>
                audit.Add(
                    transaction,
                    principal,
                    "work.dropped",
                    ResourceRef.Facility,
                    Of(WorkQueue.Drop(transaction, id) ?? throw NotFound(id))
                ),
            cancellationToken
        );
    }

    static object Of(DeadWork work) =>
        new
        {
            queue = work.Queue,
            subject = work.Subject,
            error = work.LastError,
        };

    static FaultException NotFound(long id) => Fault.NotFound("Given-up work", FormattableString.Invariant($"{id}"));

    async Task RequireAdministratorAsync(Principal principal, CancellationToken cancellationToken)
    {
        if (await policy.RightOnAsync(principal, [ResourceRef.Facility], cancellationToken) < Right.Manage)
            throw Fault.Forbidden(
                "work-administrators",
                "Only the facility's administrators look after the work queue."
            );
    }
}
