using System.Data.Common;
using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Storage;
using Microsoft.Extensions.Options;

namespace Harima.Workspaces;

/// <param name="Id">A bucket name: 3 to 63 lower-case letters, digits, '.' or '-'.</param>
/// <param name="Title">What people read; the id where empty.</param>
public sealed record CreateWorkspaceRequest(string Id, string Title);

/// <summary>Makes a workspace for the caller, who owns and manages it.</summary>
public sealed class CreateWorkspace(
    CatalogueWriter writer,
    Grants grants,
    Audit audit,
    TimeProvider time,
    IOptions<WorkspaceOptions> options
)
{
    /// <exception cref="FaultException">Unauthenticated; Invalid for a bad name; Conflict if it is taken, or where the caller owns as many as one may.</exception>
    public Task<Workspace> HandleAsync(
        CreateWorkspaceRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var owner = principal.UserId ?? throw Fault.LoginNeeded();
        if (principal.Limit is not null)
            throw Fault.Forbidden(
                "session-limited",
                "These credentials are limited to a bucket and cannot make another."
            );
        var id = request.Id.Trim().ToLowerInvariant();
        // Whether a proposal of that name exists is not told, and none that comes later finds its name taken.
        if (LooksLikeAProposal(id))
            throw Fault.Invalid(
                "bucket-name",
                $"Names such as '{id}' are kept for proposals. Choose another.",
                ("name", id)
            );
        var workspace = new Workspace
        {
            Id = id,
            Title = string.IsNullOrWhiteSpace(request.Title) ? id : request.Title.Trim(),
            Owner = owner,
            CreatedAt = time.Now(),
        };
        return writer.WriteAsync(
            transaction =>
            {
                // A name that is taken is told first: making one's own bucket again is no other bucket.
                var bucketId = Buckets.Create(transaction, BucketKind.Workspace, id, id, workspace.CreatedAt);
                RequireRoom(transaction, owner);
                transaction.Connection!.Execute(
                    """
                    INSERT INTO workspace (id, title, owner, bucket_id, created_at)
                    VALUES (@Id, @Title, @Owner, @bucketId, @CreatedAt)
                    """,
                    new
                    {
                        workspace.Id,
                        workspace.Title,
                        workspace.Owner,
                        bucketId,
                        workspace.CreatedAt,
                    },
                    transaction
                );
                grants.Put(transaction, workspace.Ref, Principal.SubjectOf(owner), Roles.Owner, Right.Manage, owner);
                audit.Add(transaction, principal, "workspace.created", workspace.Ref);
                return workspace with { BucketId = bucketId };
            },
            cancellationToken
        );
    }

    void RequireRoom(DbTransaction transaction, string owner)
    {
        var most = options.Value.MostPerPerson;
        var owned = transaction.Connection!.ExecuteScalar<long>(
            "SELECT COUNT(*) FROM workspace WHERE owner = @owner",
            new { owner },
            transaction
        );
        if (owned >= most)
            throw Fault.Conflict(
                "too-many-workspaces",
                $"You own {Fault.Number(owned)} workspaces already, and one person may own {Fault.Number(most)}. Delete one you no longer need.",
                ("most", Fault.Number(most))
            );
    }

    // Year, letter of the term, number: 2026a1234.
    internal static bool LooksLikeAProposal(string id) =>
        id.Length > 5
        && id.Take(4).All(char.IsAsciiDigit)
        && char.IsAsciiLetter(id[4])
        && id.Skip(5).All(char.IsAsciiDigit);
}
