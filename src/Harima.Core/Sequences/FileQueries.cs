using Harima.Catalogue;
using Harima.Faults;
using Harima.Identity;
using Harima.Storage;
using Microsoft.Win32.SafeHandles;

namespace Harima.Sequences;

/// <summary>A file that is open for reading: exactly the version <see cref="File"/> describes.</summary>
public sealed class OpenedFile(DataFile file, SafeFileHandle handle) : IDisposable
{
    public DataFile File { get; } = file;

    /// <summary>For <see cref="RandomAccess"/>.</summary>
    public SafeFileHandle Handle { get; } = handle;

    /// <summary>The whole file as a stream; the stream does not own the handle's file.</summary>
    public Stream ReadAll() => new FileStream(Handle, FileAccess.Read, bufferSize: 0);

    public void Dispose() => Handle.Dispose();
}

/// <summary>Finds, lists and opens files for those who may read them.</summary>
public sealed class FileQueries(FilePlaces places, DataFiles rows, FileStore files, Database database, PosixStore store)
{
    readonly Listings _listings = new(database);

    /// <exception cref="FaultException">NotFound where bucket or file does not exist for the caller.</exception>
    public async Task<DataFile> GetAsync(
        Principal principal,
        string bucket,
        string key,
        CancellationToken cancellationToken
    )
    {
        var place = await places.ForReadingAsync(principal, bucket, key, cancellationToken);
        return await rows.FindAsync(place.Bucket.Id, key, cancellationToken) ?? throw Fault.NotFound("File", key);
    }

    /// <exception cref="FaultException">NotFound; Damaged where the bytes are not those that were stored.</exception>
    public async Task<OpenedFile> OpenAsync(
        Principal principal,
        string bucket,
        string key,
        CancellationToken cancellationToken
    )
    {
        var place = await places.ForReadingAsync(principal, bucket, key, cancellationToken);
        var row = await rows.FindAsync(place.Bucket.Id, key, cancellationToken) ?? throw Fault.NotFound("File", key);
        var (file, handle) = await files.OpenAsync(place.Bucket, row, cancellationToken);
        return new OpenedFile(file, handle);
    }

    /// <summary>Lists a bucket in order of the keys' UTF-8 bytes; files the caller may not read are not there.</summary>
    /// <exception cref="FaultException">NotFound where the bucket does not exist for the caller.</exception>
    public async Task<Listing> ListAsync(
        Principal principal,
        string bucket,
        ListRequest request,
        CancellationToken cancellationToken
    )
    {
        var view = await places.GetBucketAsync(principal, bucket, cancellationToken);
        var allowed = await places.AllowedPrefixesAsync(principal, view, cancellationToken);
        return await _listings.ListAsync(view.Bucket.Id, request, allowed, cancellationToken);
    }

    /// <summary>Lists the versions in a bucket in order of the keys' UTF-8 bytes; what the caller may not read is not there.</summary>
    /// <exception cref="FaultException">NotFound where the bucket does not exist for the caller.</exception>
    public async Task<VersionListing> ListVersionsAsync(
        Principal principal,
        string bucket,
        ListVersionsRequest request,
        CancellationToken cancellationToken
    )
    {
        // A file has one version, so the page behind any version of a key is the page behind the key.
        var listing = await ListAsync(
            principal,
            bucket,
            new ListRequest(request.Prefix, request.Delimiter, request.AfterKey, request.MaxEntries),
            cancellationToken
        );
        var entries = listing
            .Entries.Select(entry => new VersionEntry(entry.Name, entry.File, IsLatest: true))
            .ToArray();
        return new VersionListing(entries, listing.Next, listing.Next is null ? null : entries[^1].File?.Version);
    }

    /// <summary>Where HPC nodes find the file, or null if its name cannot be a path. For those who may read it.</summary>
    public async Task<string?> PathOnStorageAsync(
        Principal principal,
        string bucket,
        string key,
        CancellationToken cancellationToken
    )
    {
        var place = await places.ForReadingAsync(principal, bucket, key, cancellationToken);
        var row = await rows.FindAsync(place.Bucket.Id, key, cancellationToken) ?? throw Fault.NotFound("File", key);
        return store.PathInTree(place.Bucket.Folder, row);
    }
}
