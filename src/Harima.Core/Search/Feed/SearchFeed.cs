using Dapper;
using Harima.Catalogue;
using Harima.Faults;
using Harima.Search.Index;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Harima.Search.Feed;

/// <summary>Whether answers are complete.</summary>
public enum SearchPhase
{
    /// <summary>The index is being opened.</summary>
    Starting,

    /// <summary>It is being made from the catalogue: answers hold what is in it already.</summary>
    Building,

    /// <summary>Everything is in it, but for the changes of the last moments.</summary>
    Ready,
}

/// <summary>How the index of this replica stands.</summary>
/// <param name="Built">While building, how much of the catalogue was read, 0 to 1.</param>
/// <param name="Problem">The last thing that went wrong, if it still does.</param>
public sealed record SearchState(
    string Replica,
    SearchPhase Phase,
    double Built,
    long Documents,
    long Position,
    DateTimeOffset? UpToAt,
    string? Problem
);

/// <summary>
/// Keeps the index of this replica true to the catalogue: applies the marked changes, and makes the index anew where it is missing,
/// damaged, or belongs to another catalogue. One step at a time; searches go on meanwhile.
/// </summary>
public sealed partial class SearchFeed : IDisposable
{
    static readonly TimeSpan PatienceAtStart = TimeSpan.FromSeconds(5);
    const int MarksAtOnce = 4_000;
    const int RowsAtOnce = 1_000;
    const int ManyDocuments = 50_000;

    readonly Database _database;
    readonly SearchMarks _marks;
    readonly SequenceReading _reading;
    readonly KnownPaths _paths;
    readonly TimeProvider _time;
    readonly ILogger<SearchFeed> _log;
    readonly SearchFolder _folder;
    readonly Lazy<SearchIndex> _index;
    readonly SemaphoreSlim _step = new(1);

    // Committed marks at or after the horizon, which were applied but may be followed by earlier ones. PostgreSQL only.
    readonly HashSet<SearchMark> _ahead = [];

    // Done once it is known that the index is one of this catalogue, or it has been emptied.
    readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // All marks before this are in the index. Guarded by _step; read by anybody.
    long _applied = SearchIndex.NoPosition;
    bool _isChecked;
    volatile bool _isRebuildAsked;
    long _changes;
    DateTimeOffset _toldAt;
    volatile SearchState _state;

    internal SearchFeed(
        Database database,
        SearchMarks marks,
        SequenceReading reading,
        KnownPaths paths,
        IOptions<SearchOptions> options,
        IOptions<DataOptions> data,
        TimeProvider time,
        ILogger<SearchFeed> log
    )
    {
        (_database, _marks, _reading, _paths, _time, _log) = (database, marks, reading, paths, time, log);
        _folder = SearchFolder.Take(options.Value, data);
        _index = new Lazy<SearchIndex>(() =>
            SearchIndex.Open(new SearchIndexSettings { Folder = Path.Combine(_folder.Path, "index") })
        );
        _state = new SearchState(_folder.Name, SearchPhase.Starting, 0, 0, _applied, null, null);
    }

    public SearchState State => _state with { Documents = _index.IsValueCreated ? _index.Value.DocumentCount : 0 };

    /// <summary>The index as it is, and a position before which it holds every change.</summary>
    /// <exception cref="FaultException">Conflict while the index is still being opened.</exception>
    internal async Task<(IndexReader Reader, long Position)> ReadAsync(CancellationToken cancellationToken)
    {
        if (!_opened.Task.IsCompleted)
        {
            await Task.WhenAny(_opened.Task, Task.Delay(PatienceAtStart, _time, cancellationToken));
            if (!_opened.Task.IsCompleted)
                throw Fault.Conflict("search-starting", "The search index is being opened. Try again in a moment.");
        }
        // The position first: what is applied in between only makes the reader newer than it says.
        var position = Volatile.Read(ref _applied);
        var reader = _index.Value.Read();
        return (reader, position);
    }

