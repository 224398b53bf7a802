using Harima.Search.Saved;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Harima.Search.Feed;

/// <summary>Lets the index of this replica follow the catalogue, from the start of the process to its end.</summary>
sealed partial class SearchWorker(
    SearchFeed feed,
    WatchSearches watches,
    IOptions<SearchOptions> options,
    TimeProvider time,
    ILogger<SearchWorker> log
) : BackgroundService
{
    static readonly TimeSpan AfterFailure = TimeSpan.FromSeconds(5);

    // Data comes in bursts, and a message about each file is none.
    static readonly TimeSpan BetweenWatches = TimeSpan.FromSeconds(10);

    long _watched = -1;
    DateTimeOffset _watchedAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The host waits for the part before the first await: opening a large index is not for its start.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = TimeSpan.FromMilliseconds(options.Value.PollMilliseconds);
            try
            {
                await feed.CatchUpAsync(stoppingToken);
                await WatchAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                // The edge of the worker: the catalogue may be away for a while, and searches go on with what is there.
                Failed(log, fault);
                feed.Fail(fault);
                pause = AfterFailure;
            }
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Has saved searches looked at after changes, and once after the start, for those of the time before.</summary>
    async Task WatchAsync(CancellationToken cancellationToken)
    {
        var changes = feed.Changes;
        if (changes == _watched || time.GetUtcNow() - _watchedAt < BetweenWatches)
            return;
        await watches.AskAsync(cancellationToken);
        (_watched, _watchedAt) = (changes, time.GetUtcNow());
    }

    [LoggerMessage(3302, LogLevel.Warning, "The search index could not follow the catalogue; it is tried again.")]
    static partial void Failed(ILogger logger, Exception fault);
}
