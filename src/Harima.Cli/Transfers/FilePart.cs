using Microsoft.Win32.SafeHandles;

namespace Harima.Cli.Transfers;

/// <summary>A stretch of a local file as a stream to read once; reports what was read.</summary>
sealed class FilePart(SafeFileHandle handle, long offset, long length, Action<int> onRead) : Stream
{
    long _position;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => length;
    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var wanted = buffer[..(int)Math.Min(buffer.Length, length - _position)];
        if (wanted.Length == 0)
            return 0;
        var read = await RandomAccess.ReadAsync(handle, wanted, offset + _position, cancellationToken);
        _position += read;
        onRead(read);
        return read;
    }

    public override int Read(byte[] buffer, int offset1, int count)
    {
        var wanted = buffer.AsSpan(offset1, (int)Math.Min(count, length - _position));
        if (wanted.Length == 0)
            return 0;
        var read = RandomAccess.Read(handle, wanted, offset + _position);
        _position += read;
        onRead(read);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset1, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset1, count), cancellationToken).AsTask();

    public override void Flush() { }

    public override long Seek(long offset1, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset1, int count) => throw new NotSupportedException();
}