    /// <summary>Applies everything that was committed before this was called.</summary>
    public async Task CatchUpAsync(CancellationToken cancellationToken)
    {
        await _step.WaitAsync(cancellationToken);
        try
        {
            await PrepareAsync(cancellationToken);
            await ApplyAsync(cancellationToken);
            await TellAsync(cancellationToken);
            _state = _state with
            {
                Phase = SearchPhase.Ready,
                Built = 1,
                Position = _applied,
                UpToAt = _time.Now(),
                Problem = null,
            };
        }
        finally
        {
            _step.Release();
        }
    }

    /// <summary>Makes the index anew from the catalogue.</summary>
    public async Task RebuildAsync(CancellationToken cancellationToken)
    {
        await _step.WaitAsync(cancellationToken);
        try
        {
            await BuildAsync("asked for", cancellationToken);
        }
        finally
        {
            _step.Release();
        }
        await CatchUpAsync(cancellationToken);
    }

    /// <summary>The worker makes it anew at its next step.</summary>
    internal void AskForRebuild()
    {
        _isRebuildAsked = true;
        _state = _state with { Phase = SearchPhase.Building, Built = 0 };
    }

    /// <summary>How many changes were applied since the start: it stands still while nothing happens.</summary>
    internal long Changes => Interlocked.Read(ref _changes);

    internal void Fail(Exception fault) => _state = _state with { Problem = fault.Message };

    /// <summary>Once, before the first change: is this index one of this catalogue, whole, and not too old?</summary>
    async Task PrepareAsync(CancellationToken cancellationToken)
    {
        if (_isRebuildAsked)
        {
            await BuildAsync("asked for", cancellationToken);
            _isRebuildAsked = false;
        }
        if (_isChecked)
            return;
        var index = _index.Value;
        var catalogue = await _marks.CatalogueAsync(cancellationToken);
        var reason =
            index.Opening == IndexOpening.Damaged ? $"damaged: {index.Damage}"
            : index.Position == SearchIndex.NoPosition ? "new"
            : _folder.Catalogue != catalogue ? "of another catalogue"
            : _folder.TimeZone != _reading.TimeZone ? "of another time zone"
            : !await _marks.CanBeAsync(index.Position, cancellationToken) ? "newer than the catalogue"
            : !await _marks.IsKnownAsync(_folder.Name, cancellationToken) ? "too old"
            : null;
        if (reason is null)
        {
            Volatile.Write(ref _applied, index.Position);
            using var reader = index.Read();
            _paths.Load(reader);
            _isChecked = true;
            _opened.TrySetResult();
        }
        else
            await BuildAsync(reason, cancellationToken);
    }

    async Task BuildAsync(string reason, CancellationToken cancellationToken)
    {
        Log.Building(_log, _folder.Name, reason);
        // Until it is done: what was left half made is begun again.
        _isChecked = false;
        var index = _index.Value;
        if (!await _marks.CanBeAsync(await LastMarkAsync(cancellationToken), cancellationToken))
            await _marks.ForgetAllAsync(cancellationToken);
        // Whatever changes from here on is marked at or after this, and applied when the reading is done.
        var from = await _marks.HorizonAsync(cancellationToken);
        index.Clear();
        _ahead.Clear();
        Volatile.Write(ref _applied, from);
        _opened.TrySetResult();
        _state = _state with { Phase = SearchPhase.Building, Built = 0, Position = from };
        _folder.Catalogue = await _marks.CatalogueAsync(cancellationToken);
        _folder.TimeZone = _reading.TimeZone;
        // So that nobody forgets the marks this will need.
        await _marks.TellAsync(_folder.Name, from, 0, "building", cancellationToken);
        await ReadAllAsync(index, cancellationToken);
        index.Apply([], [], from);
        _isChecked = true;
        Interlocked.Increment(ref _changes);
        // What millions of documents took is not needed again soon, and the machine is not this process's alone.
        if (index.DocumentCount > ManyDocuments)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        Log.Built(_log, _folder.Name, index.DocumentCount);
    }

    async Task<long> LastMarkAsync(CancellationToken cancellationToken)
    {
        await using var connection = await _database.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<long?>("SELECT MAX(position) FROM search_change") ?? 0;
    }

