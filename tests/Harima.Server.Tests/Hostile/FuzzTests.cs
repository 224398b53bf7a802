using Harima.Fuzz;

namespace Harima.Hostile;

/// <summary>
/// A short run of what <c>bench/fuzz/run</c> does for as long as one likes: what real clients sent, changed at random, is read or
/// refused in S3's words, and costs little.
/// </summary>
public sealed class FuzzTests
{
    const int Executions = 15_000;
    const long MaxAllocatedBytes = 64 << 20;

    public static TheoryData<string> All => [.. Targets.All.Keys];

    static string Corpus
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Harima.slnx")))
                folder = Path.GetDirectoryName(folder)!;
            return Path.Combine(folder, "bench", "fuzz", "corpus");
        }
    }

    static byte[][] SeedsOf(string target)
    {
        var folder = Path.Combine(Corpus, target);
        return
        [
            .. Targets.SeedsOf(target),
            .. Directory.Exists(folder)
                ? Directory.GetFiles(folder).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)
                : [],
        ];
    }

    /// <returns>Why it was refused, or null.</returns>
    static async Task<Exception?> ReadAsync(string target, byte[] input)
    {
        try
        {
            await Targets.All[target](input);
            return null;
        }
        catch (Exception refusal) when (Targets.IsRefusal(refusal))
        {
            return refusal;
        }
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task What_was_recorded_or_once_found_is_read_or_refused(string target)
    {
        foreach (var input in SeedsOf(target))
            await ReadAsync(target, input);
    }

    [Fact]
    public async Task Every_request_that_a_real_client_signed_is_believed()
    {
        var requests = Directory.GetFiles(Path.Combine(Corpus, "request"));
        Assert.True(requests.Length >= 50);
        foreach (var file in requests)
            Assert.Null(
                await ReadAsync("request", await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken))
            );
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task Whatever_it_is_changed_into_is_read_or_refused(string target)
    {
        var inputs = SeedsOf(target);
        var seed = Random.Shared.Next();
        var random = new Random(seed);
        var mutator = new Mutator(random, Targets.WordsOf(target));
        for (var n = 0; n < Executions; n++)
        {
            var input = mutator.Mutate(inputs[random.Next(inputs.Length)], inputs[random.Next(inputs.Length)]);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                await ReadAsync(target, input);
            }
            catch (Exception fault)
            {
                throw new InvalidOperationException($"seed {seed}, {Convert.ToBase64String(input)}", fault);
            }
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < MaxAllocatedBytes, $"{allocated} bytes for {Convert.ToBase64String(input)}");
        }
    }
}
