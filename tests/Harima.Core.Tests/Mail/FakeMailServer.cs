using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Harima.Core.Tests.Mail;

/// <summary>Takes mail over SMTP (RFC 5321, no extensions) and keeps it.</summary>
sealed class FakeMailServer : IAsyncDisposable
{
    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _stopping = new();
    readonly Task _running;

    public FakeMailServer()
    {
        _listener.Start();
        _running = RunAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Recipient, subject and text of each, decoded.</summary>
    public List<(string To, string Subject, string Text)> Received { get; } = [];

    async Task RunAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                await using var stream = client.GetStream();
                await TalkAsync(new StreamReader(stream, Encoding.ASCII), stream);
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    async Task TalkAsync(StreamReader reader, NetworkStream stream)
    {
        async Task SayAsync(string line) =>
            await stream.WriteAsync(Encoding.ASCII.GetBytes(line + "\r\n"), _stopping.Token);
        var to = "";
        await SayAsync("220 test");
        while (await reader.ReadLineAsync(_stopping.Token) is { } line)
        {
            if (line.StartsWith("RCPT TO:", StringComparison.OrdinalIgnoreCase))
                to = line["RCPT TO:".Length..].Trim(' ', '<', '>');
            if (line.StartsWith("QUIT", StringComparison.OrdinalIgnoreCase))
            {
                await SayAsync("221 bye");
                return;
            }
            if (!line.StartsWith("DATA", StringComparison.OrdinalIgnoreCase))
            {
                await SayAsync("250 ok");
                continue;
            }
            await SayAsync("354 go on");
            var lines = new List<string>();
            while (await reader.ReadLineAsync(_stopping.Token) is { } text && text != ".")
                lines.Add(text);
            Received.Add(Decode(to, lines));
            await SayAsync("250 taken");
        }
    }

    static (string To, string Subject, string Text) Decode(string to, List<string> lines)
    {
        var end = lines.IndexOf("");
        // A folded header goes on with white space.
        var head = string.Join('\n', lines.Take(end)).Replace("\n ", "", StringComparison.Ordinal);
        var subject = head.Split('\n').Single(line => line.StartsWith("Subject: ", StringComparison.Ordinal))[
            "Subject: ".Length..
        ];
        var words = subject.Split("=?utf-8?B?", StringSplitOptions.RemoveEmptyEntries);
        var bytes = words.SelectMany(word => Convert.FromBase64String(word.Trim().Split("?=")[0])).ToArray();
        var body = Encoding.UTF8.GetString(Convert.FromBase64String(string.Concat(lines.Skip(end + 1))));
        return (to, Encoding.UTF8.GetString(bytes), body);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _running;
        _stopping.Dispose();
    }
}
