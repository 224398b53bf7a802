namespace Harima.Storage;

/// <summary>
/// Orders what happens to one key between its commit and its rename, so that the disk follows the catalogue. Striped: two keys
/// may share a lock, one key never has two.
/// </summary>
sealed class KeyLocks
{
    readonly SemaphoreSlim[] _stripes = [.. Enumerable.Range(0, 1024).Select(_ => new SemaphoreSlim(1, 1))];

    public async Task<IDisposable> EnterAsync(long bucketId, string key, CancellationToken cancellationToken)
    {
        var stripe = _stripes[(uint)HashCode.Combine(bucketId, key) % (uint)_stripes.Length];
        await stripe.WaitAsync(cancellationToken);
        return new Entered(stripe);
    }

    sealed class Entered(SemaphoreSlim stripe) : IDisposable
    {
        public void Dispose() => stripe.Release();
    }
}
