using System.Globalization;
using Harima.Load;

// bench/s3/run starts the servers and calls this:
//   (bench/s3/flat: --flat 1)
//   Harima.Load [--rounds N] [--seconds S] [--only TEXT] --peer 'name;address:port;prefix;key;secret;pid[;small]' ...
// The first peer is the one that is compared with each of the others.
var rounds = 3;
var seconds = 3.0;
string? only = null;
var flat = false;
var peers = new List<Peer>();
for (var i = 0; i + 1 < args.Length; i += 2)
{
    switch (args[i])
    {
        case "--rounds":
            rounds = int.Parse(args[i + 1], CultureInfo.InvariantCulture);
            break;
        case "--seconds":
            seconds = double.Parse(args[i + 1], CultureInfo.InvariantCulture);
            break;
        case "--only":
            only = args[i + 1];
            break;
        case "--flat":
            flat = true;
            break;
        case "--peer":
            peers.Add(Peer.Parse(args[i + 1]));
            break;
        default:
            throw new ArgumentException($"Unknown option {args[i]}");
    }
}

Case[] cases =
[
    new("GET 4 KiB, 1 conn", "GET", 4096, 1),
    new("GET 4 KiB, 8 conn", "GET", 4096, 8),
    new("GET 4 KiB, 64 conn", "GET", 4096, 64),
    new("HEAD, 1 conn", "HEAD", 4096, 1),
    new("HEAD, 8 conn", "HEAD", 4096, 8),
    new("HEAD, 64 conn", "HEAD", 4096, 64),
    new("PUT 4 KiB, 1 conn", "PUT", 4096, 1),
    new("PUT 4 KiB, 8 conn", "PUT", 4096, 8),
    new("PUT 4 KiB, 64 conn", "PUT", 4096, 64),
    new("GET 64 MiB, 1 conn", "GET", 64 << 20, 1),
    new("GET 64 MiB, 8 conn", "GET", 64 << 20, 8),
    new("GET 1 GiB, 1 conn", "GET", 1 << 30, 1),
    new("PUT 64 MiB, 1 conn", "PUT", 64 << 20, 1),
    new("PUT 64 MiB, 8 conn", "PUT", 64 << 20, 8),
    new("PUT 1 GiB, 1 conn", "PUT", 1 << 30, 1),
    new("multipart 128 MiB, 8 conn", "MULTIPART", 128 << 20, 8),
    new("LIST 1,000 keys, 1 conn", "LIST", 0, 1),
    new("LIST 1,000 keys, 8 conn", "LIST", 0, 8),
];

if (flat)
{
    // The keys are there already, by SQL.
    cases =
    [
        new("LIST 1,000 keys of a flat folder", "LIST", 0, 4),
        new("LIST of it from the middle on", "LIST AFTER", 0, 4),
        new("LIST by '/' above it: two folders", "LIST FOLDERS", 0, 4),
        new("HEAD", "HEAD", 4096, 4),
        new("PUT 4 KiB", "PUT", 4096, 4),
    ];
}
else
    Prepare.Buckets(peers.Where(peer => peer.SmallOnly));
if (!flat && peers.Any(peer => peer.Credentials is not null))
    Prepare.Listing(peers.Where(peer => peer.Credentials is not null));
Console.WriteLine($"| load | {string.Join(" | ", peers.Select(peer => $"{peer.Name} | CPU"))} | ratio |");
Console.WriteLine($"| --- |{string.Concat(peers.Select(_ => " --- | --- |"))} --- |");
foreach (var load in cases.Where(load => only is null || load.Name.Contains(only, StringComparison.OrdinalIgnoreCase)))
{
    var able = peers
        .Where(peer => load.Method is "GET" or "HEAD" or "PUT" || peer.Credentials is not null)
        .Where(peer => !peer.SmallOnly || load.SizeBytes < 1 << 20)
        .ToList();
    foreach (var peer in able)
        load.Prepare(peer);
    var measured = able.ToDictionary(peer => peer, _ => new List<Case.Measured>());
    // The first round warms: code is compiled, files come into memory.
    foreach (var peer in able)
        load.Run(peer, TimeSpan.FromSeconds(Math.Min(2, seconds)), rounds);
    for (var round = 0; round < rounds; round++)
        foreach (var peer in able)
            measured[peer].Add(load.Run(peer, TimeSpan.FromSeconds(seconds), round));
    Console.WriteLine(Table.Row(load, peers, measured));
}

static class Prepare
{
    /// <summary>Those that were started for this run alone have none yet.</summary>
    public static void Buckets(IEnumerable<Peer> peers)
    {
        foreach (var peer in peers)
        {
            using var connection = new Connection(peer.Address);
            connection.Exchange(peer.Head("PUT", $"/{peer.Prefix.Split('/')[1]}"), [], withoutBody: false);
        }
    }

    /// <summary>A thousand and some empty objects to list.</summary>
    public static void Listing(IEnumerable<Peer> peers)
    {
        foreach (var peer in peers)
        {
            using var connection = new Connection(peer.Address);
            for (var i = 0; i < 1001; i++)
                connection.Exchange(
                    peer.Head(
                        "PUT",
                        string.Create(CultureInfo.InvariantCulture, $"{peer.Prefix}/list/scan_{i:00000}.h5")
                    ),
                    [],
                    withoutBody: false
                );
        }
    }
}

static class Table
{
    public static string Row(Case load, List<Peer> peers, Dictionary<Peer, List<Case.Measured>> measured)
    {
        var large = load.SizeBytes >= 1 << 20;
        var cells = peers.Select(peer => measured.TryGetValue(peer, out var rounds) ? Cell(rounds, large) : " | ");
        var ratios = peers
            .Skip(1)
            .Where(measured.ContainsKey)
            .Select(peer =>
            {
                var each = Ratios(measured[peers[0]], measured[peer]);
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{each[each.Count / 2]:0.00} of {peer.Name} ({each[0]:0.00}–{each[^1]:0.00})"
                );
            });
        return $"| {load.Name} | {string.Join(" | ", cells)} | {string.Join(", ", ratios)} |";
    }

    // Of rounds that lie beside each other in time, so that what else the machine does falls on both.
    static List<double> Ratios(List<Case.Measured> ours, List<Case.Measured> theirs) =>
        [.. ours.Zip(theirs, (a, b) => a.PerSecond / b.PerSecond).Order()];

    static string Cell(List<Case.Measured> rounds, bool large)
    {
        var rate = rounds.OrderBy(round => round.PerSecond).ElementAt(rounds.Count / 2);
        var requests = rounds.Sum(round => round.Requests);
        var cpu = rounds.Sum(round => round.CpuSeconds);
        var gibibytes =
            rounds.Sum(round => round.GigabytesPerSecond / round.PerSecond * round.Requests) * 1e9 / (1 << 30);
        return large
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{rate.GigabytesPerSecond:0.00} GB/s | {cpu / gibibytes:0.00} s/GiB"
            )
            : string.Create(CultureInfo.InvariantCulture, $"{rate.PerSecond:N0}/s | {cpu / requests * 1000:0.000} ms");
    }
}
