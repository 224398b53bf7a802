using System.Net.Sockets;
using System.Text;

namespace Harima.Hostile;

/// <summary>A socket on which anything can be said, also what no HTTP client would.</summary>
sealed class RawConnection(TcpClient client) : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    readonly NetworkStream _stream = client.GetStream();

    public static async Task<RawConnection> OpenAsync(Uri server, CancellationToken cancellationToken)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(server.Host, server.Port, cancellationToken);
        return new RawConnection(client);
    }

    public void Dispose() => client.Dispose();

    public async Task SendAsync(string text, CancellationToken cancellationToken) =>
        await SendAsync(Encoding.Latin1.GetBytes(text), cancellationToken);

    /// <returns>False where the other side would not take it all.</returns>
    public async Task<bool> SendAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        try
        {
            await _stream.WriteAsync(bytes, cancellationToken);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Says that nothing more comes, then reads until the other side is done too.</summary>
    /// <exception cref="TimeoutException">It hangs.</exception>
    public async Task<string> ReadToEndAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        var all = new MemoryStream();
        try
        {
            client.Client.Shutdown(SocketShutdown.Send);
            await _stream.CopyToAsync(all, patience.Token);
        }
        catch (Exception fault) when (fault is IOException or SocketException)
        {
            // Reset: what came before is the answer.
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException("the server neither answered nor closed the connection");
        }
        return Encoding.Latin1.GetString(all.ToArray());
    }

    /// <summary>The statuses of all answers in a text of several.</summary>
    public static List<int> Statuses(string answers) =>
        [
            .. answers
                .Split("HTTP/1.1 ")
                .Skip(1)
                .Select(answer => int.Parse(answer.AsSpan(0, 3), System.Globalization.CultureInfo.InvariantCulture)),
        ];
}
