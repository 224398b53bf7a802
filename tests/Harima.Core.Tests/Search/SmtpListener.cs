using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Harima.Core.Tests.Search;

/// <summary>As much of an SMTP server (RFC 5321) as one mail needs.</summary>
sealed class SmtpListener : IDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public SmtpListener() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public sealed record Mail(string From, IReadOnlyList<string> To, string Data);

    /// <param name="accept">False answers the recipient with "try later".</param>
    public async Task<Mail> ReceiveAsync(bool accept, CancellationToken cancellationToken)
    {
        using var client = await _listener.AcceptTcpClientAsync(cancellationToken);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.UTF8);
        await using var writer = new StreamWriter(stream, new UTF8Encoding(false))
        {
            NewLine = "\r\n",
            AutoFlush = true,
        };
        var (from, to, data) = ("", new List<string>(), new StringBuilder());
        await writer.WriteLineAsync("220 test");
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith("MAIL", StringComparison.OrdinalIgnoreCase))
                from = line;
            if (line.StartsWith("RCPT", StringComparison.OrdinalIgnoreCase))
                to.Add(line);
            if (line.Equals("DATA", StringComparison.OrdinalIgnoreCase))
            {
                await writer.WriteLineAsync("354 go on");
                while (await reader.ReadLineAsync(cancellationToken) is { } content && content != ".")
                    data.Append(content).Append("\r\n");
            }
            var isRefused = !accept && line.StartsWith("RCPT", StringComparison.OrdinalIgnoreCase);
            await writer.WriteLineAsync(
                line.Equals("QUIT", StringComparison.OrdinalIgnoreCase) ? "221 bye"
                : isRefused ? "451 try again later"
                : "250 ok"
            );
            if (line.Equals("QUIT", StringComparison.OrdinalIgnoreCase) || isRefused)
                break;
            if (data.Length > 0)
                break;
        }
        return new Mail(from, to, data.ToString());
    }

    public void Dispose() => _listener.Dispose();
}
