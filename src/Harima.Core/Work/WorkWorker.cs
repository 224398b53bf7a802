using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Harima.Work;

/// <summary>Does the work of every registered kind, each in a loop of its own so that none waits for another.</summary>
sealed partial class WorkWorker(
    WorkQueue queue,
    IEnumerable<WorkKind> kinds,
    TimeProvider time,
    ILogger<WorkWorker> logger
) : BackgroundService
{
    static readonly TimeSpan Looking = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await queue.TakeBackAsync();
        }
        catch (Exception fault)
        {
            // Then the leases end by themselves.
            LogTakingBack(logger, fault);
        }
        await Task.WhenAll(kinds.Select(kind => RunAsync(kind, stoppingToken)));
    }

    async Task RunAsync(WorkKind kind, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Looking, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    while (await RoundAsync(kind, stoppingToken) > 0) { }
                }
                catch (Exception fault) when (fault is not OperationCanceledException)
                {
                    // The loop's edge: a database that restarts must not end it.
                    LogFailed(logger, fault, kind.Queue);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    /// <summary>Takes what is due, as much as is done at once, and does it.</summary>
    /// <returns>How many items were taken.</returns>
    internal async Task<int> RoundAsync(WorkKind kind, CancellationToken cancellationToken)
    {
        var items = await queue.ClaimAsync(kind, kind.Parallel, cancellationToken);
        await Task.WhenAll(items.Select(item => DoAsync(kind, item, cancellationToken)));
        return items.Count;
    }

    async Task DoAsync(WorkKind kind, WorkItem item, CancellationToken cancellationToken)
    {
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var finished = new CancellationTokenSource();
        var renewing = RenewAsync(kind, item, lost, finished.Token);
        try
        {
            await kind.HandleAsync(item, lost.Token);
            await queue.CompleteAsync(item);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await queue.ReturnAsync(item);
            throw;
        }
        catch (OperationCanceledException) when (lost.IsCancellationRequested)
        {
            LogLost(logger, kind.Queue, item.Subject);
        }
        catch (Exception fault)
        {
            // The edge of one item: whatever it threw is its own, and stands beside it for the administrator.
            LogAttempt(logger, fault, kind.Queue, item.Subject, item.Attempts);
            await queue.FailAsync(kind, item, $"{fault.GetType().Name}: {fault.Message}");
        }
        finally
        {
            await finished.CancelAsync();
            await renewing;
        }
    }

    /// <summary>Renews the lease at a third of it, and stops the work when it is in other hands.</summary>
    async Task RenewAsync(WorkKind kind, WorkItem item, CancellationTokenSource lost, CancellationToken finished)
    {
        using var timer = new PeriodicTimer(kind.Lease / 3, time);
        try
        {
            while (await timer.WaitForNextTickAsync(finished))
            {
                if (await queue.RenewAsync(kind, item))
                    continue;
                await lost.CancelAsync();
                return;
            }
        }
        catch (OperationCanceledException)
        {
            // Done.
        }
        catch (Exception fault)
        {
            // The lease runs out by itself if the database stays away.
            LogFailed(logger, fault, kind.Queue);
        }
    }

    [LoggerMessage(3001, LogLevel.Error, "Looking for work of {Queue} failed and will be tried again")]
    static partial void LogFailed(ILogger logger, Exception fault, string queue);

    [LoggerMessage(3004, LogLevel.Error, "Taking back what a killed process held failed; its leases have to end first")]
    static partial void LogTakingBack(ILogger logger, Exception fault);

    [LoggerMessage(3002, LogLevel.Warning, "{Queue} of {Subject} failed at attempt {Attempt}")]
    static partial void LogAttempt(ILogger logger, Exception fault, string queue, string subject, int attempt);

    [LoggerMessage(3003, LogLevel.Warning, "{Queue} of {Subject} took longer than its lease and is in other hands")]
    static partial void LogLost(ILogger logger, string queue, string subject);
}
