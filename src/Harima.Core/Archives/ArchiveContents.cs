using System.Buffers.Binary;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Text;
using Harima.Identity;
using Harima.Metadata;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Archives;

/// <summary>Reads what belongs into an archive from the catalogue, a page at a time: 100,000 files need no more memory than 1,000.</summary>
public sealed class ArchiveContents(FileQueries files, FilePlaces places, MetadataQueries metadata)
{
    const int PageFiles = 1000;

    internal async IAsyncEnumerable<ArchivePage> PagesAsync(
        Principal principal,
        IReadOnlyList<ArchiveSource> sources,
        ArchivePlace from,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        for (var n = from.Source; n < sources.Count; n++)
        {
            var source = sources[n];
            var view = await places.GetBucketAsync(principal, source.Bucket, cancellationToken);
            var bucket = view.Bucket;
            var after = n == from.Source ? from.After : null;
            do
            {
                var place = new ArchivePlace(n, after);
                var entries = new List<ArchiveEntry>();
                if (after is null && source.Sequence is { } sequence)
                    await AddMetadataAsync(entries, principal, bucket, source, sequence, cancellationToken);
                var listing = await files.ListAsync(
                    principal,
                    bucket.Name,
                    new ListRequest(source.Prefix, null, after, PageFiles),
                    cancellationToken
                );
                // To list is not to read: a bucket's policy may tell them apart.
                entries.AddRange(
                    listing
                        .Entries.Where(entry => FilePlaces.MayRead(principal, view, entry.File!))
                        .Select(entry => EntryOf(source.Folder, entry.File!, entry.Name[source.Root.Length..]))
                );
                yield return new ArchivePage(place, bucket, entries);
                after = listing.Next;
            } while (after is not null);
        }
    }

    async Task AddMetadataAsync(
        List<ArchiveEntry> entries,
        Principal principal,
        Bucket bucket,
        ArchiveSource source,
        Sequence sequence,
        CancellationToken cancellationToken
    )
    {
        var documents = await metadata.OfAsync(principal, sequence.ProposalId, sequence.Id, cancellationToken);
        foreach (var document in documents)
        {
            var name = "metadata/" + document.Kind.ToString().ToLowerInvariant();
            var key = $"{source.Root}{name}.json";
            var taken = await files.ListAsync(
                principal,
                bucket.Name,
                new ListRequest(key, null, null, 1),
                cancellationToken
            );
            // A file of that name was measured; ours steps aside.
            if (taken.Entries is [{ Name: var found }] && found == key)
                name += ".harima";
            var text = Encoding.UTF8.GetBytes(document.Json);
            entries.Add(
                new ArchiveEntry(
                    $"{source.Folder}/{name}.json",
                    text.Length,
                    Crc32.HashToUInt32(text),
                    document.ChangedAt,
                    null,
                    text
                )
            );
        }
    }

    static ArchiveEntry EntryOf(string folder, DataFile file, string path) =>
        new(
            ArchiveNames.Of(folder, path, file),
            file.SizeBytes,
            file.HasSums ? BinaryPrimitives.ReadUInt32BigEndian(Convert.FromBase64String(file.Crc32)) : null,
            file.ModifiedAt,
            file,
            null
        );
}
