namespace Harima.Search.Index;

/// <summary>
/// Numbered pieces of work that a thread does with whoever of the pool has time. It waits for pieces that others have begun, but never for a
/// helper that has not: where many ask at once, there may be none for long.
/// </summary>
sealed class SharedWork(int pieces, Action<int> act) : IThreadPoolWorkItem
{
    // Guards nothing: who waits for the last piece waits on it.
    readonly object _done = new();
    Exception? _fault;
    int _next;
    int _finished;

    /// <exception cref="Exception">What the first piece that failed has thrown; all others are done.</exception>
    public static void Do(int pieces, int helpers, Action<int> act)
    {
        var work = new SharedWork(pieces, act);
        for (var helper = 0; helper < Math.Min(helpers, pieces - 1); helper++)
            ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
        work.Execute();
        work.Wait();
        if (work._fault is { } fault)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fault);
    }

    void Wait()
    {
        lock (_done)
        {
            while (Volatile.Read(ref _finished) < pieces)
                Monitor.Wait(_done);
        }
    }

    public void Execute()
    {
        for (
            var piece = Interlocked.Increment(ref _next) - 1;
            piece < pieces;
            piece = Interlocked.Increment(ref _next) - 1
        )
        {
            try
            {
                act(piece);
            }
            catch (Exception fault)
            {
                // Thrown to whoever asked, once every piece is done.
                Interlocked.CompareExchange(ref _fault, fault, null);
            }
            if (Interlocked.Increment(ref _finished) < pieces)
                continue;
            lock (_done)
                Monitor.PulseAll(_done);
        }
    }
}
