using System.Runtime.ExceptionServices;
using Harima.Storage;

namespace Harima.Search.Index;

public sealed record SearchIndexSettings
{
    /// <summary>Holds nothing but the index; made when it is not there.</summary>
    public required string Folder { get; init; }

    /// <summary>No segment is merged beyond this; a search works on several at once.</summary>
    public int MaxSegmentDocuments { get; init; } = 2_000_000;

    /// <summary>So many documents of a change become one segment, built in memory.</summary>
    public int ChunkDocuments { get; init; } = 25_000;

    /// <summary>So many segments of about one size become one.</summary>
    public int MergeFactor { get; init; } = 8;

    /// <summary>Without it nothing is merged but by <see cref="SearchIndex.Compact"/>.</summary>
    public bool MergeInBackground { get; init; } = true;

    /// <summary>Cores that build, and that one search uses.</summary>
    public int Parallelism { get; init; } = Math.Min(4, Environment.ProcessorCount);

    /// <summary>Memory for the answers of <see cref="IndexQuery.Remembered"/>; one is 1.3 MB at ten million documents.</summary>
    public long RememberedBytes { get; init; } = 96L << 20;

    /// <summary>Memory for phrases and the like that were asked again, for everybody.</summary>
    public long RememberedPartsBytes { get; init; } = 64L << 20;

    /// <summary>Memory for counts among the answers of <see cref="IndexQuery.Remembered"/>: the facets of all that somebody may see.</summary>
    public long RememberedCountsBytes { get; init; } = 32L << 20;

    /// <summary>Segments up to this size are read and compared with their checksum when the index is opened; larger ones soon after.</summary>
    public long VerifyAtOpenBytes { get; init; } = 64L << 20;

    /// <summary>Told before each step that writes; tests stop there.</summary>
    internal Action<string> BeforeStep { get; init; } = static _ => { };
}

/// <summary>How the index was found when it was opened.</summary>
public enum IndexOpening
{
    /// <summary>Whole, and as far as its position says.</summary>
    Whole,

    /// <summary>There was none.</summary>
    New,

    /// <summary>Files were missing or did not hold what was written, or another version wrote them: it begins empty.</summary>
    Damaged,
}

/// <summary>What the index takes.</summary>
public sealed record IndexStatistics(long Documents, int Segments, long FileBytes, long Position);

/// <summary>
/// The embedded index: derived from the catalogue, and rebuilt from there whenever it is lost. One process has it open. Changes come
/// from one feed, in order; the position of the feed is stored together with the changes, so after a crash the feed goes on from
/// <see cref="Position"/> and what was applied already is applied again without harm.
/// </summary>
public sealed partial class SearchIndex : IDisposable
{
    /// <summary>Before any change.</summary>
    public const long NoPosition = -1;

    readonly SearchIndexSettings _settings;
    readonly FileStream _folderLock;
    readonly RememberedSets _remembered;
    readonly RememberedSets _rememberedParts;
    readonly RememberedCounts _rememberedCounts;
    readonly OftenAsked _asked;
    readonly FacetTerms _facetTerms = new();

    // Held while the manifest is written: one change of the state at a time.
    readonly Lock _writing = new();

    // Held for an instant: a reader takes the state and a use of its segments together.
    readonly Lock _reading = new();
    IndexState _state = IndexState.Empty;
    long _next = 1;
    volatile string? _damage;
    volatile bool _disposed;

    SearchIndex(SearchIndexSettings settings)
    {
        _settings = settings;
        _remembered = new RememberedSets(settings.RememberedBytes);
        _rememberedParts = new RememberedSets(settings.RememberedPartsBytes);
        _rememberedCounts = new RememberedCounts(settings.RememberedCountsBytes);
        _asked = settings.RememberedPartsBytes > 0 ? new OftenAsked() : new OftenAsked(looked: 0);
        Directory.CreateDirectory(settings.Folder);
        _folderLock = new FileStream(
            Path.Combine(settings.Folder, "lock"),
            FileMode.OpenOrCreate,
            FileAccess.ReadWrite,
            FileShare.None
        );
    }

