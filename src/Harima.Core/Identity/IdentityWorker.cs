using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Harima.Identity;

/// <summary>Writes down which keys were used, and forgets session credentials that have long expired.</summary>
sealed partial class IdentityWorker(AccessKeys keys, TimeProvider time, ILogger<IdentityWorker> logger)
    : BackgroundService
{
    static readonly TimeSpan Round = TimeSpan.FromSeconds(30);
    static readonly TimeSpan Forgetting = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Round, time);
        var forgetAt = time.GetUtcNow();
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await keys.RecordUseAsync(stoppingToken);
                    if (time.GetUtcNow() < forgetAt)
                        continue;
                    forgetAt = time.GetUtcNow() + Forgetting;
                    await keys.RemoveExpiredAsync(stoppingToken);
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

    [LoggerMessage(1001, LogLevel.Error, "Housekeeping of access keys failed and will be tried again")]
    static partial void LogFailed(ILogger logger, Exception fault);
}
