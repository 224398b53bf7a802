using System.Buffers;
using Harima.Storage;

namespace Harima.Extraction;

/// <summary>
/// Stored bytes for the readers of formats, which jump to and fro and wait: block by block, one of them kept; what is larger than a block is read at
/// once. Only for the worker that reads headers and for previews, which have threads of their own to wait on; a request may not.
/// </summary>
sealed class HeaderStream(StoredBytes bytes, long lengthBytes, CancellationToken cancellationToken) : Stream
{
    const int BlockBytes = 64 * 1024;
    const int LargeBytes = 4 << 20;

    readonly byte[] _block = new byte[BlockBytes];
    long _blockAt = -1;
    int _blockLength;

    public override bool CanRead => true;
    public override bool CanSeek => true;
    public override bool CanWrite => false;
    public override long Length => lengthBytes;
    public override long Position { get; set; }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        if (Position >= lengthBytes || buffer.Length == 0)
            return 0;
        if (buffer.Length > BlockBytes)
            return ReadLarge(buffer);
        var at = Position / BlockBytes * BlockBytes;
        if (at != _blockAt)
        {
            _blockLength = FillAsync(_block, at).AsTask().GetAwaiter().GetResult();
            _blockAt = at;
        }
        var from = (int)(Position - at);
        var take = Math.Min(buffer.Length, _blockLength - from);
        if (take <= 0)
            return 0;
        _block.AsSpan(from, take).CopyTo(buffer);
        Position += take;
        return take;
    }

    int ReadLarge(Span<byte> buffer)
    {
        var large = ArrayPool<byte>.Shared.Rent(Math.Min(buffer.Length, LargeBytes));
        try
        {
            var read = FillAsync(large.AsMemory(0, Math.Min(buffer.Length, LargeBytes)), Position)
                .AsTask()
                .GetAwaiter()
                .GetResult();
            large.AsSpan(0, read).CopyTo(buffer);
            Position += read;
            return read;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(large);
        }
    }

    async ValueTask<int> FillAsync(Memory<byte> target, long at)
    {
        var wanted = (int)Math.Min(target.Length, lengthBytes - at);
        await bytes.ExpectAsync(at, wanted, cancellationToken).ConfigureAwait(false);
        var done = 0;
        while (done < wanted)
        {
            var read = await bytes
                .ReadAsync(target.Slice(done, wanted - done), at + done, cancellationToken)
                .ConfigureAwait(false);
            if (read == 0)
                break;
            done += read;
        }
        return done;
    }

    public override long Seek(long offset, SeekOrigin origin) =>
        Position = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => Position + offset,
            _ => lengthBytes + offset,
        };

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
