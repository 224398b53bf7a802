using Harima.Access;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Storage;
using Microsoft.Extensions.Options;

namespace Harima.Sequences;

/// <param name="Room">Of the file system the tree lies on, for this process; null where the bytes lie in a store that does not say.</param>
/// <param name="BytesPerSecond">How fast the scrubber reads; 0 where it is off.</param>
/// <param name="Damaged">How many files are known to be damaged.</param>
public sealed record StorageReport(
    Room? Room,
    ScrubProgress Scrub,
    long BytesPerSecond,
    DateTimeOffset? NextPassAt,
    long Damaged
);

/// <param name="Key">Null in a workspace the caller may not read.</param>
/// <param name="Path">Where the plain file lies or should lie, for whoever restores it; null as the key.</param>
public sealed record DamagedFileView(DamagedFile File, string? Key, string? Path);

/// <param name="Key">Null in a workspace the caller may not read.</param>
public sealed record UnfinishedUploadView(UnfinishedUpload Upload, string? Key);

/// <summary>
/// What the facility's administrators see and do about the storage: scrubbing, damaged files, unfinished uploads. Workspaces are
/// private, so of what lies there they learn owner and size but no name.
/// </summary>
public sealed class StorageHealth(
    Policy policy,
    ScrubPlace place,
    ScrubFiles scrub,
    DamagedFiles damaged,
    DataFiles files,
    Uploads uploads,
    ByteStore store,
    RegisteredFolders registered,
    CatalogueWriter writer,
    Audit audit,
    IOptions<ScrubOptions> options
)
{
    /// <exception cref="FaultException">Forbidden for everybody but administrators.</exception>
    public async Task<StorageReport> GetAsync(Principal principal, CancellationToken cancellationToken)
    {
        await RequireAdministratorAsync(principal, cancellationToken);
        var progress = await place.GetAsync(cancellationToken);
        var rate = options.Value.BytesPerSecond;
        return new StorageReport(
            store.FindRoom(),
            progress,
            rate,
            rate > 0 && progress.State == ScrubState.Idle ? progress.StartedAt + options.Value.Interval : null,
            await damaged.CountAsync(cancellationToken)
        );
    }

    /// <summary>Begins a pass now, or goes on with one that rests.</summary>
    /// <exception cref="FaultException">Forbidden; Conflict (<c>scrub-off</c>) where the rate is 0.</exception>
    public async Task StartAsync(Principal principal, CancellationToken cancellationToken)
    {
        await RequireAdministratorAsync(principal, cancellationToken);
        if (options.Value.BytesPerSecond == 0)
            throw Fault.Conflict(
                "scrub-off",
                $"The scrubber is turned off. Set {ScrubOptions.Section}:{nameof(ScrubOptions.BytesPerSecond)} and restart."
            );
        var goesOn = await ChangeAsync(
            principal,
            [ScrubState.Paused, ScrubState.Stopped],
            ScrubState.Running,
            "scrub.started",
            cancellationToken
        );
        if (goesOn || (await place.GetAsync(cancellationToken)).State == ScrubState.Running)
            return;
        await place.BeginAsync(cancellationToken);
        await writer.WriteAsync(
            transaction => audit.Add(transaction, principal, "scrub.started", ResourceRef.Facility),
            cancellationToken
        );
    }

    /// <summary>Lets it rest until it is started again; it keeps its place. Between two passes, the next does not begin by itself.</summary>
    /// <exception cref="FaultException">Forbidden.</exception>
    public async Task PauseAsync(Principal principal, CancellationToken cancellationToken)
    {
        await RequireAdministratorAsync(principal, cancellationToken);
        await ChangeAsync(
            principal,
            [ScrubState.Running, ScrubState.Idle, ScrubState.Stopped],
            ScrubState.Paused,
            "scrub.paused",
            cancellationToken
        );
    }

    /// <summary>Damaged files in the order they were found.</summary>
    /// <exception cref="FaultException">Forbidden.</exception>
    public async Task<Page<DamagedFileView>> DamagedAsync(
        Principal principal,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        await RequireAdministratorAsync(principal, cancellationToken);
        var page = await damaged.ListAsync(cursor, limit, cancellationToken);
        var views = new List<DamagedFileView>();
        foreach (var file in page.Items)
            views.Add(await ViewAsync(principal, file, cancellationToken));
        return new Page<DamagedFileView>(views, page.Next);
    }

    /// <summary>Looks at a damaged file again, after somebody has put its bytes back.</summary>
    /// <param name="id">Of the list.</param>
    /// <returns>As it is now; null where it is sound, or was deleted or replaced meanwhile.</returns>
    /// <exception cref="FaultException">Forbidden; NotFound.</exception>
    public async Task<DamagedFileView?> CheckAgainAsync(
        string id,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        await RequireAdministratorAsync(principal, cancellationToken);
        var known = await damaged.FindAsync(id, cancellationToken) ?? throw Fault.NotFound("Damaged file", id);
        var file = await files.FindAsync(known.BucketId, known.Key, cancellationToken);
        if (file is not null && file.Blob == id)
            await scrub.CheckNowAsync(file, cancellationToken);
        var now = await damaged.FindAsync(id, cancellationToken);
        return now is null ? null : await ViewAsync(principal, now, cancellationToken);
    }

    /// <summary>Multipart uploads that were neither completed nor aborted, oldest first.</summary>
    /// <exception cref="FaultException">Forbidden.</exception>
    public async Task<Page<UnfinishedUploadView>> UnfinishedUploadsAsync(
        Principal principal,
        string? cursor,
        int limit,
        CancellationToken cancellationToken
    )
    {
        await RequireAdministratorAsync(principal, cancellationToken);
        var page = await uploads.UnfinishedAsync(cursor, limit, cancellationToken);
        var views = new List<UnfinishedUploadView>();
        foreach (var upload in page.Items)
        {
            var seen = await MayNameAsync(principal, upload.BucketKind, upload.OwnerRef, cancellationToken);
            views.Add(new UnfinishedUploadView(upload, seen ? upload.Key : null));
        }
        return new Page<UnfinishedUploadView>(views, page.Next);
    }

    /// <summary>Gives an upload up for its owner: its parts are deleted.</summary>
    /// <exception cref="FaultException">Forbidden; NotFound.</exception>
    public async Task AbortUploadAsync(string id, Principal principal, CancellationToken cancellationToken)
    {
        await RequireAdministratorAsync(principal, cancellationToken);
        var upload = await uploads.FindAsync(id, cancellationToken) ?? throw Uploads.NoSuchUpload(id);
        await uploads.AbortAsync(upload, cancellationToken);
        await writer.WriteAsync(
            transaction =>
                audit.Add(
                    transaction,
                    principal,
                    "upload.aborted",
                    ResourceRef.Facility,
                    new { id, owner = upload.Owner }
                ),
            cancellationToken
        );
    }

    async Task<bool> ChangeAsync(
        Principal principal,
        IReadOnlyList<ScrubState> from,
        ScrubState to,
        string action,
        CancellationToken cancellationToken
    ) =>
        await writer.WriteAsync(
            transaction =>
            {
                var changed = from.Any(state => place.Change(transaction, state, to));
                if (changed)
                    audit.Add(transaction, principal, action, ResourceRef.Facility);
                return changed;
            },
            cancellationToken
        );

    async Task<DamagedFileView> ViewAsync(Principal principal, DamagedFile file, CancellationToken cancellationToken)
    {
        if (!await MayNameAsync(principal, file.BucketKind, file.OwnerRef, cancellationToken))
            return new DamagedFileView(file, null, null);
        var place = RegisteredName.Is(file.Blob)
            ? await registered.PathOfAsync(file.Blob, file.Key, cancellationToken)
            : store.PlaceOf(file.Folder, file.Key, file.Blob);
        return new DamagedFileView(file, file.Key, place);
    }

    async Task<bool> MayNameAsync(
        Principal principal,
        BucketKind kind,
        string ownerRef,
        CancellationToken cancellationToken
    ) =>
        kind == BucketKind.Proposal
        || await policy.RightOnAsync(principal, [new ResourceRef(ResourceKind.Workspace, ownerRef)], cancellationToken)
            >= Right.Read;

    async Task RequireAdministratorAsync(Principal principal, CancellationToken cancellationToken)
    {
        if (await policy.RightOnAsync(principal, [ResourceRef.Facility], cancellationToken) < Right.Manage)
            throw Fault.Forbidden("facility-only", "Only the facility's administrators look after the storage.");
    }
}
