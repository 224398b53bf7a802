using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Work;

namespace Harima.Registration;

/// <summary>
/// Gives a registration other patterns, and looks through its tree with them: what they take now is added, what they leave out now
/// leaves the catalogue. Nothing on the storage is changed.
/// </summary>
public sealed class ChangePatterns(RegistrationQueries queries, CatalogueWriter writer, Audit audit, TimeProvider time)
{
    /// <param name="include">Null for what it was; empty for all files.</param>
    /// <param name="exclude">Null for what it was; empty for none.</param>
    /// <exception cref="FaultException">
    /// Forbidden; NotFound; Invalid; Conflict while it is looked through or removed (<c>registration-running</c>, <c>registration-removing</c>).
    /// </exception>
    public async Task<RegisteredTree> HandleAsync(
        string id,
        IReadOnlyList<string>? include,
        IReadOnlyList<string>? exclude,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var known = (await queries.GetAsync(id, principal, cancellationToken)).Patterns;
        var wanted = FilePatterns.Parse(include ?? known.Include, exclude ?? known.Exclude);
        await writer.WriteAsync(
            transaction =>
            {
                var before = RegistrationRows.Find(transaction, id) ?? throw Fault.NotFound("Registration", id);
                if (before.State == RegistrationState.Running)
                    throw RescanFolder.IsRunning(id);
                if (before.State == RegistrationState.Removing)
                    throw RescanFolder.IsRemoved(id);
                var now = time.Now();
                RegistrationRows.SetPatterns(transaction, id, wanted);
                RegistrationRows.Begin(transaction, id, now);
                WorkQueue.Ask(transaction, ScanFolder.Queue, id, now, now);
                audit.Add(
                    transaction,
                    principal,
                    "registration.patterns-changed",
                    new ResourceRef(ResourceKind.Proposal, before.ProposalId),
                    new
                    {
                        id,
                        path = before.Path,
                        include = wanted.Include,
                        exclude = wanted.Exclude,
                    }
                );
            },
            cancellationToken
        );
        return await queries.GetAsync(id, principal, cancellationToken);
    }
}
