using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.IO.Hashing;

namespace Harima.Load;

/// <summary>One kind of load.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Method">GET, HEAD, PUT, or LIST for a page of a listing.</param>
/// <param name="SizeBytes">Of each object.</param>
/// <param name="Connections">In parallel.</param>
sealed record Case(string Name, string Method, int SizeBytes, int Connections)
{
    const int ReadKeys = 64;

    /// <summary>What one round came to.</summary>
    public sealed record Measured(double PerSecond, double GigabytesPerSecond, double CpuSeconds, long Requests);

    public static byte[] Body(int size)
    {
        var body = new byte[size];
        new Random(size).NextBytes(body);
        return body;
    }

    /// <summary>Puts what the reads will ask for.</summary>
    public void Prepare(Peer peer)
    {
        if (Method is not ("GET" or "HEAD"))
            return;
        using var connection = new Connection(peer.Address);
        var body = Body(SizeBytes);
        var crc = Crc(body);
        for (var i = 0; i < Keys; i++)
            connection.Exchange(peer.Head("PUT", ReadPath(peer, i), body.Length, crc), body, withoutBody: false);
    }

    public Measured Run(Peer peer, TimeSpan duration, int round)
    {
        var body = Method == "PUT" ? Body(SizeBytes) : [];
        var heads = Heads(peer, body, round);
        var bytesEach = Method == "PUT" ? SizeBytes : 0;
        long requests = 0;
        long bytes = 0;
        var stop = false;
        Exception? failure = null;
        using var ready = new Barrier(Connections + 1);
        var threads = Enumerable
            .Range(0, Connections)
            .Select(n => new Thread(
                () =>
                {
                    try
                    {
                        using var connection = new Connection(peer.Address);
                        ready.SignalAndWait();
                        long done = 0;
                        long read = 0;
                        for (var next = n; !Volatile.Read(ref stop); next += Connections)
                        {
                            read += bytesEach + connection.Exchange(heads[next % heads.Length], body, Method == "HEAD");
                            done++;
                        }
                        Interlocked.Add(ref requests, done);
                        Interlocked.Add(ref bytes, read);
                    }
                    catch (Exception fault)
                    {
                        failure = fault;
                        Volatile.Write(ref stop, true);
                    }
                },
                256 << 10
            ))
            .ToArray();
        foreach (var thread in threads)
            thread.Start();
        ready.SignalAndWait();
        var cpu = peer.CpuSeconds();
        var clock = Stopwatch.StartNew();
        for (; clock.Elapsed < duration && !Volatile.Read(ref stop); )
            Thread.Sleep(20);
        Volatile.Write(ref stop, true);
        foreach (var thread in threads)
            thread.Join();
        var seconds = clock.Elapsed.TotalSeconds;
        if (failure is not null)
            throw new InvalidOperationException($"{Name} on {peer.Name}", failure);
        return new Measured(requests / seconds, bytes / seconds / 1e9, peer.CpuSeconds() - cpu, requests);
    }

    int Keys => SizeBytes > 1 << 20 ? 4 : ReadKeys;

    string ReadPath(Peer peer, int i) =>
        string.Create(CultureInfo.InvariantCulture, $"{peer.Prefix}/read-{SizeBytes}/{i:000}.bin");

    byte[][] Heads(Peer peer, byte[] body, int round)
    {
        switch (Method)
        {
            case "PUT":
                var crc = Crc(body);
                var count = SizeBytes > 1 << 20 ? 8 : 4000;
                return
                [
                    .. Enumerable
                        .Range(0, count)
                        .Select(i =>
                            peer.Head(
                                "PUT",
                                string.Create(
                                    CultureInfo.InvariantCulture,
                                    $"{peer.Prefix}/put-{SizeBytes}-{Connections}-{(SizeBytes > 1 << 20 ? 0 : round)}/{i:00000}.bin"
                                ),
                                body.Length,
                                crc
                            )
                        ),
                ];
            case "LIST":
                return [List(peer, "list/", "")];
            case "LIST AFTER":
                return [List(peer, "list/", $"&start-after={FolderOf(peer)}%2Flist%2Fscan_000005000")];
            case "LIST FOLDERS":
                return [List(peer, "", "&delimiter=%2F")];
            default:
                return [.. Enumerable.Range(0, Keys).Select(i => peer.Head(Method, ReadPath(peer, i)))];
        }
    }

    static byte[] List(Peer peer, string below, string more) =>
        peer.Head(
            "GET",
            $"/{peer.Prefix.Split('/')[1]}?list-type=2&max-keys=1000&prefix={FolderOf(peer)}%2F{below.Replace("/", "%2F", StringComparison.Ordinal)}{more}"
        );

    static string FolderOf(Peer peer) => peer.Prefix.Split('/')[2];

    static string Crc(byte[] body)
    {
        var crc = new Crc64(Crc64ParameterSet.Nvme);
        crc.Append(body);
        var raw = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(raw, crc.GetCurrentHashAsUInt64());
        return Convert.ToBase64String(raw);
    }
}
