using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Archives;

/// <summary>One member of an archive: a stored file, or a text of ours.</summary>
/// <param name="Name">With '/' between folders; ends in one for an empty folder.</param>
/// <param name="Crc32">Null where it is not known before the file is read.</param>
/// <param name="Text">The bytes of a metadata document; null for a stored file.</param>
sealed record ArchiveEntry(
    string Name,
    long SizeBytes,
    uint? Crc32,
    DateTimeOffset ModifiedAt,
    DataFile? File,
    byte[]? Text
)
{
    public bool IsFolder => Name.EndsWith('/');

    /// <summary>
    /// Whether the checksum follows the content instead of standing before it. So for all registered files: that a checksum becomes
    /// known while an archive is being fetched must not change a byte of it.
    /// </summary>
    public bool IsDescribedAfter => File?.Location == Location.Registered;
}

/// <summary>Where a page of entries begins: in which sequence, after which key (null for its beginning).</summary>
readonly record struct ArchivePlace(int Source, string? After);

/// <summary>Entries that were read from the catalogue at once.</summary>
sealed record ArchivePage(ArchivePlace Place, Bucket Bucket, IReadOnlyList<ArchiveEntry> Entries)
{
    /// <summary>Changes whenever an entry comes, goes, or is another version.</summary>
    public byte[] Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var entry in Entries)
            hash.AppendData(
                Encoding.UTF8.GetBytes(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{entry.Name}\0{entry.SizeBytes}\0{IdentityOf(entry)}\0{entry.ModifiedAt.UtcTicks}\n"
                    )
                )
            );
        return hash.GetHashAndReset();
    }

    static string IdentityOf(ArchiveEntry entry) =>
        entry.IsDescribedAfter
            ? entry.File!.Blob
            : string.Create(CultureInfo.InvariantCulture, $"{entry.Crc32}\0{entry.File?.ETag}");
}

/// <summary>What an archive takes from one bucket: a sequence, a workspace, or a folder of either.</summary>
/// <param name="Owner">Proposal or workspace; in lower case the name of its bucket.</param>
/// <param name="Root">Before the keys of the sequence, such as <c>S0042/</c>; empty in a workspace.</param>
/// <param name="Path">The folder within, with a slash at its end; empty for everything.</param>
/// <param name="Folder">Where its files are in the archive; <paramref name="Path"/> stands below it, so that folders fetched one by one fit together.</param>
/// <param name="Sequence">The whole sequence, whose metadata is wanted too; null for a folder or a workspace.</param>
sealed record ArchiveSource(string Owner, string Root, string Path, string Folder, Sequence? Sequence)
{
    public string Bucket => Owner.ToLowerInvariant();

    public string Prefix => Root + Path;

    public bool Contains(ArchiveSource other) =>
        Bucket == other.Bucket && other.Prefix.StartsWith(Prefix, StringComparison.Ordinal);
}
