using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;

namespace Harima.Proposals;

/// <param name="Staff">User ids of the beamline's staff; they may read and write all of its proposals.</param>
public sealed record CreateBeamlineRequest(string Id, string Title, string TitleJa, IReadOnlyList<string> Staff);

/// <summary>Registers a beamline, or updates its titles and adds staff. Only those who manage the facility may.</summary>
public sealed class CreateBeamline(CatalogueWriter writer, Policy policy, Grants grants, Audit audit)
{
    public async Task HandleAsync(
        CreateBeamlineRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        if (await policy.RightOnAsync(principal, [ResourceRef.Facility], cancellationToken) < Right.Manage)
            throw Fault.Forbidden("facility-only", "Only the facility's administrators register beamlines.");
        var on = new ResourceRef(ResourceKind.Beamline, request.Id);
        await writer.WriteAsync(
            transaction =>
            {
                transaction.Connection!.Execute(
                    """
                    INSERT INTO beamline (id, title, title_ja) VALUES (@Id, @Title, @TitleJa)
                    ON CONFLICT (id) DO UPDATE SET title = excluded.title, title_ja = excluded.title_ja
                    """,
                    new
                    {
                        request.Id,
                        request.Title,
                        request.TitleJa,
                    },
                    transaction
                );
                foreach (var staff in request.Staff)
                    grants.Put(transaction, on, Principal.SubjectOf(staff), Roles.Staff, Right.Write, principal.Actor);
                audit.Add(transaction, principal, "beamline.created", on);
            },
            cancellationToken
        );
    }
}
