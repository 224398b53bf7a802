using System.Diagnostics;
using Harima.Search.Index;

namespace Harima.CatalogueBench;

static class BuildIndex
{
    const int Batch = 16_000;

    public static int Run(Facility facility, string folder)
    {
        var making = new Stopwatch();
        var clock = Stopwatch.StartNew();
        using var index = SearchIndex.Open(new SearchIndexSettings { Folder = folder });
        for (var from = Math.Max(0, index.Position); from < facility.Sequences; from += Batch)
        {
            var count = (int)Math.Min(Batch, facility.Sequences - from);
            var documents = new IndexDocument[count];
            var first = from;
            making.Start();
            Parallel.For(0, count, at => documents[at] = Documents.Of(facility.Sequence(first + at)));
            making.Stop();
            index.Apply(documents, [], from + count);
            if ((from + count) % 1_000_000 == 0)
                Console.Error.WriteLine($"{from + count} {clock.Elapsed.TotalSeconds:f0} s {Memory.Told()}");
        }
        var fed = clock.Elapsed.TotalSeconds;
        index.Compact();
        var statistics = index.Statistics;
        Console.WriteLine(
            $"{statistics.Documents} documents: fed in {fed:f1} s ({making.Elapsed.TotalSeconds:f1} s of it making them), merged in {clock.Elapsed.TotalSeconds - fed:f1} s more, "
                + $"{statistics.Documents / clock.Elapsed.TotalSeconds:f0}/s; {statistics.FileBytes / 1e9:f2} GB in {statistics.Segments} segments, "
                + $"{statistics.FileBytes / statistics.Documents} bytes each; {Memory.Told()}; collecting garbage {GC.GetTotalPauseDuration().TotalSeconds:f1} s"
        );
        return 0;
    }
}

static class Memory
{
    /// <summary>Of this process: its own, and its peak; what is mapped of files belongs to the page cache.</summary>
    public static string Told()
    {
        var lines = File.ReadLines("/proc/self/status").Select(line => line.Split(':', StringSplitOptions.TrimEntries));
        var of = lines.ToDictionary(line => line[0], line => line[1]);
        return $"own memory {of["RssAnon"]}, mapped files resident {of["RssFile"]}";
    }
}
