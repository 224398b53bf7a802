using Microsoft.Win32.SafeHandles;

namespace Harima.Storage;

/// <summary>The bytes of one stored version, open for reading.</summary>
public abstract class StoredBytes : IDisposable
{
    /// <summary>
    /// Says which bytes will be read next, front to back. Bytes that come from elsewhere are asked for here, so whatever is wrong with
    /// them is known before an answer begins.
    /// </summary>
    /// <exception cref="Faults.FaultException">Damaged; Unavailable.</exception>
    public virtual ValueTask ExpectAsync(long offsetBytes, long lengthBytes, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;

    /// <summary>Reads some bytes from an offset on.</summary>
    /// <returns>How many; 0 at the end.</returns>
    public abstract ValueTask<int> ReadAsync(
        Memory<byte> buffer,
        long offsetBytes,
        CancellationToken cancellationToken
    );

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected abstract void Dispose(bool disposing);
}

/// <summary>An open file of this machine.</summary>
sealed class FileBytes(SafeFileHandle handle) : StoredBytes
{
    public SafeFileHandle Handle { get; } = handle;

    // Not on another thread: a file is in the cache or on a disk that reads ahead, and the hand-over would cost more.
    public override ValueTask<int> ReadAsync(
        Memory<byte> buffer,
        long offsetBytes,
        CancellationToken cancellationToken
    ) => new(RandomAccess.Read(Handle, buffer.Span, offsetBytes));

    protected override void Dispose(bool disposing) => Handle.Dispose();
}

/// <summary>A stretch of stored bytes as a stream. Does not own them.</summary>
public sealed class StoredStream(StoredBytes bytes, long offsetBytes, long lengthBytes) : Stream
{
    long _position;
    bool _expected;

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;
    public override long Length => lengthBytes;

    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _expected = _expected && value == _position;
            _position = value;
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var wanted = (int)Math.Min(buffer.Length, Math.Max(0, lengthBytes - _position));
        if (wanted == 0)
            return 0;
        if (!_expected)
            await bytes.ExpectAsync(offsetBytes + _position, lengthBytes - _position, cancellationToken);
        _expected = true;
        var read = await bytes.ReadAsync(buffer[..wanted], offsetBytes + _position, cancellationToken);
        _position += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) =>
        Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => _position + offset,
            _ => lengthBytes + offset,
        };

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("Stored bytes may come from another machine: read them asynchronously.");

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
