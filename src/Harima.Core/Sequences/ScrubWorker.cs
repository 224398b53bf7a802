using Harima.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Harima.Sequences;

/// <summary>Runs the scrubber, and looks without delay at files that readers met damaged.</summary>
sealed partial class ScrubWorker(ScrubFiles scrub, DamagedFiles damaged, TimeProvider time, ILogger<ScrubWorker> logger)
    : BackgroundService
{
    static readonly TimeSpan Round = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Reloading = TimeSpan.FromSeconds(15);
    static readonly TimeSpan Continuing = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken) =>
        // A pass may take weeks; suspicions must not wait for it.
        await Task.WhenAll(
            RepeatAsync(Round, scrub.CheckSuspectedAsync, stoppingToken),
            RepeatAsync(Reloading, damaged.ReloadAsync, stoppingToken),
            RepeatAsync(Continuing, scrub.ContinueAsync, stoppingToken)
        );

    async Task RepeatAsync(TimeSpan every, Func<CancellationToken, Task> act, CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await act(stoppingToken);
                }
                catch (Exception fault) when (fault is not OperationCanceledException)
                {
                    // The loop's edge: a database that restarts must not end it.
                    LogFailed(logger, fault);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    [LoggerMessage(2105, LogLevel.Error, "Scrubbing failed and will be tried again")]
    static partial void LogFailed(ILogger logger, Exception fault);
}
