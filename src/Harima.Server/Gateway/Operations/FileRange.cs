using Microsoft.Win32.SafeHandles;

namespace Harima.Gateway.Operations;

/// <summary>A part of an open file as a stream. Does not own the handle.</summary>
sealed class FileRange(SafeFileHandle handle, ByteRange range) : Stream
{
    long _position;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => range.LengthBytes;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var wanted = (int)Math.Min(buffer.Length, range.LengthBytes - _position);
        if (wanted == 0)
            return 0;
        var read = await RandomAccess.ReadAsync(handle, buffer[..wanted], range.Start + _position, cancellationToken);
        _position += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        var wanted = (int)Math.Min(count, range.LengthBytes - _position);
        var read = RandomAccess.Read(handle, buffer.AsSpan(offset, wanted), range.Start + _position);
        _position += read;
        return read;
    }

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
