using System.Collections.Concurrent;
using System.Diagnostics;
using Harima.Search.Index;

namespace Harima.CatalogueBench;

/// <summary>Questions as people ask them, by people of different rights, to the index alone.</summary>
static class AskIndex
{
    static readonly string[] FacetFields =
    [
        "technique",
        "beamline",
        "proposal",
        "year",
        "element",
        "type",
        "status",
        "owner",
        "visibility",
    ];
    const double KeV = 1.602176634e-16;

    /// <param name="Facets">Page and facets; otherwise the page alone.</param>
    sealed record Question(string Name, IndexQuery Query, bool Facets, IndexSort Sort, int Pages = 1);

    static readonly IndexSort Newest = IndexSort.ByNumber("date", descending: true);

    static IndexQuery Is(string field, string value) => IndexQuery.Term(field, Documents.Whole(value));

    static IndexQuery Words(string text)
    {
        var tokens = Documents.Cut(text);
        // The last sign alone is there for the end of a text; within a phrase it is not asked for.
        if (tokens.Count > 1 && tokens[^1].Length == 1 && tokens[^1][0] > '\u3000')
            tokens.RemoveAt(tokens.Count - 1);
        return tokens.Count == 1 ? IndexQuery.Term("text", tokens[0]) : IndexQuery.Phrase("text", tokens);
    }

    static Question Ask(int n, Facility facility)
    {
        var random = new Draws((ulong)n * 31 + 3);
        var element = random.Skewed(Vocabulary.Elements);
        var energy = 5 + 20 * random.Unit();
        var range = IndexQuery.Range("s.measurement.energy", energy * KeV, (energy + 0.6) * KeV);
        var technique = Is("technique", random.Skewed(Vocabulary.Techniques).Name);
        return (n % 12) switch
        {
            0 => new("everything I may see", IndexQuery.All, true, Newest),
            1 => new("technique", technique, true, Newest),
            2 => new("common word, English", Words(random.Of(Vocabulary.Subjects)), true, Newest),
            3 => new("common word, Japanese", Words(random.Of(Vocabulary.SubjectsJa)), true, Newest),
            4 => new("part of a word, Japanese", Words("超伝"), true, Newest),
            5 => new("rare word", Words($"q{random.Next(400_000)}"), true, Newest),
            6 => new("phrase of both", IndexQuery.And(Words("natural rubber"), Words("天然ゴムを")), true, Newest),
            7 => new("technique and energy range", IndexQuery.And(technique, range), true, Newest),
            8 => new(
                "element, not open, a year",
                IndexQuery.And(
                    Is("element", element),
                    IndexQuery.Not(Is("status", "open")),
                    Is("year", $"{2014 + random.Next(12)}")
                ),
                true,
                Newest
            ),
            9 => new("energy range, largest first", range, true, IndexSort.ByNumber("size", true)),
            10 => new("page 20", Is("element", element), true, Newest, Pages: 20),
            _ => new(
                "one beamline, page only",
                Is("beamline", facility.Sequence(random.Next(1000)).Beamline),
                false,
                Newest
            ),
        };
    }

