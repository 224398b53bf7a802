using Harima.Catalogue;
using Harima.Identity;
using Harima.Storage;

namespace Harima.Sequences;

/// <summary>A file that is open for reading: exactly the version <see cref="File"/> describes.</summary>
public sealed class OpenedFile(DataFile file, StoredBytes bytes) : IDisposable
{
    public DataFile File { get; } = file;

    public StoredBytes Bytes { get; } = bytes;

    /// <summary>The whole file as a stream, which does not own it.</summary>
    public Stream ReadAll() => new StoredStream(Bytes, 0, File.SizeBytes);

    public void Dispose() => Bytes.Dispose();
}

/// <summary>Finds, lists and opens files for those who may read them.</summary>
public sealed class FileQueries(
    FilePlaces places,
    DataFiles rows,
    FileVersions versions,
    FileStore files,
    RegisteredFolders registered,
    Database database,
    ByteStore store
)
{
    readonly Listings _listings = new(database);
    readonly VersionListings _versionListings = new(database, rows, versions);

    /// <exception cref="Faults.FaultException">NotFound where bucket or file does not exist for the caller.</exception>
    public Task<DataFile> GetAsync(
        Principal principal,
        string bucket,
        string key,
        CancellationToken cancellationToken
    ) => GetAsync(principal, bucket, key, null, cancellationToken);

    /// <param name="version">Null for the current one.</param>
    /// <exception cref="Faults.FaultException">NotFound; Invalid (reason <c>delete-marker</c>) where a delete marker is named.</exception>
    public async Task<DataFile> GetAsync(
        Principal principal,
        string bucket,
        string key,
        string? version,
        CancellationToken cancellationToken
    )
    {
        var place = await places.ForReadingAsync(principal, bucket, key, version, cancellationToken);
        var file = await files.GetAsync(place.Bucket, key, version, cancellationToken);
        FilePlaces.RequireFound(principal, place, file);
        return file;
    }

    /// <summary>Whether the caller may change this file, which exists.</summary>
    /// <exception cref="Faults.FaultException">NotFound; Forbidden.</exception>
    public async Task RequireWriteAsync(
        Principal principal,
        string bucket,
        string key,
        string? version,
        CancellationToken cancellationToken
    )
    {
        var place = await places.ForWritingAsync(principal, bucket, key, cancellationToken, version: version);
        await files.GetAsync(place.Bucket, key, version, cancellationToken);
    }

    /// <exception cref="Faults.FaultException">
    /// NotFound; Damaged where the bytes are not those that were stored; Conflict where a registered file is not what was catalogued.
    /// </exception>
    public Task<OpenedFile> OpenAsync(
        Principal principal,
        string bucket,
        string key,
        CancellationToken cancellationToken
    ) => OpenAsync(principal, bucket, key, null, cancellationToken);

    /// <param name="version">Null for the current one.</param>
    /// <exception cref="Faults.FaultException">As above; Invalid (reason <c>delete-marker</c>) where a delete marker is named.</exception>
    public async Task<OpenedFile> OpenAsync(
        Principal principal,
        string bucket,
        string key,
        string? version,
        CancellationToken cancellationToken
    )
    {
        var place = await places.ForReadingAsync(principal, bucket, key, version, cancellationToken);
        var row = await files.GetAsync(place.Bucket, key, version, cancellationToken);
        var (file, bytes) = await files.OpenAsync(place.Bucket, row, version, cancellationToken);
        var opened = new OpenedFile(file, bytes);
        try
        {
            FilePlaces.RequireFound(principal, place, file);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
        return opened;
    }

    /// <summary>A name for an open file under which another program on this machine can send it.</summary>
    /// <returns>Relative to <c>.harima/handoff</c> in the root; null where the caller must send it.</returns>
    public string? HandOff(OpenedFile opened) =>
        store is PosixStore tree && opened.Bytes is FileBytes file ? tree.HandOff(file.Handle, opened.File.Blob) : null;

    /// <summary>Where a client may fetch an open file itself, for some minutes, with no other right than that.</summary>
    /// <param name="answer">Query parameters of S3 that say how it is to be answered (<c>response-content-type</c>, …).</param>
    /// <returns>Null where the caller must send it.</returns>
    public Uri? AddressFor(OpenedFile opened, string userAgent, IReadOnlyList<(string Name, string? Value)> answer) =>
        store.AddressFor(opened.Bytes, userAgent, answer);

    /// <summary>Lists a bucket in order of the keys' UTF-8 bytes; files the caller may not read are not there.</summary>
    /// <exception cref="Faults.FaultException">NotFound where the bucket does not exist for the caller.</exception>
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

    /// <summary>As <see cref="ListAsync"/>, with only what a listing of S3 says.</summary>
    /// <exception cref="Faults.FaultException">NotFound where the bucket does not exist for the caller.</exception>
    public async Task<BriefListing> ListBriefAsync(
        Principal principal,
        string bucket,
        ListRequest request,
        CancellationToken cancellationToken
    )
    {
        var view = await places.GetBucketAsync(principal, bucket, cancellationToken);
        var allowed = await places.AllowedPrefixesAsync(principal, view, cancellationToken);
        return await _listings.ListBriefAsync(view.Bucket.Id, request, allowed, cancellationToken);
    }

    /// <summary>Counts the current files of a bucket; those the caller may not read do not count.</summary>
    /// <exception cref="Faults.FaultException">NotFound where the bucket does not exist for the caller.</exception>
    public async Task<FileTotals> TotalsAsync(Principal principal, string bucket, CancellationToken cancellationToken)
    {
        var view = await places.GetBucketAsync(principal, bucket, cancellationToken);
        var allowed = await places.AllowedPrefixesAsync(principal, view, cancellationToken);
        await using var connection = await database.OpenAsync(cancellationToken);
        var totals = new FileTotals();
        foreach (var range in Listings.RangesOf("", allowed))
            totals = totals.Plus(
                await DataFiles.TotalsAsync(connection, view.Bucket.Id, range, KeyOrder.AfterPrefix(range))
            );
        return totals;
    }

    /// <summary>Lists the versions in a bucket in order of the keys' UTF-8 bytes; what the caller may not read is not there.</summary>
    /// <exception cref="Faults.FaultException">NotFound where the bucket does not exist for the caller.</exception>
    public async Task<VersionListing> ListVersionsAsync(
        Principal principal,
        string bucket,
        ListVersionsRequest request,
        CancellationToken cancellationToken
    )
    {
        var view = await places.GetBucketAsync(principal, bucket, cancellationToken);
        var allowed = await places.AllowedPrefixesAsync(principal, view, cancellationToken);
        return await _versionListings.ListAsync(view.Bucket, request, allowed, cancellationToken);
    }

    /// <summary>Where HPC nodes find the file, or null if its name cannot be a path. For those who may read it.</summary>
    public async Task<string?> PathOnStorageAsync(
        Principal principal,
        string bucket,
        string key,
        CancellationToken cancellationToken
    )
    {
        var place = await places.ForReadingAsync(principal, bucket, key, null, cancellationToken);
        var row = await files.GetAsync(place.Bucket, key, null, cancellationToken);
        return row.Location == Location.Registered
            ? await registered.PathOfAsync(row.Blob, row.Key, cancellationToken)
            : (store as PosixStore)?.PathInTree(place.Bucket.Folder, row);
    }
}
