using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Harima.Storage;

namespace Harima.Archives;

/// <summary>One member of an archive: a stored file, or a text of ours.</summary>
/// <param name="Name">With '/' between folders; ends in one for an empty folder.</param>
/// <param name="Text">The bytes of a metadata document; null for a stored file.</param>
sealed record ArchiveEntry(
    string Name,
    long SizeBytes,
    uint Crc32,
    DateTimeOffset ModifiedAt,
    DataFile? File,
    byte[]? Text
)
{
    public bool IsFolder => Name.EndsWith('/');
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
                        $"{entry.Name}\0{entry.SizeBytes}\0{entry.Crc32}\0{entry.ModifiedAt.UtcTicks}\0{entry.File?.ETag}\n"
                    )
                )
            );
        return hash.GetHashAndReset();
    }
}

/// <summary>A sequence of an archive.</summary>
/// <param name="Folder">The folder of its files in the archive.</param>
sealed record ArchiveSource(string ProposalId, string SequenceId, string Folder);
