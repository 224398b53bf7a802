using System.Buffers;
using Harima.S3.Checksums;
using Microsoft.Win32.SafeHandles;

namespace Harima.Storage;

public sealed partial class PosixStore
{
    // Two of these per upload, whatever its size.
    const int PumpBytes = 512 * 1024;

    // Beyond so many uploads at once the others make do with less, so that a thousand slow clients do not hold a gigabyte.
    const int LargePumps = 64;
    const int SmallPumpBytes = 64 * 1024;

    static int _pumps;

    /// <summary>
    /// Copies a body to a file while its digests are taken beside the write: while one buffer is hashed and written on two
    /// threads, the next is being received.
    /// </summary>
    /// <param name="kept">Gets the bytes too, if they are few enough; null where nobody wants them.</param>
    /// <returns>How many bytes were read.</returns>
    internal async Task<long> PumpAsync(
        Stream body,
        SafeFileHandle handle,
        long offset,
        ChecksumAccumulator sums,
        long? lengthBytes,
        CancellationToken cancellationToken,
        StagedBlob? kept = null
    )
    {
        using var share = new BufferShare();
        var capacity = lengthBytes is { } known && known < share.Bytes ? (int)known + 1 : share.Bytes;
        var filling = ArrayPool<byte>.Shared.Rent(capacity);
        byte[]? draining = null;
        var pending = Task.CompletedTask;
        long total = 0;
        var large = capacity == PumpBytes ? 1 : 0;
        _durable.CountLarge(large);
        try
        {
            while (true)
            {
                var filled = await body.ReadAtLeastAsync(
                    filling.AsMemory(0, capacity),
                    capacity,
                    throwOnEndOfStream: false,
                    cancellationToken
                );
                if (total + filled > (lengthBytes ?? MaxObjectBytes))
                    throw TooLong(lengthBytes);
                await pending;
                var last = filled < capacity;
                if (last && total == 0)
                {
                    // A small file: two thread hand-overs would cost more than they save.
                    sums.Append(filling.AsSpan(0, filled));
                    RandomAccess.Write(handle, filling.AsSpan(0, filled), offset);
                    if (filled <= MostInCommitBytes)
                        kept?.Body = filling.AsSpan(0, filled).ToArray();
                    total = filled;
                    break;
                }
                pending = HashAndWriteAsync(filling, filled, handle, offset + total, sums);
                total += filled;
                if (last)
                    break;
                draining ??= ArrayPool<byte>.Shared.Rent(capacity);
                (filling, draining) = (draining, filling);
            }
            await pending;
        }
        finally
        {
            _durable.CountLarge(-large);
            // The buffers may go back only when nobody reads them any more, also after a failure.
            await pending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(filling);
            if (draining is not null)
                ArrayPool<byte>.Shared.Return(draining);
        }
        if (lengthBytes is { } announced && total != announced)
            throw TooShort(announced, total);
        return total;
    }

    /// <summary>How large the buffers of one upload may be, by how many are under way.</summary>
    sealed class BufferShare : IDisposable
    {
        public int Bytes { get; } = Interlocked.Increment(ref _pumps) <= LargePumps ? PumpBytes : SmallPumpBytes;

        public void Dispose() => Interlocked.Decrement(ref _pumps);
    }

    static Task HashAndWriteAsync(
        byte[] buffer,
        int count,
        SafeFileHandle handle,
        long offset,
        ChecksumAccumulator sums
    ) =>
        Task.WhenAll(
            Task.Run(() => sums.Append(buffer.AsSpan(0, count))),
            Task.Run(() => RandomAccess.Write(handle, buffer.AsSpan(0, count), offset))
        );
}
