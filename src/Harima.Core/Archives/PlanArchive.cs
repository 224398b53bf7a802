using System.Security.Cryptography;
using Harima.Faults;
using Harima.Identity;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Archives;

/// <param name="Names">
/// Each a sequence (<c>2026A1234/S0042</c>) or, with a slash at its end, a folder of one (<c>2026A1234/S0042/raw/</c>), a workspace
/// (<c>my-results/</c>) or a folder there. What is named twice, or lies in another that is named, counts once.
/// </param>
public sealed record ArchiveRequest(IReadOnlyList<string> Names, ArchiveFormat Format);

/// <summary>An archive as it would be now: its length and what every range of it consists of.</summary>
public sealed record ArchivePlan
{
    public required ArchiveFormat Format { get; init; }
    public long SizeBytes { get; init; }
    public long FileCount { get; init; }

    /// <summary>Hex; another as soon as any file in it is another.</summary>
    public required string ETag { get; init; }
    public required string FileName { get; init; }
    internal IReadOnlyList<ArchiveSource> Sources { get; init; } = [];

    /// <summary>Where pages of entries begin, in order; what is known of an archive of any size.</summary>
    internal IReadOnlyList<ArchiveMark> Marks { get; init; } = [];
    internal long DirectoryOffset { get; init; }
    internal long DirectoryBytes { get; init; }
}

/// <param name="Offset">Of the page's first entry in the archive.</param>
/// <param name="DirectoryOffset">Of the page's first record, from the beginning of the directory.</param>
sealed record ArchiveMark(ArchivePlace Place, long Offset, long DirectoryOffset, byte[] Digest);

/// <summary>Plans an archive of what the caller may read, from the catalogue alone.</summary>
public sealed class PlanArchive(SequenceAccess access, FilePlaces places, FileQueries files, ArchiveContents contents)
{
    public const int MostNames = 1000;

    /// <exception cref="FaultException">Invalid for no or too many sequences; NotFound where one does not exist for the caller.</exception>
    public async Task<ArchivePlan> HandleAsync(
        ArchiveRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var sources = await SourcesAsync(request, principal, cancellationToken);
        var layout = ArchiveLayout.Of(request.Format);
        var marks = new List<ArchiveMark>();
        var (offset, directory, count) = (0L, 0L, 0L);
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        whole.AppendData([(byte)request.Format]);
        await foreach (var page in contents.PagesAsync(principal, sources, default, cancellationToken))
        {
            var mark = new ArchiveMark(page.Place, offset, directory, page.Digest());
            marks.Add(mark);
            whole.AppendData(mark.Digest);
            foreach (var entry in page.Entries)
            {
                directory += layout.Record(entry, offset).Length;
                offset += layout.Head(entry).Length + entry.SizeBytes + layout.TailBytes(entry);
            }
            count += page.Entries.Count;
        }
        return new ArchivePlan
        {
            Format = request.Format,
            SizeBytes = offset + directory + layout.End(count, offset, directory).Length,
            FileCount = count,
            ETag = Convert.ToHexStringLower(whole.GetHashAndReset())[..32],
            FileName = NameOf(sources, request.Format),
            Sources = sources,
            Marks = marks,
            DirectoryOffset = offset,
            DirectoryBytes = directory,
        };
    }

    async Task<IReadOnlyList<ArchiveSource>> SourcesAsync(
        ArchiveRequest request,
        Principal principal,
        CancellationToken cancellationToken
    )
    {
        var names = request.Names.Distinct(StringComparer.Ordinal).ToList();
        if (names.Count is 0 or > MostNames)
            throw Fault.Invalid(
                "archive-sequences",
                $"An archive holds 1 to {Fault.Number(MostNames)} sequences. Name them as proposal/sequence, such as 2026A1234/S0042."
            );
        var sources = new List<ArchiveSource>();
        foreach (var name in names)
            sources.Add(
                name.EndsWith('/')
                    ? await FolderAsync(name, principal, cancellationToken)
                    : await SequenceAsync(name, principal, cancellationToken)
            );
        // "2026A1234/S1" and "2026a1234/S1" are one; a folder may lie in a sequence that is named too.
        var distinct = sources.DistinctBy(source => (source.Owner, source.Prefix)).ToList();
        var outer = distinct
            .Where(source => !distinct.Any(other => other != source && other.Contains(source)))
            .ToList();
        // Ids of sequences are unique within a proposal only.
        return outer.Select(source => source.Owner).Distinct(StringComparer.Ordinal).Count() == 1
            ? outer
            : [.. outer.Select(source => source with { Folder = WithOwner(source) })];
    }

    async Task<ArchiveSource> SequenceAsync(string name, Principal principal, CancellationToken cancellationToken)
    {
        if (name.Split('/') is not [var proposal, var sequence])
            throw Fault.Invalid(
                "archive-sequence",
                $"'{name}' names no sequence. Write proposal/sequence, such as 2026A1234/S0042; a folder ends with a slash.",
                ("sequence", name)
            );
        var view = await access.GetAsync(principal, proposal, sequence, cancellationToken);
        return SourceOf(view.Sequence, "");
    }

    async Task<ArchiveSource> FolderAsync(string name, Principal principal, CancellationToken cancellationToken)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var view = await places.GetBucketAsync(principal, name[..slash], cancellationToken);
        var path = name[(slash + 1)..];
        ArchiveSource source;
        if (view.Workspace is { } workspace)
            source = new ArchiveSource(workspace.Id, "", path, workspace.Id, null);
        else
        {
            var end = path.IndexOf('/', StringComparison.Ordinal);
            if (end < 0)
                throw Fault.Invalid(
                    "archive-sequence",
                    $"'{name}' is a whole proposal. Name its sequences, such as {view.Proposal!.Id}/S0042.",
                    ("sequence", name)
                );
            var found = await access.GetAsync(principal, view.Proposal!.Id, path[..end], cancellationToken);
            source = SourceOf(found.Sequence, path[(end + 1)..]);
        }
        // A folder is there as long as something lies in it; an empty workspace or sequence is an empty archive.
        if (source.Path.Length > 0)
        {
            var any = await files.ListAsync(
                principal,
                source.Bucket,
                new ListRequest(source.Prefix, null, null, 1),
                cancellationToken
            );
            if (any.Entries.Count == 0)
                throw Fault.NotFound("Folder", name);
        }
        return source;
    }

    static ArchiveSource SourceOf(Sequence sequence, string path) =>
        new(sequence.ProposalId, sequence.Id + "/", path, sequence.Id, path.Length == 0 ? sequence : null);

    static string WithOwner(ArchiveSource source) =>
        source.Root.Length == 0 ? source.Owner : $"{source.Owner}/{source.Folder}";

    static string NameOf(IReadOnlyList<ArchiveSource> sources, ArchiveFormat format)
    {
        var owners = sources.Select(source => source.Owner).Distinct(StringComparer.Ordinal).ToList();
        // Folders of one sequence or workspace are chosen together on its page; sequences in the list.
        var what = sources.All(source => source.Sequence is not null) ? "sequences" : "parts";
        var stem = (sources, owners) switch
        {
            ([var one], _) => string.Join(
                '_',
                $"{one.Owner}/{one.Prefix}".Split('/', StringSplitOptions.RemoveEmptyEntries)
            ),
            (_, [var owner]) => $"{owner}_{Fault.Number(sources.Count)}-{what}",
            _ => $"harima_{Fault.Number(sources.Count)}-{what}",
        };
        return $"{stem}.{format.ToString().ToLowerInvariant()}";
    }
}
