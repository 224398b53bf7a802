using Dapper;
using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Storage;

namespace Harima.Workspaces;

/// <summary>Deletes an empty workspace. Only those who manage it may.</summary>
public sealed class DeleteWorkspace(CatalogueWriter writer, WorkspaceQueries workspaces, ByteStore store, Audit audit)
{
    /// <exception cref="FaultException">NotFound; Forbidden; Conflict while it holds files or unfinished uploads.</exception>
    public Task HandleAsync(string id, Principal principal, CancellationToken cancellationToken) =>
        HandleAsync(id, giveUpUploads: false, principal, cancellationToken);

    /// <param name="giveUpUploads">Whether unfinished uploads go with it, as S3 does, or keep it from being deleted.</param>
    /// <exception cref="FaultException">NotFound; Forbidden; Conflict while it holds files or unfinished uploads.</exception>
    public async Task HandleAsync(
        string id,
        bool giveUpUploads,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var (workspace, right) = await workspaces.GetAsync(principal, id, cancellationToken);
        if (right < Right.Manage)
            throw Fault.Forbidden("workspace-manage", $"Deleting workspace '{id}' needs the right to manage it.");
        var blobs = await writer.WriteAsync(
            transaction =>
            {
                IReadOnlyList<string> forgotten = giveUpUploads
                    ? Uploads.ForgetAll(transaction, workspace.BucketId)
                    : [];
                var used = transaction.Connection!.ExecuteScalar<long>(
                    """
                    SELECT (SELECT COUNT(*) FROM (SELECT 1 FROM data_file WHERE bucket_id = @BucketId LIMIT 1) f)
                         + (SELECT COUNT(*) FROM (SELECT 1 FROM file_version WHERE bucket_id = @BucketId LIMIT 1) v)
                         + (SELECT COUNT(*) FROM (SELECT 1 FROM upload WHERE bucket_id = @BucketId LIMIT 1) u)
                    """,
                    new { workspace.BucketId },
                    transaction
                );
                if (used > 0)
                    throw Fault.Conflict(
                        "bucket-not-empty",
                        $"Workspace '{workspace.Id}' still holds files, older versions of them or unfinished uploads. Remove them first.",
                        ("id", workspace.Id)
                    );
                Grants.RemoveAllOn(transaction, workspace.Ref);
                BucketSettings.RemoveAll(transaction, workspace.BucketId);
                transaction.Connection!.Execute(
                    """
                    DELETE FROM unplaced WHERE bucket_id = @BucketId;
                    DELETE FROM workspace WHERE id = @Id;
                    DELETE FROM bucket WHERE id = @BucketId;
                    """,
                    new { workspace.Id, workspace.BucketId },
                    transaction
                );
                audit.Add(transaction, principal, "workspace.deleted", workspace.Ref);
                return forgotten;
            },
            cancellationToken
        );
        foreach (var blob in blobs)
            store.Discard(blob);
    }
}
