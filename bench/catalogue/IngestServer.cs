using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Harima.CatalogueBench;

/// <summary>New sequences with their metadata through the front door, 1,000 a request, as when another catalogue moves in.</summary>
static class IngestServer
{
    const int Portion = 1_000;

    public static async Task<int> RunAsync(Facility facility, string address, string folder, int count, int clients)
    {
        var people = JsonSerializer.Deserialize<Dictionary<string, string>>(
            await File.ReadAllTextAsync(Path.Combine(folder, "people.json"))
        )!;
        using var http = new HttpClient { BaseAddress = new Uri(address), Timeout = TimeSpan.FromMinutes(5) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", people["admin"]);
        var proposal = Facility.ProposalId(0);
        // Making the bodies is not what is timed.
        var bodies = Enumerable
            .Range(0, count / Portion)
            .AsParallel()
            .Select(portion =>
            {
                var sequences = Enumerable
                    .Range(portion * Portion, Portion)
                    .Select(n => facility.Sequence(n * 131L % facility.Sequences))
                    .Select(
                        (s, n) =>
                            $$"""{"id": "N{{Environment.ProcessId}}-{{portion}}-{{n}}", "measurement": {{BenchSequence.Json(s.Measurement)}}, "sample": {{BenchSequence.Json(s.Sample)}}}"""
                    );
                return $$"""{"sequences": [{{string.Join(',', sequences)}}]}""";
            })
            .ToArray();
        var next = -1;
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(
            Enumerable
                .Range(0, clients)
                .Select(async _ =>
                {
                    for (
                        var n = Interlocked.Increment(ref next);
                        n < bodies.Length;
                        n = Interlocked.Increment(ref next)
                    )
                    {
                        using var content = new StringContent(bodies[n], Encoding.UTF8, "application/json");
                        using var response = await http.PostAsync(
                            $"api/v1/proposals/{proposal}/sequences/bulk",
                            content
                        );
                        var answer = await response.Content.ReadAsStringAsync();
                        if (
                            !response.IsSuccessStatusCode
                            || !answer.Contains($"\"opened\":{Portion}", StringComparison.Ordinal)
                        )
                            throw new InvalidOperationException(
                                $"{response.StatusCode} {answer[..Math.Min(500, answer.Length)]}"
                            );
                    }
                })
        );
        var seconds = clock.Elapsed.TotalSeconds;
        Console.Write(
            $"{count} sequences with their metadata opened over REST by {clients} at a time in {seconds:f1} s: {count / seconds:f0}/s"
        );
        var word = Uri.EscapeDataString($"id:N{Environment.ProcessId}-*");
        while (true)
        {
            using var found = JsonDocument.Parse(
                await http.GetStringAsync($"api/v1/search?q={word}&limit=0&facets=proposal")
            );
            if (found.RootElement.GetProperty("count").GetInt64() >= Math.Min(count, 10_000) && await AllAsync())
                break;
            await Task.Delay(100);
        }
        Console.WriteLine($"; all of them found {clock.Elapsed.TotalSeconds:f1} s after the first was sent");
        return 0;

        // Counts end at 10,000: the last portion tells.
        async Task<bool> AllAsync()
        {
            var last = Uri.EscapeDataString($"id:N{Environment.ProcessId}-{bodies.Length - 1}-*");
            using var found = JsonDocument.Parse(await http.GetStringAsync($"api/v1/search?q={last}&limit=0"));
            return found.RootElement.GetProperty("count").GetInt64() == Portion;
        }
    }
}