    public static int Run(Facility facility, string folder, int clients, bool forget = false)
    {
        var settings = new SearchIndexSettings { Folder = folder };
        if (forget)
            settings = settings with { RememberedPartsBytes = 0, RememberedCountsBytes = 0 };
        using var index = SearchIndex.Open(settings);
        var everyone = IndexQuery.Remembered(Is("visibility", "everyone"));
        var users = Enumerable
            .Range(0, 20)
            .Select(user =>
                IndexQuery.Remembered(
                    IndexQuery.Or(
                        everyone,
                        IndexQuery.AnyOf(
                            "proposal",
                            [.. Facility.ProposalsOf(user).Select(Facility.ProposalId).Select(Documents.Whole)]
                        )
                    )
                )
            )
            .ToArray();
        const int Warm = 720;
        Drive(index, facility, users, everyone, Warm, clients, times: null);
        var times = new ConcurrentBag<(string Question, string Who, double Milliseconds)>();
        var clock = Stopwatch.StartNew();
        Drive(index, facility, users, everyone, 3600, clients, times);
        var seconds = clock.Elapsed.TotalSeconds;
        var statistics = index.Statistics;
        Console.WriteLine(
            $"{statistics.Documents} documents, {statistics.Segments} segments, {clients} at a time: {times.Count / seconds:f0} questions/s; {Memory.Told()}\n"
        );
        Console.WriteLine("| question | who | p50 | p95 | p99 | worst |\n| --- | --- | --- | --- | --- | --- |");
        foreach (var group in times.GroupBy(time => (time.Question, time.Who)).OrderBy(group => group.Key))
            Console.WriteLine(Line(group.Key.Question, group.Key.Who, group));
        foreach (var group in times.GroupBy(time => time.Who).OrderBy(group => group.Key))
            Console.WriteLine(Line("all", group.Key, group));
        Console.WriteLine(Line("all", "all", times));
        Freshness(index, facility);
        return 0;
    }

    static string Line(string question, string who, IEnumerable<(string, string, double Milliseconds)> times)
    {
        var ordered = times.Select(time => time.Milliseconds).Order().ToArray();
        double At(double part) => ordered[Math.Min(ordered.Length - 1, (int)(part * ordered.Length))];
        return $"| {question} | {who} | {At(0.5):f1} | {At(0.95):f1} | {At(0.99):f1} | {ordered[^1]:f1} |";
    }

    static void Drive(
        SearchIndex index,
        Facility facility,
        IndexQuery[] users,
        IndexQuery everyone,
        int count,
        int clients,
        ConcurrentBag<(string, string, double)>? times
    )
    {
        var next = -1;
        var threads = Enumerable
            .Range(0, clients)
            .Select(_ => new Thread(() =>
            {
                for (var n = Interlocked.Increment(ref next); n < count; n = Interlocked.Increment(ref next))
                {
                    var question = Ask(n, facility);
                    var (who, may) = (n / 12 % 3) switch
                    {
                        0 => ("admin", IndexQuery.All),
                        1 => ("user", users[n / 36 % users.Length]),
                        _ => ("stranger", everyone),
                    };
                    var clock = Stopwatch.StartNew();
                    var milliseconds = Answer(index, question, may, clock);
                    times?.Add((question.Name, who, milliseconds));
                }
            }))
            .ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
    }

    static double Answer(SearchIndex index, Question question, IndexQuery may, Stopwatch clock)
    {
        using var reader = index.Read();
        var query = IndexQuery.And(may, question.Query);
        IndexCursor? after = null;
        // Walking to a later page is not what is timed.
        if (question.Pages > 1)
        {
            using var earlier = reader.Find(query);
            for (var page = 1; page < question.Pages; page++)
                after = earlier.Page(question.Sort, after, 50).Next ?? after;
            clock.Restart();
        }
        using var found = reader.Find(query);
        found.Page(question.Sort, after, 50);
        if (question.Facets)
        {
            foreach (var field in FacetFields)
                found.Facet(field, 30);
        }
        return clock.Elapsed.TotalMilliseconds;
    }

    /// <summary>Small changes, as they come while people measure: how long until they are found.</summary>
    static void Freshness(SearchIndex index, Facility facility)
    {
        var times = new List<double>();
        var position = index.Position;
        for (var n = 0; n < 50; n++)
        {
            var changed = Documents.Of(facility.Sequence(n * 977 % facility.Sequences));
            var marked = changed with { Terms = [.. changed.Terms, new IndexTerm("keyword", $"fresh{n}")] };
            var clock = Stopwatch.StartNew();
            index.Apply([marked], [], position);
            using var reader = index.Read();
            if (reader.Count(IndexQuery.Term("keyword", $"fresh{n}")) != 1)
                throw new InvalidOperationException("what was applied is not found");
            times.Add(clock.Elapsed.TotalMilliseconds);
        }
        times.Sort();
        Console.WriteLine($"\none change applied, on disk and found: p50 {times[25]:f1} ms, worst {times[^1]:f1} ms");
    }
}
