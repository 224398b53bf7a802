using System.Net;
using System.Net.Sockets;

namespace Harima;

/// <summary>
/// A port for a server that is started, and perhaps killed and started again: bound all the while, so that the system gives it to nobody
/// else, but not listened to, so that the server can take it.
/// </summary>
sealed class HeldPort : IDisposable
{
    readonly Socket _holder = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public HeldPort()
    {
        // What lets a server take it beside the holder.
        _holder.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _holder.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    }

    public int Number => ((IPEndPoint)_holder.LocalEndPoint!).Port;

    public void Dispose() => _holder.Dispose();
}
