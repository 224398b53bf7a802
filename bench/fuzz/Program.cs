using System.Diagnostics;
using System.Globalization;
using Harima.Fuzz;
using Trace = SharpFuzz.Common.Trace;

// Harima.Fuzz TARGET|all SECONDS CORPUS-FOLDER FINDINGS-FOLDER [SEED]: mutates what the corpus holds and keeps what reaches new code.
// Harima.S3.dll and Harima.Server.dll beside it must have been instrumented; bench/fuzz/run does all that.
var seconds = int.Parse(args[1], CultureInfo.InvariantCulture);
var (corpus, findings) = (args[2], Directory.CreateDirectory(args[3]).FullName);
var seed = args.Length > 4 ? int.Parse(args[4], CultureInfo.InvariantCulture) : Environment.TickCount;
var found = 0;

// Instrumented code counts from its first line on.
Coverage.Start();
foreach (var target in args[0] == "all" ? Targets.All.Keys : [args[0]])
    found += await Fuzzing.RunAsync(target, TimeSpan.FromSeconds(seconds), corpus, findings, seed);
return found == 0 ? 0 : 1;

static unsafe class Coverage
{
    const int MapBytes = 1 << 16;

    // What was reached how often, in eight classes of counts, as AFL does it.
    static readonly byte[] Seen = new byte[MapBytes];
    static readonly byte[] Map = GC.AllocateArray<byte>(MapBytes, pinned: true);

    public static int Reached { get; private set; }

    public static void Start()
    {
        Array.Clear(Map);
        fixed (byte* map = Map)
            Trace.SharedMem = map;
        Trace.PrevLocation = 0;
    }

    /// <summary>Whether the last run reached something no run before it had.</summary>
    public static bool IsNew()
    {
        var isNew = false;
        var rest = Map.AsSpan();
        for (int at = 0, next; (next = rest[at..].IndexOfAnyExcept((byte)0)) >= 0; at++)
        {
            at += next;
            var count = Map[at];
            var bit = (byte)(
                count switch
                {
                    1 => 1,
                    2 => 2,
                    3 => 4,
                    < 8 => 8,
                    < 16 => 16,
                    < 32 => 32,
                    < 128 => 64,
                    _ => 128,
                }
            );
            if ((Seen[at] & bit) != 0)
                continue;
            if (Seen[at] == 0)
                Reached++;
            Seen[at] |= bit;
            isNew = true;
        }
        return isNew;
    }

    public static void Forget()
    {
        Array.Clear(Seen);
        Reached = 0;
    }
}

static class Fuzzing
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    const long MaxAllocatedBytes = 64 << 20;

    public static async Task<int> RunAsync(string target, TimeSpan length, string corpus, string findings, int seed)
    {
        var run = Targets.All[target];
        var random = new Random(seed);
        var mutator = new Mutator(random, Targets.WordsOf(target));
        var inputs = Targets.SeedsOf(target).ToList();
        if (Directory.Exists(Path.Combine(corpus, target)))
            inputs.AddRange(
                Directory.GetFiles(Path.Combine(corpus, target)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)
            );
        var seeds = inputs.Count;
        Coverage.Forget();

        var known = new HashSet<string>();
        var (executions, refused, mostBytes, slowest) = (0L, 0L, 0L, TimeSpan.Zero);
        byte[] current = [];
        var began = Stopwatch.StartNew();
        long startedAt = 0;
        using var watch = new Timer(
            _ =>
            {
                if (Volatile.Read(ref startedAt) is var start and > 0 && Stopwatch.GetElapsedTime(start) > Patience)
                {
                    Save("hang", current);
                    Environment.Exit(3);
                }
            },
            null,
            1000,
            1000
        );

        void Save(string kind, byte[] input)
        {
            var file = Path.Combine(
                findings,
                $"{target}-{kind}-{Convert.ToHexStringLower(System.Security.Cryptography.SHA1.HashData(input))[..8]}"
            );
            File.WriteAllBytes(file, input);
            Console.WriteLine($"{target}: {kind}, kept as {file}");
        }

        async Task TryAsync(byte[] input, bool isSeed)
        {
            current = input;
            var before = GC.GetAllocatedBytesForCurrentThread();
            Coverage.Start();
            Volatile.Write(ref startedAt, Stopwatch.GetTimestamp());
            try
            {
                await run(input);
            }
            catch (Exception refusal) when (Targets.IsRefusal(refusal))
            {
                refused++;
            }
            catch (Exception fault)
            {
                var place = new StackTrace(fault).GetFrame(0)?.GetMethod();
                if (known.Add($"{fault.GetType()} {place?.DeclaringType} {place}"))
                {
                    Console.WriteLine(fault);
                    Save(fault.GetType().Name, input);
                }
            }
            var took = Stopwatch.GetElapsedTime(startedAt);
            Volatile.Write(ref startedAt, 0);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            mostBytes = Math.Max(mostBytes, allocated);
            slowest = took > slowest ? took : slowest;
            if (allocated > MaxAllocatedBytes && known.Add("memory"))
                Save("memory", input);
            executions++;
            if (Coverage.IsNew() && !isSeed)
                inputs.Add(input);
        }

        foreach (var input in inputs.ToArray())
            await TryAsync(input, isSeed: true);
        var (seedReached, seedRefused) = (Coverage.Reached, refused);
        while (began.Elapsed < length)
            await TryAsync(
                mutator.Mutate(inputs[random.Next(inputs.Count)], inputs[random.Next(inputs.Count)]),
                isSeed: false
            );

        Console.WriteLine(
            FormattableString.Invariant(
                $"| {target} | {seeds} ({seeds - seedRefused} accepted) | {executions:N0} | {executions / began.Elapsed.TotalSeconds:N0} | {seedReached:N0} | {Coverage.Reached:N0} | {inputs.Count - seeds:N0} | {mostBytes >> 10:N0} KiB | {slowest.TotalMilliseconds:N0} ms | {known.Count} |"
            )
        );
        return known.Count;
    }
}
