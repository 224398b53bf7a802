using System.Data.Common;
using Harima.Catalogue;

namespace Harima.Storage;

/// <summary>What to list of a bucket.</summary>
/// <param name="Prefix">Only keys that start so; may be empty.</param>
/// <param name="Delimiter">Keys that share the text up to this (after the prefix) are rolled up into one entry; null for none.</param>
/// <param name="After">Only entries after this one; null from the start. A rolled-up entry counts as the whole of its keys.</param>
/// <param name="MaxEntries">At most this many files and rolled-up prefixes together.</param>
public sealed record ListRequest(string Prefix, string? Delimiter, string? After, int MaxEntries);

/// <summary>What stands in a listing: a file or a rolled-up common prefix.</summary>
interface IListed<TSelf>
{
    string Name { get; }

    bool IsPrefix { get; }

    static abstract TSelf RolledUp(string prefix);
}

/// <summary>A file, or (where <see cref="File"/> is null) a rolled-up common prefix.</summary>
public sealed record ListEntry(string Name, DataFile? File) : IListed<ListEntry>
{
    bool IListed<ListEntry>.IsPrefix => File is null;

    static ListEntry IListed<ListEntry>.RolledUp(string prefix) => new(prefix, null);
}

/// <summary>What a listing of S3 says of a file, or a rolled-up common prefix: a page of them is one block of memory.</summary>
/// <param name="Name">The key, or the prefix.</param>
/// <param name="ETag">Null for a prefix.</param>
public readonly record struct BriefEntry(
    string Name,
    long SizeBytes,
    string? ETag,
    string Owner,
    DateTimeOffset ModifiedAt
) : IListed<BriefEntry>
{
    /// <summary>Whether it is a rolled-up common prefix.</summary>
    public bool IsPrefix => ETag is null;

    static BriefEntry IListed<BriefEntry>.RolledUp(string prefix) => new(prefix, 0, null, "", default);
}

/// <param name="Next">To be given as <see cref="ListRequest.After"/> for the rest; null if this is all.</param>
public sealed record Listing(IReadOnlyList<ListEntry> Entries, string? Next);

/// <param name="Next">As for <see cref="Listing"/>.</param>
public sealed record BriefListing(IReadOnlyList<BriefEntry> Entries, string? Next);

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

    /// <summary>Reads entries from a key on, up to before another (null for no end).</summary>
    delegate Task<List<TEntry>> Read<TEntry>(
        DbConnection connection,
        long bucketId,
        string start,
        string? end,
        int take
    );

    /// <param name="allowed">Sorted prefixes that may be seen; null for all of the bucket.</param>
    public async Task<Listing> ListAsync(
        long bucketId,
        ListRequest request,
        IReadOnlyList<string>? allowed,
        CancellationToken cancellationToken
    )
    {
        var (entries, next) = await ListAsync(
            async (connection, bucket, start, end, take) =>
                (await DataFiles.ListAsync(connection, bucket, start, end, take)).ConvertAll(row => new ListEntry(
                    row.Key,
                    row
                )),
            bucketId,
            request,
            allowed,
            cancellationToken
        );
        return new Listing(entries, next);
    }

    /// <summary>As <see cref="ListAsync"/>, with only what a listing of S3 says.</summary>
    public async Task<BriefListing> ListBriefAsync(
        long bucketId,
        ListRequest request,
        IReadOnlyList<string>? allowed,
        CancellationToken cancellationToken
    )
    {
        var (entries, next) = await ListAsync(DataFiles.ListBriefAsync, bucketId, request, allowed, cancellationToken);
        return new BriefListing(entries, next);
    }

    async Task<(List<TEntry> Entries, string? Next)> ListAsync<TEntry>(
        Read<TEntry> read,
        long bucketId,
        ListRequest request,
        IReadOnlyList<string>? allowed,
        CancellationToken cancellationToken
    )
        where TEntry : IListed<TEntry>
    {
        var entries = new List<TEntry>();
        if (request.MaxEntries == 0)
            return (entries, null);
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
                var rows = await read(connection, bucketId, start, end, take);
                if (Collect(rows, request, entries) is { } next)
                    return (entries, next);
                if (rows.Count < take)
                    break;
                chunk = entries[^1].IsPrefix ? FirstDelimitedChunk : Math.Min(chunk * 4, request.MaxEntries + 1);
                start = entries[^1].IsPrefix
                    ? KeyOrder.AfterPrefix(entries[^1].Name) ?? end!
                    : KeyOrder.After(rows[^1].Name);
            }
        }
        return (entries, null);
    }

    /// <returns>Where to go on, once there is one entry more than wanted.</returns>
    static string? Collect<TEntry>(List<TEntry> rows, ListRequest request, List<TEntry> entries)
        where TEntry : IListed<TEntry>
    {
        foreach (var row in rows)
        {
            if (
                entries.Count > 0
                && entries[^1].IsPrefix
                && row.Name.StartsWith(entries[^1].Name, StringComparison.Ordinal)
            )
                continue;
            if (entries.Count == request.MaxEntries)
                return entries[^1].Name;
            entries.Add(
                RollUp(row.Name, request.Prefix, request.Delimiter) is { } prefix ? TEntry.RolledUp(prefix) : row
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
