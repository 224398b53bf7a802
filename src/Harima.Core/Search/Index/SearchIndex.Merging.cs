namespace Harima.Search.Index;

public sealed partial class SearchIndex
{
    const int SmallestTierDocuments = 1_000;

    /// <summary>Searches ask every segment: a feed that is faster than merging waits here.</summary>
    const int MostSegments = 64;

    // Guards _isMerging; who waits for fewer segments waits on it, and each merge that is done tells.
    readonly object _merging = new();
    bool _isMerging;

    /// <summary>Why the last merge failed; the next change tries again.</summary>
    public Exception? MergeFault { get; private set; }

    /// <summary>Is something being merged?</summary>
    public bool IsMerging
    {
        get
        {
            lock (_merging)
                return _isMerging;
        }
    }

    void Merge()
    {
        if (!_settings.MergeInBackground)
            return;
        lock (_merging)
        {
            if (!_disposed && !_isMerging)
            {
                _isMerging = true;
                _ = Task.Run(MergeAll);
            }
            while (_state.Segments.Count > MostSegments && _isMerging)
                Monitor.Wait(_merging);
        }
    }

    void MergeAll()
    {
        try
        {
            while (!_disposed && MergeOnce(Pick))
            {
                MergeFault = null;
                lock (_merging)
                    Monitor.PulseAll(_merging);
            }
        }
        catch (ObjectDisposedException)
        {
            // Closed meanwhile; what was written so far is removed when it is opened again.
        }
        catch (Exception fault)
        {
            // A full disk, most likely. Nothing is lost; searches only ask more segments than they need to.
            MergeFault = fault;
        }
        finally
        {
            lock (_merging)
            {
                _isMerging = false;
                Monitor.PulseAll(_merging);
            }
        }
    }

    /// <summary>Merges until as few segments are left as the largest size allows: after a bulk load.</summary>
    public void Compact()
    {
        while (MergeOnce(PickAll)) { }
    }

    readonly Lock _oneMerge = new();

    /// <summary>One merge, if one is due.</summary>
    internal bool MergeOnce() => MergeOnce(Pick);

    /// <returns>Whether there was something to merge.</returns>
    bool MergeOnce(Func<IReadOnlyList<SegmentState>, List<SegmentState>> pick)
    {
        lock (_oneMerge)
        {
            using var reader = Read();
            var sources = pick(reader.State.Segments);
            if (sources.Count == 0)
                return false;
            var number = Interlocked.Increment(ref _mergeNumber);
            var beside = Path.Combine(_settings.Folder, $"merge-{number}.new");
            _settings.BeforeStep("write a merged segment");
            SegmentMerger.Merge(
                beside,
                sources,
                checkpoint: () => ObjectDisposedException.ThrowIf(_disposed, this),
                out var places
            );
            lock (_writing)
            {
                if (_disposed)
                    return false;
                Replace(sources, places, beside);
            }
            return true;
        }
    }

    long _mergeNumber;

    /// <summary>With the writing lock held.</summary>
    void Replace(List<SegmentState> sources, int[][] places, string beside)
    {
        var current = _state.Segments.ToDictionary(state => state.Segment);
        var known = sources.TrueForAll(source => current.ContainsKey(source.Segment));
        // Cleared meanwhile, or all of a source's documents were deleted: merge again what is there.
        if (!known)
        {
            File.Delete(beside);
            return;
        }
        var merged = _next++;
        _settings.BeforeStep("rename a merged segment");
        File.Move(beside, PathOf(merged));
        var segment = Segment.Open(PathOf(merged), merged);
        try
        {
            var state = DeletedMeanwhile(sources, places, current, segment);
            var replaced = sources.Select(source => source.Segment).ToHashSet();
            IEnumerable<SegmentState> others = _state.Segments.Where(other => !replaced.Contains(other.Segment));
            Commit(
                _state with
                {
                    Segments = [.. others, .. state.Live > 0 ? [state] : (SegmentState[])[]],
                    NextNumber = _next,
                }
            );
            if (state.Live == 0)
                segment.Release();
        }
        catch
        {
            ReleaseUnlessCommitted(segment);
            throw;
        }
    }

    static SegmentState DeletedMeanwhile(
        List<SegmentState> sources,
        int[][] places,
        Dictionary<Segment, SegmentState> current,
        Segment merged
    )
    {
        DocumentSet? deleted = null;
        var live = merged.Documents;
        for (var source = 0; source < sources.Count; source++)
        {
            var now = current[sources[source].Segment].Deleted;
            if (now is null || ReferenceEquals(now, sources[source].Deleted))
                continue;
            foreach (var document in now)
            {
                if (places[source][document] is not (>= 0 and var place))
                    continue;
                deleted ??= DocumentSet.Create(merged.Documents);
                deleted.Add(place);
                live--;
            }
        }
        return new SegmentState(merged, deleted, live);
    }

    /// <summary>What to merge next: much deleted, or many of one size.</summary>
    List<SegmentState> Pick(IReadOnlyList<SegmentState> segments)
    {
        foreach (var state in segments)
        {
            var deleted = state.Segment.Documents - state.Live;
            if (deleted > SmallestTierDocuments && deleted > state.Segment.Documents / 3)
                return [state];
        }
        var tiers = segments
            .Where(state => state.Live <= _settings.MaxSegmentDocuments / 2)
            .GroupBy(Tier)
            .OrderBy(tier => tier.Key);
        foreach (var tier in tiers)
        {
            if (tier.Count() >= _settings.MergeFactor)
                return Fill(tier.OrderBy(state => state.Segment.Number), _settings.MergeFactor * 2);
        }
        return [];
    }

    int Tier(SegmentState state) =>
        (int)Math.Log(Math.Max(1.0, (double)state.Live / SmallestTierDocuments), _settings.MergeFactor);

    List<SegmentState> PickAll(IReadOnlyList<SegmentState> segments)
    {
        var picked = Fill(segments.OrderBy(state => state.Live), int.MaxValue);
        return picked.Count > 1 || picked.Exists(state => state.Deleted is not null) ? picked : [];
    }

    /// <summary>As many as fit into the largest segment.</summary>
    List<SegmentState> Fill(IEnumerable<SegmentState> segments, int most)
    {
        var picked = new List<SegmentState>();
        long live = 0;
        foreach (var state in segments)
        {
            if (picked.Count == most || (picked.Count > 0 && live + state.Live > _settings.MaxSegmentDocuments))
                break;
            picked.Add(state);
            live += state.Live;
        }
        return picked;
    }
}
