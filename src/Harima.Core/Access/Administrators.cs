using Harima.Catalogue;
using Harima.Identity;

namespace Harima.Access;

/// <summary>Who manages the facility as a whole.</summary>
public sealed class Administrators(CatalogueWriter writer, Grants grants, Policy policy)
{
    /// <summary>Makes an account an administrator. The first is made by the facility itself at set-up.</summary>
    public async Task AppointAsync(string userId, Principal principal, CancellationToken cancellationToken)
    {
        if (await policy.RightOnAsync(principal, [ResourceRef.Facility], cancellationToken) < Right.Manage)
            throw Faults.Fault.Forbidden("facility-only", "Only the facility's administrators appoint others.");
        await writer.WriteAsync(
            transaction =>
                grants.Put(
                    transaction,
                    ResourceRef.Facility,
                    Principal.SubjectOf(userId),
                    Roles.Admin,
                    Right.Manage,
                    principal.Actor
                ),
            cancellationToken
        );
    }
}
