namespace Harima.Search.Index;

/// <summary>One state of the index, which stays as it is while this is open; dispose it soon. For many threads.</summary>
public sealed class IndexReader : IDisposable
{
    readonly BruteForce _documents;

    internal IndexReader(IEnumerable<IndexDocument> documents, long position)
    {
        _documents = new BruteForce(documents);
        Position = position;
    }

    /// <summary>The position of the last change this state holds.</summary>
    public long Position { get; }

    public Matches Find(IndexQuery query) => new(_documents.Find(query));

    public void Dispose() { }
}
