using System.Diagnostics;
using Harima.Search.Index;

namespace Harima.CatalogueBench;

static class BuildIndex
{
    const int Portion = 1_000;

    public static int Run(Facility facility, string folder)
    {
        var clock = Stopwatch.StartNew();
        using var index = SearchIndex.Open(new SearchIndexSettings { Folder = folder });
        index.Clear();
        var next = 0L;
        Parallel.For(
            0,
            Environment.ProcessorCount,
            _ =>
            {
                using var load = index.BeginLoad();
                while (Interlocked.Add(ref next, Portion) - Portion is var from && from < facility.Sequences)
                {
                    for (var n = from; n < Math.Min(from + Portion, facility.Sequences); n++)
                        load.Add(Documents.Of(facility.Sequence(n)));
                    if ((from + Portion) % 1_000_000 == 0)
                        Console.Error.WriteLine($"{from + Portion} {clock.Elapsed.TotalSeconds:f0} s {Memory.Told()}");
                }
                load.Finish();
            }
        );
        index.Apply([], [], facility.Sequences);
        var fed = clock.Elapsed.TotalSeconds;
        index.Compact();
        var statistics = index.Statistics;
        Console.WriteLine(
            $"{statistics.Documents} documents: fed in {fed:f1} s, merged in {clock.Elapsed.TotalSeconds - fed:f1} s more, "
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
