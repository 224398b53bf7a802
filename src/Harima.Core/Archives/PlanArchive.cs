using System.Security.Cryptography;
using Harima.Faults;
using Harima.Identity;
using Harima.Sequences;

namespace Harima.Archives;

/// <param name="Sequences">Each as <c>proposal/sequence</c>; named twice counts once.</param>
public sealed record ArchiveRequest(IReadOnlyList<string> Sequences, ArchiveFormat Format);

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

/// <summary>Plans an archive of sequences the caller may read, from the catalogue alone.</summary>
public sealed class PlanArchive(SequenceAccess access, ArchiveContents contents)
{
    public const int MostSequences = 1000;

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
                offset += layout.Head(entry).Length + entry.SizeBytes + layout.PaddingBytes(entry);
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
        var names = request.Sequences.Distinct(StringComparer.Ordinal).ToList();
        if (names.Count is 0 or > MostSequences)
            throw Fault.Invalid(
                "archive-sequences",
                $"An archive holds 1 to {Fault.Number(MostSequences)} sequences. Name them as proposal/sequence, such as 2026A1234/S0042."
            );
        var views = new List<SequenceView>();
        foreach (var name in names)
        {
            if (name.Split('/') is not [var proposal, var sequence])
                throw Fault.Invalid(
                    "archive-sequence",
                    $"'{name}' names no sequence. Write proposal/sequence, such as 2026A1234/S0042.",
                    ("sequence", name)
                );
            views.Add(await access.GetAsync(principal, proposal, sequence, cancellationToken));
        }
        // Ids are unique within a proposal only.
        var several = views.Select(view => view.Proposal.Id).Distinct(StringComparer.Ordinal).Count() > 1;
        return
        [
            .. views
                .DistinctBy(view => view.Sequence.Name)
                .Select(view => new ArchiveSource(
                    view.Proposal.Id,
                    view.Sequence.Id,
                    several ? view.Sequence.Name : view.Sequence.Id
                )),
        ];
    }

    static string NameOf(IReadOnlyList<ArchiveSource> sources, ArchiveFormat format)
    {
        var proposals = sources.Select(source => source.ProposalId).Distinct(StringComparer.Ordinal).ToList();
        var stem = (sources, proposals) switch
        {
            ([var one], _) => $"{one.ProposalId}_{one.SequenceId}",
            (_, [var one]) => $"{one}_{Fault.Number(sources.Count)}-sequences",
            _ => $"harima_{Fault.Number(sources.Count)}-sequences",
        };
        return $"{stem}.{format.ToString().ToLowerInvariant()}";
    }
}
