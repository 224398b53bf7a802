using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Harima.Load;

/// <summary>One kind of load.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Method">GET, HEAD, PUT, MULTIPART, or LIST for a page of a listing.</param>
/// <param name="SizeBytes">Of each object.</param>
/// <param name="Connections">In parallel.</param>
sealed record Case(string Name, string Method, int SizeBytes, int Connections)
{
    const int ReadKeys = 64;
    const int PartBytes = 8 << 20;
    const int Large = 1 << 20;

    static readonly Dictionary<int, (byte[] Body, string Crc)> Bodies = [];

    /// <summary>What one round came to.</summary>
    public sealed record Measured(double PerSecond, double GigabytesPerSecond, double CpuSeconds, long Requests);

    static (byte[] Body, string Crc) Body(int size)
    {
        if (Bodies.TryGetValue(size, out var known))
            return known;
        var body = new byte[size];
        new Random(size).NextBytes(body);
        return Bodies[size] = (body, Crc(body));
    }

    /// <summary>Puts what the reads will ask for.</summary>
    public void Prepare(Peer peer)
    {
        if (Method is not ("GET" or "HEAD"))
            return;
        using var connection = new Connection(peer.Address);
        var (body, crc) = Body(SizeBytes);
        for (var i = 0; i < Keys; i++)
            connection.Exchange(peer.Head("PUT", ReadPath(peer, i), body.Length, crc), body, withoutBody: false);
    }

    public Measured Run(Peer peer, TimeSpan duration, int round)
    {
        // A server that syncs would also write out, within its time, what one that does not has left.
        using (var sync = Process.Start("sync"))
            sync.WaitForExit();
        if (Method == "MULTIPART")
            return RunMultipart(peer, duration);
        var body = Method == "PUT" ? Body(SizeBytes).Body : [];
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

    /// <summary>Whole uploads one after the other, the parts of each sent by all connections at once.</summary>
    Measured RunMultipart(Peer peer, TimeSpan duration)
    {
        var (part, _) = Body(PartBytes);
        var parts = SizeBytes / PartBytes;
        var cpu = peer.CpuSeconds();
        var clock = Stopwatch.StartNew();
        long uploads = 0;
        var connections = Enumerable.Range(0, Connections).Select(_ => new Connection(peer.Address)).ToArray();
        try
        {
            for (; clock.Elapsed < duration; uploads++)
            {
                var path = string.Create(CultureInfo.InvariantCulture, $"{peer.Prefix}/multipart/{uploads % 4}.bin");
                var begun = connections[0].ExchangeText(peer.Head("POST", path + "?uploads"), []);
                var id = Between(begun, "<UploadId>", "</UploadId>");
                var etags = new string[parts];
                Parallel.For(
                    0,
                    Connections,
                    new ParallelOptions { MaxDegreeOfParallelism = Connections },
                    n =>
                    {
                        for (var i = n; i < parts; i += Connections)
                        {
                            var target = string.Create(
                                CultureInfo.InvariantCulture,
                                $"{path}?partNumber={i + 1}&uploadId={id}"
                            );
                            var head = connections[n].ExchangeHead(peer.Head("PUT", target, PartBytes), part);
                            etags[i] = Between(head, "etag: ", "\r\n");
                        }
                    }
                );
                var list = string.Concat(
                    etags.Select(
                        (etag, i) =>
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"<Part><PartNumber>{i + 1}</PartNumber><ETag>{etag}</ETag></Part>"
                            )
                    )
                );
                var document = Encoding.UTF8.GetBytes($"<CompleteMultipartUpload>{list}</CompleteMultipartUpload>");
                connections[0].ExchangeText(peer.Head("POST", $"{path}?uploadId={id}", document.Length), document);
            }
        }
        finally
        {
            foreach (var connection in connections)
                connection.Dispose();
        }
        var seconds = clock.Elapsed.TotalSeconds;
        return new Measured(
            uploads / seconds,
            (double)uploads * SizeBytes / seconds / 1e9,
            peer.CpuSeconds() - cpu,
            uploads
        );
    }

    static string Between(string text, string before, string after)
    {
        var start = text.IndexOf(before, StringComparison.OrdinalIgnoreCase) + before.Length;
        return text[start..text.IndexOf(after, start, StringComparison.Ordinal)];
    }

    int Keys =>
        SizeBytes >= 1 << 30 ? 1
        : SizeBytes > Large ? 4
        : ReadKeys;

    // Small files are new ones, not overwritten within a round.
    int WrittenKeys =>
        SizeBytes >= 1 << 30 ? 2
        : SizeBytes > Large ? 8
        : 12_000;

    string ReadPath(Peer peer, int i) =>
        string.Create(CultureInfo.InvariantCulture, $"{peer.Prefix}/read-{SizeBytes}/{i:000}.bin");

    byte[][] Heads(Peer peer, byte[] body, int round)
    {
        switch (Method)
        {
            case "PUT":
                var crc = Body(SizeBytes).Crc;
                return
                [
                    .. Enumerable
                        .Range(0, WrittenKeys)
                        .Select(i =>
                            peer.Head(
                                "PUT",
                                string.Create(
                                    CultureInfo.InvariantCulture,
                                    $"{peer.Prefix}/put-{SizeBytes}-{Connections}-{(SizeBytes > Large ? 0 : round)}/{i:00000}.bin"
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
