using System.Buffers;
using Harima.Storage;

namespace Harima.Archives;

/// <summary>
/// Fetches the next small files of an archive while earlier ones are being sent. Each file of another store is a request that has to go
/// there and back, and one after another thousands of them are slow. What went wrong with a file is told when its turn comes.
/// </summary>
/// <remarks>Memory: at most <see cref="MostBytes"/> of content for one archive that is being sent.</remarks>
/// <param name="files">In the order in which they will be asked for; those in between that are not among them are no concern of it.</param>
/// <param name="open">Opens the bytes of one.</param>
sealed class ReadAhead(
    IEnumerable<ArchiveEntry> files,
    Func<ArchiveEntry, CancellationToken, Task<StoredBytes>> open,
    CancellationToken cancellationToken
) : IAsyncDisposable
{
    public const int MostFiles = 16;
    public const long MostBytes = 4 << 20;

    /// <summary>A larger file is fetched at its turn: it takes longer to send than to ask for.</summary>
    public const long LargestBytes = 1 << 20;

    readonly IEnumerator<ArchiveEntry> _files = files
        .Where(file => file.SizeBytes is > 0 and <= LargestBytes)
        .GetEnumerator();
    readonly CancellationTokenSource _stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    readonly Queue<(ArchiveEntry File, Task<StoredBytes> Bytes)> _coming = new();
    ArchiveEntry? _next;
    bool _isLast;
    long _bytes;

    /// <summary>The bytes of a file, which the caller disposes; null where it is none of those that are fetched ahead.</summary>
    public async ValueTask<StoredBytes?> TakeAsync(ArchiveEntry file)
    {
        Fill();
        if (!_coming.TryPeek(out var first) || !ReferenceEquals(first.File, file))
            return null;
        // In the queue until it is there: whatever happens, nothing is left behind.
        var bytes = await first.Bytes;
        _coming.Dequeue();
        return new Counted(this, bytes, file.SizeBytes);
    }

    void Fill()
    {
        while (_coming.Count < MostFiles && Peek() is { } file && _bytes + file.SizeBytes <= MostBytes)
        {
            _next = null;
            _bytes += file.SizeBytes;
            _coming.Enqueue((file, FetchAsync(file)));
        }
    }

    ArchiveEntry? Peek()
    {
        if (_next is null && !_isLast)
        {
            _isLast = !_files.MoveNext();
            _next = _isLast ? null : _files.Current;
        }
        return _next;
    }

    async Task<StoredBytes> FetchAsync(ArchiveEntry file)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)file.SizeBytes);
        try
        {
            using var bytes = await open(file, _stopping.Token);
            await bytes.ExpectAsync(0, file.SizeBytes, _stopping.Token);
            var length = 0;
            while (length < file.SizeBytes)
            {
                var read = await bytes.ReadAsync(
                    buffer.AsMemory(length, (int)file.SizeBytes - length),
                    length,
                    _stopping.Token
                );
                if (read == 0)
                    break;
                length += read;
            }
            return new Fetched(buffer, length);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    /// <summary>Stops what is still being fetched, and waits until it has.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var (_, coming) in _coming)
        {
            await ((Task)coming).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (coming.IsCompletedSuccessfully)
                (await coming).Dispose();
        }
        _coming.Clear();
        _files.Dispose();
        _stopping.Dispose();
    }

    /// <summary>What was fetched, in memory.</summary>
    sealed class Fetched(byte[] buffer, int length) : StoredBytes
    {
        bool _returned;

        public override ValueTask<int> ReadAsync(
            Memory<byte> into,
            long offsetBytes,
            CancellationToken cancellationToken
        )
        {
            var some = buffer.AsMemory((int)offsetBytes, Math.Min(into.Length, length - (int)offsetBytes));
            some.CopyTo(into);
            return new ValueTask<int>(some.Length);
        }

        protected override void Dispose(bool disposing)
        {
            if (_returned)
                return;
            _returned = true;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Counts against <see cref="MostBytes"/> until it is disposed of.</summary>
    sealed class Counted(ReadAhead ahead, StoredBytes bytes, long sizeBytes) : StoredBytes
    {
        bool _disposed;

        public override ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            long offsetBytes,
            CancellationToken cancellationToken
        ) => bytes.ReadAsync(buffer, offsetBytes, cancellationToken);

        protected override void Dispose(bool disposing)
        {
            if (_disposed)
                return;
            _disposed = true;
            bytes.Dispose();
            ahead._bytes -= sizeBytes;
        }
    }
}
