using System.Collections.Concurrent;
using System.Globalization;
using Harima.Extraction;
using Harima.Faults;
using Harima.Identity;
using Harima.Imaging;
using Harima.Sequences;
using Harima.Storage;

namespace Harima.Previews;

/// <summary>A small picture of what a sequence holds.</summary>
/// <param name="Tag">Changes when the picture does.</param>
/// <param name="File">Of which file it is, relative to the sequence.</param>
/// <param name="Frames">How many that file has.</param>
/// <param name="Frame">Which of them it shows, from 0.</param>
public sealed record PreviewPicture(byte[] Png, string Tag, string File, long Frames, long Frame);

/// <summary>A picture, or why there is none.</summary>
public sealed record Preview(PreviewPicture? Picture, string? Reason);

/// <summary>What to draw.</summary>
/// <param name="File">A key inside the sequence; null for the file that shows it best.</param>
/// <param name="Frame">Of a stack, from 0; null for the one in the middle.</param>
public sealed record PreviewOf(string? File = null, long? Frame = null);

/// <summary>
/// Draws a file of a sequence small, for cards: made when it is first asked for, and kept in memory by the checksum of the file, so
/// that a changed file has a new picture. Who asks must be able to read that file, and those it links to.
/// </summary>
public sealed class SequencePreview(SequenceAccess access, FileQueries files, TimeProvider clock) : IDisposable
{
    const int LookedAt = 1_000;
    const int Kept = 2_000;
    const int TriedOfASequence = 4;

    // Part of the tag: pictures that browsers keep are drawn anew when drawing changes.
    const string Drawing = "3";

    static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    readonly ConcurrentDictionary<string, Drawn> _pictures = new(StringComparer.Ordinal);
    readonly ConcurrentQueue<string> _oldestFirst = new();

    // A page of cards asks for many at once; uploads must not wait for them.
    readonly SemaphoreSlim _turn = new(2);

    /// <param name="Reason">Why there is none; then it need not be tried again.</param>
    /// <param name="Linked">Files beside it whose pixels it shows.</param>
    sealed record Drawn(PreviewFormats.Drawing? Picture, string? Reason, IReadOnlyList<DataFile> Linked);

    /// <summary>File types, as search has them, that a picture may be made of.</summary>
    public static bool IsDrawn(string fileType) => PreviewFormats.IsDrawn(fileType);

