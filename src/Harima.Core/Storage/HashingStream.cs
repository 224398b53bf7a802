using System.Buffers;
using Harima.S3.Checksums;

namespace Harima.Storage;

/// <summary>
/// A body that is passed on while its digests are taken: what was read is hashed on another thread while the reader sends it, and the
/// next read waits for that. It is hashed from a copy, since the reader may do with its buffer what it likes: the last one of a part is
/// somebody else's as soon as it is sent. Reads fill the buffer, and end where the announced length does.
/// </summary>
sealed class HashingStream(Stream body, long lengthBytes, ChecksumAccumulator sums, Func<long?, Exception> tooLong)
    : Stream
{
    // Below this the hand-over costs more than it saves.
    const int WorthBytes = 64 * 1024;

    Task _hashing = Task.CompletedTask;
    byte[] _copy = [];
    long _position;

    /// <summary>What went wrong on the side of whoever sends the body.</summary>
    public Exception? Failure { get; private set; }

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => lengthBytes;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _hashing;
        var wanted = (int)Math.Min(buffer.Length, lengthBytes - _position);
        if (wanted == 0)
            return 0;
        try
        {
            var read = await body.ReadAtLeastAsync(
                buffer[..wanted],
                wanted,
                throwOnEndOfStream: false,
                cancellationToken
            );
            _position += read;
            if (read < wanted)
                throw ByteStore.TooShort(lengthBytes, _position);
        }
        catch (Exception fault)
        {
            Failure = fault;
            throw;
        }
        if (wanted < WorthBytes)
            sums.Append(buffer.Span[..wanted]);
        else
            Hash(buffer.Span[..wanted]);
        return wanted;
    }

    void Hash(ReadOnlySpan<byte> bytes)
    {
        if (_copy.Length < bytes.Length)
        {
            ArrayPool<byte>.Shared.Return(_copy);
            _copy = ArrayPool<byte>.Shared.Rent(bytes.Length);
        }
        bytes.CopyTo(_copy);
        var (copy, count) = (_copy, bytes.Length);
        _hashing = Task.Run(() => sums.Append(copy.AsSpan(0, count)), CancellationToken.None);
    }

    /// <summary>Reads what follows the announced length, which is nothing, and so whatever trails the body.</summary>
    public async Task EndAsync(CancellationToken cancellationToken)
    {
        await _hashing;
        var more = new byte[1];
        if (await body.ReadAsync(more, cancellationToken) > 0)
            throw tooLong(lengthBytes);
    }

    public override async ValueTask DisposeAsync()
    {
        // The digests belong to somebody else, who is about to let go of them.
        await _hashing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        ArrayPool<byte>.Shared.Return(_copy);
        _copy = [];
        await base.DisposeAsync();
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() { }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