    /// <summary>Reads, cuts and writes on every core.</summary>
    async Task ReadAllAsync(SearchIndex index, CancellationToken cancellationToken)
    {
        long first,
            last;
        await using (var connection = await _database.OpenAsync(cancellationToken))
        {
            (first, last) = await connection.QuerySingleAsync<(long, long)>(
                "SELECT COALESCE(MIN(row), 0), COALESCE(MAX(row), -1) FROM sequence"
            );
        }
        if (last < first)
            return;
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var next = first;
        async Task LoadAsync()
        {
            using var load = index.BeginLoad();
            while (Interlocked.Add(ref next, RowsAtOnce) - RowsAtOnce is var from && from <= last)
            {
                foreach (var document in await _reading.BetweenAsync(from, from + RowsAtOnce, stopping.Token))
                    load.Add(document);
                var built = Math.Min(1, (from + RowsAtOnce - first) / (double)(last - first + 1));
                _state = _state with { Built = built };
            }
            load.Finish();
        }
        async Task LoadOrStopAllAsync()
        {
            try
            {
                await LoadAsync();
            }
            catch
            {
                await stopping.CancelAsync();
                throw;
            }
        }
        var readers = Math.Max(2, Environment.ProcessorCount);
        await Task.WhenAll(
            Enumerable.Range(0, readers).Select(_ => Task.Run(LoadOrStopAllAsync, CancellationToken.None))
        );
    }

    async Task ApplyAsync(CancellationToken cancellationToken)
    {
        var horizon = await _marks.HorizonAsync(cancellationToken);
        var index = _index.Value;
        for (var after = new SearchMark(_applied, long.MinValue); ; )
        {
            var marks = await _marks.AfterAsync(after, MarksAtOnce, cancellationToken);
            var isLast = marks.Count < MarksAtOnce;
            var fresh = marks.FindAll(mark => !_ahead.Contains(mark));
            // Up to here every mark is done: a position that this portion ended within is not.
            var done = isLast ? horizon : Math.Min(horizon, marks[^1].Position);
            if (fresh.Count > 0)
                await ApplyAsync(index, fresh, done, cancellationToken);
            // A mark that may yet stand for a later change is read again.
            if (_marks.EachIsOneTransaction)
                _ahead.UnionWith(fresh.Where(mark => mark.Position >= horizon));
            Volatile.Write(ref _applied, Math.Max(_applied, done));
            if (isLast)
                break;
            after = marks[^1];
        }
        _ahead.RemoveWhere(mark => mark.Position < _applied);
    }

    async Task ApplyAsync(SearchIndex index, List<SearchMark> marks, long position, CancellationToken cancellationToken)
    {
        var rows = marks.Select(mark => mark.SequenceRow).Distinct().ToList();
        // On every core: whoever brings in thousands at once looks for them right afterwards.
        var portions = await Task.WhenAll(
            rows.Chunk(RowsAtOnce).Select(some => Task.Run(() => _reading.OfRowsAsync(some, cancellationToken)))
        );
        var documents = portions.SelectMany(portion => portion).ToList();
        var found = documents.Select(document => document.Row).ToHashSet();
        Interlocked.Add(ref _changes, rows.Count);
        index.Apply(documents, rows.FindAll(row => !found.Contains(row)), Math.Max(position, _applied));
    }

    async Task TellAsync(CancellationToken cancellationToken)
    {
        if (_time.GetUtcNow() - _toldAt < TimeSpan.FromSeconds(10) && _toldAt != default)
            return;
        // What the index itself remembers after a crash, not what this process knows.
        await _marks.TellAsync(
            _folder.Name,
            _index.Value.Position,
            _index.Value.DocumentCount,
            "ready",
            cancellationToken
        );
        _toldAt = _time.GetUtcNow();
    }

    public void Dispose()
    {
        if (_index.IsValueCreated)
            _index.Value.Dispose();
        _folder.Dispose();
        _step.Dispose();
    }

    static partial class Log
    {
        [LoggerMessage(3300, LogLevel.Information, "Search index '{Replica}' is made anew ({Reason}).")]
        public static partial void Building(ILogger logger, string replica, string reason);

        [LoggerMessage(3301, LogLevel.Information, "Search index '{Replica}' is made: {Documents} sequences.")]
        public static partial void Built(ILogger logger, string replica, long documents);
    }
}
