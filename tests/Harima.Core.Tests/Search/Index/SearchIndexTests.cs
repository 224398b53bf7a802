using Harima.Search.Index;

namespace Harima.Core.Tests.Search.Index;

public sealed class SearchIndexTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("harima-index-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_change_is_found_at_once_and_a_reader_keeps_its_state()
    {
        using var index = SearchIndex.Open(new SearchIndexSettings { Folder = _folder });
        Assert.Equal(IndexOpening.New, index.Opening);
        index.Apply([new IndexDocument(7, [new IndexTerm("technique", "XAFS")], [])], [], 1);
        using var before = index.Read();
        index.Apply([new IndexDocument(7, [new IndexTerm("technique", "SAXS")], [])], [], 2);
        using var after = index.Read();
        using var then = before.Find(IndexQuery.Term("technique", "XAFS"));
        using var now = after.Find(IndexQuery.Term("technique", "XAFS"));
        Assert.Equal((1, 0), (then.Count, now.Count));
        Assert.Equal((1, 2), (before.Position, after.Position));
    }
}
