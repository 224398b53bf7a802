using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Storage;

namespace Harima.Sequences;

/// <summary>Makes a bucket keep older versions of its files, or stop doing so. Only those who manage the proposal or workspace may.</summary>
public sealed class KeepVersions(FilePlaces places, CatalogueWriter writer, Audit audit)
{
    /// <summary>Refuses whoever may not decide this, before anything is read of what they want.</summary>
    /// <exception cref="FaultException">NotFound; Forbidden.</exception>
    public async Task<BucketView> RequireAsync(Principal principal, string bucket, CancellationToken cancellationToken)
    {
        var view = await places.GetBucketAsync(principal, bucket, cancellationToken);
        return view.MyRight >= Right.Manage
            ? view
            : throw Fault.Forbidden(
                "versioning-manage",
                $"Whether '{bucket}' keeps versions is decided by those who manage it: ask the experiment leader."
            );
    }

    /// <param name="versioning">Enabled or Suspended: once asked for, it cannot be as if it never was.</param>
    /// <exception cref="FaultException">NotFound; Forbidden.</exception>
    public async Task HandleAsync(
        string bucket,
        Versioning versioning,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        if (versioning == Versioning.None)
            throw Fault.Invalid("versioning", "Versioning can be enabled or suspended.");
        var view = await RequireAsync(principal, bucket, cancellationToken);
        await writer.WriteAsync(
            transaction =>
            {
                if (Buckets.VersioningOf(transaction, view.Bucket.Id) == versioning)
                    return;
                Buckets.SetVersioning(transaction, view.Bucket.Id, versioning);
                audit.Add(
                    transaction,
                    principal,
                    "bucket.versioning",
                    view.Proposal?.Ref ?? view.Workspace!.Ref,
                    new { versioning = versioning.ToString().ToLowerInvariant() }
                );
            },
            cancellationToken
        );
    }
}
