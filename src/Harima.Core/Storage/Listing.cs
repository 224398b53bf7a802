using Harima.Catalogue;

namespace Harima.Storage;

/// <summary>What to list of a bucket.</summary>
/// <param name="Prefix">Only keys that start so; may be empty.</param>
/// <param name="Delimiter">Keys that share the text up to this (after the prefix) are rolled up into one entry; null for none.</param>
/// <param name="After">Only entries after this one; null from the start. A rolled-up entry counts as the whole of its keys.</param>
/// <param name="MaxEntries">At most this many files and rolled-up prefixes together.</param>
/// <param name="Brief">Key, size, ETag, owner and time are enough; the rest of each file is left empty.</param>
public sealed record ListRequest(string Prefix, string? Delimiter, string? After, int MaxEntries, bool Brief = false);

/// <summary>A file, or (where <see cref="File"/> is null) a rolled-up common prefix.</summary>
public sealed record ListEntry(string Name, DataFile? File);

/// <param name="Next">To be given as <see cref="ListRequest.After"/> for the rest; null if this is all.</param>
public sealed record Listing(IReadOnlyList<ListEntry> Entries, string? Next);

/// <summary>Which versions to list of a bucket.</summary>
/// <param name="Prefix">Only keys that start so; may be empty.</param>
/// <param name="Delimiter">As for <see cref="ListRequest"/>.</param>
/// <param name="AfterKey">Only entries after this key, or after <paramref name="AfterVersion"/> of it; null from the start.</param>
/// <param name="AfterVersion">Version id within <paramref name="AfterKey"/>; null where the whole key has been seen.</param>
/// <param name="MaxEntries">At most this many versions and rolled-up prefixes together.</param>
public sealed record ListVersionsRequest(
    string Prefix,
    string? Delimiter,
    string? AfterKey,
    string? AfterVersion,
    int MaxEntries
);

/// <summary>A version of a file, or (where <see cref="File"/> is null) a rolled-up common prefix.</summary>
public sealed record VersionEntry(string Name, DataFile? File, bool IsLatest);

/// <param name="NextKey">To be given as <see cref="ListVersionsRequest.AfterKey"/> for the rest; null if this is all.</param>
/// <param name="NextVersion">Likewise; null behind a rolled-up prefix.</param>
public sealed record VersionListing(IReadOnlyList<VersionEntry> Entries, string? NextKey, string? NextVersion);

/// <summary>Lists keys in order of their UTF-8 bytes, reading about as many rows as it answers with, however large the bucket.</summary>
sealed class Listings(Database database)
{
    // Behind a rolled-up prefix the next rows may be another's: begin small, and grow while they are files.
    const int FirstDelimitedChunk = 4;

    /// <param name="allowed">Sorted prefixes that may be seen; null for all of the bucket.</param>
    public async Task<Listing> ListAsync(
        long bucketId,
        ListRequest request,
        IReadOnlyList<string>? allowed,
        CancellationToken cancellationToken
    )
    {
        var entries = new List<ListEntry>();
        if (request.MaxEntries == 0)
            return new Listing(entries, null);
        await using var connection = await database.OpenAsync(cancellationToken);
        var chunk = FirstDelimitedChunk;
        var from = StartOf(request.Prefix, request.Delimiter, request.After);
        foreach (var range in RangesOf(request.Prefix, allowed))
        {
            var start = KeyOrder.Compare(range, from) > 0 ? range : from;
            var end = KeyOrder.AfterPrefix(range);
            while (end is null || KeyOrder.Compare(start, end) < 0)
            {
                var wanted = request.MaxEntries + 1 - entries.Count;
                var take = request.Delimiter is null ? wanted : Math.Min(wanted, chunk);
                var rows = request.Brief
                    ? await DataFiles.ListBriefAsync(connection, bucketId, start, end, take)
                    : await DataFiles.ListAsync(connection, bucketId, start, end, take);
                if (Collect(rows, request, entries) is { } next)
                    return new Listing(entries, next);
                if (rows.Count < take)
                    break;
                chunk = entries[^1].File is null ? FirstDelimitedChunk : Math.Min(chunk * 4, request.MaxEntries + 1);
                start = entries[^1] is { File: null } rolledUp
                    ? KeyOrder.AfterPrefix(rolledUp.Name) ?? end!
                    : KeyOrder.After(rows[^1].Key);
            }
        }
        return new Listing(entries, null);
    }

    /// <returns>Where to go on, once there is one entry more than wanted.</returns>
    static string? Collect(List<DataFile> rows, ListRequest request, List<ListEntry> entries)
    {
        foreach (var row in rows)
        {
            if (
                entries.Count > 0
                && entries[^1] is { File: null } rolledUp
                && row.Key.StartsWith(rolledUp.Name, StringComparison.Ordinal)
            )
                continue;
            if (entries.Count == request.MaxEntries)
                return entries[^1].Name;
            entries.Add(
                RollUp(row.Key, request.Prefix, request.Delimiter) is { } prefix
                    ? new ListEntry(prefix, null)
                    : new ListEntry(row.Key, row)
            );
        }
        return null;
    }

    internal static string? RollUp(string key, string prefix, string? delimiter)
    {
        if (string.IsNullOrEmpty(delimiter))
            return null;
        var at = key.IndexOf(delimiter, prefix.Length, StringComparison.Ordinal);
        return at < 0 ? null : key[..(at + delimiter.Length)];
    }

    internal static string StartOf(string prefix, string? delimiter, string? after)
    {
        if (string.IsNullOrEmpty(after))
            return prefix;
        var rolledUp = after.StartsWith(prefix, StringComparison.Ordinal) ? RollUp(after, prefix, delimiter) : null;
        // A marker inside a rolled-up prefix: that prefix has been answered already (S3 does the same).
        return rolledUp == after ? KeyOrder.AfterPrefix(rolledUp) ?? KeyOrder.After(after) : KeyOrder.After(after);
    }

    /// <summary>The parts of the prefix's range that may be seen, in order.</summary>
    internal static IEnumerable<string> RangesOf(string prefix, IReadOnlyList<string>? allowed) =>
        allowed is null
            ? [prefix]
            : allowed
                .Where(range =>
                    range.StartsWith(prefix, StringComparison.Ordinal)
                    || prefix.StartsWith(range, StringComparison.Ordinal)
                )
                .Select(range => range.Length > prefix.Length ? range : prefix)
                .Order(Comparer<string>.Create(KeyOrder.Compare));
}