    /// <exception cref="FaultException">NotFound where sequence or file does not exist for the caller.</exception>
    public async Task<Preview> OfAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        PreviewOf wanted,
        CancellationToken cancellationToken
    )
    {
        var view = await access.GetAsync(principal, proposalId, sequenceId, cancellationToken);
        var place = new Place(principal, view.Proposal.Id.ToLowerInvariant(), view.Sequence.Id + "/");
        if (wanted.File is { } named)
        {
            var file = await files.GetAsync(principal, place.Bucket, place.Folder + named, cancellationToken);
            return await DrawAsync(place, file, wanted.Frame, cancellationToken);
        }

        string? reason = null;
        foreach (var file in await ChosenAsync(place, cancellationToken))
        {
            var preview = await DrawAsync(place, file, wanted.Frame, cancellationToken);
            if (preview.Picture is not null)
                return preview;
            reason ??= preview.Reason;
        }

        return new Preview(null, reason ?? "It holds no file of a kind that pictures are made of.");
    }

    /// <summary>Whether it holds a file of a kind that pictures are made of; whether one can be made is not known before it is tried.</summary>
    public async Task<bool> MayHaveAsync(
        Principal principal,
        string proposalId,
        string sequenceId,
        CancellationToken cancellationToken
    )
    {
        var view = await access.GetAsync(principal, proposalId, sequenceId, cancellationToken);
        var place = new Place(principal, view.Proposal.Id.ToLowerInvariant(), view.Sequence.Id + "/");
        return (await ChosenAsync(place, cancellationToken)).Any();
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>Who asks, and where.</summary>
    /// <param name="Folder">The sequence's, with its slash.</param>
    sealed record Place(Principal Principal, string Bucket, string Folder);

    async Task<IEnumerable<DataFile>> ChosenAsync(Place place, CancellationToken cancellationToken)
    {
        var listed = await files.ListAsync(
            place.Principal,
            place.Bucket,
            new ListRequest(place.Folder, null, null, LookedAt),
            cancellationToken
        );
        var drawn = listed
            .Entries.Select(entry => entry.File)
            .OfType<DataFile>()
            .Select(file => (File: file, Rank: PreviewFormats.RankOf(file.Key, file.SizeBytes)))
            .Where(one => one.Rank is not null)
            .ToList();
        // The first ones of a series are often taken with the shutter closed.
        return drawn
            .GroupBy(one => one.Rank)
            .OrderBy(group => group.Key)
            .SelectMany(group => FromTheMiddle([.. group.Select(one => one.File)]))
            .Take(TriedOfASequence);
    }

    static IEnumerable<DataFile> FromTheMiddle(IReadOnlyList<DataFile> series) =>
        series.Skip(series.Count / 2).Take(2).Concat(series.Take(series.Count / 2));

    async Task<Preview> DrawAsync(Place place, DataFile file, long? frame, CancellationToken cancellationToken)
    {
        var name = $"{NameOf(file)}#{frame}";
        if (!_pictures.TryGetValue(name, out var drawn) || !await IsSameAsync(place, drawn, cancellationToken))
            drawn = await DrawAsync(place, file, frame, name, cancellationToken);
        var relative = file.Key[place.Folder.Length..];
        if (drawn.Picture is not { } picture)
            return new Preview(null, $"'{relative}': {drawn.Reason}");
        string?[] tag =
        [
            Drawing,
            file.ETag,
            frame?.ToString(CultureInfo.InvariantCulture),
            .. drawn.Linked.Select(linked => linked.ETag),
        ];
        return new Preview(
            new PreviewPicture(
                picture.Png,
                string.Join('-', tag.Where(part => part is not null)),
                relative,
                picture.Frames,
                picture.Frame
            ),
            null
        );
    }

    static string NameOf(DataFile file) => $"{file.ETag}-{file.SizeBytes}-{file.Crc64Nvme}";

    /// <summary>Whether the caller may read what the picture shows of other files, and they are still what they were.</summary>
    async Task<bool> IsSameAsync(Place place, Drawn drawn, CancellationToken cancellationToken)
    {
        foreach (var linked in drawn.Linked)
            try
            {
                var now = await files.GetAsync(place.Principal, place.Bucket, linked.Key, cancellationToken);
                if (!linked.Key.StartsWith(place.Folder, StringComparison.Ordinal) || NameOf(now) != NameOf(linked))
                    return false;
            }
            catch (FaultException)
            {
                return false;
            }

        return true;
    }

    async Task<Drawn> DrawAsync(
        Place place,
        DataFile file,
        long? frame,
        string name,
        CancellationToken cancellationToken
    )
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_pictures.TryGetValue(name, out var made) && await IsSameAsync(place, made, cancellationToken))
                return made;
            using var timeout = new CancellationTokenSource(Longest, clock);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
            try
            {
                // The readers of formats jump to and fro and wait for bytes on their thread; it is none of the requests'.
                var (drawn, isForAll) = await Task.Run(() => ReadAsync(place, file, frame, both.Token), both.Token);
                if (isForAll)
                    Keep(name, drawn);
                return drawn;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                return new Drawn(null, $"it could not be read within {Longest.TotalSeconds} s.", []);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    void Keep(string name, Drawn drawn)
    {
        if (_pictures.TryAdd(name, drawn))
            _oldestFirst.Enqueue(name);
        else
            _pictures[name] = drawn;
        while (_pictures.Count > Kept && _oldestFirst.TryDequeue(out var oldest))
            _pictures.TryRemove(oldest, out _);
    }

    /// <returns>What was drawn, and whether it is the same for everybody: not where a link led nowhere for this one.</returns>
    async Task<(Drawn Drawn, bool IsForAll)> ReadAsync(
        Place place,
        DataFile file,
        long? frame,
        CancellationToken cancellationToken
    )
    {
        var linked = new List<OpenedFile>();
        var isForAll = true;
        try
        {
            using var opened = await files.OpenAsync(place.Principal, place.Bucket, file.Key, cancellationToken);
            await using var stream = new HeaderStream(opened.Bytes, opened.File.SizeBytes, cancellationToken);
            var picture = PreviewFormats.Picture(file.Key, stream, frame, Beside);
            return (
                new Drawn(picture, null, [.. linked.Select(other => other.File).DistinctBy(other => other.Key)]),
                isForAll
            );
        }
        catch (DamagedFileException fault)
        {
            // Packed in an unknown way, of another kind, or broken: then there is no picture, and the file is what it is.
            return (
                new Drawn(null, fault.Message, [.. linked.Select(other => other.File).DistinctBy(other => other.Key)]),
                isForAll
            );
        }
        finally
        {
            linked.ForEach(other => other.Dispose());
        }

        Stream? Beside(string link)
        {
            if (KeyOf(place.Folder, file.Key, link) is not { } key)
                return null;
            try
            {
                var other = files
                    .OpenAsync(place.Principal, place.Bucket, key, cancellationToken)
                    .GetAwaiter()
                    .GetResult();
                linked.Add(other);
                return new HeaderStream(other.Bytes, other.File.SizeBytes, cancellationToken);
            }
            catch (FaultException)
            {
                isForAll = false;
                return null;
            }
        }
    }

    /// <summary>The key that a link of a file means; null where it leads out of the sequence.</summary>
    internal static string? KeyOf(string folder, string key, string link)
    {
        if (
            link.StartsWith('/')
            || link.Contains('\\', StringComparison.Ordinal)
            || link.Contains('\0', StringComparison.Ordinal)
        )
            return null;
        var parts = new Stack<string>(key[folder.Length..].Split('/').SkipLast(1));
        foreach (var part in link.Split('/'))
        {
            if (part is "" or ".")
                continue;
            if (part != "..")
                parts.Push(part);
            else if (!parts.TryPop(out _))
                return null;
        }

        return folder + string.Join('/', parts.Reverse());
    }
}
