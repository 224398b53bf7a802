using Harima.Catalogue;

namespace Harima.Storage;

/// <summary>
/// Lists versions in order of the keys' UTF-8 bytes and, within a key, the newest first; reads about as many rows as it
/// answers with.
/// </summary>
sealed class VersionListings(Database database, DataFiles files, FileVersions versions)
{
    const int DelimitedChunk = 64;

    /// <param name="allowed">Sorted prefixes that may be seen; null for all of the bucket.</param>
    public async Task<VersionListing> ListAsync(
        Bucket bucket,
        ListVersionsRequest request,
        IReadOnlyList<string>? allowed,
        CancellationToken cancellationToken
    )
    {
        var entries = new List<VersionEntry>();
        if (request.MaxEntries == 0)
            return new VersionListing(entries, null, null);
        var from = await StartAsync(bucket, request, cancellationToken);
        await using var connection = await database.OpenAsync(cancellationToken);
        foreach (var range in Listings.RangesOf(request.Prefix, allowed))
        {
            var at = KeyOrder.Compare(range, from.Key) > 0 ? Position.Of(range) : from;
            var end = KeyOrder.AfterPrefix(range);
            while (end is null || KeyOrder.Compare(at.Key, end) < 0)
            {
                var wanted = request.MaxEntries + 1 - entries.Count;
                var take = request.Delimiter is null ? wanted : Math.Min(wanted, DelimitedChunk);
                var first = at.SkipsCurrent ? KeyOrder.After(at.Key) : at.Key;
                var rows =
                    bucket.Versioning == Versioning.None
                        ? await DataFiles.ListAsync(connection, bucket.Id, first, end, take)
                        : await FileVersions.ListAsync(connection, bucket.Id, first, at.Key, at.Below, end, take);
                if (Collect(rows, at, request, entries))
                    return Truncated(entries);
                if (rows.Count < take)
                    break;
                at = entries[^1] is { File: null } rolledUp
                    ? Position.Of(KeyOrder.AfterPrefix(rolledUp.Name) ?? end!)
                    : Behind(rows[^1]);
            }
        }
        return new VersionListing(entries, null, null);
    }

    static VersionListing Truncated(List<VersionEntry> entries) =>
        new(entries, entries[^1].Name, entries[^1].File?.Version);

    /// <returns>True once there is one entry more than wanted.</returns>
    static bool Collect(List<DataFile> rows, Position at, ListVersionsRequest request, List<VersionEntry> entries)
    {
        // Whoever begins in the middle of a key has seen its latest version.
        var seen = at.Below is null && !at.SkipsCurrent ? null : at.Key;
        foreach (var row in rows)
        {
            var isLatest = row.Key != seen;
            seen = row.Key;
            if (
                entries.Count > 0
                && entries[^1] is { File: null } rolledUp
                && row.Key.StartsWith(rolledUp.Name, StringComparison.Ordinal)
            )
                continue;
            if (entries.Count == request.MaxEntries)
                return true;
            entries.Add(
                Listings.RollUp(row.Key, request.Prefix, request.Delimiter) is { } prefix
                    ? new VersionEntry(prefix, null, false)
                    : new VersionEntry(row.Key, row, isLatest)
            );
        }
        return false;
    }

    /// <summary>Where the entries behind the markers begin.</summary>
    async Task<Position> StartAsync(Bucket bucket, ListVersionsRequest request, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(request.AfterKey))
            return Position.Of(request.Prefix);
        if (string.IsNullOrEmpty(request.AfterVersion) || bucket.Versioning == Versioning.None)
            return Position.Of(Listings.StartOf(request.Prefix, request.Delimiter, request.AfterKey));
        if (
            await versions.FindAsync(bucket.Id, request.AfterKey, request.AfterVersion, cancellationToken) is { } marked
        )
            return Behind(marked);
        var current = await files.FindAsync(bucket.Id, request.AfterKey, cancellationToken);
        if (current?.Version == request.AfterVersion)
            return Behind(current);
        // It has been removed since the last page was made: programs that empty a bucket do that. An older version may
        // have become the current one by it.
        if (FileVersions.TimeOf(request.AfterVersion) is { } at)
            return new Position(
                request.AfterKey,
                await versions.FirstIdSinceAsync(bucket.Id, request.AfterKey, at, cancellationToken),
                current is not null && current.ModifiedAt >= at
            );
        // The null version says nothing of its time. The others of its key are looked at again rather than missed.
        return Position.Of(request.AfterKey);
    }

    static Position Behind(DataFile row) => new(row.Key, row.IsNoncurrent ? row.Id : null, SkipsCurrent: true);

    /// <param name="Key">From this key on.</param>
    /// <param name="Below">Of that very key only what is older than this row; null for all of it.</param>
    /// <param name="SkipsCurrent">Whether the current version of that very key is left out.</param>
    sealed record Position(string Key, long? Below, bool SkipsCurrent)
    {
        public static Position Of(string key) => new(key, null, false);
    }
}
