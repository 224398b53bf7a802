using System.Globalization;
using System.Net;
using System.Text;
using Harima.S3.Signing;

namespace Harima.Load;

/// <summary>A server under load.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="Prefix">What stands before a key in the path, such as <c>/bucket/S0001</c>.</param>
/// <param name="Credentials">Null for a server without signatures.</param>
/// <param name="Pid">Its process; its children count as well.</param>
/// <param name="SmallOnly">Whether it has no room for large objects.</param>
sealed record Peer(string Name, IPEndPoint Address, string Prefix, Credentials? Credentials, int Pid, bool SmallOnly)
{
    // Linux counts in ticks of 10 ms (USER_HZ).
    const double TicksPerSecond = 100;

    /// <summary>Reads <c>name;address:port;prefix;key;secret;pid</c>, then perhaps <c>;small</c>; key and secret may be empty.</summary>
    public static Peer Parse(string text)
    {
        var fields = text.Split(';');
        return new Peer(
            fields[0],
            IPEndPoint.Parse(fields[1]),
            fields[2],
            fields[3].Length == 0 ? null : new Credentials(fields[3], fields[4]),
            int.Parse(fields[5], CultureInfo.InvariantCulture),
            fields.Length > 6 && fields[6] == "small"
        );
    }

    /// <summary>The head of a request as bytes, signed where this server wants that; good for a quarter of an hour.</summary>
    public byte[] Head(string method, string path, long bodyBytes = 0, string? crc64Nvme = null)
    {
        var uri = RawUri.Create($"http://{Address}{path}");
        using var request = new HttpRequestMessage(new HttpMethod(method), uri);
        if (Credentials is { } credentials)
        {
            if (crc64Nvme is not null)
                request.Headers.TryAddWithoutValidation("x-amz-checksum-crc64nvme", crc64Nvme);
            new RequestSigner(credentials, "us-east-1", TimeProvider.System).Sign(request, PayloadHash.UnsignedPayload);
        }
        var head = new StringBuilder($"{method} {path} HTTP/1.1\r\nHost: {Address}\r\n");
        foreach (var (name, values) in request.Headers.NonValidated)
            head.Append(CultureInfo.InvariantCulture, $"{name}: {values}\r\n");
        if (method is "PUT" or "POST")
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {bodyBytes}\r\n");
        return Encoding.Latin1.GetBytes(head.Append("\r\n").ToString());
    }

    /// <summary>Processor time it has used so far, user and system, with its children.</summary>
    public double CpuSeconds()
    {
        var parents = new Dictionary<int, (int Parent, double Seconds)>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid))
                continue;
            try
            {
                var stat = File.ReadAllText(folder + "/stat");
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                var ticks =
                    long.Parse(fields[11], CultureInfo.InvariantCulture)
                    + long.Parse(fields[12], CultureInfo.InvariantCulture);
                parents[pid] = (int.Parse(fields[1], CultureInfo.InvariantCulture), ticks / TicksPerSecond);
            }
            catch (IOException)
            {
                // Ended meanwhile.
            }
        }
        return parents.Where(process => Belongs(process.Key)).Sum(process => process.Value.Seconds);

        bool Belongs(int pid)
        {
            for (; pid != 0 && parents.TryGetValue(pid, out var process); pid = process.Parent)
                if (pid == Pid)
                    return true;
            return false;
        }
    }

    /// <summary>Resident memory in MB, with its children.</summary>
    public long ResidentMegabytes()
    {
        var line = File.ReadLines($"/proc/{Pid}/status")
            .First(line => line.StartsWith("VmRSS", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture)
            / 1024;
    }
}
