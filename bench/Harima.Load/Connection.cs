using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Harima.Load;

/// <summary>One keep-alive connection that sends prepared bytes and reads whole answers; it does no more, so that it is not the limit.</summary>
sealed class Connection : IDisposable
{
    readonly Socket _socket;
    readonly byte[] _buffer = new byte[512 << 10];
    string _head = "";
    bool _keepHead;

    public Connection(IPEndPoint address)
    {
        _socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _socket.Connect(address);
    }

    /// <returns>Bytes of the answer's body.</returns>
    public long Exchange(byte[] head, ReadOnlySpan<byte> body, bool withoutBody)
    {
        if (body.IsEmpty)
            SendAll(head);
        else if (body.Length <= 64 << 10)
        {
            // One call, as clients do that write head and body together.
            head.CopyTo(_buffer, 0);
            body.CopyTo(_buffer.AsSpan(head.Length));
            SendAll(_buffer.AsSpan(0, head.Length + body.Length));
        }
        else
        {
            SendAll(head);
            SendAll(body);
        }
        return Read(withoutBody);
    }

    /// <returns>The head of the answer.</returns>
    public string ExchangeHead(byte[] head, ReadOnlySpan<byte> body)
    {
        _keepHead = true;
        Exchange(head, body, withoutBody: false);
        return _head;
    }

    /// <returns>The small body of the answer.</returns>
    public string ExchangeText(byte[] head, ReadOnlySpan<byte> body)
    {
        _keepHead = true;
        var length = Exchange(head, body, withoutBody: false);
        return Encoding.UTF8.GetString(_buffer, _head.Length + 2, (int)length);
    }

    public void Dispose() => _socket.Dispose();

    void SendAll(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[_socket.Send(bytes[..Math.Min(bytes.Length, 1 << 20)])..];
    }

    long Read(bool withoutBody)
    {
        var filled = 0;
        int end;
        while ((end = _buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8)) < 0)
            filled += Receive(_buffer.AsSpan(filled));
        var head = _buffer.AsSpan(0, end);
        if (!head.StartsWith("HTTP/1.1 2"u8))
            throw new InvalidOperationException(Encoding.Latin1.GetString(_buffer, 0, filled));
        var had = filled - end - 4;
        if (_keepHead)
        {
            _head = Encoding.Latin1.GetString(head) + "\r\n";
            _keepHead = false;
        }
        if (withoutBody)
            return 0;
        if (FindLength(head) is { } length)
        {
            // Behind the head while there is room: small bodies can be read there afterwards.
            var at = filled;
            for (var left = length - had; left > 0; )
            {
                if (left > _buffer.Length - at)
                    at = 0;
                var read = Receive(_buffer.AsSpan(at, (int)Math.Min(left, _buffer.Length - at)));
                (left, at) = (left - read, at + read);
            }
            return length;
        }
        return ReadChunked(_buffer.AsSpan(end + 4, had));
    }

    // Enough for listings: no XML ends so.
    long ReadChunked(ReadOnlySpan<byte> first)
    {
        Span<byte> tail = stackalloc byte[5];
        tail.Clear();
        long total = 0;
        Note(first, tail);
        total += first.Length;
        while (!tail.SequenceEqual("0\r\n\r\n"u8))
        {
            var read = Receive(_buffer);
            total += read;
            Note(_buffer.AsSpan(0, read), tail);
        }
        return total;
    }

    static void Note(ReadOnlySpan<byte> bytes, Span<byte> tail)
    {
        if (bytes.Length >= tail.Length)
        {
            bytes[^tail.Length..].CopyTo(tail);
            return;
        }
        tail[bytes.Length..].CopyTo(tail);
        bytes.CopyTo(tail[^bytes.Length..]);
    }

    static long? FindLength(ReadOnlySpan<byte> head)
    {
        foreach (var line in head.Split("\r\n"u8))
        {
            var text = head[line];
            if (text.Length > 15 && Ascii.EqualsIgnoreCase(text[..15], "content-length:"u8))
                return long.Parse(text[15..], CultureInfo.InvariantCulture);
        }
        return Ascii.EqualsIgnoreCase(head[9..12], "204"u8) || Ascii.EqualsIgnoreCase(head[9..12], "201"u8) ? 0 : null;
    }

    int Receive(Span<byte> into)
    {
        var read = _socket.Receive(into);
        return read > 0 ? read : throw new IOException("The server closed the connection.");
    }
}
