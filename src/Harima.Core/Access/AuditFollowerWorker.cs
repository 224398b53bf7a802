using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Harima.Access;

/// <summary>Follows the audit all the time.</summary>
sealed partial class AuditFollowerWorker(AuditFollower follower, TimeProvider time, ILogger<AuditFollowerWorker> logger)
    : BackgroundService
{
    static readonly TimeSpan Looking = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Looking, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    while (await follower.FollowAsync(stoppingToken) >= AuditFollower.Most) { }
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

    [LoggerMessage(1105, LogLevel.Error, "Following the audit failed and will be tried again")]
    static partial void LogFailed(ILogger logger, Exception fault);
}
