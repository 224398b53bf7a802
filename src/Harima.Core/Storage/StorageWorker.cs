using Harima.Catalogue;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Harima.Storage;

/// <summary>
/// Housekeeping of the store: confirms renames all the time, and every hour removes orphans and uploads nobody finished.
/// </summary>
sealed partial class StorageWorker(
    FileStore files,
    Uploads uploads,
    Database database,
    TimeProvider time,
    IOptions<StorageOptions> options,
    ILogger<StorageWorker> logger
) : BackgroundService
{
    static readonly TimeSpan Confirming = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Sweeping = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Confirming, time);
        var sweepAt = time.GetUtcNow();
        do
        {
            try
            {
                while (await files.ConfirmPlacementsAsync(stoppingToken) > 0) { }
                if (time.GetUtcNow() < sweepAt)
                    continue;
                sweepAt = time.GetUtcNow() + Sweeping;
                await SweepAsync(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // The loop's edge: one failed round (a database that restarts, a full disk) must not end housekeeping.
                LogFailed(logger, fault);
            }
        } while (await WaitAsync(timer, stoppingToken));
    }

    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var upload in await uploads.BegunBeforeAsync(now - options.Value.UploadLifetime, cancellationToken))
            await uploads.AbortAsync(upload, cancellationToken);
        await files.RemoveOrphansAsync(database, now - options.Value.OrphanAge, cancellationToken);
    }

    static async Task<bool> WaitAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(2005, LogLevel.Error, "Housekeeping of the store failed and will be tried again")]
    static partial void LogFailed(ILogger logger, Exception fault);
}
