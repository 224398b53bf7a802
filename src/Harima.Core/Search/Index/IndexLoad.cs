namespace Harima.Search.Index;

/// <summary>
/// Fills an index that was cleared, with less memory and work than <see cref="SearchIndex.Apply"/>: a document is cut into numbers as it
/// comes and need not be kept, and what is written begins large, so that less is merged. Several may load side by side, each with
/// rows of its own. One thread at a time.
/// </summary>
/// <remarks>
/// What was added is found, and survives a crash, once its portion is written; the index's position stays where it was, so whoever
/// begins again after a crash clears the index first.
/// </remarks>
public sealed class IndexLoad : IDisposable
{
    // Twelve bytes each while they are collected, and eight more while they are sorted.
    const int MostOccurrences = 8_000_000;

    readonly SearchIndex _index;
    readonly int _mostDocuments;
    SegmentBuilder? _builder;

    internal IndexLoad(SearchIndex index, int mostDocuments) => (_index, _mostDocuments) = (index, mostDocuments);

    /// <param name="document">Its row follows that of the one before, and is in no other load and not in the index.</param>
    /// <exception cref="ArgumentException">The row does not follow.</exception>
    public void Add(IndexDocument document)
    {
        _builder ??= new SegmentBuilder();
        _builder.Add(document);
        if (_builder.Occurrences >= MostOccurrences || _builder.Documents >= _mostDocuments)
            Write();
    }

    /// <summary>Writes what is left. Without it, that is forgotten.</summary>
    public void Finish()
    {
        if (_builder is not null)
            Write();
    }

    void Write()
    {
        using var builder = _builder!;
        _builder = null;
        _index.Take(builder);
    }

    public void Dispose() => _builder?.Dispose();
}
