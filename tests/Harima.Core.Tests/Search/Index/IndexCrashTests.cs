using Harima.Search.Index;

namespace Harima.Core.Tests.Search.Index;

/// <summary>Whatever happens while files are written: a whole state is found again, and the feed goes on from its position.</summary>
public sealed class IndexCrashTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("harima-index-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    sealed class Killed : Exception;

    SearchIndexSettings Settings(string name, Action<string>? beforeStep = null) =>
        new()
        {
            Folder = Path.Combine(_folder, name),
            MergeInBackground = false,
            ChunkDocuments = 20,
            MergeFactor = 2,
            MaxSegmentDocuments = 200,
            BeforeStep = beforeStep ?? (_ => { }),
        };

    static List<(List<IndexDocument> Upserts, List<long> Deletes)> Changes()
    {
        var random = new RandomDocuments(11, 100);
        return
        [
            .. Enumerable
                .Range(0, 8)
                .Select(_ =>
                    (
                        Enumerable.Range(0, 25).Select(_ => random.Document(random.Row())).ToList(),
                        Enumerable.Range(0, 8).Select(_ => random.Row()).ToList()
                    )
                ),
        ];
    }

    static void Feed(SearchIndex index, List<(List<IndexDocument> Upserts, List<long> Deletes)> changes)
    {
        for (var change = (int)index.Position + 1; change < changes.Count; change++)
        {
            index.Apply(changes[change].Upserts, changes[change].Deletes, change);
            index.MergeOnce();
        }
    }

    static Dictionary<long, IndexDocument> After(
        List<(List<IndexDocument> Upserts, List<long> Deletes)> changes,
        long position
    )
    {
        var model = new Dictionary<long, IndexDocument>();
        foreach (var (upserts, deletes) in changes.Take((int)position + 1))
        {
            foreach (var row in deletes)
                model.Remove(row);
            foreach (var document in upserts)
                model[document.Row] = document;
        }
        return model;
    }

    static void AssertHolds(SearchIndex index, Dictionary<long, IndexDocument> model)
    {
        using var reader = index.Read();
        using var all = reader.Find(IndexQuery.All);
        Assert.Equal(model.Keys.Order(), all.Rows());
        foreach (var field in new[] { "technique", "element", "id", "text" })
            Assert.Equal(BruteForce.Facet([.. model.Values], field, int.MaxValue), all.Facet(field, 10_000));
    }

    [Fact]
    public void Killed_before_any_step_it_has_a_state_that_was_applied_and_goes_on_from_there()
    {
        var changes = Changes();
        var kills = 0;
        for (var killAt = 0; ; killAt++)
        {
            var step = 0;
            var settings = Settings(
                $"{killAt}",
                _ =>
                {
                    if (step++ == killAt)
                        throw new Killed();
                }
            );
            var wasKilled = false;
            using (var index = SearchIndex.Open(settings))
            {
                try
                {
                    Feed(index, changes);
                }
                catch (Exception fault) when (fault is Killed)
                {
                    wasKilled = true;
                }
            }
            using var again = SearchIndex.Open(Settings($"{killAt}"));
            Assert.NotEqual(IndexOpening.Damaged, again.Opening);
            AssertHolds(again, After(changes, again.Position));
            Feed(again, changes);
            AssertHolds(again, After(changes, changes.Count - 1));
            Assert.Equal(
                again.Statistics.Segments,
                Directory.GetFiles(Path.Combine(_folder, $"{killAt}"), "*.segment").Length
            );
            if (!wasKilled)
                break;
            kills++;
        }
        Assert.InRange(kills, 30, 1000);
    }

    [Fact]
    public void Killed_during_a_load_it_is_whole_has_no_position_and_can_be_loaded_anew()
    {
        var random = new RandomDocuments(19, 1_000);
        var model = Enumerable.Range(0, 90).Select(row => random.Document(row)).ToDictionary(each => each.Row);
        void Load(SearchIndex index)
        {
            index.Clear();
            using var load = index.BeginLoad();
            foreach (var document in model.Values.OrderBy(each => each.Row))
                load.Add(document);
            load.Finish();
            index.MergeOnce();
            index.Apply([], [], 7);
        }
        var kills = 0;
        for (var wasKilled = true; wasKilled; kills++)
        {
            var step = 0;
            var settings = Settings(
                $"load-{kills}",
                _ =>
                {
                    if (step++ == kills)
                        throw new Killed();
                }
            );
            using (var index = SearchIndex.Open(settings))
            {
                var fault = Record.Exception(() => Load(index));
                Assert.True(fault is null or Killed);
                wasKilled = fault is Killed;
            }
            using var again = SearchIndex.Open(Settings($"load-{kills}"));
            Assert.NotEqual(IndexOpening.Damaged, again.Opening);
            if (again.Position == 7)
                AssertHolds(again, model);
            else
                Assert.Equal(SearchIndex.NoPosition, again.Position);
            Load(again);
            AssertHolds(again, model);
        }
        Assert.InRange(kills, 10, 1000);
    }

    [Fact]
    public void A_step_that_fails_leaves_the_running_index_as_it_was_and_may_be_tried_again()
    {
        var changes = Changes();
        var random = new Random(8);
        using var index = SearchIndex.Open(
            Settings(
                "running",
                _ =>
                {
                    if (random.Next(6) == 0)
                        throw new Killed();
                }
            )
        );
        for (var tries = 0; index.Position < changes.Count - 1; tries++)
        {
            Assert.InRange(tries, 0, 1000);
            try
            {
                Feed(index, changes);
            }
            catch (Killed)
            {
                AssertHolds(index, After(changes, index.Position));
            }
        }
        AssertHolds(index, After(changes, changes.Count - 1));
    }

    [Fact]
    public void What_is_missing_or_altered_is_noticed_and_the_index_begins_empty()
    {
        var changes = Changes();
        using (var index = SearchIndex.Open(Settings("whole")))
            Feed(index, changes);
        var files = Directory
            .GetFiles(Path.Combine(_folder, "whole"))
            .Where(path => !path.EndsWith("lock", StringComparison.Ordinal));
        var random = new Random(3);
        foreach (
            var (file, how) in files.SelectMany(file =>
                Enumerable.Range(0, 20).Select(how => (Path.GetFileName(file), how))
            )
        )
        {
            var folder = Path.Combine(_folder, "damaged");
            Directory.CreateDirectory(folder);
            foreach (var path in Directory.GetFiles(Path.Combine(_folder, "whole")))
                File.Copy(path, Path.Combine(folder, Path.GetFileName(path)));
            Damage(Path.Combine(folder, file), how, random);
            using (var index = SearchIndex.Open(Settings("damaged")))
            {
                // Without a manifest there is no index, only files that a crash may have left.
                var expected = file == "manifest" && how == 0 ? IndexOpening.New : IndexOpening.Damaged;
                Assert.Equal(
                    (expected, SearchIndex.NoPosition, 0),
                    (index.Opening, index.Position, index.DocumentCount)
                );
                Assert.Equal(expected == IndexOpening.Damaged, index.Damage is not null);
                Feed(index, changes);
                AssertHolds(index, After(changes, changes.Count - 1));
            }
            Directory.Delete(folder, recursive: true);
        }
    }

    static void Damage(string path, int how, Random random)
    {
        var bytes = File.ReadAllBytes(path);
        switch (how)
        {
            case 0:
                File.Delete(path);
                return;
            case 1:
                File.WriteAllBytes(path, []);
                return;
            case 2:
                File.WriteAllBytes(path, bytes[..random.Next(bytes.Length)]);
                return;
            default:
                bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                File.WriteAllBytes(path, bytes);
                return;
        }
    }

    [Fact]
    public void Two_processes_cannot_have_it_open()
    {
        using var index = SearchIndex.Open(Settings("one"));
        Assert.Throws<IOException>(() => SearchIndex.Open(Settings("one")));
    }

    [Fact]
    public void Closed_while_it_merges_it_is_whole_when_it_is_opened_again()
    {
        var random = new RandomDocuments(6, 3000);
        var model = new Dictionary<long, IndexDocument>();
        for (var round = 0; round < 25; round++)
        {
            using var index = SearchIndex.Open(
                Settings("closing") with
                {
                    MergeInBackground = true,
                    ChunkDocuments = 200,
                }
            );
            Assert.NotEqual(IndexOpening.Damaged, index.Opening);
            AssertHolds(index, model);
            List<IndexDocument> some = [.. Enumerable.Range(0, 300).Select(_ => random.Document(random.Row()))];
            foreach (var document in some)
                model[document.Row] = document;
            index.Apply(some, [], round);
            Assert.Null(index.MergeFault);
        }
    }

    [Fact]
    public async Task Readers_keep_their_state_while_changes_and_merges_go_on()
    {
        var random = new RandomDocuments(4, 500);
        using var index = SearchIndex.Open(Settings("busy") with { MergeInBackground = true });
        var documents = Enumerable.Range(0, 500).Select(row => random.Document(row)).ToList();
        index.Apply(documents, [], 0);
        using var stop = new CancellationTokenSource();
        var reading = Enumerable
            .Range(0, 3)
            .Select(_ =>
                Task.Run(
                    () =>
                    {
                        while (!stop.IsCancellationRequested)
                        {
                            using var reader = index.Read();
                            using var all = reader.Find(IndexQuery.All);
                            Assert.Equal(500, all.Count);
                            Assert.Equal(500, all.Facet("id", 1000).Sum(count => count.Documents));
                            using var one = reader.Find(IndexQuery.Term("id", "S00007"));
                            Assert.Equal([7L], one.Rows());
                        }
                    },
                    TestContext.Current.CancellationToken
                )
            )
            .ToArray();
        for (var change = 1; change < 120; change++)
            index.Apply([.. documents.Skip(change * 4).Take(4)], [], change);
        await stop.CancelAsync();
        await Task.WhenAll(reading);
        Assert.Null(index.MergeFault);
    }
}
