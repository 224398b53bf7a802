using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Harima.CatalogueBench;

/// <summary>
/// Questions as people ask them, over HTTP, to a server with its catalogue: a page of 50 with its rows from the database, and nine
/// facets; by an administrator, by users of 200 proposals and by a stranger.
/// </summary>
sealed class AskServer(Facility facility, string address, Dictionary<string, string> people) : IDisposable
{
    const string Facets = "technique,beamline,proposal,year,element,type,status,owner,visibility";

    readonly HttpClient _http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 64 })
    {
        BaseAddress = new Uri(address),
        Timeout = TimeSpan.FromMinutes(5),
    };

    /// <param name="Facets">Page and facets; otherwise the page alone.</param>
    /// <param name="Passed">How many hits lie before the page.</param>
    sealed record Question(string Name, string Text, bool Facets = true, string Sort = "date", int Passed = 0);

    static Question Ask(int n, Facility facility)
    {
        var random = new Draws((ulong)n * 31 + 3);
        var element = random.Skewed(Vocabulary.Elements);
        var energy = 5 + 20 * random.Unit();
        var range = FormattableString.Invariant($"energy:{energy:f3}..{energy + 0.6:f3}keV");
        var technique = $"technique:\"{random.Skewed(Vocabulary.Techniques).Name}\"";
        return (n % 14) switch
        {
            0 => new("everything one may see", ""),
            1 => new("a technique", technique),
            2 => new("a common word, English", random.Of(Vocabulary.Subjects)),
            3 => new("a common word, Japanese", random.Of(Vocabulary.SubjectsJa)),
            4 => new("a part of a word, Japanese", "超伝"),
            5 => new("a rare word", $"q{random.Next(400_000)}"),
            6 => new("phrases of both languages", "\"natural rubber\" \"天然ゴムを\""),
            7 => new("technique and energy range", $"{technique} {range}"),
            8 => new("element, not open, one year", $"element:{element} NOT status:open year:{2014 + random.Next(12)}"),
            9 => new("energy range, largest first", range, Sort: "size"),
            10 => new("page 20 of an element", $"element:{element}", Passed: 950),
            11 => new("filter: a beamline", $"beamline:{facility.Sequence(random.Next(1000)).Beamline}", Facets: false),
            12 => new("filter: a number with unit", range, Facets: false),
            _ => new(
                "filter: any path",
                $"instrument.detector.name:\"{random.Skewed(Vocabulary.Detectors)}\"",
                Facets: false
            ),
        };
    }

    public static async Task<int> RunAsync(Facility facility, string address, string folder, int questions)
    {
        var people = JsonSerializer.Deserialize<Dictionary<string, string>>(
            await File.ReadAllTextAsync(Path.Combine(folder, "people.json"))
        )!;
        using var asking = new AskServer(facility, address, people);
        await asking.ReadyAsync();
        await asking.DriveAsync(420, 2, null);
        foreach (var clients in new[] { 1, 4, 8 })
            await asking.MeasureAsync(questions, clients);
        await asking.FreshnessAsync();
        return 0;
    }

    /// <summary>The first questions after a start, as they come; nothing was asked before them.</summary>
    public static async Task<int> RunFirstAsync(Facility facility, string address, string folder, int questions)
    {
        var people = JsonSerializer.Deserialize<Dictionary<string, string>>(
            await File.ReadAllTextAsync(Path.Combine(folder, "people.json"))
        )!;
        using var asking = new AskServer(facility, address, people);
        await asking.ReadyAsync();
        await asking.MeasureAsync(questions, 1);
        return 0;
    }

    /// <summary>Waits until the index is whole.</summary>
    async Task ReadyAsync()
    {
        var clock = Stopwatch.StartNew();
        for (var told = 0; ; )
        {
            using var state = JsonDocument.Parse(await GetAsync("api/v1/search/state", "admin"));
            var (phase, documents) = (
                state.RootElement.GetProperty("state").GetString(),
                state.RootElement.GetProperty("documents").GetInt64()
            );
            if (phase == "ready")
            {
                Console.WriteLine($"index of {documents} ready after {clock.Elapsed.TotalSeconds:f1} s");
                return;
            }
            if (clock.Elapsed.TotalSeconds > told * 60)
                Console.Error.WriteLine($"{phase}, {documents} after {60 * told++} s");
            await Task.Delay(200);
        }
    }

    async Task<string> GetAsync(string path, string who)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", people[who]);
        using var response = await _http.SendAsync(request);
        var body = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode
            ? body
            : throw new InvalidOperationException($"{path}: {response.StatusCode} {body}");
    }

    async Task MeasureAsync(int questions, int clients)
    {
        var times = new ConcurrentBag<(string Question, string Who, bool Facets, double Milliseconds)>();
        var clock = Stopwatch.StartNew();
        await DriveAsync(questions, clients, times);
        var seconds = clock.Elapsed.TotalSeconds;
        Console.WriteLine(
            $"\n{clients} at a time: {times.Count / seconds:f0} questions/s; load {File.ReadAllText("/proc/loadavg").Split(' ')[0]}\n"
        );
        Console.WriteLine("| question | who | p50 | p95 | p99 | worst |\n| --- | --- | --- | --- | --- | --- |");
        if (clients == 1)
        {
            foreach (var group in times.GroupBy(time => (time.Question, time.Who)).OrderBy(group => group.Key))
                Console.WriteLine(Line(group.Key.Question, group.Key.Who, group.Select(time => time.Milliseconds)));
        }
        foreach (var group in times.GroupBy(time => (time.Facets, time.Who)).OrderBy(group => group.Key))
            Console.WriteLine(
                Line(
                    group.Key.Facets ? "page and facets" : "filter, page alone",
                    group.Key.Who,
                    group.Select(time => time.Milliseconds)
                )
            );
        foreach (var group in times.GroupBy(time => time.Facets).OrderBy(group => group.Key))
            Console.WriteLine(
                Line(
                    group.Key ? "page and facets" : "filter, page alone",
                    "all",
                    group.Select(time => time.Milliseconds)
                )
            );
    }

    public static string Line(string question, string who, IEnumerable<double> times)
    {
        var ordered = times.Order().ToArray();
        double At(double part) => ordered[Math.Min(ordered.Length - 1, (int)(part * ordered.Length))];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {question} | {who} | {At(0.5):f1} | {At(0.95):f1} | {At(0.99):f1} | {ordered[^1]:f1} |"
        );
    }

    async Task DriveAsync(int count, int clients, ConcurrentBag<(string, string, bool, double)>? times)
    {
        var next = -1;
        await Task.WhenAll(
            Enumerable
                .Range(0, clients)
                .Select(async _ =>
                {
                    for (var n = Interlocked.Increment(ref next); n < count; n = Interlocked.Increment(ref next))
                    {
                        var question = Ask(n, facility);
                        var (kind, who) = (n / 14 % 3) switch
                        {
                            0 => ("admin", "admin"),
                            1 => ("user", $"user{n / 42 % FillCatalogue.Users:d4}"),
                            _ => ("stranger", "stranger"),
                        };
                        var milliseconds = await AnswerAsync(question, who);
                        times?.Add((question.Name, kind, question.Facets, milliseconds));
                    }
                })
        );
    }

    async Task<double> AnswerAsync(Question question, string who)
    {
        var path = $"api/v1/search?q={Uri.EscapeDataString(question.Text)}&sort={question.Sort}";
        // Walking to a later page is not what is timed.
        for (var left = question.Passed; left > 0; left -= 500)
        {
            using var page = JsonDocument.Parse(await GetAsync($"{path}&limit={Math.Min(500, left)}", who));
            if (page.RootElement.GetProperty("next").GetString() is not { } cursor)
                break;
            path =
                $"api/v1/search?q={Uri.EscapeDataString(question.Text)}&sort={question.Sort}&cursor={Uri.EscapeDataString(cursor)}";
        }
        var clock = Stopwatch.StartNew();
        await GetAsync($"{path}&limit=50{(question.Facets ? "&facets=" + Facets : "")}", who);
        return clock.Elapsed.TotalMilliseconds;
    }

    /// <summary>From the answer to a change of metadata until a search finds it.</summary>
    async Task FreshnessAsync()
    {
        var (found, puts) = (new List<double>(), new List<double>());
        var open = Enumerable
            .Range(0, 20_000)
            .Select(n => facility.Sequence((long)n * 977 % facility.Sequences))
            .Where(s => s.State == "open")
            .DistinctBy(s => s.Row)
            .Take(60)
            .ToList();
        foreach (var (n, s) in open.Index())
        {
            var word = $"fresh{n}x{Environment.ProcessId}";
            using var request = new HttpRequestMessage(
                HttpMethod.Put,
                $"api/v1/proposals/{Facility.ProposalId(s.Proposal)}/sequences/{s.Id}/metadata/sample"
            )
            {
                Content = new StringContent($$"""{"comment": "{{word}}"}""", Encoding.UTF8, "application/json"),
            };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", people["admin"]);
            var put = Stopwatch.StartNew();
            using var response = await _http.SendAsync(request);
            response.EnsureSuccessStatusCode();
            puts.Add(put.Elapsed.TotalMilliseconds);
            var clock = Stopwatch.StartNew();
            while (true)
            {
                using var answer = JsonDocument.Parse(await GetAsync($"api/v1/search?q={word}&limit=1", "admin"));
                if (answer.RootElement.GetProperty("items").GetArrayLength() == 1)
                    break;
                await Task.Delay(10);
            }
            found.Add(clock.Elapsed.TotalMilliseconds);
        }
        Console.WriteLine("\n| | | p50 | p95 | p99 | worst |\n| --- | --- | --- | --- | --- | --- |");
        Console.WriteLine(Line("metadata PUT", "admin", puts));
        Console.WriteLine(Line("from its answer until found", "admin", found));
    }

    public void Dispose() => _http.Dispose();
}