    /// <exception cref="IOException">Another process has it open, or the folder cannot be written.</exception>
    public static SearchIndex Open(SearchIndexSettings settings)
    {
        var index = new SearchIndex(settings);
        try
        {
            index.Load();
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    void Load()
    {
        try
        {
            if (Manifest.Read(_settings.Folder, _settings.VerifyAtOpenBytes) is { } state)
            {
                _state = state;
                Opening = IndexOpening.Whole;
            }
        }
        catch (IndexDamagedException fault)
        {
            _damage = fault.Message;
            Opening = IndexOpening.Damaged;
            File.Delete(Path.Combine(_settings.Folder, Manifest.Name));
            Posix.SyncFolder(_settings.Folder);
        }
        RemoveStrangers();
        _next = Math.Max(_state.NextNumber, 1);
        _ = Task.Run(VerifyLarge);
    }

    /// <summary>What a crash left behind: written, but in no manifest.</summary>
    void RemoveStrangers()
    {
        var known = _state.Segments.Select(state => Manifest.SegmentName(state.Segment.Number)).ToHashSet();
        foreach (var path in Directory.EnumerateFiles(_settings.Folder))
        {
            var name = Path.GetFileName(path);
            if (
                (name.EndsWith(".segment", StringComparison.Ordinal) && !known.Contains(name))
                || name.EndsWith(".new", StringComparison.Ordinal)
            )
                File.Delete(path);
        }
    }

    void VerifyLarge()
    {
        using var reader = Read();
        foreach (var (segment, _, _) in reader.State.Segments)
        {
            if (_disposed)
                return;
            if (segment.File.Length > _settings.VerifyAtOpenBytes && !segment.IsWhole())
                _damage = $"{Manifest.SegmentName(segment.Number)} does not hold what was written";
        }
    }

    public IndexOpening Opening { get; private set; } = IndexOpening.New;

    /// <summary>
    /// Not null as soon as it is known that a file does not hold what was written: when it was opened, or later. If the position is
    /// not <see cref="NoPosition"/> then, call <see cref="Clear"/> and feed everything again.
    /// </summary>
    public string? Damage => _damage;

    internal void Damaged(string how) => _damage = how;

    /// <summary>What the feed has told so far; <see cref="NoPosition"/> at first. The number means what the feed wants it to mean.</summary>
    public long Position => _state.Position;

    public long DocumentCount => _state.Documents;

    public IndexStatistics Statistics
    {
        get
        {
            using var reader = Read();
            var segments = reader.State.Segments;
            return new IndexStatistics(
                reader.State.Documents,
                segments.Count,
                segments.Sum(state => state.Segment.File.Length),
                reader.Position
            );
        }
    }

    /// <summary>
    /// Deletes, then upserts; a document upserted twice is what it was last. Searches that begin after this returned find it, and a
    /// crash keeps it. Give many at once when there are many: from some thousands on, all cores build. When it fails, nothing of it is
    /// there, and it may be tried again.
    /// </summary>
    /// <param name="deletes">Rows; unknown ones are passed over.</param>
    public void Apply(IReadOnlyList<IndexDocument> upserts, IReadOnlyList<long> deletes, long position)
    {
        var last = new Dictionary<long, IndexDocument>(upserts.Count);
        foreach (var document in upserts)
            last[document.Row] = document;
        var gone = new long[deletes.Count + last.Count];
        deletes.ToArray().CopyTo(gone, 0);
        last.Keys.CopyTo(gone, deletes.Count);
        Array.Sort(gone);
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            var built = Build([.. last.Values.OrderBy(document => document.Row)]);
            try
            {
                var kept = _state.Segments.Select(state => Without(state, gone)).Where(state => state.Live > 0);
                Commit(
                    new IndexState(
                        [.. kept, .. built.Select(segment => new SegmentState(segment, null, segment.Documents))],
                        position,
                        _next
                    )
                );
            }
            catch
            {
                foreach (var segment in built)
                    ReleaseUnlessCommitted(segment);
                throw;
            }
        }
        Merge();
    }

    Segment[] Build(IndexDocument[] ordered)
    {
        var chunks = Math.Min(
            Math.Max(1, (ordered.Length + _settings.ChunkDocuments - 1) / _settings.ChunkDocuments),
            Math.Max(1, ordered.Length)
        );
        if (ordered.Length == 0)
            return [];
        // Few segments are better than many, but each core should have work.
        if (chunks < _settings.Parallelism && ordered.Length > 2_000)
            chunks = _settings.Parallelism;
        var size = (ordered.Length + chunks - 1) / chunks;
        var parts = ordered.Chunk(size).ToArray();
        var segments = new Segment[parts.Length];
        var first = _next;
        _next += parts.Length;
        _settings.BeforeStep("write segments");
        try
        {
            Parallel.For(
                0,
                parts.Length,
                new ParallelOptions { MaxDegreeOfParallelism = _settings.Parallelism },
                part =>
                {
                    SegmentBuilder.Build(PathOf(first + part), parts[part]);
                    segments[part] = Segment.Open(PathOf(first + part), first + part);
                }
            );
        }
        catch (AggregateException faults)
        {
            foreach (var segment in segments)
                segment?.Release();
            ExceptionDispatchInfo.Throw(faults.InnerExceptions[0]);
        }
        return segments;
    }

    void ReleaseUnlessCommitted(Segment segment)
    {
        if (!_state.Segments.Any(state => state.Segment == segment))
            segment.Release();
    }

    string PathOf(long number) => Path.Combine(_settings.Folder, Manifest.SegmentName(number));

    /// <param name="gone">Ascending rows.</param>
    static SegmentState Without(SegmentState state, ReadOnlySpan<long> gone)
    {
        var rows = state.Segment.Rows;
        if (gone.IsEmpty || rows.IsEmpty || gone[0] > rows[^1] || gone[^1] < rows[0])
            return state;
        DocumentSet? deleted = null;
        var live = state.Live;
        var from = 0;
        foreach (var row in gone)
        {
            // What is sought lies behind what was found last: the search narrows as it goes.
            var found = rows[from..].BinarySearch(row);
            from += found < 0 ? ~found : found;
            if (from == rows.Length)
                break;
            if (found < 0 || (deleted ?? state.Deleted)?.Contains(from) == true)
                continue;
            deleted ??= state.Deleted?.Copy() ?? DocumentSet.Create(rows.Length);
            deleted.Add(from);
            live--;
        }
        return deleted is null ? state : new SegmentState(state.Segment, deleted, live);
    }

    /// <summary>With the writing lock held.</summary>
    void Commit(IndexState next)
    {
        Posix.SyncFolder(_settings.Folder);
        Manifest.Write(_settings.Folder, next, _settings.BeforeStep);
        var before = _state;
        lock (_reading)
            _state = next;
        var kept = next.Segments.Select(state => state.Segment).ToHashSet();
        foreach (var (segment, _, _) in before.Segments)
        {
            if (kept.Contains(segment))
                continue;
            _settings.BeforeStep("remove a segment");
            File.Delete(PathOf(segment.Number));
            segment.Release();
        }
    }

    /// <summary>Forgets everything, and the position: the feed begins again.</summary>
    public void Clear()
    {
        lock (_writing)
        {
            Commit(new IndexState([], NoPosition, _next));
            _damage = null;
        }
    }

    /// <summary>The state as it is now.</summary>
    public IndexReader Read()
    {
        lock (_reading)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            foreach (var (segment, _, _) in _state.Segments)
                segment.TryUse();
            return new IndexReader(this, _state);
        }
    }

    internal RememberedSets Remembered => _remembered;

    internal RememberedSets RememberedParts => _rememberedParts;

    internal RememberedCounts RememberedCounts => _rememberedCounts;

    internal OftenAsked Asked => _asked;

    internal FacetTerms FacetTerms => _facetTerms;

    internal int Parallelism => _settings.Parallelism;

    public void Dispose()
    {
        lock (_reading)
        {
            if (_disposed)
                return;
            _disposed = true;
        }
        // A merge under way ends at its next checkpoint: nobody writes into the folder once another may open it.
        lock (_oneMerge)
            lock (_writing)
            {
                foreach (var (segment, _, _) in _state.Segments)
                    segment.Release();
                _folderLock.Dispose();
            }
    }
}
