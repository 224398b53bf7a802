using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Harima.Hosting;

/// <summary>
/// The blocks connections receive and send with: 64 KiB instead of 4, so that a body comes in by a sixteenth of the calls. A
/// connection that is idle holds none; what is not needed any more is kept up to a bound and given to the next.
/// </summary>
sealed class ConnectionBuffers : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options) => new Pool();

    sealed class Pool : MemoryPool<byte>
    {
        const int BlockBytes = 64 << 10;

        // 64 MiB per pool; Kestrel makes one per listening thread.
        const int MostKept = 1024;

        readonly ConcurrentBag<Block> _kept = [];
        int _count;
        bool _disposed;

        public override int MaxBufferSize => BlockBytes;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_kept.TryTake(out var block))
                return new Block(this);
            Interlocked.Decrement(ref _count);
            return block;
        }

        void Return(Block block)
        {
            if (_disposed)
                return;
            if (Interlocked.Increment(ref _count) <= MostKept)
                _kept.Add(block);
            else
                Interlocked.Decrement(ref _count);
        }

        protected override void Dispose(bool disposing)
        {
            _disposed = true;
            _kept.Clear();
        }

        // Pinned for good: the kernel writes into it.
        sealed class Block(Pool pool) : IMemoryOwner<byte>
        {
            public Memory<byte> Memory { get; } =
                System.Runtime.InteropServices.MemoryMarshal.CreateFromPinnedArray(
                    GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true),
                    0,
                    BlockBytes
                );

            public void Dispose() => pool.Return(this);
        }
    }
}
