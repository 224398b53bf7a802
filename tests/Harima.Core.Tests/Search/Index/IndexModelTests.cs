using CsCheck;
using Harima.Search.Index;

namespace Harima.Core.Tests.Search.Index;

/// <summary>Every answer equals the one found by looking at every document.</summary>
public sealed class IndexModelTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("harima-index-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    SearchIndexSettings Settings(string name) =>
        new()
        {
            Folder = Path.Combine(_folder, name),
            MergeInBackground = false,
            ChunkDocuments = 150,
            MergeFactor = 3,
            MaxSegmentDocuments = 900,
        };

    [Fact]
    public void Answers_over_many_segments_changes_merges_and_reopening_are_those_of_looking_at_every_document() =>
        Gen.Int[0, int.MaxValue - 1].Sample(seed => Play(seed, rows: 400, changes: 12), iter: 25, threads: 1);

    [Fact]
    public void Answers_are_right_where_terms_fill_bitmaps()
    {
        // More than 65,536 documents: several containers, lists and bitmaps.
        var random = new RandomDocuments(5, 80_000);
        var model = Enumerable
            .Range(0, 70_000)
            .Select(row => random.Document(row))
            .ToDictionary(document => document.Row);
        var settings = Settings("large") with { ChunkDocuments = 40_000, MaxSegmentDocuments = 100_000 };
        using var index = SearchIndex.Open(settings);
        index.Apply([.. model.Values], [], 1);
        index.Compact();
        Assert.Equal(1, index.Statistics.Segments);
        Compare(index, model, random, questions: 25);
        long[] gone = [.. Enumerable.Range(0, 3000).Select(_ => random.Row()).Distinct()];
        foreach (var row in gone)
            model.Remove(row);
        index.Apply([], gone, 2);
        Compare(index, model, random, questions: 25);
        index.Compact();
        Compare(index, model, random, questions: 25);
    }

    [Fact]
    public void Facets_of_what_somebody_may_see_stay_right_when_some_of_it_is_deleted_and_questions_leave_some_out()
    {
        var random = new RandomDocuments(7, 4_000);
        var model = Enumerable
            .Range(0, 3_000)
            .Select(row => random.Document(row))
            .ToDictionary(document => document.Row);
        using var index = SearchIndex.Open(Settings("facets"));
        index.Apply([.. model.Values], [], 1);
        for (var round = 2; round < 30; round++)
        {
            var may = IndexQuery.Remembered(random.Query());
            for (var turn = 0; turn < 4; turn++)
            {
                long[] gone = [.. Enumerable.Range(0, 30).Select(_ => random.Row()).Distinct()];
                foreach (var row in gone)
                    model.Remove(row);
                index.Apply([], gone, round);
                var query = IndexQuery.And(
                    may,
                    turn < 2 ? IndexQuery.All : IndexQuery.Not(IndexQuery.Rows([.. gone.Order()]))
                );
                var expected = new BruteForce(model.Values).Find(query);
                using var reader = index.Read();
                using var found = reader.Find(query);
                var field = random.Field();
                Assert.Equal(BruteForce.Facet(expected, field, 20), found.Facet(field, 20));
            }
            if (round % 5 == 0)
                index.MergeOnce();
            for (var n = 0; n < 100; n++)
            {
                var document = random.Document(random.Row());
                model[document.Row] = document;
                index.Apply([document], [], round);
            }
        }
    }

    [Fact]
    public void A_load_by_several_at_once_answers_like_looking_at_every_document_and_changes_follow()
    {
        var random = new RandomDocuments(13, 4_000);
        var model = Enumerable
            .Range(0, 3_000)
            .Select(row => random.Document(row))
            .ToDictionary(document => document.Row);
        using var index = SearchIndex.Open(Settings("loaded") with { MergeInBackground = true });
        index.Apply([random.Document(1)], [], 4);
        index.Clear();
        // Turns of a hundred rows each, as readers of a catalogue take them.
        var turn = -1;
        Parallel.For(
            0,
            3,
            _ =>
            {
                using var load = index.BeginLoad();
                while (Interlocked.Increment(ref turn) is var mine and < 30)
                {
                    for (var row = mine * 100; row < (mine + 1) * 100; row++)
                        load.Add(model[row]);
                }
                load.Finish();
            }
        );
        Assert.Equal(SearchIndex.NoPosition, index.Position);
        Assert.Equal(3_000, index.DocumentCount);
        Compare(index, model, random, questions: 25);
        for (var change = 5; change < 9; change++)
        {
            Change(index, model, random, change);
            Compare(index, model, random, questions: 10);
        }
    }

    [Fact]
    public void A_load_refuses_rows_out_of_order_and_forgets_what_is_not_finished()
    {
        var random = new RandomDocuments(17, 100);
        using var index = SearchIndex.Open(Settings("order"));
        using (var load = index.BeginLoad())
        {
            load.Add(random.Document(5));
            Assert.Throws<ArgumentException>(() => load.Add(random.Document(5)));
            Assert.Throws<ArgumentException>(() => load.Add(random.Document(4)));
        }
        Assert.Equal(0, index.DocumentCount);
    }

    void Play(int seed, int rows, int changes)
    {
        var random = new RandomDocuments(seed, rows);
        var settings = Settings($"{seed}");
        var model = new Dictionary<long, IndexDocument>();
        var index = SearchIndex.Open(settings);
        try
        {
            for (var change = 0; change < changes; change++)
            {
                Change(index, model, random, change);
                if (random.Next(3) == 0)
                    index.MergeOnce();
                if (random.Next(6) == 0)
                    index.Compact();
                if (random.Next(4) == 0)
                {
                    index.Dispose();
                    index = SearchIndex.Open(settings);
                    Assert.Equal((IndexOpening.Whole, (long)change), (index.Opening, index.Position));
                }
                Compare(index, model, random, questions: 6);
            }
        }
        finally
        {
            index.Dispose();
        }
        Directory.Delete(settings.Folder, recursive: true);
    }

    static void Change(SearchIndex index, Dictionary<long, IndexDocument> model, RandomDocuments random, int position)
    {
        var deletes = Enumerable.Range(0, random.Next(60)).Select(_ => random.Row()).ToList();
        var upserts = Enumerable.Range(0, random.Next(200)).Select(_ => random.Document(random.Row())).ToList();
        index.Apply(upserts, deletes, position);
        foreach (var row in deletes)
            model.Remove(row);
        foreach (var document in upserts)
            model[document.Row] = document;
    }

    static void Compare(SearchIndex index, Dictionary<long, IndexDocument> model, RandomDocuments random, int questions)
    {
        Assert.Equal(model.Count, index.DocumentCount);
        using var reader = index.Read();
        var all = new BruteForce(model.Values);
        for (var question = 0; question < questions; question++)
        {
            var query = random.Query();
            var expected = all.Find(query);
            using var found = reader.Find(query);
            var expectedRows = expected.Select(document => document.Row).ToHashSet();
            Assert.Equal(expected.Select(document => document.Row), found.Rows());
            Assert.Equal(expected.Count, found.Count);
            // Parts that come again are remembered, and what was remembered is counted from.
            var again = IndexQuery.And(random.Query(), query);
            var expectedAgain = all.Find(again).ConvertAll(document => document.Row);
            using (var twice = reader.Find(again))
                Assert.Equal(expectedAgain, twice.Rows());
            Assert.Equal(expectedAgain.Count(expectedRows.Contains), found.CountAlso(again));
            var (field, number, other) = (random.Field(), random.Number(), random.Number());
            var top = random.Next(20);
            Assert.Equal(BruteForce.Facet(expected, field, top), found.Facet(field, top));
            var prefix = random.Pick(["", "P1", "S0", "T", "長", "試料"]);
            Assert.Equal(BruteForce.Complete(expected, field, prefix, top), found.Complete(field, prefix, top));
            double[] edges = [-4, 0, 1.5, 2, 7, 9.75];
            Assert.Equal(BruteForce.Histogram(expected, number, edges), found.Histogram(number, edges));
            Assert.Equal(BruteForce.Extent(expected, number), found.Extent(number));
            ComparePoints(BruteForce.Points(expected, number, other, int.MaxValue), found, number, other);
            ComparePages(expected, found, random);
        }
    }

    static void ComparePoints(IReadOnlyList<IndexPoint> all, Matches found, string x, string y)
    {
        var some = found.Points(x, y, 10);
        Assert.Equal(all.Count, found.Points(x, y, int.MaxValue).Count);
        Assert.Subset(all.ToHashSet(), some.ToHashSet());
        Assert.InRange(some.Count, Math.Min(all.Count, 5), 10);
    }

    static void ComparePages(List<IndexDocument> expected, Matches found, RandomDocuments random)
    {
        var sort = random.Sort();
        var size = random.Next(30) + 1;
        IndexCursor? after = null;
        for (var page = 0; page < 5; page++)
        {
            var (right, given) = (BruteForce.Page(expected, sort, after, size), found.Page(sort, after, size));
            Assert.Equal(right.Rows, given.Rows);
            Assert.Equal(right.Next, given.Next);
            // Somebody else's place: a document that was deleted or changed meanwhile.
            after =
                random.Next(3) > 0 ? given.Next
                : sort.By == IndexSort.Kind.Number ? new IndexCursor(random.Row(), random.Next(12))
                : sort.By == IndexSort.Kind.Term
                    ? new IndexCursor(random.Row(), Term: random.Pick(["P1", "T", "E2", "S002", "\uffff", ""]))
                : new IndexCursor(random.Row());
            if (after is null)
                break;
        }
    }
}
